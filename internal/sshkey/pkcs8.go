package sshkey

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"

	"github.com/youmark/pkcs8"

	"bbconnect/model"
)

// Bounds of the key derivation in an encrypted PKCS#8 key, in what a person
// would wait for: openssl uses 2048 iterations.
const (
	maxIterations  = 2_000_000
	maxScryptBytes = 128 << 20
	maxScryptLanes = 16
)

// readPKCS8 reads RFC 5958 keys, encrypted (PBES2, RFC 8018) or not.
func (e *examination) readPKCS8(passphrase model.Secret) {
	b, _ := pem.Decode([]byte(e.text))
	if b == nil {
		e.problem = problemDamaged(nil)
		return
	}
	e.info.Encrypted = b.Type == "ENCRYPTED PRIVATE KEY"
	if !e.info.Encrypted {
		e.parse(passphrase)
		return
	}
	supported, wellFormed := checkEnvelope(b.Bytes)
	switch {
	case !wellFormed:
		e.problem = problemDamaged(nil)
	case !supported:
		e.problem = problemEnvelope()
	case passphrase.IsZero():
		e.problem = problemPassphraseMissing()
	default:
		private, err := pkcs8.ParsePKCS8PrivateKey(b.Bytes, []byte(passphrase.Reveal()))
		if err != nil {
			e.problem = problemPassphraseWrong(err)
			return
		}
		e.private = private
	}
}

type envelope struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

type pbes2 struct {
	KDF    pkix.AlgorithmIdentifier
	Cipher pkix.AlgorithmIdentifier
}

// checkEnvelope looks at an encrypted key before it is decrypted: the decoder
// trusts the sizes it reads, and would panic or work for hours on hostile ones.
func checkEnvelope(der []byte) (supported, wellFormed bool) {
	var env envelope
	if rest, err := asn1.Unmarshal(der, &env); err != nil || len(rest) > 0 {
		return false, false
	}
	if env.Algorithm.Algorithm.String() != "1.2.840.113549.1.5.13" { // not PBES2
		return false, true
	}
	var params pbes2
	if _, err := asn1.Unmarshal(env.Algorithm.Parameters.FullBytes, &params); err != nil {
		return false, false
	}
	size := blockSize(params.Cipher.Algorithm.String())
	var iv []byte
	if _, err := asn1.Unmarshal(params.Cipher.Parameters.FullBytes, &iv); err != nil {
		return false, size != 0
	}
	if size == 0 {
		return false, true
	}
	if len(iv) != size || len(env.Data) == 0 || len(env.Data)%size != 0 {
		return false, false
	}
	return kdfSupported(params.KDF), true
}

// blockSize of the CBC ciphers the decoder knows, 0 for others.
func blockSize(oid string) int {
	switch oid {
	case "2.16.840.1.101.3.4.1.2", "2.16.840.1.101.3.4.1.22", "2.16.840.1.101.3.4.1.42": // AES
		return 16
	case "1.2.840.113549.3.7": // DES-EDE3
		return 8
	}
	return 0
}

func kdfSupported(kdf pkix.AlgorithmIdentifier) bool {
	switch kdf.Algorithm.String() {
	case "1.2.840.113549.1.5.12": // PBKDF2
		var p struct {
			Salt       []byte
			Iterations int
			PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
		}
		_, err := asn1.Unmarshal(kdf.Parameters.FullBytes, &p)
		prf := p.PRF.Algorithm.String()
		known := prf == "" || prf == "1.2.840.113549.2.7" || prf == "1.2.840.113549.2.9" // HMAC with SHA-1, SHA-256
		return err == nil && known && p.Iterations > 0 && p.Iterations <= maxIterations
	case "1.3.6.1.4.1.11591.4.11": // scrypt
		var p struct {
			Salt        []byte
			Cost, Block int
			Lanes       int
		}
		if _, err := asn1.Unmarshal(kdf.Parameters.FullBytes, &p); err != nil {
			return false
		}
		small := p.Cost > 1 && p.Cost <= 1<<20 && p.Block > 0 && p.Block <= 64 && p.Lanes > 0 && p.Lanes <= maxScryptLanes
		return small && p.Cost*p.Block*128 <= maxScryptBytes
	}
	return false
}
