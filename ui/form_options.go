package ui

import (
	"slices"
	"strings"
)

// optionGap stands between choices on one line.
const optionGap = "   "

// options are the choices of a field; yes and no for a Check.
func (f Field) options() []Option {
	if f.Kind == Check && len(f.Options) == 0 {
		return []Option{{Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}
	}
	return f.Options
}

// vertical reports whether a field's choices stand below each other: because
// they need a line of help each, or do not fit on one. It depends on the field
// alone and not on the window, so that the arrow keys mean the same everywhere.
func (f *Form) vertical(spec Field) bool {
	if spec.Kind == Multi {
		return true
	}
	if spec.Kind == Check {
		return false
	}
	width := longestLabel
	for _, o := range spec.options() {
		if o.Help != "" {
			return true
		}
		width += textWidth(o.Label) + len(optionGap) + 2
	}
	return width > inlineWidth
}

// inlineWidth is what choices on one line may take: the body of the narrowest
// window, less its indent.
const inlineWidth = 58

// besideLabel reports whether the field stands on one line with its label.
func (f *Form) besideLabel(spec Field) bool {
	return (spec.Kind == Select || spec.Kind == Check) && !spec.Locked && !f.vertical(spec)
}

// choiceLines draws a Select, Check or Multi field.
func (f *Form) choiceLines(it *formItem, label string, width, beside int, focused bool) []string {
	chosen := splitValues(it.widget.value())
	if it.spec.Kind != Multi {
		chosen = []string{it.widget.value()}
	}
	if !f.vertical(it.spec) {
		return f.oneLine(it, label, width, beside, chosen, focused)
	}
	out := []string{label}
	for _, o := range it.spec.options() {
		at := focused && it.widget.at() == o.Value
		head := f.sign(it.spec.Kind, slices.Contains(chosen, o.Value), focused) + " " + line(o.Label)
		if at {
			head = f.theme.Accent.Render(linePrompt) + head
		} else {
			head = "  " + head
		}
		if o.Help == "" {
			out = append(out, truncate(head, width))
			continue
		}
		if gap := 4 + textWidth(o.Label) + 3; gap+textWidth(o.Help) <= width {
			out = append(out, head+"   "+f.theme.Dim.Render(line(o.Help)))
			continue
		}
		out = append(out, truncate(head, width))
		for _, l := range wrapLines(o.Help, width-6) {
			out = append(out, "      "+f.theme.Dim.Render(l))
		}
	}
	return out
}

// oneLine draws "URL type          Account   ● Repository". A label that is too
// wide gets a line of its own.
func (f *Form) oneLine(it *formItem, label string, width, beside int, chosen []string, focused bool) []string {
	var parts []string
	for _, o := range it.spec.options() {
		text := line(o.Label)
		if slices.Contains(chosen, o.Value) {
			parts = append(parts, f.sign(Select, true, focused)+" "+text)
			continue
		}
		parts = append(parts, "  "+f.theme.Dim.Render(text))
	}
	row := strings.Join(parts, optionGap)
	if it.spec.Aside != nil {
		if text := line(it.spec.Aside(it.value())); text != "" {
			row += "   " + f.theme.Dim.Render(text)
		}
	}
	if textWidth(it.spec.Label)+2 > beside {
		return []string{label, truncate("  "+row, width)}
	}
	return []string{truncate(pad(label, beside)+row, width)}
}

// sign marks what is chosen: ● of one, [x] of several.
func (f *Form) sign(kind Kind, chosen, focused bool) string {
	sign := "○"
	switch {
	case kind == Multi && chosen:
		sign = "[x]"
	case kind == Multi:
		sign = "[ ]"
	case chosen:
		sign = "●"
	}
	if chosen && focused {
		return f.theme.Accent.Render(sign)
	}
	if chosen {
		return sign
	}
	return f.theme.Dim.Render(sign)
}
