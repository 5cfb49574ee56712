package store

import (
	"bytes"

	"go.yaml.in/yaml/v3"
)

// readYAML reads one of the store's own files into out, brought up to the version of
// its format; a missing or empty one leaves out as it is. old is the version of a
// file that an older program wrote, upToDate for any other. Errors: store.damaged,
// store.newer, store.unreadable.
func readYAML(path string, f format, out any) (old int, err error) {
	data, err := read(path, maxList)
	if err != nil || len(bytes.TrimSpace(data)) == 0 {
		return upToDate, err
	}
	var head struct {
		Version int `yaml:"version"`
	}
	if err := yaml.Unmarshal(data, &head); err != nil {
		return upToDate, asReadable(path, err)
	}
	if head.Version == f.version() {
		if err := yaml.Unmarshal(data, out); err != nil {
			return upToDate, asReadable(path, err)
		}
		return upToDate, nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return upToDate, asReadable(path, err)
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return upToDate, nil // comments only; anything else failed above
	}
	found, err := f.upgrade(path, doc.Content[0])
	if err != nil {
		return found, err
	}
	if err := doc.Decode(out); err != nil {
		return found, asReadable(path, err)
	}
	return found, nil
}

// upToDate stands for a file that need not be kept when it is changed.
const upToDate = -1

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
