package probe

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"

	"bbconnect/model"
)

// Sizes of RSA keys in bits: what Bitbucket Cloud takes at least
// (support.atlassian.com, "Supported SSH key formats"), and below what no
// library signs any more (crypto/rsa of Go 1.24).
const (
	minBits      = 2048
	hopelessBits = 1024
)

// The codes of a key that cannot be used. What the form says about a key while
// it is typed has a code of its own there; the test uses the same one, so that
// one cause has one name. ssh.key-format is left for what is no key at all.
const (
	keyPublic     = "key.public"
	keyPuTTY      = "key.putty"
	keyOpenSSH    = "key.openssh"
	keyPKCS8      = "key.pkcs8"
	keyEd25519    = "key.ed25519"
	keyWeak       = "key.weak"
	keyFormat     = "ssh.key-format"
	keyPassphrase = "ssh.key-passphrase"
)

// keyTrouble is why a key is not sent: a code of the above, and a sentence. The
// zero value means none.
type keyTrouble struct{ code, text string }

const damagedKey = "The key is damaged: part of it is missing, or its lines were changed."

// readKey reads a private key as Harness can use it: in PEM format. The kind
// of file is told from its header, since the library reads OpenSSH's own format
// just as well. Nothing is dialled for a key that is in trouble.
func readKey(key, passphrase model.Secret, product model.Product) (ssh.Signer, keyTrouble) {
	text := strings.TrimSpace(key.Reveal())
	if trouble := unusableFormat(text); trouble.code != "" {
		return nil, trouble
	}
	signer, err := ssh.ParsePrivateKey([]byte(text))
	var missing *ssh.PassphraseMissingError
	if errors.As(err, &missing) {
		if passphrase.IsZero() {
			return nil, keyTrouble{keyPassphrase, "The key is protected by a passphrase, and none is given."}
		}
		signer, err = ssh.ParsePrivateKeyWithPassphrase([]byte(text), []byte(passphrase.Reveal()))
		if err != nil {
			// A wrong passphrase shows as x509.IncorrectPasswordError, or as
			// nonsense where the padding happens to fit.
			return nil, keyTrouble{keyPassphrase, wrongPassphrase(err)}
		}
	}
	if err != nil {
		return nil, keyTrouble{keyFormat, damagedKey}
	}
	if trouble := unusableKind(signer.PublicKey(), product); trouble.code != "" {
		return nil, trouble
	}
	return modern(signer), keyTrouble{}
}

// keyTypeDSA is the name of DSA keys (RFC 4253 §6.6).
const keyTypeDSA = "ssh-dss"

// unusableKind judges the key itself. Data Center's administrators choose what
// they take (confluence.atlassian.com, "Configuring restrictions for SSH keys"),
// so there only what nobody signs with is refused here.
func unusableKind(key ssh.PublicKey, product model.Product) keyTrouble {
	bits := rsaBits(key)
	switch {
	case key.Type() == ssh.KeyAlgoED25519:
		return keyTrouble{keyEd25519, "It is an Ed25519 key, which has no PEM format that Harness reads."}
	case key.Type() == keyTypeDSA:
		return keyTrouble{keyWeak, "It is a DSA key, which SSH servers and clients no longer take."}
	case bits > 0 && (bits < hopelessBits || bits < minBits && product == model.Cloud):
		return keyTrouble{keyWeak, "It is an RSA key of " + strconv.Itoa(bits) + " bits; Bitbucket Cloud takes " + strconv.Itoa(minBits) + " and more."}
	}
	return keyTrouble{}
}

// rsaBits is the size of an RSA key, 0 for others.
func rsaBits(key ssh.PublicKey) int {
	if wrapped, ok := key.(ssh.CryptoPublicKey); ok {
		if k, ok := wrapped.CryptoPublicKey().(*rsa.PublicKey); ok {
			return k.N.BitLen()
		}
	}
	return 0
}

// modern keeps an RSA key from signing with SHA-1, as OpenSSH does since 8.8:
// what passes here must not fail in the build that clones.
func modern(signer ssh.Signer) ssh.Signer {
	rsa, ok := signer.(ssh.AlgorithmSigner)
	if !ok || signer.PublicKey().Type() != ssh.KeyAlgoRSA {
		return signer
	}
	restricted, err := ssh.NewSignerWithAlgorithms(rsa, []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256})
	if err != nil {
		return signer
	}
	return restricted
}

func wrongPassphrase(err error) string {
	if errors.Is(err, x509.IncorrectPasswordError) {
		return "The passphrase does not open the key."
	}
	return "The passphrase does not open the key, or the key is damaged."
}

// unusableFormat says why a file of this kind cannot be used. The headers are
// those of the PuTTY manual (appendix C), RFC 4716, RFC 7468 and OpenSSH's
// PROTOCOL.key.
func unusableFormat(text string) keyTrouble {
	switch {
	case strings.HasPrefix(text, "PuTTY-User-Key-File-"):
		return keyTrouble{keyPuTTY, "It is a PuTTY key."}
	case strings.HasPrefix(text, "ssh-"), strings.HasPrefix(text, "ecdsa-sha2-"), strings.HasPrefix(text, "sk-"),
		strings.Contains(text, "PUBLIC KEY-----"), strings.Contains(text, "SSH2 PUBLIC KEY"):
		return keyTrouble{keyPublic, "It is the public half of a key."}
	case !strings.Contains(text, "-----BEGIN "):
		return keyTrouble{keyFormat, "It is no private key."}
	}
	block, _ := pem.Decode([]byte(text + "\n"))
	if block == nil {
		return keyTrouble{keyFormat, damagedKey}
	}
	switch block.Type {
	case "RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY":
		return keyTrouble{}
	case "DSA PRIVATE KEY":
		return keyTrouble{keyWeak, "It is a DSA key, which SSH servers and clients no longer take."}
	case "OPENSSH PRIVATE KEY":
		return openSSHTrouble(text)
	case "ENCRYPTED PRIVATE KEY":
		return keyTrouble{keyPKCS8, "It is an encrypted PKCS#8 key."}
	}
	return keyTrouble{keyFormat, "It is no private SSH key."}
}

// openSSHTrouble looks into OpenSSH's own format, whose public half is in the
// clear: for an Ed25519 key converting is no way out.
func openSSHTrouble(text string) keyTrouble {
	var public ssh.PublicKey
	signer, err := ssh.ParsePrivateKey([]byte(text))
	var missing *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &missing):
		public = missing.PublicKey
	case err == nil:
		public = signer.PublicKey()
	}
	if public != nil && public.Type() == ssh.KeyAlgoED25519 {
		return keyTrouble{keyEd25519, "It is an Ed25519 key, which has no PEM format that Harness reads."}
	}
	return keyTrouble{keyOpenSSH, "It is in OpenSSH's own format."}
}
