package machine

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"bbconnect/model"
)

// Certificates looks at the certificate authorities this machine believes, and
// at the PEM files that were accepted for single hosts: whether they can be
// read and are still valid at the given time.
func Certificates(files map[string]string, getenv func(string) string, now time.Time) model.Check {
	l := newLook(LookCertificates, "Certificate authorities")
	if name := getenv("SSL_CERT_FILE"); name != "" {
		l.check.Detail = "SSL_CERT_FILE " + name
		if _, err := certificatesIn(name); err != nil {
			l.fail(unreadable("SSL_CERT_FILE names a file that holds no certificate.", name, "Correct SSL_CERT_FILE, or unset it.", err))
		}
	} else if pool, err := x509.SystemCertPool(); err != nil || pool.Equal(x509.NewCertPool()) {
		l.warn(&model.Problem{
			Code: "tls.unknown-ca", What: "This machine knows no certificate authority.", Why: "Every test over HTTPS would fail.",
			Fix: "Install the package ca-certificates.", Cause: err,
		})
	}
	if len(files) > 0 {
		l.check.Detail = joined(l.check.Detail, fmt.Sprintf("%d accepted for single hosts", len(files)))
	}
	for _, host := range slices.Sorted(maps.Keys(files)) {
		known, err := certificatesIn(files[host])
		if err != nil {
			l.fail(unreadable("The certificates accepted for "+host+" cannot be read.", files[host], "Test a connector of "+host+" again and accept its authority, or name the file with --ca-file.", err))
			continue
		}
		if end, all := lastEnd(known, now); all {
			l.warn(&model.Problem{
				Code: "tls.expired", What: "The certificates accepted for " + host + " have expired.",
				Why: "The last one ended on " + end.UTC().Format(time.DateOnly) + ".", Fix: "Test a connector of " + host + " again and accept its new authority.",
			})
		}
	}
	return l.check
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

func unreadable(what, path, fix string, cause error) *model.Problem {
	return &model.Problem{Code: "tls.unknown-ca", What: what, Why: path + " is missing, or not in PEM format.", Fix: fix, Cause: cause}
}

// certificatesIn reads every certificate of a PEM file of at most 4 MB.
func certificatesIn(path string) ([]*x509.Certificate, error) {
	data, ok := readRegular(path, 4<<20)
	if !ok {
		return nil, os.ErrNotExist
	}
	var out []*x509.Certificate
	for rest := []byte(data); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if c, err := x509.ParseCertificate(block.Bytes); err == nil && block.Type == "CERTIFICATE" {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return nil, os.ErrInvalid
	}
	return out, nil
}

// lastEnd is when the last certificate ends, and whether all have ended by now.
func lastEnd(list []*x509.Certificate, now time.Time) (last time.Time, ended bool) {
	for _, c := range list {
		if c.NotAfter.After(last) {
			last = c.NotAfter
		}
	}
	return last, last.Before(now)
}
