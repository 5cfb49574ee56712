package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"bbconnect/internal/document"
	"bbconnect/model"
)

type listFlags struct {
	filter       string
	expiring     int
	appPasswords bool
	failed       bool
}

func newList(a *app) *cobra.Command {
	f := listFlags{expiring: -1}
	c := &cobra.Command{
		Use: "list", Short: "List the saved connectors", Args: cobra.NoArgs,
		Example: `  bbconnect list
  bbconnect list --filter payments
  bbconnect list --expiring 30
  bbconnect list --json`,
		RunE: func(c *cobra.Command, _ []string) error { return a.runList(c.Context(), f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.filter, "filter", "", "only those with every word in name, id, URL or tags")
	fl.IntVar(&f.expiring, "expiring", -1, "only those whose credential ends within so many days; exits 1 when there are any")
	fl.BoolVar(&f.appPasswords, "app-passwords", false, "only those that still use an App Password")
	fl.BoolVar(&f.failed, "failed", false, "only those whose last test did not pass")
	return c
}

func (a *app) runList(ctx context.Context, f listFlags) error {
	if err := a.connect(); err != nil {
		return err
	}
	saved, damaged, err := a.jobs.Library.List(ctx)
	if err != nil {
		return err
	}
	secrets, err := a.jobs.Library.Secrets(ctx)
	if err != nil {
		return err
	}
	w := model.World{Now: a.now(), Secrets: secrets}
	shown := []model.Saved{}
	for _, s := range saved {
		if f.keep(s, w) {
			shown = append(shown, s)
		}
	}
	for _, d := range damaged {
		fmt.Fprintf(a.errOut, "✗ %s: %s %s\n", d.Path, d.Problem.What, d.Problem.Fix)
	}
	if err := a.printList(shown, w); err != nil {
		return err
	}
	if f.expiring >= 0 && len(shown) > 0 {
		return failedError{code: exitFailed}
	}
	return nil
}

// keep decides whether a connector passes every filter that was given.
func (f listFlags) keep(s model.Saved, w model.World) bool {
	c := s.Connector
	if f.appPasswords && !usesAppPassword(c, w) {
		return false
	}
	if f.failed && (s.LastTest == nil || s.LastTest.Verdict == model.VerdictPass || s.LastTest.Verdict == model.VerdictWarn) {
		return false
	}
	if f.expiring >= 0 {
		day := model.ExpiryOf(c, w)
		if day.IsZero() || day.After(w.Now.AddDate(0, 0, f.expiring)) {
			return false
		}
	}
	hay := strings.ToLower(strings.Join([]string{c.Name, c.ID, c.URL, model.FormatTags(c.Tags)}, "\n"))
	for word := range strings.FieldsSeq(strings.ToLower(f.filter)) {
		if !strings.Contains(hay, word) {
			return false
		}
	}
	return true
}

// usesAppPassword reports whether git or the API still signs in with an App
// Password.
func usesAppPassword(c model.Connector, w model.World) bool {
	if productOf(c) != model.Cloud {
		return false
	}
	return c.API.Method == model.APIUsernameToken || model.CredentialOf(c, w) == model.KindAppPassword
}

func (a *app) printList(shown []model.Saved, w model.World) error {
	if a.json {
		views := make([]connectorJSON, 0, len(shown))
		for _, s := range shown {
			views = append(views, connectorView(s, w))
		}
		return a.writeJSON(views)
	}
	if len(shown) == 0 {
		fmt.Fprintln(a.errOut, "No connectors. bbconnect new sets one up.")
		return nil
	}
	tw := tabwriter.NewWriter(a.out, 0, 8, 3, ' ', 0)
	fmt.Fprintln(tw, "NAME\tID\tPOINTS TO\tCREDENTIAL\tLAST TEST\tEXPIRES")
	for _, s := range shown {
		c := s.Connector
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", c.Name, c.Key(), model.PointsTo(c), model.KindLabel(model.CredentialOf(c, w)),
			lastTestText(s, w.Now), expiryText(model.ExpiryOf(c, w), w.Now))
	}
	return tw.Flush()
}

func newShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show a saved connector", Args: cobra.ExactArgs(1),
		ValidArgsFunction: a.completeConnectors,
		RunE: func(c *cobra.Command, args []string) error {
			if err := a.connect(); err != nil {
				return err
			}
			saved, err := a.jobs.Library.Get(c.Context(), a.key(args[0]))
			if err != nil {
				return err
			}
			if a.json {
				return a.printConnectorJSON(c.Context(), saved)
			}
			data, err := a.store.Document(c.Context(), saved.Connector.Key())
			if err != nil {
				return err
			}
			fmt.Fprintf(a.errOut, "%s   %s   last test: %s\n", saved.Connector.Name, model.PointsTo(saved.Connector), lastTestText(saved, a.now()))
			_, err = a.out.Write(data)
			return err
		},
	}
}

