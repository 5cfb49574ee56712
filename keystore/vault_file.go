package keystore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"

	"bbconnect/model"
)

// A vault is a text file of one line and two age files in armour:
//
//	bbconnect-vault 1 SHA256
//	-----BEGIN AGE ENCRYPTED FILE-----     an X25519 identity, for the passphrase
//	-----END AGE ENCRYPTED FILE-----
//	-----BEGIN AGE ENCRYPTED FILE-----     the secrets, for that identity
//	-----END AGE ENCRYPTED FILE-----
//
// The checksum is over everything after the first line. It tells a damaged file
// from a wrong passphrase, which age by its nature cannot; it protects nothing,
// age does. Cut at the marks, the two blocks open with age's own program
// (age -d -o identity first; age -d -i identity second), so nobody depends on
// bbconnect to get at their secrets. Inside the second is
// {"secrets":{"account/x":"BASE64"}}.
const (
	vaultMagic   = "bbconnect-vault"
	vaultVersion = "1"
	armorEnd     = "-----END AGE ENCRYPTED FILE-----\n"
	// vaultWork is scrypt's cost as a power of two: 128 MiB of memory and a few
	// tenths of a second for each guess. A file that asks for more was not written
	// here.
	vaultWork = 17
	// maxContents bounds the secrets together, and maxVault the file: base64 twice
	// over, and the rest.
	maxContents = 4 << 20
	maxVault    = 8 << 20
)

var errNewerVault = errors.New("the vault has a newer format")

// contents are the values by name.
type contents map[model.SecretName][]byte

func (c contents) size() int {
	total := 0
	for name, value := range c {
		total += len(name) + len(value)
	}
	return total
}

// vaultFile is a vault as it lies on disk: two blocks, still encrypted.
type vaultFile struct {
	identity, secrets []byte
}

func (f *vaultFile) bytes() []byte {
	body := append(bytes.Clone(f.identity), f.secrets...)
	return fmt.Appendf(nil, "%s %s %s\n%s", vaultMagic, vaultVersion, digest(string(body)), body)
}

// parseVault takes a file apart and checks that it is what was written.
func parseVault(data []byte) (*vaultFile, error) {
	head, body, _ := bytes.Cut(data, []byte("\n"))
	fields := strings.Split(string(head), " ")
	switch {
	case len(fields) < 2 || fields[0] != vaultMagic:
		return nil, errors.New("not a vault")
	case fields[1] > vaultVersion && digits(fields[1]), len(fields[1]) > len(vaultVersion) && digits(fields[1]):
		return nil, errNewerVault
	case fields[1] != vaultVersion || len(fields) != 3 || fields[2] != digest(string(body)):
		return nil, errors.New("the checksum does not fit")
	}
	first := bytes.Index(body, []byte(armorEnd))
	if first < 0 {
		return nil, errors.New("the identity is missing")
	}
	first += len(armorEnd)
	return &vaultFile{identity: body[:first], secrets: body[first:]}, nil
}

func digits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// newVaultFile makes an identity, seals it with the passphrase, and an empty
// list of secrets with the identity.
func newVaultFile(passphrase model.Secret, work int) (*vaultFile, *age.X25519Identity, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, nil, err
	}
	recipient, err := age.NewScryptRecipient(passphrase.Reveal())
	if err != nil {
		return nil, nil, err
	}
	recipient.SetWorkFactor(work)
	file := &vaultFile{}
	if file.identity, err = seal([]byte(identity.String()), recipient); err != nil {
		return nil, nil, err
	}
	return file, identity, file.encrypt(identity, contents{})
}

// unlock opens the identity; age.ErrIncorrectIdentity for a wrong passphrase.
func (f *vaultFile) unlock(passphrase model.Secret) (*age.X25519Identity, error) {
	key, err := age.NewScryptIdentity(passphrase.Reveal())
	if err != nil {
		return nil, err
	}
	key.SetMaxWorkFactor(vaultWork)
	text, err := unseal(f.identity, key)
	if err != nil {
		return nil, err
	}
	return age.ParseX25519Identity(string(text))
}

// sealed is the JSON inside the second block. Unknown fields would be lost at
// the next write, so they are refused.
type sealed struct {
	Secrets contents `json:"secrets"`
}

func (f *vaultFile) decrypt(identity *age.X25519Identity) (contents, error) {
	if identity == nil {
		return nil, age.ErrIncorrectIdentity
	}
	text, err := unseal(f.secrets, identity)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var inside sealed
	if err := decoder.Decode(&inside); err != nil {
		// Not wrapped: the decoder's errors quote what they read.
		return nil, errors.New("the secrets cannot be read")
	}
	if inside.Secrets == nil {
		inside.Secrets = contents{}
	}
	return inside.Secrets, nil
}

func (f *vaultFile) encrypt(identity *age.X25519Identity, secrets contents) error {
	if identity == nil {
		return age.ErrIncorrectIdentity
	}
	text, err := json.Marshal(sealed{Secrets: secrets})
	if err != nil {
		return err
	}
	f.secrets, err = seal(text, identity.Recipient())
	return err
}

// seal encrypts into an armoured block that ends with a line end.
func seal(text []byte, recipient age.Recipient) ([]byte, error) {
	var block bytes.Buffer
	armored := armor.NewWriter(&block)
	encrypted, err := age.Encrypt(armored, recipient)
	if err != nil {
		return nil, err
	}
	if _, err := encrypted.Write(text); err != nil {
		return nil, err
	}
	if err := errors.Join(encrypted.Close(), armored.Close()); err != nil {
		return nil, err
	}
	return block.Bytes(), nil
}

func unseal(block []byte, identity age.Identity) ([]byte, error) {
	text, err := age.Decrypt(armor.NewReader(bytes.NewReader(block)), identity)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(text, maxVault))
}
