package steps

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// problems are everything a test found, the one to mend first at the beginning,
// each once.
func (r *runner) problems() []*model.Problem {
	var out []*model.Problem
	if first := r.first(); first != nil {
		out = append(out, first)
	}
	for _, c := range r.checks {
		p := c.Problem
		if p != nil && !slices.ContainsFunc(out, func(o *model.Problem) bool { return o.Covers(p) }) {
			out = append(out, p)
		}
	}
	return out
}

// verdict is the card under the checks.
func (r *runner) verdict(t *ui.Theme, keys []ui.Key, w int) string {
	p := r.trouble()
	if p == nil && r.result == nil {
		return ""
	}
	var parts []string
	if p == nil {
		parts = append(parts, " "+t.Mark(ui.Pass)+" "+t.Strong.Render("The connector works."))
	} else {
		parts = append(parts, ui.ProblemCard(t, r.card(p, keys), w))
	}
	if r.result == nil {
		return parts[0]
	}
	if rights := r.rights(t, w); rights != "" {
		parts = append(parts, rights)
	}
	if notes := r.notes(t, w); notes != "" {
		parts = append(parts, notes)
	}
	return strings.Join(parts, "\n\n")
}

// card is a problem as it is drawn.
func (r *runner) card(p *model.Problem, keys []ui.Key) ui.Problem {
	mark := ui.Fail
	if r.result != nil {
		switch {
		case r.elsewhere(p):
			mark = ui.Skip
		case r.result.Verdict == model.VerdictWarn:
			mark = ui.Warn
		}
	}
	card := ui.Problem{Code: p.Code, What: p.What, Why: p.Why, Fix: p.Beside(), Mark: mark, Keys: keys, Commands: p.Commands}
	if n := len(r.problems()); n > 1 {
		card.Code += fmt.Sprintf("  %d of %d", r.shown%n+1, n)
	}
	card.Notes = r.remarks(p)
	if k := p.HostKey; k != nil {
		card.Facts = []string{k.Type + " " + k.Fingerprint}
	}
	if a := p.Authority; a != nil {
		card.Fix = strings.ReplaceAll(card.Fix, "(--ca-file)", "(f)") // the key of this card for the same
		card.Facts = []string{a.Subject + ", until " + a.Expires.UTC().Format(time.DateOnly)}
		if a.Issuer != "" && a.Issuer != a.Subject {
			card.Facts = append(card.Facts, "issued by "+a.Issuer)
		}
		card.Facts = append(card.Facts, halves(a.Fingerprint)...)
	}
	return card
}

// elsewhere reports that nothing is known of what a problem is about: the test got
// no connection from this machine, and a delegate may.
func (r *runner) elsewhere(p *model.Problem) bool {
	if r.result == nil || r.result.Verdict != model.VerdictUnreachable {
		return false
	}
	return p == r.result.Problem || strings.HasPrefix(p.Code, "net.") && len(p.Commands) > 0
}

// remarks are what the screen itself says of a problem, before its reason.
func (r *runner) remarks(p *model.Problem) []string {
	var out []string
	if r.elsewhere(p) {
		out = append(out, "This machine cannot reach it. A delegate may.")
	}
	if p.WaitSeconds > 0 {
		text := "The time the server asked for is over: test again."
		if left := r.waits(p); left > 0 {
			text = "The server asks to wait: test again in " + span(left+time.Second-1) + "."
		}
		out = append(out, text)
	}
	return out
}

// halves breaks a fingerprint of pairs of digits between two of them, so that it
// can be compared by eye.
func halves(fingerprint string) []string {
	pairs := strings.SplitAfter(fingerprint, ":")
	if len(pairs) < 20 {
		return []string{fingerprint}
	}
	half := len(pairs)/2 + 1
	return []string{strings.Join(pairs[:half], ""), "       " + strings.Join(pairs[half:], "")}
}

// lacksRights reports that a scope is missing for something.
func (r *runner) lacksRights() bool {
	return slices.ContainsFunc(r.result.Rights, func(right model.Right) bool { return len(right.Missing) > 0 })
}

// rights say what the token's scopes allow, when something is missing or was asked
// for. What the account itself may not do is another matter.
func (r *runner) rights(t *ui.Theme, w int) string {
	if len(r.result.Rights) == 0 || !r.lacksRights() && !r.wide {
		return ""
	}
	lines := []string{" " + t.Strong.Render("What the token's scopes allow")}
	for _, right := range r.result.Rights {
		mark, text := ui.Pass, ""
		if len(right.Missing) > 0 {
			mark, text = ui.Fail, "needs "+strings.Join(right.Missing, ", ")
		}
		lead := " " + t.Mark(mark) + " " + fmt.Sprintf("%-16s", string(right.Need))
		for i, l := range ui.Wrap(text, max(w-21, 20)) {
			if i > 0 {
				lead = strings.Repeat(" ", 19)
			}
			lines = append(lines, strings.TrimRight(lead+t.Dim.Render(l), " "))
		}
	}
	return strings.Join(lines, "\n")
}

