package store

import (
	"bytes"
	"context"
	"maps"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"

	"bbconnect/model"
)

type settingsFile struct {
	Theme         string            `yaml:"theme"`
	Mouse         string            `yaml:"mouse"`
	Keystore      model.Where       `yaml:"keystore"`
	SecretCommand string            `yaml:"secretCommand"`
	CAFiles       map[string]string `yaml:"caFiles"`
}

func (s *Store) settingsPath() string { return filepath.Join(s.folders.Config, "config.yaml") }

// Settings are the person's choices; the zero value when nothing was chosen.
// Errors: store.damaged, store.newer, store.unreadable.
func (s *Store) Settings(ctx context.Context) (model.Settings, error) {
	if err := ctx.Err(); err != nil {
		return model.Settings{}, err
	}
	var file settingsFile
	if _, err := readYAML(s.settingsPath(), settingsFormat(), &file); err != nil {
		return model.Settings{}, err
	}
	return model.Settings(file), nil
}

// SaveSettings writes the choices into the file people also edit by hand: its
// comments, its order and keys this program does not know stay.
func (s *Store) SaveSettings(ctx context.Context, settings model.Settings) error {
	return s.changeSettings(ctx, func(known *model.Settings) error {
		*known = settings
		return nil
	})
}

// changeSettings changes the choices as they are by then.
func (s *Store) changeSettings(ctx context.Context, change func(*model.Settings) error) error {
	path := s.settingsPath()
	return s.locked(ctx, path, func() error {
		var known settingsFile
		old, err := readYAML(path, settingsFormat(), &known)
		if err != nil {
			return err
		}
		settings := model.Settings(known)
		if err := change(&settings); err != nil {
			return err
		}
		data, err := composeSettings(path, settings)
		if err != nil {
			return err
		}
		if old != upToDate {
			if err := keepOld(path, old); err != nil {
				return err
			}
		}
		return write(path, data)
	})
}

// composeSettings is the file of settings, edited to say these.
func composeSettings(path string, settings model.Settings) ([]byte, error) {
	data, err := read(path, maxList)
	if err != nil {
		return nil, err
	}
	doc := yaml.Node{Kind: yaml.DocumentNode}
	if len(bytes.TrimSpace(data)) > 0 {
		if err := yaml.Unmarshal(data, &doc); err != nil {
			return nil, asReadable(path, err)
		}
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		doc = yaml.Node{Kind: yaml.DocumentNode, HeadComment: "# Settings of bbconnect."}
		doc.Content = []*yaml.Node{{Kind: yaml.MappingNode, Tag: "!!map"}}
	}
	top := doc.Content[0]
	if _, err := settingsFormat().upgrade(path, top); err != nil {
		return nil, err
	}
	set(top, "theme", settings.Theme, "!!str")
	set(top, "mouse", settings.Mouse, "!!str")
	set(top, "keystore", string(settings.Keystore), "!!str")
	set(top, "secretCommand", settings.SecretCommand, "!!str")
	setFiles(top, settings.CAFiles)
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return nil, unwritable(path, err)
	}
	return out.Bytes(), nil
}

// set gives a key a value, or removes it where the value is "".
func set(top *yaml.Node, key, value, tag string) {
	i := keyIndex(top, key)
	switch {
	case value == "" && i >= 0:
		top.Content = slices.Delete(top.Content, i, i+2)
	case value == "":
	case i >= 0 && top.Content[i+1].Kind == yaml.ScalarNode:
		top.Content[i+1].Value, top.Content[i+1].Tag = value, tag
	case i >= 0:
		top.Content[i+1] = &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
	default:
		top.Content = append(top.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value})
	}
}

// setFiles writes the CA files by host, in the order of the hosts.
func setFiles(top *yaml.Node, files map[string]string) {
	i := keyIndex(top, "caFiles")
	if len(files) == 0 {
		if i >= 0 {
			top.Content = slices.Delete(top.Content, i, i+2)
		}
		return
	}
	if i < 0 {
		i = len(top.Content)
		top.Content = append(top.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "caFiles"}, nil)
	}
	hosts := top.Content[i+1]
	if hosts == nil || hosts.Kind != yaml.MappingNode {
		hosts = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
		top.Content[i+1] = hosts
	}
	for j := len(hosts.Content) - 2; j >= 0; j -= 2 {
		if _, kept := files[hosts.Content[j].Value]; !kept {
			hosts.Content = slices.Delete(hosts.Content, j, j+2)
		}
	}
	for _, host := range slices.Sorted(maps.Keys(files)) {
		set(hosts, host, files[host], "!!str")
	}
}

func keyIndex(top *yaml.Node, key string) int {
	for i := 0; i+1 < len(top.Content); i += 2 {
		if top.Content[i].Value == key {
			return i
		}
	}
	return -1
}
