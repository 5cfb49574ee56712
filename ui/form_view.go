package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// block is what one field takes of the body. Inline blocks stand close together.
type block struct {
	id      string
	lines   []string
	inline  bool
	focused bool
}

const (
	indent = " "
	// textLines is how high a field of several lines is drawn.
	textLines = 4
	// longestLabel is the widest label that stands beside its choices.
	longestLabel = 22
)

// View draws the fields in at most w columns and h lines, and scrolls so that
// the field in focus and what is said about it are in sight.
func (f *Form) View(w, h int) string {
	width := max(8, min(w-1, TextWidth))
	blocks := f.blocks(width, h)
	lines, ids, start, end := stack(blocks, true)
	if len(lines) > h {
		lines, ids, start, end = stack(blocks, false)
	}
	f.lineIDs, f.height = ids, h
	lines = f.window(lines, start, end, h)
	for i, l := range lines {
		if l != "" {
			lines[i] = truncate(indent+l, w)
		}
	}
	return strings.Join(lines, "\n")
}

func (f *Form) blocks(width, h int) []block {
	beside := 0
	for _, it := range f.shown() {
		if f.besideLabel(it.spec) {
			beside = max(beside, min(longestLabel, textWidth(it.spec.Label)+3))
		}
	}
	var out []block
	for _, it := range f.shown() {
		out = append(out, f.block(it, width, beside, h))
	}
	return out
}

// stack puts blocks below each other, airy or close, and says which field each
// line belongs to and which lines the one in focus takes.
func stack(blocks []block, airy bool) (lines, ids []string, start, end int) {
	for i, b := range blocks {
		if airy && i > 0 && (!b.inline || !blocks[i-1].inline) {
			lines, ids = append(lines, ""), append(ids, "")
		}
		if b.focused {
			start, end = len(lines), len(lines)+len(b.lines)
		}
		for _, l := range b.lines {
			lines, ids = append(lines, l), append(ids, b.id)
		}
	}
	return lines, ids, start, end
}

// window cuts the lines to h and keeps start to end in sight. When it cuts, the
// last line says how much there is above and below.
func (f *Form) window(lines []string, start, end, h int) []string {
	if len(lines) <= h {
		f.offset = 0
		return lines
	}
	room := max(1, h-1)
	if end > f.offset+room {
		f.offset = end - room
	}
	f.offset = max(0, min(f.offset, start, len(lines)-room))
	shown := slices.Clone(lines[f.offset : f.offset+room])
	if h > 1 {
		above, below := f.offset, len(lines)-f.offset-room
		shown = append(shown, f.theme.Dim.Render(moreText(above, below)))
	}
	return shown
}

func moreText(above, below int) string {
	var parts []string
	if above > 0 {
		parts = append(parts, fmt.Sprintf("↑ %d more", above))
	}
	if below > 0 {
		parts = append(parts, fmt.Sprintf("↓ %d more", below))
	}
	return strings.Join(parts, "   ")
}

// block draws one field: label, value, findings, interpretation.
func (f *Form) block(it *formItem, width, beside, h int) block {
	b := block{id: it.spec.ID, focused: it.spec.ID == f.focus && it.spec.canFocus()}
	label := f.label(it, b.focused)
	switch {
	case it.spec.ID == foldID:
		b.lines = []string{f.foldLine(b.focused)}
	case it.spec.Kind == Note:
		for _, l := range wrapLines(it.spec.Label, width) {
			b.lines = append(b.lines, f.verdictLine(l))
		}
	case it.spec.Locked:
		value := line(it.spec.get())
		if it.spec.secret() {
			value = f.hiddenLine(value, width)
		}
		for _, o := range it.spec.Options {
			if o.Value == value {
				value = line(o.Label)
			}
		}
		b.lines = append(b.lines, label, truncate("  "+value+f.theme.Dim.Render("   locked"), width))
	case it.spec.Kind == Select || it.spec.Kind == Check || it.spec.Kind == Multi:
		b.lines, b.inline = f.choiceLines(it, label, width, beside, b.focused), f.besideLabel(it.spec)
	default:
		b.lines = append([]string{label}, f.valueLines(it, width, h, b.focused)...)
	}
	below := f.below(it, width-2, b.focused)
	b.inline = b.inline && len(below) == 0
	for _, l := range below {
		b.lines = append(b.lines, "  "+l)
	}
	return b
}

