package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"bbconnect/internal/disk"
	"bbconnect/internal/document"
	"bbconnect/model"
)

// documentJSON is a connector's document as a JSON value.
func documentJSON(c model.Connector) (json.RawMessage, error) { return document.EncodeJSON(c) }

func newExport(a *app) *cobra.Command {
	var all bool
	var format, dir string
	c := &cobra.Command{
		Use: "export ID… | --all", Short: "Write connectors as Harness documents",
		Long: `Write connectors as Harness documents: YAML that can be applied or committed as it
is, or the JSON body of Harness's REST API. What Harness has no field for is
left out.`,
		Example:           "  bbconnect export payments --format harness\n  bbconnect export --all --format harness -o connectors/",
		ValidArgsFunction: a.completeConnectors,
		RunE: func(c *cobra.Command, args []string) error {
			return a.runExport(c.Context(), args, all, document.Format(format), dir)
		},
	}
	c.Flags().BoolVar(&all, "all", false, "every saved connector")
	c.Flags().StringVar(&format, "format", "harness", "harness or json")
	c.Flags().StringVarP(&dir, "output", "o", "", "write a file each into this folder")
	return c
}

func (a *app) runExport(ctx context.Context, ids []string, all bool, format document.Format, dir string) error {
	switch {
	case format == "terraform":
		return notInThisVersion("export --format terraform")
	case format != document.FormatHarness && format != document.FormatJSON:
		return usage("Choose harness or json.", "%s is no format.", clean(string(format)))
	case all == (len(ids) > 0):
		return usage("Name connectors, or give --all.", "Which connectors shall be exported?")
	}
	if err := a.connect(); err != nil {
		return err
	}
	if all {
		saved, _, err := a.jobs.Library.List(ctx)
		if err != nil {
			return err
		}
		for _, s := range saved {
			ids = append(ids, s.Connector.Key())
		}
	}
	for i, id := range ids {
		key := id
		if !all {
			key = a.key(id)
		}
		saved, err := a.jobs.Library.Get(ctx, key)
		if err != nil {
			return err
		}
		if err := a.exportOne(ctx, saved.Connector, format, dir, i > 0); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) exportOne(ctx context.Context, c model.Connector, format document.Format, dir string, more bool) error {
	data, err := a.store.Document(ctx, c.Key())
	if err != nil {
		return err
	}
	out, err := document.Export(data, format)
	if err != nil {
		return err
	}
	if dir != "" {
		ext := ".yaml"
		if format == document.FormatJSON {
			ext = ".json"
		}
		path := filepath.Join(dir, filepath.FromSlash(c.Key())+ext)
		if err := disk.WriteFile(path, out); err != nil {
			return err
		}
		fmt.Fprintf(a.errOut, "✓ %s\n", path)
		return nil
	}
	if more && format == document.FormatHarness {
		fmt.Fprintln(a.out, "---")
	}
	_, err = a.out.Write(out)
	return err
}

func newImport(a *app) *cobra.Command {
	var dryRun bool
	c := &cobra.Command{
		Use: "import FILE|DIR…", Short: "Save connectors from documents",
		Long: `Save connectors from Harness documents. Known mistakes are mended, and said. A
connector that is saved already is not replaced. Secrets are not in documents:
store their values with bbconnect secret set.`,
		Example: "  bbconnect import connectors/\n  bbconnect import --dry-run connector.yaml",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.runImport(c.Context(), args, dryRun) },
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be saved and change nothing")
	return c
}

// imported is what came of one document.
type imported struct {
	File     string         `json:"file"`
	ID       string         `json:"id"`
	Saved    bool           `json:"saved"`
	Findings model.Findings `json:"findings"`
}

func (a *app) runImport(ctx context.Context, args []string, dryRun bool) error {
	if err := a.connect(); err != nil {
		return err
	}
	files, err := documentFiles(args)
	if err != nil {
		return err
	}
	bad := false
	results := []imported{}
	for _, name := range files {
		data, err := a.readInput(name)
		if err != nil {
			return err
		}
		rs, err := a.importFile(ctx, name, data, dryRun)
		if err != nil {
			return err
		}
		for _, r := range rs {
			bad = bad || r.Findings.HasErrors()
			if !a.json {
				a.printImported(r, dryRun)
			}
		}
		results = append(results, rs...)
	}
	if a.json {
		if err := a.writeJSON(results); err != nil {
			return err
		}
	}
	if bad {
		return failedError{code: exitFailed}
	}
	return nil
}

func (a *app) printImported(r imported, dryRun bool) {
	word := "✗ not saved"
	switch {
	case r.Saved:
		word = "✓ saved"
	case dryRun && !r.Findings.HasErrors():
		word = "✓ would be saved"
	}
	fmt.Fprintf(a.errOut, "%s %s (%s)\n", word, r.ID, r.File)
	printFindings(a.errOut, r.Findings)
}

// importFile saves every document of a file that can be used. An App Password
// does not keep a connector out: it is imported to be migrated.
func (a *app) importFile(ctx context.Context, name string, data []byte, dryRun bool) ([]imported, error) {
	entries, err := document.Read(data)
	if err != nil {
		return nil, inFile(name, err)
	}
	secrets, err := a.jobs.Library.Secrets(ctx)
	if err != nil {
		return nil, err
	}
	var out []imported
	for _, e := range entries {
		r := imported{File: name, ID: e.Connector.Key(), Findings: e.Findings}
		if e.Problem != nil {
			r.Findings = append(r.Findings, problemFindings(e.Problem)...)
			out = append(out, r)
			continue
		}
		r.Findings = append(r.Findings, tolerated(model.ValidateConnector(e.Connector, model.World{Now: a.now(), Secrets: secrets}))...)
		if !r.Findings.HasErrors() && !dryRun {
			_, err := a.jobs.Library.Save(ctx, e.Connector, "")
			if p, ok := model.AsProblem(err); ok {
				r.Findings = append(r.Findings, problemFindings(p)...)
			} else if err != nil {
				return out, err
			}
			r.Saved = err == nil
		}
		out = append(out, r)
	}
	return out, nil
}

// tolerated turns errors that a working tool must be able to take in, so that
// it can mend them, into warnings.
func tolerated(fs model.Findings) model.Findings {
	out := slices.Clone(fs)
	for i := range out {
		if testable(out[i].Code) {
			out[i].Severity = model.SeverityWarning
		}
	}
	return out
}

// documentFiles lists the files named, and the YAML and JSON files of folders.
func documentFiles(args []string) ([]string, error) {
	var out []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if arg == "-" || (err == nil && !info.IsDir()) {
			out = append(out, arg)
			continue
		}
		if err != nil {
			return nil, usage("Name a file or a folder that exists.", "%s", err)
		}
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			ext := strings.ToLower(filepath.Ext(path))
			if err == nil && !d.IsDir() && (ext == ".yaml" || ext == ".yml" || ext == ".json") {
				out = append(out, path)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// printDraft shows what --dry-run would save.
func (a *app) printDraft(d model.Draft, w model.World) error {
	c := model.Build(d, w)
	if a.json {
		return a.writeJSON(connectorView(model.Saved{Connector: c}, w))
	}
	for _, write := range model.SecretWrites(d, w) {
		fmt.Fprintf(a.errOut, "  would store %s\n", write.Info.Name.Ref())
	}
	data, err := document.Encode(c)
	if err != nil {
		return err
	}
	_, err = a.out.Write(data)
	return err
}
