package cmd

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

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
		Long: `List the saved connectors: where each points, what it signs in with, how its last
test went and when its credential ends. Filters add up.`,
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
	complete(c, map[string]completer{"filter": cobra.NoFileCompletions, "expiring": cobra.NoFileCompletions})
	return c
}

func (a *app) runList(ctx context.Context, f listFlags) error {
	if f.expiring < -1 {
		return usage("Write --expiring 30, for example.", "--expiring wants a number of days.")
	}
	if err := a.connect(); err != nil {
		return err
	}
	defer a.heapRoom(roomForARun)()
	if a.json && f == (listFlags{expiring: -1}) {
		return a.listRows(ctx)
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
	a.tellDamaged(damaged)
	if f.expiring >= 0 && len(shown) == 0 && a.outFile && !a.json {
		return nil // in cron every word becomes a mail
	}
	if err := a.printList(shown, len(saved), w); err != nil {
		return err
	}
	if f.expiring >= 0 && len(shown) > 0 {
		return failedError{code: exitFailed}
	}
	return nil
}

// listRows prints every connector as JSON, byte for byte what printList prints,
// from rows that were put together before wherever nothing has changed since.
func (a *app) listRows(ctx context.Context) error {
	now := a.now()
	rows, damaged, err := a.store.Rows(ctx, "list "+now.UTC().Format(time.DateOnly), func(ctx context.Context) (func(model.Saved) ([]byte, error), error) {
		secrets, err := a.jobs.Library.Secrets(ctx)
		if err != nil {
			return nil, err
		}
		w := model.World{Now: now, Secrets: secrets}
		return func(s model.Saved) ([]byte, error) { return indented(connectorView(s, w)) }, nil
	})
	if err != nil {
		return err
	}
	a.tellDamaged(damaged)
	out := bufio.NewWriterSize(a.out, 1<<20)
	between := "[\n"
	for _, row := range rows {
		_, _ = out.WriteString(between)
		_, _ = out.Write(row)
		between = ",\n"
	}
	end := "\n]\n"
	if len(rows) == 0 {
		end = "[]\n"
	}
	_, _ = out.WriteString(end)
	return out.Flush()
}

// indented is a value as it stands in a list that writeJSON prints.
func indented(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetIndent("  ", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return append([]byte("  "), bytes.TrimRight(out.Bytes(), "\n")...), nil
}

func (a *app) tellDamaged(damaged []model.Damaged) {
	for _, d := range damaged {
		a.tell(a.errOut, signFail, d.Path+": "+d.Problem.What+" "+d.Problem.Fix)
	}
}

// keep decides whether a connector passes every filter that was given.
func (f listFlags) keep(s model.Saved, w model.World) bool {
	c := s.Connector
	if f.appPasswords && !model.UsesAppPassword(c, w) {
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

// printList prints the connectors that passed the filters, of all that are saved.
func (a *app) printList(shown []model.Saved, all int, w model.World) error {
	if a.json {
		views := make([]connectorJSON, 0, len(shown))
		for _, s := range shown {
			views = append(views, connectorView(s, w))
		}
		return a.writeJSON(views)
	}
	if len(shown) == 0 && all > 0 {
		text := "None of the " + counted(all, "connector") + " fits."
		if all == 1 {
			text = "The only connector does not fit."
		}
		a.tell(a.errOut, "", text)
		return nil
	}
	if len(shown) == 0 {
		a.tell(a.errOut, "", "No connectors. bbconnect new sets one up.")
		return nil
	}
	tw := tabwriter.NewWriter(a.out, 0, 8, 3, ' ', 0)
	fmt.Fprintln(tw, "NAME\tID\tPOINTS TO\tCREDENTIAL\tLAST TEST\tEXPIRES")
	for _, s := range shown {
		c := s.Connector
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", clean(c.Name), c.Key(), clean(model.PointsTo(c)), model.KindLabel(model.CredentialOf(c, w)),
			a.lastTestText(s, w.Now), a.dash(expiryText(model.ExpiryOf(c, w), w.Now)))
	}
	return tw.Flush()
}