func (f *Form) label(it *formItem, focused bool) string {
	label := line(it.spec.Label)
	if focused {
		return f.theme.Accent.Render(label)
	}
	return label
}

func (f *Form) foldLine(focused bool) string {
	sign := "▸ "
	if f.open {
		sign = "▾ "
	}
	text := sign + f.item(foldID).spec.Label
	if focused {
		return f.theme.Accent.Render(text)
	}
	return f.theme.Dim.Render(text)
}

// below is what is said about a value: all that is [formItem.said], then how it was
// understood.
func (f *Form) below(it *formItem, width int, focused bool) []string {
	var shown []Finding
	for _, finding := range it.findings {
		if it.said(finding, f.strict) {
			shown = append(shown, finding)
		}
	}
	out := FindingLines(f.theme, shown, width, focused)
	for _, text := range it.lines {
		for _, l := range wrapLines(text, width) {
			out = append(out, f.verdictLine(l))
		}
	}
	return out
}

// said reports whether a finding is drawn: an error once the field was left, or at
// once where it comes with the value that would do, since the key that takes that
// is offered at once; all else at once.
func (it *formItem) said(finding Finding, strict bool) bool {
	return finding.Severity != Error || finding.Suggestion != "" || it.left || strict
}

// FocusHeight is how many of the lines of a View that is w columns wide the field
// in focus takes with what is said about it, 0 without one. What stands around a
// form gives way to them.
func (f *Form) FocusHeight(w, h int) int {
	now := f.item(f.focus)
	if now == nil {
		return 0
	}
	return len(f.block(now, max(8, min(w-1, TextWidth)), 0, h).lines)
}

// verdictLine colours a line that begins with a mark, and dims the others.
func (f *Form) verdictLine(l string) string {
	for _, m := range []Mark{Pass, Warn, Fail, Skip, Info} {
		if rest, ok := strings.CutPrefix(l, m.Sign()+" "); ok {
			return f.theme.Mark(m) + " " + rest
		}
	}
	return f.theme.Dim.Render(l)
}

// valueLines draws what is typed. Only the field in focus is drawn by its
// widget, which knows the cursor.
func (f *Form) valueLines(it *formItem, width, h int, focused bool) []string {
	aside := ""
	if it.spec.Aside != nil {
		if text := line(it.spec.Aside(it.value())); text != "" {
			aside = "   " + f.theme.Dim.Render(text)
		}
	}
	switch {
	case it.spec.Kind == SecretText:
		return []string{f.prompt(focused) + f.hiddenText(it, width-2, focused) + aside}
	case it.spec.Kind == Text:
		return f.textLines(it, width, h, focused)
	case focused:
		it.widget.size(max(4, width-ansi.StringWidth(aside)), 1)
		return []string{truncate(harmless(it.widget.view())+aside, width)}
	}
	value := line(it.widget.value())
	if it.spec.Kind == SecretLine {
		value = strings.Repeat("•", min(len([]rune(value)), width))
	}
	if value == "" {
		value = f.theme.Dim.Render(line(it.spec.placeholder()))
	}
	room := max(4, width-ansi.StringWidth(aside)-2)
	return []string{f.prompt(false) + truncate(value, room) + aside}
}

func (f *Form) prompt(focused bool) string {
	if focused {
		return f.theme.Accent.Render(linePrompt)
	}
	return f.theme.Dim.Render(linePrompt)
}

// textLines draws a field of several lines, all of them when they are few.
func (f *Form) textLines(it *formItem, width, h int, focused bool) []string {
	high := min(textLines, max(2, h-4))
	if focused {
		it.widget.size(width-2, high)
		lines := strings.Split(strings.TrimRight(harmless(it.widget.view()), "\n "), "\n")
		for i := range lines {
			lead := "  "
			if i == 0 {
				lead = f.prompt(true)
			}
			lines[i] = lead + strings.TrimRight(lines[i], " ")
		}
		return lines
	}
	value := it.widget.value()
	if value == "" {
		return []string{f.prompt(false) + f.theme.Dim.Render(truncate(line(it.spec.placeholder()), width-2))}
	}
	lines := wrapLines(value, width-2)
	if len(lines) > high {
		lines = append(lines[:high-1], "…")
	}
	for i := range lines {
		lead := "  "
		if i == 0 {
			lead = f.prompt(false)
		}
		lines[i] = lead + lines[i]
	}
	return lines
}
