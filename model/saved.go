package model

import "time"

// Saved is a connector as the store holds it.
type Saved struct {
	Connector Connector
	// Revision changes whenever the file does; saving and deleting name the one
	// they started from, so that nobody's change is overwritten unseen.
	Revision string
	// LastTest is nil when the connector was never tested.
	LastTest *TestRecord
}

// ChangeKind is what was done to a saved connector.
type ChangeKind string

// The kinds of changes.
const (
	ChangeMade    ChangeKind = "made"
	ChangeEdited  ChangeKind = "edited"
	ChangeDeleted ChangeKind = "deleted"
)

// Change is one change to a saved connector that can be taken back.
type Change struct {
	Key  string
	Name string
	What ChangeKind
	At   time.Time
}

// Damaged is a file among the saved connectors that cannot be read.
type Damaged struct {
	Path    string
	Problem *Problem
}

// SavedDraft is an unfinished draft as it was last left.
type SavedDraft struct {
	Draft   Draft
	SavedAt time.Time
}

// TestRecord is what is remembered of a live test.
type TestRecord struct {
	Verdict Verdict
	At      time.Time
	// Code and What are those of the problem to mend first, "" after a pass.
	Code string
	What string
}

// Settings are the person's choices on this machine (config.yaml).
type Settings struct {
	// Theme is auto, light, dark, contrast or none.
	Theme string
	// Mouse is on or off; "" is on.
	Mouse string
	// Keystore is where new secrets go; "" until chosen, or until the keyring has
	// proved itself once.
	Keystore Where
	// SecretCommand prints a secret for WhereCommand; {name} in it stands for the
	// secret's whole name.
	SecretCommand string
	// CAFiles are PEM files by host, accepted once for that host.
	CAFiles map[string]string
}

// HostKey is an SSH server's key, offered for acceptance or accepted.
type HostKey struct {
	// Address is host:port as dialled.
	Address string `json:"address"`
	// Type is the key's algorithm, ssh-ed25519 for example.
	Type string `json:"type"`
	// Fingerprint is SHA256:… as ssh-keygen -l prints it.
	Fingerprint string `json:"fingerprint"`
	// Line is the known_hosts line that accepts it.
	Line string `json:"-"`
	// Known are the keys that are known for the address so far, where this is
	// another one; none for an address nobody has connected to.
	Known []KnownKey `json:"known,omitempty"`
}

// KnownKey is a host key that stands in a known_hosts file.
type KnownKey struct {
	Type        string `json:"type"`
	Fingerprint string `json:"fingerprint"`
	// File is a file of the person's or the machine's, which is only read; "" for
	// the list of what was accepted here. Row is its line, from 1.
	File string `json:"file,omitempty"`
	Row  int    `json:"line,omitempty"`
}

// Authority is a certificate that would make a server's own one trusted: its
// authority's, or its own where it showed no other. It is offered for
// acceptance, for one host.
type Authority struct {
	// Host is who showed it, without a port.
	Host string `json:"host"`
	// Subject and Issuer are names for people; equal for a root.
	Subject string `json:"subject"`
	Issuer  string `json:"issuer"`
	// Fingerprint is SHA256: and the hexadecimal digest of the certificate, as
	// openssl x509 -fingerprint -sha256 counts it.
	Fingerprint string `json:"fingerprint"`
	// Expires is when it ends.
	Expires time.Time `json:"expires"`
	// PEM is the certificate.
	PEM string `json:"-"`
}

// TestRequest is everything a live test may use: the connector and the values
// its references stand for, resolved by the caller. A probe reads nothing else
// about secrets and stores nothing.
type TestRequest struct {
	Connector Connector
	// Username is the git login over HTTP.
	Username string
	// Password is the credential over HTTP, Kind what it is recorded as.
	Password Secret
	Kind     CredentialKind
	// Expires is the day the credential was recorded to end, zero when unknown;
	// APIExpires the same of the REST API's.
	Expires    time.Time
	APIExpires time.Time
	// SSHKey and SSHPassphrase are the key over SSH.
	SSHKey        Secret
	SSHPassphrase Secret
	// APILogin is the Basic login of the REST API: the email, or the user name of
	// UsernameToken; "" means Bearer.
	APILogin string
	// APIToken is the credential of the REST API; zero means the same as Password.
	APIToken Secret
	APIKind  CredentialKind
	// CAFile is a PEM file to trust besides the system's, "" for none.
	CAFile string
	// HostKeys are keys to accept for this test besides known_hosts: SHA256
	// fingerprints.
	HostKeys []string
	// Timeout bounds the whole test; 0 means the probe's default.
	Timeout time.Duration
}
