package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"bbconnect/internal/document"
	"bbconnect/model"
)

func newCheck(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "check [FILE…|-]", Short: "Validate connector documents, or all saved ones, without a network",
		Long: `Validate connector documents, or all saved connectors when no file is named. No
network and no keystore is used. A file of several documents is judged document
by document, each named with the line it begins at. Exits 1 when one is invalid.`,
		Example: "  bbconnect check\n  bbconnect check connectors/*.yaml\n  bbconnect export payments --format harness | bbconnect check -",
		RunE:    func(c *cobra.Command, args []string) error { return a.runCheck(c.Context(), args) },
	}
}

type checkJSON struct {
	File     string         `json:"file"`
	Valid    bool           `json:"valid"`
	Findings model.Findings `json:"findings"`
}

func (a *app) runCheck(ctx context.Context, files []string) error {
	if err := a.connect(); err != nil {
		return err
	}
	secrets, err := a.jobs.Library.Secrets(ctx)
	if err != nil {
		return err
	}
	w := model.World{Now: a.now(), Secrets: secrets}
	var results []checkJSON
	if len(files) == 0 {
		if results, err = a.checkSaved(ctx, w); err != nil {
			return err
		}
	}
	for _, name := range files {
		data, err := a.readInput(name)
		if err != nil {
			return err
		}
		results = append(results, checkFile(name, data, w)...)
	}
	return a.printChecked(results, len(files) == 1 && len(results) == 1)
}

func (a *app) checkSaved(ctx context.Context, w model.World) ([]checkJSON, error) {
	saved, damaged, err := a.jobs.Library.List(ctx)
	if err != nil {
		return nil, err
	}
	results := []checkJSON{}
	for _, s := range saved {
		results = append(results, judged(s.Connector.Key(), model.ValidateConnector(s.Connector, w)))
	}
	for _, d := range damaged {
		results = append(results, judged(d.Path, problemFindings(d.Problem)))
	}
	return results, nil
}

// checkFile judges every document in a file.
func checkFile(name string, data []byte, w model.World) []checkJSON {
	entries, err := document.Read(data)
	if err != nil {
		p, ok := model.AsProblem(err)
		if !ok {
			p = &model.Problem{Code: "store.damaged", What: err.Error()}
		}
		return []checkJSON{judged(name, problemFindings(p))}
	}
	var results []checkJSON
	for _, e := range entries {
		fs := e.Findings
		if e.Problem != nil {
			fs = append(fs, problemFindings(e.Problem)...)
		} else {
			fs = append(fs, model.ValidateConnector(e.Connector, w)...)
		}
		results = append(results, judged(entryPlace(name, e, len(entries) > 1), fs))
	}
	return results
}

func judged(name string, fs model.Findings) checkJSON {
	if fs == nil {
		fs = model.Findings{}
	}
	return checkJSON{File: name, Valid: !fs.HasErrors(), Findings: fs}
}

func (a *app) printChecked(results []checkJSON, single bool) error {
	valid := true
	for _, r := range results {
		valid = valid && r.Valid
	}
	if len(results) == 0 && !a.json {
		a.tell(a.errOut, "", "There is nothing to check: no connector is saved, and no file was named.")
	}
	if a.json {
		var v any = results
		if single {
			v = results[0]
		}
		if err := a.writeJSON(v); err != nil {
			return err
		}
	} else {
		for _, r := range results {
			mark := signPass
			if !r.Valid {
				mark = signFail
			}
			a.tell(a.out, mark, r.File)
			a.printFindings(a.out, r.Findings)
		}
	}
	if !valid {
		return failedError{code: exitFailed}
	}
	return nil
}
