package sshkey

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/crypto/ssh"

	"bbconnect/model"
)

// DefaultBits is the size of a generated key: what ssh-keygen itself makes,
// strong enough beyond 2030 (NIST SP 800-57), made in a fraction of a second,
// and, at 2.5 kB of PEM, the largest common size that the keyrings of macOS and
// Windows hold in one piece.
const DefaultBits = 3072

// MaxBits is the largest key that is made: it takes about a second, and 8192
// bits most of a minute.
const MaxBits = 4096

// Convert writes an RSA or ECDSA key in the traditional PEM form Harness wants,
// whatever form it has now: OpenSSH, PKCS#8, or that very form. It is the same
// key: its public half and fingerprint do not change.
//
// The result is not encrypted. PEM's own encryption protects little, and the
// keystore and Harness both encrypt what they keep; forget the passphrase after
// converting.
//
// The error is a *model.Problem as from Inspect, or key.ed25519, key.weak (DSA).
func Convert(key, passphrase model.Secret) (model.Secret, error) {
	e := examine(key, passphrase)
	if fs, refused := e.refusals(); refused && (e.private == nil || e.info.Algorithm != AlgorithmRSA) {
		f := fs[0]
		return model.Secret{}, keyProblem(f.Code, f.Message, "", f.Fix)
	}
	if e.problem != nil {
		return model.Secret{}, e.problem
	}
	return encode(e.private)
}

func encode(private any) (model.Secret, error) {
	var b pem.Block
	switch k := private.(type) {
	case *rsa.PrivateKey:
		b = pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k)}
	case *ecdsa.PrivateKey:
		der, err := x509.MarshalECPrivateKey(k)
		if err != nil {
			return model.Secret{}, problemCurve(err)
		}
		b = pem.Block{Type: "EC PRIVATE KEY", Bytes: der}
	default:
		return model.Secret{}, problemCurve(nil)
	}
	return model.NewSecret(string(pem.EncodeToMemory(&b))), nil
}

// Generate makes an RSA key in the PEM form Harness wants, not encrypted. bits
// is MinBits to MaxBits in steps of 8, or 0 for DefaultBits.
//
// When the context ends first, its error is returned at once; the work cannot
// be interrupted and goes on in the background for as long as it takes, some
// seconds on a slow machine, and its key is dropped.
func Generate(ctx context.Context, bits int) (model.Secret, error) {
	if bits == 0 {
		bits = DefaultBits
	}
	if bits < MinBits || bits > MaxBits || bits%8 != 0 {
		return model.Secret{}, keyProblem("key.weak", fmt.Sprintf("RSA keys of %d bits are not made here.", bits), "",
			fmt.Sprintf("Choose %d to %d bits; %d is the default.", MinBits, MaxBits, DefaultBits))
	}
	if err := ctx.Err(); err != nil {
		return model.Secret{}, err
	}
	type made struct {
		key *rsa.PrivateKey
		err error
	}
	done := make(chan made, 1)
	go func() {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		done <- made{key, err}
	}()
	select {
	case <-ctx.Done():
		return model.Secret{}, ctx.Err()
	case m := <-done:
		if m.err != nil {
			p := keyProblem("sshkey.invalid", "The key could not be made on this machine.", "", "Make it by hand: "+byHandNew)
			p.Cause = m.err
			return model.Secret{}, p
		}
		return encode(m.key)
	}
}

// Public returns the line to add in Bitbucket, as a .pub file has it, with the
// comment and without a newline. An OpenSSH key shows it without its
// passphrase, others need it; of a public half that was pasted it is that half. The error is a *model.Problem as from Inspect.
func Public(key, passphrase model.Secret, comment string) (string, error) {
	e := examine(key, passphrase)
	if e.public == nil {
		if e.problem == nil {
			e.problem = problemCurve(nil)
		}
		return "", e.problem
	}
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(e.public)))
	if comment = cleanComment(comment); comment != "" {
		line += " " + comment
	}
	return line, nil
}

// cleanComment keeps a comment on its line.
func cleanComment(comment string) string {
	plain := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, comment)
	return strings.Join(strings.Fields(plain), " ")
}
