package store

import (
	"bytes"
	"context"
	"encoding/pem"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"bbconnect/internal/disk"
	"bbconnect/model"
)

// settings are compared one by one; files of certificates by what is in them.
func (r *restoring) settings(context.Context) error {
	var known settingsFile
	path := r.s.settingsPath()
	old, err := readYAML(path, settingsFormat(), &known)
	if err != nil {
		return err
	}
	now, changed := model.Settings(known), false
	for _, one := range []struct {
		name       string
		here, want *string
	}{
		{"theme", &now.Theme, &r.b.Settings.Theme},
		{"mouse", &now.Mouse, &r.b.Settings.Mouse},
		{"keystore", (*string)(&now.Keystore), (*string)(&r.b.Settings.Keystore)},
		{"secretCommand", &now.SecretCommand, &r.b.Settings.SecretCommand},
	} {
		state := model.RestoreDiffers
		switch {
		case *one.want == "":
			continue
		case *one.here == "":
			state = model.RestoreNew
		case *one.here == *one.want:
			state = model.RestoreSame
		}
		if r.note(model.RestoreSetting, one.name, state) {
			*one.here, changed = *one.want, true
		}
	}
	now.CAFiles = maps.Clone(now.CAFiles)
	for _, host := range slices.Sorted(maps.Keys(r.b.Settings.CAFiles)) {
		named, err := r.caFile(host, now.CAFiles[host])
		if err != nil {
			return err
		}
		if named != "" {
			if now.CAFiles == nil {
				now.CAFiles = map[string]string{}
			}
			now.CAFiles[host], changed = named, true
		}
	}
	if !changed {
		return nil
	}
	r.old[path] = old
	data, err := composeSettings(path, now)
	r.files = append(r.files, disk.File{Path: path, Data: data})
	return err
}

// caFile decides which file of certificates a host gets, "" for the one it has. A
// file of the same path on this machine counts only for what is in it.
func (r *restoring) caFile(host, here string) (string, error) {
	there := r.b.Settings.CAFiles[host]
	certificates, kept := r.certificates(there)
	if !kept {
		return "", nil // it could not be read when the backup was made
	}
	state := model.RestoreDiffers
	switch {
	case here == "":
		state = model.RestoreNew
	case holds(here, certificates):
		state = model.RestoreSame
	}
	if !r.note(model.RestoreCertificate, host, state) {
		return "", nil
	}
	if holds(there, certificates) {
		return there, nil
	}
	name := authorityFile(host)
	if name == "" {
		return "", notOfABackup(host, "Its host has no name a file can have.", nil)
	}
	own := r.s.authorityPath(name)
	return own, r.bundle(own, certificates)
}

// holds reports whether a file has all of some certificates.
func holds(path string, certificates []byte) bool {
	data, err := read(path, maxCertificates)
	if err != nil {
		return false
	}
	in := certificateBlocks(data)
	for _, want := range certificateBlocks(certificates) {
		if !slices.ContainsFunc(in, func(b *pem.Block) bool { return bytes.Equal(b.Bytes, want.Bytes) }) {
			return false
		}
	}
	return true
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func (s *Store) authorityPath(name string) string {
	return filepath.Join(s.folders.Config, "authorities", name)
}

func (r *restoring) certificates(path string) ([]byte, bool) {
	i := slices.IndexFunc(r.b.Certificates, func(f model.BackupFile) bool { return f.Path == path })
	if i < 0 {
		return nil, false
	}
	return r.b.Certificates[i].Data, true
}

// bundle adds certificates to a file of ours.
func (r *restoring) bundle(path string, certificates []byte) error {
	if path == "" {
		return nil
	}
	data, planned := r.bundles[path]
	if !planned {
		now, err := read(path, maxCertificates)
		if err != nil {
			return err
		}
		data = now
	}
	for _, block := range certificateBlocks(certificates) {
		data = withCertificate(data, block)
	}
	r.bundles[path] = data
	return nil
}
