package model

import "time"

// SecretType is the Harness type of a secret.
type SecretType string

// The secret types a Bitbucket connector needs: text for tokens and logins,
// file for a private key, sshKey for the credential that points to the file.
const (
	SecretText   SecretType = "text"
	SecretFile   SecretType = "file"
	SecretSSHKey SecretType = "sshKey"
)

// Where is the place that keeps a secret's value.
type Where string

// The places. WhereCommand asks a program each time; WhereAsk asks the person
// each time and stores nothing.
const (
	WhereKeyring Where = "keyring"
	WhereVault   Where = "vault"
	WhereCommand Where = "command"
	WhereAsk     Where = "ask"
)

// SecretInfo is everything that is known of a named secret except its value;
// this is what secrets.yaml holds.
type SecretInfo struct {
	Name  SecretName
	Type  SecretType
	Kind  CredentialKind
	Where Where
	// Command prints the value, for WhereCommand.
	Command string
	// Username and Email are the logins that belong to the credential, when known.
	Username string
	Email    string
	// Host is the Bitbucket the credential is for, without port.
	Host string
	// File and Passphrase are set for SecretSSHKey.
	File       SecretName
	Passphrase SecretName
	Created    time.Time
	// Expires is the day the credential ends; zero when it does not or is unknown.
	Expires time.Time
	// Length of the value in bytes, to know it by; 0 when unknown.
	Length int
}
