package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"bbconnect/internal/disk"
	"bbconnect/internal/document"
)

type exportFlags struct {
	all, dryRun bool
	format, dir string
}

func newExport(a *app) *cobra.Command {
	var f exportFlags
	c := &cobra.Command{
		Use: "export ID… | --all", Short: "Write connectors as Harness documents",
		Long: `Write connectors as Harness documents: YAML that can be applied or committed as it
is, or the JSON body of Harness's REST API, one a line. What Harness has no field
for is left out; secrets are references and are never written.`,
		Example:           "  bbconnect export payments --format harness\n  bbconnect export --all --format harness -o connectors/",
		ValidArgsFunction: a.completeConnectors,
		RunE:              func(c *cobra.Command, args []string) error { return a.runExport(c.Context(), args, f) },
	}
	fl := c.Flags()
	fl.BoolVar(&f.all, "all", false, "every saved connector")
	fl.StringVar(&f.format, "format", "", "harness or json (default harness, with --json json)")
	fl.StringVarP(&f.dir, "output", "o", "", "write a file each into this folder")
	fl.BoolVar(&f.dryRun, "dry-run", false, "name the files that would be written and write none")
	_ = c.MarkFlagDirname("output")
	complete(c, map[string]completer{"format": choices(string(document.FormatHarness), string(document.FormatJSON))})
	return c
}

// exportFormat is the format that was asked for.
func (a *app) exportFormat(f exportFlags) (document.Format, error) {
	format := document.Format(f.format)
	switch {
	case format == "terraform":
		return "", notInThisVersion("export --format terraform")
	case a.json && f.dir == "" && format == document.FormatHarness:
		return "", usage("Leave out one of them.", "--json and --format harness exclude each other.")
	case format == "" && a.json && f.dir == "":
		return document.FormatJSON, nil
	case format == "":
		return document.FormatHarness, nil
	case format != document.FormatHarness && format != document.FormatJSON:
		return "", usage("Choose harness or json.", "--format names no format.")
	}
	return format, nil
}

func (a *app) runExport(ctx context.Context, ids []string, f exportFlags) error {
	format, err := a.exportFormat(f)
	switch {
	case err != nil:
		return err
	case f.all == (len(ids) > 0):
		return usage("Name connectors, or give --all.", "Which connectors shall be exported?")
	}
	if err := a.connect(); err != nil {
		return err
	}
	keys, err := a.exportKeys(ctx, ids, f.all)
	if err != nil {
		return err
	}
	// Every document is made before the first is written, so that a damaged one
	// leaves nothing half exported.
	outs := make([][]byte, len(keys))
	for i, key := range keys {
		data, err := a.store.Document(ctx, key)
		if err != nil {
			return err
		}
		if outs[i], err = document.Export(data, format); err != nil {
			return inFile(key, err)
		}
	}
	if f.dir != "" {
		return a.exportFiles(keys, outs, format, f)
	}
	for i, out := range outs {
		if err := a.exportOne(out, format, i > 0, len(outs) > 1); err != nil {
			return err
		}
	}
	return nil
}

// exportKeys are the whole keys of the connectors that were named, each once.
func (a *app) exportKeys(ctx context.Context, ids []string, all bool) ([]string, error) {
	var keys []string
	seen := map[string]bool{}
	add := func(key string) {
		if !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	if all {
		saved, damaged, err := a.jobs.Library.List(ctx)
		if len(damaged) > 0 {
			// What all means would be less than it says.
			return nil, inFile(damaged[0].Path, damaged[0].Problem)
		}
		for _, s := range saved {
			add(s.Connector.Key())
		}
		return keys, err
	}
	for _, id := range ids {
		saved, err := a.jobs.Library.Get(ctx, a.key(id))
		if err != nil {
			return nil, err
		}
		add(saved.Connector.Key())
	}
	return keys, nil
}

// exportOne writes one document to standard output: YAML documents are separated
// as YAML does, JSON values of several stand on a line each.
func (a *app) exportOne(out []byte, format document.Format, more, several bool) error {
	if format == document.FormatJSON && several {
		var line bytes.Buffer
		if err := json.Compact(&line, out); err != nil {
			return err
		}
		out = append(line.Bytes(), '\n')
	}
	if more && format == document.FormatHarness {
		fmt.Fprintln(a.out, "---")
	}
	_, err := a.out.Write(out)
	return err
}

// exportedJSON is one written file.
type exportedJSON struct {
	ID   string `json:"id"`
	File string `json:"file"`
}

// exportFiles writes a file each, in folders by scope.
func (a *app) exportFiles(keys []string, outs [][]byte, format document.Format, f exportFlags) error {
	ext := ".yaml"
	if format == document.FormatJSON {
		ext = ".json"
	}
	written := []exportedJSON{}
	for i, key := range keys {
		path := filepath.Join(expandHome(f.dir), filepath.FromSlash(key)+ext)
		if f.dryRun {
			a.tell(a.errOut, "", "Would write "+path)
		} else {
			if err := disk.WriteFile(path, outs[i]); err != nil {
				return unwritable(path, err)
			}
			a.tell(a.errOut, signPass, path)
		}
		written = append(written, exportedJSON{ID: key, File: path})
	}
	if a.json {
		return a.writeJSON(written)
	}
	return nil
}
