package steps

import (
	"fmt"
	"strings"

	"bbconnect/model"
	"bbconnect/ui"
)

// Frame says how far it is.
func (s *migrateRun) Frame() ui.Frame {
	f := ui.Frame{Name: "Migrate", Subject: "off App Passwords"}
	if s.of.plan != nil && !s.of.onCloud() {
		f.Subject = "off passwords"
	}
	record, there := s.underWay()
	if s.of.rotates && !there || record.Purpose == model.PurposeRotation {
		f.Name, f.Subject = "Rotate", rotatedSecret(record)
	}
	if s.state != nil && s.state.ended == "" && !s.running() && !s.state.unbegun {
		f.Note = "not confirmed"
		if record.State == model.MigrationGoing && !record.Applied() {
			f.Note = "not finished"
		}
	}
	if s.running() {
		f.Unsaved = "The migration is under way. It can be gone on with or taken back: bbconnect migrate --resume, or --undo."
	}
	return f
}

// underWay is the journal as it is known: as it stands, else as it was found waiting.
func (s *migrateRun) underWay() (model.MigrationRecord, bool) {
	switch {
	case s.state != nil && !s.state.unbegun:
		return s.state.record, true
	case s.of.waiting != nil:
		return *s.of.waiting, true
	}
	return model.MigrationRecord{}, false
}

// stepWords are what a job does, in words.
var stepWords = map[string]string{
	"store": "Storing the new values beside the old ones", "test": "Testing each connector with its new value", "apply": "Making the new values current",
	"undo": "Taking everything back", "confirm": "Deleting the old values",
}

// View draws the progress, else how things stand.
func (s *migrateRun) View(w, h int) string {
	switch {
	case s.running():
		return s.progress(w)
	case s.state == nil:
		return ""
	case s.state.err != nil:
		return s.trouble(w, h)
	case s.picker != nil:
		return s.undecided(w, h)
	}
	if s.wide != w {
		s.text, s.wide = s.result(w), w
	}
	return s.scroll.View(s.text, w, h)
}

// progress is a bar of plain characters, and what is being done.
func (s *migrateRun) progress(w int) string {
	t := s.env.Theme
	words := stepWords[s.step.What]
	if words == "" {
		return "\n " + t.Dim.Render("Taking it up …")
	}
	numbers := fmt.Sprintf("%d of %d", s.step.Done, s.step.Total)
	if s.failed > 0 {
		numbers += fmt.Sprintf("   %d failed", s.failed)
	}
	out := []string{" " + words, "", " " + bar(t, w, s.step.Done, s.step.Total), "", " " + numbers + "   " + t.Dim.Render(ui.Clean(s.step.Name))}
	if s.stopped {
		out = append(out, "", " "+t.Dim.Render("Stopping after this step …"))
	}
	return strings.Join(out, "\n")
}

// bar is how much of something is done, in plain characters.
func bar(t *ui.Theme, w, done, total int) string {
	wide := max(min(w-4, ui.TextWidth)-2, 10)
	full := 0
	if total > 0 {
		full = min(wide*done/total, wide)
	}
	return "[" + strings.Repeat("#", full) + t.Dim.Render(strings.Repeat("-", wide-full)) + "]"
}

// trouble is what broke a job off, and that nothing is lost by it.
func (s *migrateRun) trouble(w, h int) string {
	p := problemOf(s.state.err)
	card := ui.Problem{Code: p.Code, What: p.What, Why: p.Why, Fix: p.Fix, Keys: cardKeys(s.Keys())}
	switch {
	case s.state.unbegun:
		card.Notes = []string{"Nothing was changed."}
	case s.state.ended == "":
		card.Notes = []string{"What was done until then is written down: it can be gone on with, or taken back."}
	}
	if s.picker != nil {
		text := ui.ProblemCard(s.env.Theme, card, w)
		if room := h - lines(text) - 1; room >= 3 {
			return text + "\n\n" + s.picker.View(w, room)
		}
	}
	return s.scroll.View(ui.ProblemCard(s.env.Theme, card, w), w, h)
}

// undecided lists the connectors that failed, with the problem of the selected one.
func (s *migrateRun) undecided(w, h int) string {
	t := s.env.Theme
	n := len(s.state.undecided)
	var head []string
	text := countOf(n, "connector") + " failed with the new value; what shares a secret with one waits. Try again, go on anyway, or leave one behind: it stays on the old value, with its old document."
	for i, l := range ui.Wrap(text, min(w, ui.TextWidth)-3) {
		lead := "   "
		if i == 0 {
			lead = " " + t.Mark(ui.Fail) + " "
		}
		head = append(head, lead+l)
	}
	brief := strings.Join(head, "\n")
	text = brief
	if row, ok := s.picker.Selected(); ok {
		for _, m := range s.state.undecided {
			if p := m.Problem; p != nil && m.ID == row.ID {
				text += "\n\n" + ui.ProblemCard(t, ui.Problem{Code: p.Code, What: p.What, Why: p.Why, Fix: p.Fix, Mark: ui.Fail}, w)
			}
		}
	}
	room := h - lines(text) - 1
	if room < min(n+1, 4) {
		text, room = brief, h-lines(brief)-1
	}
	return text + "\n\n" + s.picker.View(w, max(room, 1))
}

// result is the report, below what is left to decide.
func (s *migrateRun) result(w int) string {
	t, r := s.env.Theme, s.state.report
	mark, said := ui.Pass, "The old values are kept until you confirm; until then all of it can be undone."
	state := s.state.record.State
	switch {
	case s.state.ended == "confirmed":
		said = confirmedText(r)
	case s.state.ended == "undone":
		said = "Taken back: every document and every value is as it was."
	case state == model.MigrationUndoing:
		mark, said = ui.Warn, "It was being taken back when it was broken off. z finishes that."
	case state == model.MigrationConfirming:
		mark, said = ui.Warn, "It was being confirmed when it was broken off. c finishes that."
	case s.stopped && !s.state.done:
		mark, said = ui.Skip, "Stopped. "+ahead(s.state)
	case !s.state.done:
		mark, said = ui.Warn, "It is not finished. "+ahead(s.state)
	case r.Count(model.MemberForced, model.MemberLeft) > 0:
		mark = ui.Warn
	}
	var out []string
	for i, l := range ui.Wrap(said, min(w, ui.TextWidth)-3) {
		lead := "   "
		if i == 0 {
			lead = " " + t.Mark(mark) + " "
		}
		out = append(out, lead+t.Strong.Render(l))
	}
	out = append(out, "")
	for _, l := range strings.Split(strings.TrimRight(ui.Clean(r.Text()), "\n"), "\n") {
		out = append(out, reportLines(l, w)...)
	}
	return strings.Join(out, "\n")
}

// reportLines breaks a line of the report and keeps how far it is indented.
func reportLines(line string, w int) []string {
	text := strings.TrimLeft(line, " ")
	indent := strings.Repeat(" ", 1+len(line)-len(text))
	var out []string
	for i, l := range ui.Wrap(text, max(min(w, ui.TextWidth+10)-len(indent)-2, 20)) {
		if i > 0 {
			l = "  " + l
		}
		out = append(out, indent+l)
	}
	return out
}
