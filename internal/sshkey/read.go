package sshkey

import (
	"crypto"
	//lint:ignore SA1019 only to recognise such keys
	"crypto/dsa"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/pem"
	"strings"

	"golang.org/x/crypto/ssh"

	"bbconnect/model"
)

// The algorithms of Info.Algorithm. AlgorithmHardware stands for keys that live
// in a security key and cannot be copied.
const (
	AlgorithmRSA      = "rsa"
	AlgorithmECDSA    = "ecdsa"
	AlgorithmEd25519  = "ed25519"
	AlgorithmDSA      = "dsa"
	AlgorithmHardware = "hardware"
)

// Info is what is known of a key without showing it. It holds nothing secret.
type Info struct {
	Format Format
	// Algorithm is one of the Algorithm constants, "" where an encrypted key hides
	// it.
	Algorithm string
	// Bits is the size of the key, 0 where it is not known.
	Bits int
	// Encrypted says that the key needs a passphrase.
	Encrypted bool
	// Fingerprint is SHA256:… of the public half as ssh-keygen -l prints it, ""
	// where it is not known.
	Fingerprint string
}

// Inspect reads a key, mending it with Normalise first. The Info is filled as
// far as it can be known even where the error says that the private key could
// not be read: an OpenSSH key tells its algorithm and fingerprint without the
// passphrase. The passphrase is not looked at for keys that are not encrypted.
//
// The error is a *model.Problem: sshkey.required, sshkey.invalid, key.public,
// key.putty or key.passphrase. That a key was read does not mean that Harness
// takes it: see Findings.
func Inspect(key, passphrase model.Secret) (Info, error) {
	e := examine(key, passphrase)
	if e.problem != nil {
		return e.info, e.problem
	}
	return e.info, nil
}

// examination is one reading of a pasted text.
type examination struct {
	info Info
	// text is the normalised key.
	text string
	// private is nil where the key could not be read; problem then says why.
	private crypto.PrivateKey
	public  ssh.PublicKey
	problem *model.Problem
}

func examine(key, passphrase model.Secret) examination {
	switch {
	case strings.TrimSpace(key.Reveal()) == "":
		return examination{info: Info{Format: FormatUnknown}, problem: problemRequired()}
	case key.Len() > maxText:
		return examination{info: Info{Format: FormatUnknown}, problem: problemTooLong()}
	}
	clean, _ := Normalise(key)
	e := examination{text: clean.Reveal()}
	e.info.Format = Detect(e.text)
	switch e.info.Format {
	case FormatPEMRSA, FormatPEMEC, FormatPEMDSA:
		e.readPEM(passphrase)
	case FormatPKCS8:
		e.readPKCS8(passphrase)
	case FormatOpenSSH:
		e.readOpenSSH(passphrase)
	case FormatPuTTY:
		e.readPuTTY()
	case FormatPublic, FormatCertificate:
		e.readPublic()
	case FormatSeveral:
		e.problem = problemSeveral()
	case FormatDamaged:
		e.problem = problemDamaged(nil)
	default:
		e.problem = problemUnknown()
	}
	e.describe()
	return e
}

// readPEM reads the traditional forms; their label names the algorithm even
// where the rest is encrypted.
func (e *examination) readPEM(passphrase model.Secret) {
	switch e.info.Format {
	case FormatPEMRSA:
		e.info.Algorithm = AlgorithmRSA
	case FormatPEMEC:
		e.info.Algorithm = AlgorithmECDSA
	default:
		e.info.Algorithm = AlgorithmDSA
	}
	b, _ := pem.Decode([]byte(e.text))
	if b == nil {
		e.problem = problemDamaged(nil)
		return
	}
	e.info.Encrypted = strings.Contains(b.Headers["Proc-Type"], "ENCRYPTED")
	e.parse(passphrase)
}

// parse lets x/crypto/ssh read the text and files the outcome.
func (e *examination) parse(passphrase model.Secret) {
	var err error
	switch {
	case !e.info.Encrypted:
		e.private, err = ssh.ParseRawPrivateKey([]byte(e.text))
		if err != nil {
			e.problem = problemDamaged(err)
		}
	case passphrase.IsZero():
		e.problem = problemPassphraseMissing()
	default:
		e.private, err = ssh.ParseRawPrivateKeyWithPassphrase([]byte(e.text), []byte(passphrase.Reveal()))
		if err != nil {
			// The old encryption has no check value: a wrong passphrase shows as
			// bad padding or, one time in 256, as a broken key.
			e.problem = problemPassphraseWrong(err)
		}
	}
	if e.problem != nil {
		e.private = nil
	}
}

// readPuTTY reads the plain part of a .ppk file (PuTTY manual, appendix C).
func (e *examination) readPuTTY() {
	for line := range strings.Lines(e.text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case strings.HasPrefix(name, "PuTTY-User-Key-File-"):
			e.info.Algorithm = algorithmOf(value)
		case name == "Encryption":
			e.info.Encrypted = value != "none"
		}
	}
	e.problem = problemPuTTY()
}

func (e *examination) readPublic() {
	if pub, _, _, _, err := ssh.ParseAuthorizedKey([]byte(e.text)); err == nil {
		if cert, ok := pub.(*ssh.Certificate); ok {
			pub = cert.Key
		}
		e.public = pub
	}
	e.problem = problemPublic(e.info.Format)
}

// describe fills in what the keys themselves tell.
func (e *examination) describe() {
	if signer := asSigner(e.private); signer != nil {
		pub, err := ssh.NewPublicKey(signer.Public())
		if err != nil {
			e.private, e.problem = nil, problemCurve(err)
			return
		}
		e.public = pub
	} else if old, ok := e.private.(*dsa.PrivateKey); ok {
		if pub, err := ssh.NewPublicKey(&old.PublicKey); err == nil {
			e.public = pub
		}
	} else if e.private != nil {
		e.private, e.problem = nil, problemCurve(nil)
	}
	if e.public == nil {
		return
	}
	e.info.Algorithm = algorithmOf(e.public.Type())
	e.info.Fingerprint = ssh.FingerprintSHA256(e.public)
	e.info.Bits = bitsOf(e.public)
}

// asSigner unifies the shapes the parsers return; nil for DSA, which has no
// Public method, and for keys that cannot sign.
func asSigner(private crypto.PrivateKey) crypto.Signer {
	switch k := private.(type) {
	case *rsa.PrivateKey:
		return k
	case *ecdsa.PrivateKey:
		return k
	case ed25519.PrivateKey:
		return k
	case *ed25519.PrivateKey:
		return *k
	}
	return nil
}

func bitsOf(public ssh.PublicKey) int {
	wrapped, ok := public.(ssh.CryptoPublicKey)
	if !ok {
		return 0
	}
	switch k := wrapped.CryptoPublicKey().(type) {
	case *rsa.PublicKey:
		return k.N.BitLen()
	case *ecdsa.PublicKey:
		return k.Curve.Params().BitSize
	case ed25519.PublicKey:
		return 256
	case *dsa.PublicKey:
		return k.P.BitLen()
	}
	return 0
}
