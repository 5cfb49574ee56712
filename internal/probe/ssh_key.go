package probe

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"

	"golang.org/x/crypto/ssh"

	"bbconnect/model"
)

// readKey reads a private key as Harness can use it: in PEM format. The kind
// of file is told from its header, since the library reads OpenSSH's own format
// just as well.
func readKey(key, passphrase model.Secret) (ssh.Signer, sshFacts) {
	text := strings.TrimSpace(key.Reveal())
	if format := unusableFormat(text); format != "" {
		return nil, sshFacts{keyFormat: format}
	}
	signer, err := ssh.ParsePrivateKey([]byte(text))
	var missing *ssh.PassphraseMissingError
	if errors.As(err, &missing) {
		if passphrase.IsZero() {
			return nil, sshFacts{keyPassphrase: "The key is protected by a passphrase, and none is given."}
		}
		signer, err = ssh.ParsePrivateKeyWithPassphrase([]byte(text), []byte(passphrase.Reveal()))
		if err != nil {
			// A wrong passphrase shows as x509.IncorrectPasswordError, or as
			// nonsense where the padding happens to fit.
			return nil, sshFacts{keyPassphrase: wrongPassphrase(err)}
		}
	}
	switch {
	case err != nil:
		return nil, sshFacts{keyFormat: "The key is damaged: part of it is missing, or its lines were changed."}
	case signer.PublicKey().Type() == ssh.KeyAlgoED25519:
		return nil, sshFacts{keyFormat: "It is an Ed25519 key, which has no PEM format that Harness reads."}
	}
	return modern(signer), sshFacts{}
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

// unusableFormat says why a file of this kind cannot be used, "" when it can.
func unusableFormat(text string) string {
	switch {
	case strings.HasPrefix(text, "PuTTY-User-Key-File-"):
		return "It is a PuTTY key."
	case strings.HasPrefix(text, "ssh-"), strings.HasPrefix(text, "ecdsa-sha2-"), strings.HasPrefix(text, "sk-"),
		strings.Contains(text, "PUBLIC KEY-----"), strings.Contains(text, "SSH2 PUBLIC KEY"):
		return "It is the public half of a key."
	case !strings.Contains(text, "-----BEGIN "):
		return "It is no private key."
	}
	block, _ := pem.Decode([]byte(text + "\n"))
	if block == nil {
		return "The key is damaged: part of it is missing, or its lines were changed."
	}
	switch block.Type {
	case "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "PRIVATE KEY":
		return ""
	case "OPENSSH PRIVATE KEY":
		return "It is in OpenSSH's own format."
	case "ENCRYPTED PRIVATE KEY":
		return "It is an encrypted PKCS#8 key."
	}
	return "It is no private SSH key."
}
