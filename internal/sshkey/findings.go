package sshkey

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"sync"

	"bbconnect/model"
)

// Sizes of RSA keys, in bits. Bitbucket Cloud takes RSA keys from MinBits on
// (support.atlassian.com, Supported SSH key formats); a Data Center may allow
// less, but nothing signs with fewer than hopelessBits any more.
const (
	MinBits      = 2048
	hopelessBits = 1024
)

// Findings says what is wrong with a key for a Harness connector, most
// important first: nothing for an RSA or ECDSA key in PEM form that the
// passphrase opens. Codes are key.public, key.openssh, key.ed25519, key.putty,
// key.pkcs8, key.passphrase, key.weak, sshkey.required and sshkey.invalid.
//
// The key is judged as Normalise would leave it, so store what that returns.
// An encrypted key always has a key.passphrase finding while the passphrase is
// missing or wrong, unless it is refused for what it is.
//
// Opening an encrypted key costs up to a second by design. An Inspector
// remembers the answer.
func Findings(key, passphrase model.Secret) model.Findings {
	e := examine(key, passphrase)
	if fs, refused := e.refusals(); refused {
		return fs
	}
	var fs model.Findings
	if f, found := e.formatFinding(); found {
		fs = append(fs, f)
	}
	if e.problem != nil {
		fs = append(fs, asFinding(e.problem))
	}
	if e.info.Algorithm == AlgorithmRSA && e.info.Bits > 0 && e.info.Bits < MinBits {
		fs = append(fs, e.weakRSA())
	}
	if !e.info.Encrypted && !passphrase.IsZero() {
		fs = append(fs, model.Finding{
			Code: "key.passphrase", Severity: model.SeverityHint, Field: model.QSSHPassphrase,
			Message: "This key is not encrypted, so it needs no passphrase.", Fix: "Leave the passphrase empty.",
		})
	}
	return fs
}

// refusals are the keys no conversion can help; passphrases then do not matter.
func (e examination) refusals() (model.Findings, bool) {
	one := func(code, message, fix string) (model.Findings, bool) {
		return model.Findings{{Code: code, Severity: model.SeverityError, Field: model.QSSHKey, Message: message, Fix: fix}}, true
	}
	switch {
	case e.info.Format == FormatPublic || e.info.Format == FormatCertificate:
		return model.Findings{asFinding(e.problem)}, true
	case e.info.Algorithm == AlgorithmEd25519:
		return one("key.ed25519", "Harness reads keys in PEM form, and an Ed25519 key cannot be written in it.",
			"Make an RSA key here, or by hand: "+byHandNew+"; then add its public half in Bitbucket.")
	case e.info.Algorithm == AlgorithmDSA:
		return one("key.weak", "DSA keys are no longer accepted by SSH servers and clients.",
			"Make an RSA key here, or by hand: "+byHandNew+".")
	case e.info.Algorithm == AlgorithmHardware:
		return one("sshkey.invalid", "This key only works with a security key plugged in.",
			"Make an RSA key here, or by hand: "+byHandNew+".")
	case e.info.Algorithm == AlgorithmRSA && e.info.Bits > 0 && e.info.Bits < hopelessBits:
		return model.Findings{e.weakRSA()}, true
	}
	return nil, false
}

// formatFinding judges the form of a key that can be converted. PKCS#8 is not
// what the settings document asks for, yet it is PEM too: the SSH library that
// Harness names in its errors (JSch) reads it for RSA in the clear, so that is a
// warning. The same library knows PKCS#8 neither for ECDSA nor with the
// encryption openssl uses today, so these are errors.
func (e examination) formatFinding() (model.Finding, bool) {
	f := model.Finding{Severity: model.SeverityError, Field: model.QSSHKey}
	switch e.info.Format {
	case FormatOpenSSH:
		if e.public == nil {
			return f, false
		}
		f.Code = "key.openssh"
		f.Message = "This key is in OpenSSH's own form, which Harness does not read."
		f.Fix = "Convert it to PEM here, or by hand: " + byHandConvert
		return f, true
	case FormatPKCS8:
		if e.problem != nil && e.problem.Code != "key.passphrase" {
			return f, false
		}
		f.Code = "key.pkcs8"
		f.Message = "This key is in PKCS#8 form; Harness documents the traditional PEM form."
		f.Fix = "Convert it to PEM here, or by hand: " + byHandConvert
		if e.info.Algorithm == AlgorithmRSA && !e.info.Encrypted {
			f.Severity = model.SeverityWarning
		}
		return f, true
	}
	return f, false
}

func (e examination) weakRSA() model.Finding {
	f := model.Finding{
		Code: "key.weak", Severity: model.SeverityWarning, Field: model.QSSHKey,
		Message: fmt.Sprintf("This RSA key has %d bits; Bitbucket Cloud takes %d and more.", e.info.Bits, MinBits),
		Fix:     "Make a new one here, or by hand: " + byHandNew + ".",
	}
	if e.info.Bits < hopelessBits {
		f.Severity = model.SeverityError
	}
	return f
}

func asFinding(p *model.Problem) model.Finding {
	return model.Finding{Code: p.Code, Severity: model.SeverityError, Field: p.Field, Message: p.What, Fix: p.Fix}
}

// Inspector is Findings with a memory, since a form asks again on every key
// press. It keeps digests and findings of the last few questions, never a key.
// The zero value is ready; it may be used by several goroutines.
type Inspector struct {
	mu     sync.Mutex
	recent []remembered
}

type remembered struct {
	digest   [sha256.Size]byte
	findings model.Findings
}

// remember is how many answers are kept: one screen asks with and without the
// passphrase, for the key before and after a change.
const remember = 4

// Findings answers as the function Findings does. The result is shared: do not
// change it.
func (i *Inspector) Findings(key, passphrase model.Secret) model.Findings {
	digest := digestOf(key, passphrase)
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, r := range i.recent {
		if r.digest == digest {
			return r.findings
		}
	}
	fs := Findings(key, passphrase)
	i.recent = append(i.recent, remembered{digest, fs})
	if len(i.recent) > remember {
		i.recent = append([]remembered(nil), i.recent[1:]...)
	}
	return fs
}

func digestOf(key, passphrase model.Secret) [sha256.Size]byte {
	data := binary.BigEndian.AppendUint64(nil, uint64(key.Len()))
	data = append(data, key.Reveal()...)
	data = append(data, passphrase.Reveal()...)
	return sha256.Sum256(data)
}
