package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"bbconnect/internal/disk"
	"bbconnect/model"
)

// A format is one kind of the store's own YAML files. Its version is the number of
// its steps: step n turns the mapping at the top of a file of version n into one of
// version n+1, and says in a sentence what keeps it from doing so, "" for nothing. A file is brought
// up to date whenever it is read; on the disk it stays as it is until the first
// change to it, and is kept beside the new one then, as FILE.vN.bak.
type format struct {
	steps []func(top *yaml.Node) (why string)
}

func (f format) version() int { return len(f.steps) }

// secretsFormat is that of secrets.yaml. Version 0 are files without a version, as
// people and scripts prepare them for a new machine: a name may be a reference, and
// what has one sensible value may be left out.
func secretsFormat() format { return format{steps: []func(*yaml.Node) string{completeSecrets}} }

// settingsFormat is that of config.yaml. Version 0 are files that people began by
// hand; they say nothing differently.
func settingsFormat() format { return format{steps: []func(*yaml.Node) string{asItIs}} }

// draftFormat is that of a draft.
func draftFormat() format { return format{steps: []func(*yaml.Node) string{asItIs}} }

func asItIs(*yaml.Node) string { return "" }

// completeSecrets is what version 1 wants of each secret: its whole name, a type, a
// place, and moments to the second. A secret that points to a key is an SSH
// credential, and where no place is named it is the keyring, as for new ones.
func completeSecrets(top *yaml.Node) (why string) {
	i := keyIndex(top, "secrets")
	if i < 0 || top.Content[i+1].Kind != yaml.SequenceNode {
		return "" // nothing is listed, or the reader says what is wrong with it
	}
	for _, s := range top.Content[i+1].Content {
		if s.Kind != yaml.MappingNode {
			continue
		}
		for _, key := range []string{"name", "file", "passphrase"} {
			name, ok := wholeName(textOf(s, key))
			if !ok {
				return fmt.Sprintf("The reference %s does not say which organisation or project the secret is of; write org/ORG/ID or project/ORG/PROJECT/ID.", printable(textOf(s, key)))
			}
			if name != "" {
				set(s, key, name, "!!str")
			}
		}
		kind := model.SecretText
		if textOf(s, "file") != "" {
			kind = model.SecretSSHKey
		}
		if textOf(s, "type") == "" {
			set(s, "type", string(kind), "!!str")
		}
		if textOf(s, "where") == "" {
			set(s, "where", string(model.WhereKeyring), "!!str")
		}
		if day := textOf(s, "created"); len(day) == len("2027-11-21") {
			set(s, "created", day+"T00:00:00Z", "!!str")
		}
	}
	return ""
}

// wholeName is the whole name a reference stands for at its own scope. An
// organisation's or a project's can only be written whole.
func wholeName(text string) (name string, ok bool) {
	if text == "" || strings.Contains(text, "/") {
		return text, true
	}
	whole, err := model.SecretRef(text).Name(model.Scope{})
	return string(whole), err == nil
}

func textOf(m *yaml.Node, key string) string {
	if i := keyIndex(m, key); i >= 0 && m.Content[i+1].Kind == yaml.ScalarNode {
		return m.Content[i+1].Value
	}
	return ""
}

// upgrade brings a file's mapping to the format's version and reports which one it
// had. Errors: store.newer, store.damaged.
func (f format) upgrade(path string, top *yaml.Node) (found int, err error) {
	if i := keyIndex(top, "version"); i >= 0 {
		if err := top.Content[i+1].Decode(&found); err != nil {
			return 0, asReadable(path, err)
		}
	}
	switch {
	case found > f.version():
		return found, newer(path, found, f.version())
	case found < 0:
		return found, damaged(path, "Its version is no version.", nil)
	}
	for v := found; v < f.version(); v++ {
		if why := f.steps[v](top); why != "" {
			return found, damaged(path, why, nil)
		}
	}
	if found < f.version() {
		set(top, "version", fmt.Sprint(f.version()), "!!int")
	}
	return found, nil
}

// keepOld keeps a file that is about to be replaced by one of a newer version, as
// FILE.vN.bak beside it. One that was kept before is the older, and stays.
func keepOld(path string, found int) error {
	old := fmt.Sprintf("%s.v%d.bak", path, found)
	if _, err := os.Lstat(old); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	data, err := read(path, maxList)
	if err != nil || data == nil {
		return err
	}
	if err := disk.WriteFile(old, data); err != nil {
		return unwritable(old, err)
	}
	return nil
}
