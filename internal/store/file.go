package store

import (
	"bytes"

	"go.yaml.in/yaml/v3"
)

// readYAML reads one of the store's own files into out; a missing one leaves
// out as it is. Errors: store.damaged, store.newer, store.unreadable.
func readYAML(path string, out any) error {
	data, err := read(path, maxList)
	if err != nil || len(bytes.TrimSpace(data)) == 0 {
		return err
	}
	var head struct {
		Version int `yaml:"version"`
	}
	if err := yaml.Unmarshal(data, &head); err != nil {
		return asReadable(path, err)
	}
	if head.Version > version {
		return newer(path, head.Version)
	}
	if err := yaml.Unmarshal(data, out); err != nil {
		return asReadable(path, err)
	}
	return nil
}

// writeYAML writes one of the store's own files below a line that says what it
// is.
func writeYAML(path, comment string, v any) error {
	data, err := composeYAML(path, comment, v)
	if err != nil {
		return err
	}
	return write(path, data)
}

func composeYAML(path, comment string, v any) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("# " + comment + "\n")
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(v); err != nil {
		return nil, unwritable(path, err)
	}
	if err := enc.Close(); err != nil {
		return nil, unwritable(path, err)
	}
	return out.Bytes(), nil
}
