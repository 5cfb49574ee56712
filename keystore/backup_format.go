package keystore

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"bbconnect/model"
)

// backupFormat names the text inside a backup.
const backupFormat = "bbconnect-backup"

// backupManifest is the first thing in a backup. Its counts tell a file that was put
// together by hand and lacks something.
type backupManifest struct {
	Format  string       `json:"format"`
	Version int          `json:"version"`
	Created time.Time    `json:"created"`
	Program string       `json:"program"`
	Counts  backupCounts `json:"counts"`
}

type backupCounts struct {
	Connectors   int `json:"connectors"`
	Secrets      int `json:"secrets"`
	Values       int `json:"values"`
	Certificates int `json:"certificates"`
}

// backupText is the JSON inside a backup.
type backupText struct {
	Manifest     backupManifest    `json:"manifest"`
	Connectors   []backupConnector `json:"connectors"`
	Secrets      []backupSecret    `json:"secrets"`
	Settings     backupSettings    `json:"settings"`
	HostKeys     string            `json:"hostKeys,omitempty"`
	Certificates []backupFile      `json:"certificates,omitempty"`
}

type backupConnector struct {
	Key      string `json:"key"`
	Document string `json:"document"`
}

type backupFile struct {
	Path string `json:"path"`
	PEM  string `json:"pem"`
}

type backupSettings struct {
	Theme         string            `json:"theme,omitempty"`
	Mouse         string            `json:"mouse,omitempty"`
	Keystore      model.Where       `json:"keystore,omitempty"`
	SecretCommand string            `json:"secretCommand,omitempty"`
	CAFiles       map[string]string `json:"caFiles,omitempty"`
}

// backupSecret is a secret with the keys of secrets.yaml, and its value in
// base64.
type backupSecret struct {
	Name       model.SecretName     `json:"name"`
	Type       model.SecretType     `json:"type,omitempty"`
	Kind       model.CredentialKind `json:"kind,omitempty"`
	Where      model.Where          `json:"where,omitempty"`
	Command    string               `json:"command,omitempty"`
	Username   string               `json:"username,omitempty"`
	Email      string               `json:"email,omitempty"`
	Host       string               `json:"host,omitempty"`
	File       model.SecretName     `json:"file,omitempty"`
	Passphrase model.SecretName     `json:"passphrase,omitempty"`
	Created    time.Time            `json:"created,omitzero"`
	Expires    time.Time            `json:"expires,omitzero"`
	Length     int                  `json:"length,omitempty"`
	Value      []byte               `json:"value,omitempty"`
}

func encodeBackup(b model.Backup) ([]byte, error) {
	text := backupText{
		Manifest: backupManifest{
			Format: backupFormat, Version: model.BackupVersion, Created: b.Created.UTC(), Program: b.Program,
			Counts: backupCounts{Connectors: len(b.Connectors), Secrets: len(b.Secrets), Values: b.Values(), Certificates: len(b.Certificates)},
		},
		Settings: backupSettings(b.Settings), HostKeys: string(b.HostKeys),
	}
	for _, c := range b.Connectors {
		text.Connectors = append(text.Connectors, backupConnector{Key: c.Key, Document: string(c.Data)})
	}
	for _, f := range b.Certificates {
		text.Certificates = append(text.Certificates, backupFile{Path: f.Path, PEM: string(f.Data)})
	}
	for _, s := range b.Secrets {
		i := s.Info
		one := backupSecret{
			Name: i.Name, Type: i.Type, Kind: i.Kind, Where: i.Where, Command: i.Command, Username: i.Username, Email: i.Email, Host: i.Host,
			File: i.File, Passphrase: i.Passphrase, Created: i.Created, Expires: i.Expires, Length: i.Length,
		}
		if !s.Value.IsZero() {
			one.Value = []byte(s.Value.Reveal())
		}
		text.Secrets = append(text.Secrets, one)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(text)
	return out.Bytes(), err
}

// errBackupText is why an opened text is no backup. The decoder's own errors are
// not kept, since they quote what they read.
var errBackupText = errors.New("the text inside is not that of a backup")

func decodeBackup(data []byte) (model.Backup, error) {
	var head struct {
		Manifest backupManifest `json:"manifest"`
	}
	if json.Unmarshal(data, &head) != nil || head.Manifest.Format != backupFormat || head.Manifest.Version < 1 {
		return model.Backup{}, brokenBackup("It opens, but what is inside was not written by bbconnect.", errBackupText)
	}
	if v := head.Manifest.Version; v > model.BackupVersion {
		return model.Backup{}, &model.Problem{
			Code: codeNewer, What: "The backup was made by a newer bbconnect.", Why: printable(head.Manifest.Program, 60) + " wrote it in a form that this program does not know.",
			Fix: "Update bbconnect on this machine and restore again. Nothing was restored.",
		}
	}
	var text backupText
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields() // they would be lost
	if decoder.Decode(&text) != nil || decoder.More() {
		return model.Backup{}, brokenBackup("It opens, but a part of what is inside cannot be read.", errBackupText)
	}
	b := text.backup()
	counts := backupCounts{Connectors: len(b.Connectors), Secrets: len(b.Secrets), Values: b.Values(), Certificates: len(b.Certificates)}
	if counts != text.Manifest.Counts {
		return model.Backup{}, brokenBackup("It does not hold as much as its own list says.", errBackupText)
	}
	for _, s := range b.Secrets {
		if err := checkBackedUp(s); err != nil {
			return model.Backup{}, err
		}
	}
	return b, nil
}

// checkBackedUp refuses what could not be stored.
func checkBackedUp(s model.BackupSecret) error {
	if _, _, ok := s.Info.Name.Split(); !ok || s.Value.Len() > MaxSize {
		return brokenBackup("One of its secrets has a name, or a size, that none can have.", errBackupText)
	}
	return nil
}

func (t backupText) backup() model.Backup {
	b := model.Backup{
		Created: t.Manifest.Created, Program: printable(t.Manifest.Program, 60), Settings: model.Settings(t.Settings), HostKeys: []byte(t.HostKeys),
	}
	for _, c := range t.Connectors {
		b.Connectors = append(b.Connectors, model.BackupDocument{Key: c.Key, Data: []byte(c.Document)})
	}
	for _, f := range t.Certificates {
		b.Certificates = append(b.Certificates, model.BackupFile{Path: f.Path, Data: []byte(f.PEM)})
	}
	for _, s := range t.Secrets {
		one := model.BackupSecret{Info: model.SecretInfo{
			Name: s.Name, Type: s.Type, Kind: s.Kind, Where: s.Where, Command: s.Command, Username: s.Username, Email: s.Email, Host: s.Host,
			File: s.File, Passphrase: s.Passphrase, Created: s.Created, Expires: s.Expires, Length: s.Length,
		}}
		if len(s.Value) > 0 {
			one.Value = model.NewSecret(string(s.Value))
		}
		b.Secrets = append(b.Secrets, one)
	}
	return b
}
