package play

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"math/rand/v2"
)

// keyBits is the size of the key: small, since it opens nothing, and as large as
// Bitbucket takes.
const keyBits = 2048

// privateKey is an RSA key in PEM form, the same in every run. The standard
// library draws keys from the system alone, so its primes are found here. It is
// made when it is needed: no key lies in the repository.
func privateKey() (string, error) {
	random := rand.NewChaCha8([32]byte([]byte("a key for pictures, opens nothing")[:32]))
	one := big.NewInt(1)
	e := big.NewInt(65537)
	for {
		p, q := prime(random), prime(random)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(e, phi)
		if d == nil || p.Cmp(q) == 0 {
			continue
		}
		key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: int(e.Int64())}, D: d, Primes: []*big.Int{p, q}}
		key.Precompute()
		if err := key.Validate(); err != nil {
			return "", fmt.Errorf("make a key: %w", err)
		}
		block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
		return string(pem.EncodeToMemory(block)), nil
	}
}

// prime is the first prime from a drawn number on, half as long as a key; its two
// upper bits are set, so that the product of two is as long as the key.
func prime(random *rand.ChaCha8) *big.Int {
	drawn := make([]byte, keyBits/16)
	_, _ = random.Read(drawn) // never fails
	n := new(big.Int).SetBytes(drawn)
	n.SetBit(n, keyBits/2-1, 1).SetBit(n, keyBits/2-2, 1).SetBit(n, 0, 1)
	for two := big.NewInt(2); !n.ProbablyPrime(20); {
		n.Add(n, two)
	}
	return n
}