func newDelete(a *app) *cobra.Command {
	var withSecrets, yes, dryRun bool
	c := &cobra.Command{
		Use: "delete ID", Short: "Delete a saved connector", Args: cobra.ExactArgs(1),
		ValidArgsFunction: a.completeConnectors,
		Example:           "  bbconnect delete payments\n  bbconnect delete payments --with-secrets --yes",
		RunE: func(c *cobra.Command, args []string) error {
			return a.runDelete(c.Context(), args[0], withSecrets, yes, dryRun)
		},
	}
	c.Flags().BoolVar(&withSecrets, "with-secrets", false, "delete the secrets too that nothing else uses")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be deleted and change nothing")
	return c
}

func (a *app) runDelete(ctx context.Context, id string, withSecrets, yes, dryRun bool) error {
	if err := a.connect(); err != nil {
		return err
	}
	saved, err := a.jobs.Library.Get(ctx, a.key(id))
	if err != nil {
		return err
	}
	uses, err := a.jobs.Uses(ctx, saved.Connector.Key())
	if err != nil {
		return err
	}
	for _, u := range uses {
		text := "only this connector uses it"
		if len(u.Others) > 0 {
			text = "also used by " + strings.Join(u.Others, ", ") + "; it stays"
		} else if !withSecrets {
			text += "; it stays, --with-secrets deletes it"
		}
		fmt.Fprintf(a.errOut, "  %s: %s\n", u.Info.Name.Ref(), text)
	}
	if dryRun {
		return nil
	}
	if !yes {
		if a.readSecretLine == nil {
			return usage("Add --yes.", "There is nobody to ask whether to delete %s.", saved.Connector.Key())
		}
		ok, err := a.confirm(fmt.Sprintf("Delete %s (%s)?", saved.Connector.Name, saved.Connector.Key()))
		if err != nil || !ok {
			return errCancelled
		}
	}
	removed, err := a.jobs.Delete(a.asking(ctx), saved.Connector.Key(), withSecrets)
	if err != nil {
		return err
	}
	if a.json {
		return a.writeJSON(map[string]any{"deleted": saved.Connector.Key(), "secrets": removed})
	}
	fmt.Fprintf(a.errOut, "✓ Deleted %s.\n", saved.Connector.Key())
	return nil
}

func newCheck(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "check [FILE…|-]", Short: "Validate connector documents, or all saved ones, without a network",
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

func problemFindings(p *model.Problem) model.Findings {
	return model.Findings{{Code: p.Code, Severity: model.SeverityError, Field: p.Field, Message: p.What, Fix: p.Fix}}
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
		results = append(results, judged(name, append(e.Findings, model.ValidateConnector(e.Connector, w)...)))
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
			mark := "✓"
			if !r.Valid {
				mark = "✗"
			}
			fmt.Fprintf(a.out, "%s %s\n", mark, r.File)
			printFindings(a.out, r.Findings)
		}
	}
	if !valid {
		return failedError{code: exitFailed}
	}
	return nil
}

// printFindings writes findings with their marks, one or two lines each.
func printFindings(w io.Writer, fs model.Findings) {
	marks := map[model.Severity]string{model.SeverityError: "✗", model.SeverityWarning: "!", model.SeverityHint: "›"}
	for _, f := range fs {
		fmt.Fprintf(w, "  %s %s: %s %s  (%s)\n", marks[f.Severity], f.Field, f.Message, f.Fix, f.Code)
		if f.Suggestion != "" {
			fmt.Fprintf(w, "    → %s\n", f.Suggestion)
		}
	}
}

// expandHome understands a leading ~.
func expandHome(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return home + string(os.PathSeparator) + rest
		}
	}
	return path
}

// readBounded reads a document, 1 MiB at most.
func readBounded(r io.Reader) ([]byte, error) {
	const limit = 1 << 20
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && len(data) > limit {
		err = usage("Split the file.", "The file is larger than 1 MiB.")
	}
	return data, err
}
