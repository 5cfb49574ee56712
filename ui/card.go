package ui

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Problem is a failure as its card shows it: what happened, why that is likely,
// what to do now, and the keys that do it.
type Problem struct {
	// Code is stable and stands at the right; What is one line.
	Code, What string
	// Notes are sentences of the screen's own, drawn before Why.
	Notes []string
	// Why and Fix are sentences.
	Why, Fix string
	// Facts are short lines to compare with what somebody else says: a fingerprint.
	Facts []string
	// Commands are lines to copy into a POSIX shell. They are broken with the
	// backslash that shell wants, so that what is drawn is still one command.
	Commands []string
	Mark     Mark
	Keys     []Key
}

// ProblemCard draws a problem in at most width columns.
func ProblemCard(t *Theme, p Problem, width int) string {
	width = min(width, TextWidth+1)
	mark := p.Mark
	if mark == NoMark {
		mark = Fail
	}
	var out []string
	code := line(p.Code)
	what := wrapLines(p.What, width-3)
	if first := what[0]; len(what) == 1 && len([]rune(first))+len(code)+6 <= width {
		out = append(out, spread(" "+t.Mark(mark)+" "+t.Strong.Render(first), t.Dim.Render(code), width))
	} else {
		for i, l := range what {
			lead := "   "
			if i == 0 {
				lead = " " + t.Mark(mark) + " "
			}
			out = append(out, lead+t.Strong.Render(l))
		}
		out = append(out, spread("", t.Dim.Render(code), width))
	}
	for _, text := range append(slices.Clone(p.Notes), p.Why, p.Fix) {
		if text == "" {
			continue
		}
		for _, l := range wrapLines(text, width-3) {
			out = append(out, "   "+l)
		}
	}
	for _, fact := range p.Facts {
		for _, l := range wrapLines(fact, width-5) {
			out = append(out, "     "+t.Strong.Render(l))
		}
	}
	if len(p.Commands) > 0 {
		out = append(out, "")
	}
	for _, command := range p.Commands {
		for _, l := range commandLines(command, width) {
			text := strings.TrimLeft(l, " ")
			out = append(out, l[:len(l)-len(text)]+t.Strong.Render(text))
		}
	}
	if len(p.Keys) > 0 {
		out = append(out, "")
		out = append(out, keyLines(t, p.Keys, width-3, "   ")...)
	}
	return strings.Join(out, "\n")
}

// CheckRow is one line of a list of checks.
type CheckRow struct {
	Mark  Mark
	Title string
	// Took is drawn at the right in milliseconds, or, while it runs, in tenths of
	// a second from one on; Note instead of it ("not tried") when set. Zero is a
	// time nobody has taken, and nothing is drawn.
	Took time.Duration
	Note string
	// Code stands before the time: what is wrong.
	Code string
}

// took is how long something has taken, for people.
func took(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d < time.Millisecond:
		return "< 1 ms"
	}
	return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
}

// CheckList draws checks as they run, one line each, in at most width columns.
func CheckList(t *Theme, rows []CheckRow, width int) string {
	width = min(width, TextWidth+1)
	out := make([]string, 0, len(rows))
	for _, r := range rows {
		right := line(r.Note)
		if right == "" && (r.Mark == Pass || r.Mark == Warn || r.Mark == Fail) {
			right = took(r.Took)
		}
		if r.Mark == Running && right == "" {
			right = "running"
			if r.Took >= time.Second {
				right = strconv.FormatFloat(r.Took.Seconds(), 'f', 1, 64) + " s"
			}
		}
		if code := line(r.Code); code != "" && textWidth(line(r.Title))+textWidth(code)+textWidth(right)+8 <= width {
			right = strings.TrimRight(code+"   "+right, " ")
		}
		title := line(r.Title)
		if r.Mark == Skip || r.Mark == NoMark {
			title = t.Dim.Render(title)
		}
		out = append(out, spread(" "+t.Mark(r.Mark)+" "+title, t.Dim.Render(right), width))
	}
	return strings.Join(out, "\n")
}

// HelpCard draws a card in at most width columns.
func HelpCard(t *Theme, c Card, width int) string {
	width = min(width, TextWidth)
	var out []string
	if c.Title != "" {
		for _, l := range wrapLines(c.Title, width) {
			out = append(out, t.Strong.Render(l))
		}
	}
	paragraphs := slices.Clone(c.Lines)
	if c.Hint != "" {
		paragraphs = append(paragraphs, c.Hint)
	}
	for i, text := range paragraphs {
		if i == 0 && c.Title != "" {
			out = append(out, "")
		}
		for _, l := range wrapLines(text, width) {
			out = append(out, t.Dim.Render(l))
		}
	}
	if len(c.Keys) > 0 {
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, keyLines(t, c.Keys, width, "")...)
	}
	return strings.Join(out, "\n")
}

// FindingLines draws findings as a form does below a field: mark, sentence, fix,
// and the suggestion with the key that accepts it when offered.
func FindingLines(t *Theme, findings []Finding, width int, offer bool) []string {
	width = min(width, TextWidth)
	var out []string
	for _, f := range findings {
		mark := f.Severity.Mark()
		text := f.Text
		if f.Fix != "" {
			text = strings.TrimRight(text+" "+f.Fix, " ")
		}
		for i, l := range wrapLines(text, width-2) {
			lead := "  "
			if i == 0 {
				lead = t.Mark(mark) + " "
			}
			out = append(out, lead+l)
		}
		if f.Suggestion == "" {
			continue
		}
		lines := wrapLines(f.Suggestion, width-2)
		for i, l := range lines {
			last := i == len(lines)-1 && offer
			if room := width - 2 - textWidth(l); last && room < 3+acceptWidth {
				out = append(out, "  "+t.Strong.Render(l), keyHint(t, "  ", acceptKey()))
				continue
			}
			l = "  " + t.Strong.Render(l)
			if last {
				l += keyHint(t, "   ", acceptKey())
			}
			out = append(out, l)
		}
		offer = false
	}
	return out
}

// acceptKey takes the suggestion of a finding.
func acceptKey() Key { return Key{Keys: []string{"ctrl+y"}, Does: "accept"} }

// acceptWidth is what "ctrl+y accept" takes.
const acceptWidth = 13

// Mark is the mark a severity is drawn with.
func (s Severity) Mark() Mark {
	switch s {
	case Error:
		return Fail
	case Warning:
		return Warn
	case Hint:
	}
	return Info
}

// keyHint draws one key and what it does.
func keyHint(t *Theme, lead string, k Key) string {
	return lead + t.Plain.Render(line(k.Name())) + " " + t.Dim.Render(line(k.Does))
}

// KeyLines draws keys on as many lines of width columns as they need, as a card
// does below its text.
func KeyLines(t *Theme, keys []Key, width int) []string {
	return keyLines(t, keys, min(width, TextWidth+1)-3, "   ")
}

// keyLines lays keys out on as many lines as they need.
func keyLines(t *Theme, keys []Key, width int, indent string) []string {
	var out []string
	current, used := indent, 0
	for _, k := range keys {
		if k.Off != "" {
			continue
		}
		w := textWidth(k.Name()) + 1 + textWidth(k.Does)
		if used > 0 && used+3+w > width {
			out = append(out, current)
			current, used = indent, 0
		}
		lead := ""
		if used > 0 {
			lead, used = "   ", used+3
		}
		current += keyHint(t, lead, k)
		used += w
	}
	if used > 0 {
		out = append(out, current)
	}
	return out
}
