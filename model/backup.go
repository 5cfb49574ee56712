package model

import (
	"fmt"
	"strings"
	"time"
)

// BackupVersion is the newest form of a backup this program knows.
const BackupVersion = 1

// Backup is everything one machine keeps for the person: what another machine
// needs to go on in its place. Drafts, last tests and what can be undone are not
// in it, since they are of one machine and nothing is lost with them.
type Backup struct {
	// Created is when it was made, Program by which build: "bbconnect v1.2.3".
	Created time.Time
	Program string
	// Connectors are the documents, in the order of their keys.
	Connectors []BackupDocument
	Secrets    []BackupSecret
	// Settings name certificate files of the machine the backup was made on.
	Settings Settings
	// HostKeys are the accepted SSH host keys, in the format of known_hosts.
	HostKeys []byte
	// Certificates are the files that settings and documents name, as they were
	// there.
	Certificates []BackupFile
}

// BackupDocument is one connector's file, whole.
type BackupDocument struct {
	// Key names the connector with its scope, as Connector.Key does.
	Key  string
	Data []byte
}

// BackupSecret is what is known of a secret, and its value; the zero value where
// none is in the backup.
type BackupSecret struct {
	Info  SecretInfo
	Value Secret
}

// BackupFile is a file by its path on the machine of the backup.
type BackupFile struct {
	Path string
	Data []byte
}

// Values is how many secrets have their value in the backup.
func (b Backup) Values() int {
	n := 0
	for _, s := range b.Secrets {
		if !s.Value.IsZero() {
			n++
		}
	}
	return n
}

// RestoreWay is what becomes of things that are here already and say something
// else than the backup.
type RestoreWay string

// The ways. Refuse changes nothing at all where a connector or a secret differs.
const (
	RestoreRefuse  RestoreWay = "refuse"
	RestoreReplace RestoreWay = "replace"
	RestoreSkip    RestoreWay = "skip"
)

// RestoreKind is what a part of a backup is.
type RestoreKind string

// The kinds. Settings are named by their key, host keys and certificates by their
// host.
const (
	RestoreConnector   RestoreKind = "connector"
	RestoreSecret      RestoreKind = "secret"
	RestoreSetting     RestoreKind = "setting"
	RestoreHostKey     RestoreKind = "host-key"
	RestoreCertificate RestoreKind = "certificate"
)

// RestoreState is how a part of a backup compares with what is here.
type RestoreState string

// The states.
const (
	RestoreNew     RestoreState = "new"
	RestoreSame    RestoreState = "same"
	RestoreDiffers RestoreState = "differs"
)

// RestoreItem is one part of a backup, beside what is here.
type RestoreItem struct {
	Kind  RestoreKind
	Name  string
	State RestoreState
}

// Guarded reports whether a difference keeps a restore from beginning: connectors
// and secrets are somebody's work, while settings, host keys and certificates
// that differ stay as they are here unless they are to be replaced.
func (i RestoreItem) Guarded() bool {
	return i.Kind == RestoreConnector || i.Kind == RestoreSecret
}

// Writes reports whether a restore writes the item.
func (w RestoreWay) Writes(s RestoreState) bool {
	return s == RestoreNew || s == RestoreDiffers && w == RestoreReplace
}

// RestoreConflict is the problem of connectors and secrets that are here and differ
// from a backup (store.conflict), nil where none does.
func RestoreConflict(items []RestoreItem) *Problem {
	const few = 5
	var names []string
	n := 0
	for _, i := range items {
		if !i.Guarded() || i.State != RestoreDiffers {
			continue
		}
		if n++; n <= few {
			names = append(names, string(i.Kind)+" "+i.Name)
		}
	}
	what := ""
	switch {
	case n == 0:
		return nil
	case n == 1:
		what = "The " + names[0] + " is here already and differs from the backup."
	case n > few:
		what = fmt.Sprintf("%d things are here already and differ from the backup: %s and %d more.", n, strings.Join(names, ", "), n-few)
	default:
		what = fmt.Sprintf("%d things are here already and differ from the backup: %s.", n, strings.Join(names, ", "))
	}
	return &Problem{
		Code: "store.conflict", What: what, Why: "Restoring would overwrite what was changed here since, or made by somebody else. Nothing was restored.",
		Fix: "Look at all of it with --dry-run. Then --replace takes what the backup says, and --skip keeps what is here.",
	}
}
