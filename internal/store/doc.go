// Package store keeps what the program remembers in files: connectors, the list
// of secrets, settings, unfinished drafts, the last test of each connector and
// accepted host keys. It never holds a secret's value; those live in the
// keystore alone.
//
// # Where
//
//	data/connectors/ID.yaml              an account's connector
//	data/connectors/ORG/ID.yaml          an organisation's
//	data/connectors/ORG/PROJECT/ID.yaml  a project's
//	data/secrets.yaml                    what is known of each secret
//	config/config.yaml                   the person's choices
//	config/known_hosts                   accepted SSH host keys
//	state/drafts/ID.yaml                 unfinished drafts
//	state/tests.jsonl                    last tests, one record a line
//
// State may be deleted without losing a connector or a secret.
//
// # Rules
//
// Several processes, editors and synchronisers share these files, so every
// change is made under a lock, starts from the revision its author saw, and
// replaces the file in one step. Waiting for a lock ends after seconds. Reading
// takes no lock: a file is whole at every moment. A damaged file among others is
// reported and never hides them, and a file of a newer version is left alone. One of
// an older version is brought up to date as it is read (format.go).
// Ids and organisations become parts of paths only after they have been checked,
// since they come out of documents anybody may have written.
package store
