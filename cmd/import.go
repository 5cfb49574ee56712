package cmd

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"bbconnect/internal/document"
	"bbconnect/model"
)

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
		if p, ok := model.AsProblem(err); ok && strings.HasPrefix(p.Code, "document.") {
			// One file that is no document keeps nobody from the others.
			rs, err = []imported{{File: name, Findings: problemFindings(p)}}, nil
		}
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
	mark, word := signFail, "Not saved: "
	switch {
	case r.Saved:
		mark, word = signPass, "Saved "
	case dryRun && !r.Findings.HasErrors():
		mark, word = signPass, "Would be saved: "
	}
	what := r.File
	if r.ID != "" {
		what = r.ID + " (" + r.File + ")"
	}
	a.tell(a.errOut, mark, word+what)
	a.printFindings(a.errOut, r.Findings)
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
	known, _, err := a.jobs.Library.List(ctx)
	if err != nil {
		return nil, err
	}
	saved := map[string]bool{}
	for _, s := range known {
		saved[s.Connector.Key()] = true
	}
	var out []imported
	for _, e := range entries {
		r := imported{File: entryPlace(name, e, len(entries) > 1), ID: e.Connector.Key(), Findings: e.Findings}
		if r.Findings == nil {
			r.Findings = model.Findings{}
		}
		if e.Problem != nil {
			r.Findings = append(r.Findings, problemFindings(e.Problem)...)
			out = append(out, r)
			continue
		}
		r.Findings = append(r.Findings, tolerated(model.ValidateConnector(e.Connector, model.World{Now: a.now(), Secrets: secrets}))...)
		if saved[r.ID] {
			r.Findings = slices.Insert(r.Findings, 0, model.Finding{
				Code: "id.taken", Severity: model.SeverityError, Field: model.QID,
				Message: "A connector with this id is saved already, and was not replaced.", Fix: "Change it with bbconnect edit " + r.ID + " --from FILE.",
			})
		} else if !r.Findings.HasErrors() && !dryRun {
			_, err := a.jobs.Library.Save(ctx, e.Connector, "")
			if p, ok := model.AsProblem(err); ok {
				r.Findings = append(r.Findings, problemFindings(p)...)
			} else if err != nil {
				return out, err
			}
			r.Saved = err == nil
		}
		saved[r.ID] = saved[r.ID] || (r.ID != "" && !r.Findings.HasErrors())
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
			return nil, usage("Name a file or a folder that exists.", "%s", clean(err.Error()))
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
