package probe

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"bbconnect/model"
)

// ofCertificate says what is wrong with a certificate, and whose it is.
func (f *fault) ofCertificate(err *tls.CertificateVerificationError) {
	var (
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
	)
	f.chain = err.UnverifiedCertificates
	switch {
	case errors.As(err, &name):
		f.kind, f.detail = faultHostname, certificateNames(name.Certificate)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		f.kind, f.detail, f.stale = faultExpired, validity(invalid.Cert), invalid.Cert
	default:
		f.kind, f.detail = faultUnknownCA, issuer(f.leaf())
	}
}

// leaf is the server's own certificate, nil where it showed none.
func (f fault) leaf() *x509.Certificate {
	if len(f.chain) == 0 {
		return nil
	}
	return f.chain[0]
}

// highest is the certificate whose acceptance makes the chain trusted: the
// last authority on the way up from the server's own certificate as far as it
// was shown, or that certificate itself. Servers send more than the way, and
// not always in order (RFC 8446 §4.4.2), so signatures decide.
func (f fault) highest() *x509.Certificate {
	at := f.leaf()
	for range f.chain {
		i := slices.IndexFunc(f.chain, func(c *x509.Certificate) bool {
			return c.IsCA && !c.Equal(at) && bytes.Equal(c.RawSubject, at.RawIssuer) && at.CheckSignatureFrom(c) == nil
		})
		if i < 0 || bytes.Equal(at.RawIssuer, at.RawSubject) {
			break
		}
		at = f.chain[i]
	}
	return at
}

// offer is that certificate for acceptance, for one host.
func (f fault) offer(host string) *model.Authority {
	c := f.highest()
	if c == nil {
		return nil
	}
	return &model.Authority{
		Host: host, Subject: distinguished(c.Subject.CommonName, c.Subject.Organization, c.Subject.String()), Issuer: issuer(c),
		Fingerprint: fingerprint(c), Expires: c.NotAfter.UTC(),
		PEM: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})),
	}
}

// fingerprint is SHA256: and the digest as openssl x509 -fingerprint -sha256
// writes it: capital hexadecimal pairs with colons between them.
func fingerprint(c *x509.Certificate) string {
	digest := sha256.Sum256(c.Raw)
	return "SHA256:" + strings.ReplaceAll(fmt.Sprintf("% X", digest[:]), " ", ":")
}

// The marks of a certificate that a public authority made: timestamps of the
// public logs (RFC 6962 §3.3), and the policies that the CA/Browser Forum
// reserves (Baseline Requirements §7.1.6.1; 2.23.140.1 is its arc, .1 extended
// validation within).
var (
	loggedExtension = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}
	publicPolicies  = asn1.ObjectIdentifier{2, 23, 140, 1}
)

// incomplete reports that a server of a public authority forgot to send the
// certificate between: it showed its own alone, which names the place to fetch
// the next one from (RFC 5280 §4.2.2.1). Browsers fetch it; git and Go do not.
func (f fault) incomplete() bool {
	c := f.leaf()
	if f.kind != faultUnknownCA || c == nil || c.IsCA || f.highest() != c || bytes.Equal(c.RawIssuer, c.RawSubject) {
		return false
	}
	return issuerAddress(c) != "" && publiclyIssued(c)
}

func publiclyIssued(c *x509.Certificate) bool {
	for _, e := range c.Extensions {
		if e.Id.Equal(loggedExtension) {
			return true
		}
	}
	return slices.ContainsFunc(c.PolicyIdentifiers, func(id asn1.ObjectIdentifier) bool {
		return len(id) > len(publicPolicies) && id[:len(publicPolicies)].Equal(publicPolicies)
	})
}

// issuerAddress is where the issuer's certificate can be fetched, "" unless
// that is a web address outside private networks.
func issuerAddress(c *x509.Certificate) string {
	for _, address := range c.IssuingCertificateURL {
		u, err := url.Parse(address)
		if err == nil && (u.Scheme == "http" || u.Scheme == "https") && !privateName(u.Hostname()) {
			return clean(address)
		}
	}
	return ""
}

// certificateNames lists the first few names a certificate is for.
func certificateNames(c *x509.Certificate) string {
	if c == nil {
		return "another name"
	}
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	text := "another name"
	for i, n := range names {
		switch {
		case i == 0:
			text = n
		case i == 3:
			return clean(text + " and others")
		default:
			text += ", " + n
		}
	}
	return clean(text)
}

// validity is the span a certificate is valid in, as dates.
func validity(c *x509.Certificate) string {
	if c == nil {
		return "its dates"
	}
	return c.NotBefore.UTC().Format(day) + " to " + c.NotAfter.UTC().Format(day)
}

// day is a date for people.
const day = "2006-01-02"

// issuer is who signed a certificate, by common name or organisation.
func issuer(c *x509.Certificate) string {
	if c == nil {
		return "an unknown issuer"
	}
	if name := distinguished(c.Issuer.CommonName, c.Issuer.Organization, ""); name != "" {
		return name
	}
	return "an unnamed issuer"
}

// distinguished is a name for people: the common name, or the organisation, or
// the whole.
func distinguished(common string, organisations []string, whole string) string {
	switch {
	case common != "":
		return clean(common)
	case len(organisations) > 0:
		return clean(organisations[0])
	}
	return clean(whole)
}