// notes are what no test can see, after one that passed.
func (r *runner) notes(t *ui.Theme, w int) string {
	notes := uiFindings(r.result.Notes)
	if len(notes) == 0 {
		return ""
	}
	head := " " + t.Strong.Render("Good to know: what no test can see")
	return head + "\n " + strings.Join(ui.FindingLines(t, notes, w-1, false), "\n ")
}

// remedies are the jobs behind the keys of a verdict.
type remedies struct {
	jobs   *flow.Jobs
	accept *ui.Task
	// mend puts an answer in and goes on from there.
	mend func(model.Mend) (ui.Action, tea.Cmd)
	// does says what mend does after the label: " and test again".
	does string
}

// remedyDone ends the work behind a key; the test runs again when it changed what
// is trusted.
type remedyDone struct {
	err   error
	again bool
	said  string
	// page is a page that was to be opened, copyText what copies its address.
	page     *pageShown
	copyText func(text, said string) tea.Cmd
}

// keys are the keys that do something about a problem, the best first.
func (m remedies) keys(r *runner, p *model.Problem) []ui.Key {
	var keys []ui.Key
	if !r.passed() {
		for i, mend := range p.Mends {
			key := ui.Key{Keys: []string{"enter"}, Does: mend.Label + m.does, Press: func() (ui.Action, tea.Cmd) { return m.mend(mend) }}
			if i > 0 {
				key.Keys, key.Does = []string{strconv.Itoa(i + 1)}, mend.Label
			}
			if i < 9 {
				keys = append(keys, key)
			}
		}
	}
	if p.HostKey != nil {
		keys = append(keys, m.hostKey(p))
	}
	if p.Authority != nil {
		authority := *p.Authority
		keys = append(keys, m.work("a", "trust it for "+authority.Host, func(ctx context.Context) remedyDone {
			return remedyDone{err: m.jobs.Library.TrustAuthority(ctx, authority), again: true}
		}), m.nameFile(authority.Host))
	}
	if p.Page != "" {
		keys = append(keys, m.work("o", "open the page", func(ctx context.Context) remedyDone {
			return remedyDone{page: &pageShown{page: p.Page, err: m.jobs.Machine.OpenBrowser(ctx, p.Page)}, copyText: m.copyText}
		}))
	}
	if len(p.Commands) > 0 {
		text := strings.Join(p.Commands, "\n") + "\n"
		keys = append(keys, ui.Key{Keys: []string{"y"}, Does: "copy the commands", Press: func() (ui.Action, tea.Cmd) {
			return nil, m.copyText(text, copiedText)
		}})
	}
	return keys
}

// copyText puts a text on the clipboard.
func (m remedies) copyText(text, said string) tea.Cmd {
	return m.accept.Start(func(ctx context.Context) tea.Msg {
		return remedyDone{err: m.jobs.Machine.Copy(ctx, text), said: said}
	})
}

// work is a key whose job runs in the background.
func (m remedies) work(key, does string, job func(context.Context) remedyDone) ui.Key {
	return ui.Key{Keys: []string{key}, Does: does, Press: func() (ui.Action, tea.Cmd) {
		return nil, m.accept.Start(func(ctx context.Context) tea.Msg { return job(ctx) })
	}}
}

// keys of the verdict itself: the next problem, and what the token's
// scopes allow, where it is not shown anyway.
func (r *runner) keys() []ui.Key { return append(r.leafKeys(), r.scroll.Keys()...) }

// leafKeys are those of them that turn to something else.
func (r *runner) leafKeys() []ui.Key {
	var keys []ui.Key
	if n := len(r.problems()); n > 1 {
		keys = append(keys, ui.Key{Keys: []string{"p"}, Does: "next problem", Press: func() (ui.Action, tea.Cmd) {
			r.shown = (r.shown + 1) % n
			return nil, nil
		}})
	}
	if r.result != nil && len(r.result.Rights) > 0 && !r.lacksRights() {
		keys = append(keys, ui.Key{Keys: []string{"w"}, Does: "what its scopes allow", Rank: 1, Press: func() (ui.Action, tea.Cmd) {
			r.wide = !r.wide
			return nil, nil
		}})
	}
	return keys
}

// notice is what is said of a remedy that ended.
func (m remedyDone) notice() ui.Action {
	switch {
	case m.page != nil:
		return m.page.action(m.copyText)
	case m.err != nil:
		return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}
	case m.said != "":
		return ui.Notify{Text: m.said, Mark: ui.Pass}
	}
	return nil
}
