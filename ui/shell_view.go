package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// View draws the frame and what is in it: exactly as many lines as the window
// has, none wider than it.
func (s *Shell) View() string {
	if s.ended || s.w <= 0 || s.h <= 0 {
		return ""
	}
	if s.tooSmall() {
		return s.smallView()
	}
	frame := s.top().screen.Frame()
	l := s.layout(frame)
	lines := []string{s.titleLine(frame)}
	if l.y == 3 {
		lines = append(lines, stepLine(s.theme, frame.Steps, s.w))
	}
	rule := s.theme.Dim.Render(strings.Repeat("─", s.w))
	lines = append(lines, rule)
	long := s.longNotice()
	if s.w >= wideFrom {
		lines = append(lines, s.wideBody(frame, l)...)
	} else {
		lines = append(lines, s.narrowBody(frame, l.h, len(long))...)
	}
	if len(long) > 0 {
		lines = append(lines[:len(lines)-len(long)], append([]string{rule}, long...)...)
	} else {
		lines = append(lines, s.noticeLine(rule))
	}
	return strings.Join(append(lines, s.footer()), "\n")
}

// layout is where the body stands in the window, in columns and lines, and how
// wide the help beside it is, 0 for none.
type layout struct{ x, y, w, h, help int }

func (s *Shell) layout(f Frame) layout {
	l := layout{y: 2, w: s.w}
	if s.w < wideFrom {
		if len(f.Steps) > 0 {
			l.y++
		}
		l.h = s.h - l.y - 2
		return l
	}
	l.h = s.h - l.y - 2
	for _, step := range stepColumn(s.theme, f.Steps) {
		l.x = max(l.x, ansi.StringWidth(step)+3)
	}
	l.w -= l.x
	if !f.Help.Empty() {
		l.help = max(26, min(36, l.w/3))
		l.w -= l.help + 2
	}
	return l
}

func (s *Shell) smallView() string {
	text := fmt.Sprintf("%s needs a window of at least %d×%d; this one is %d×%d. Make it larger: nothing is lost. ctrl+c quits.",
		s.product, MinWidth, MinHeight, s.w, s.h)
	return strings.Join(fit(strings.Join(wrapLines(text, s.w), "\n"), s.w, s.h), "\n")
}

// titleLine draws " bbconnect   New connector · Payments            draft".
func (s *Shell) titleLine(f Frame) string {
	name := line(f.Name)
	if f.Subject != "" {
		name += " · " + line(f.Subject)
	}
	left := " " + s.theme.Strong.Render(s.product) + "   " + name
	right := ""
	if f.Note != "" {
		right = s.theme.Dim.Render(line(f.Note)) + " "
	}
	return spread(left, right, s.w)
}

// body draws what is in front: a dialog, an overlay, or the screen.
func (s *Shell) body(w, h int) []string {
	switch {
	case len(s.dialogs) > 0:
		return fit(s.dialogs[len(s.dialogs)-1].view(s.theme, w, h), w, h)
	case s.overlay != nil:
		return fit(s.overlay.view(w, h), w, h)
	}
	return fit(s.top().screen.View(w, h), w, h)
}

// wideBody puts the steps at the left and the help card at the right.
func (s *Shell) wideBody(f Frame, l layout) []string {
	left := stepColumn(s.theme, f.Steps)
	var help []string
	if l.help > 0 {
		help = fit(HelpCard(s.theme, f.Help, l.help-3), l.help-3, l.h)
	}
	body := s.body(l.w, l.h)
	bar := s.theme.Dim.Render("│")
	out := make([]string, l.h)
	for i := range out {
		row := body[i]
		if l.x > 0 {
			step := ""
			if i < len(left) {
				step = left[i]
			}
			row = pad(step, l.x) + row
		}
		if help != nil {
			row = pad(row, s.w-l.help) + bar + " " + help[i]
		}
		out[i] = truncate(strings.TrimRight(row, " "), s.w)
	}
	return out
}

// narrowBody puts the help below the body where there is room left for all of it,
// above the last lines that a notice covers; otherwise f1 shows it.
func (s *Shell) narrowBody(f Frame, h, covered int) []string {
	body := s.body(s.w, h)
	if len(s.dialogs) > 0 || s.overlay != nil || f.Help.Empty() {
		return body
	}
	used := len(body)
	for used > 0 && body[used-1] == "" {
		used--
	}
	help := strings.Split(HelpCard(s.theme, Card{Lines: f.Help.Lines, Hint: f.Help.Hint}, s.w-2), "\n")
	bottom := h - covered
	if len(f.Help.Lines) == 0 || used+1+len(help) > bottom {
		return body
	}
	for i, l := range help {
		body[bottom-len(help)+i] = truncate(" "+l, s.w)
	}
	return body
}

// noticeLines is how many lines a notice takes at most.
const noticeLines = 3

// longNotice is a notice that one line does not hold: it stands below the rule, and
// the last lines of the body give way for as long as it is there.
func (s *Shell) longNotice() []string {
	if s.notice.Text == "" || ansi.StringWidth(s.notice.Text)+5 <= s.w-2 {
		return nil
	}
	lead := "   "
	if s.notice.Mark != NoMark {
		lead = " " + s.theme.Mark(s.notice.Mark) + " "
	}
	wrapped := wrapLines(line(s.notice.Text), s.w-4)
	if len(wrapped) > noticeLines {
		rest := strings.Join(wrapped[noticeLines-1:], " ")
		wrapped = append(wrapped[:noticeLines-1], truncate(rest, s.w-4))
	}
	for i, l := range wrapped {
		wrapped[i] = lead + l
		lead = "   "
	}
	return wrapped
}

// noticeLine is the rule above the keys, or the notice in its place.
func (s *Shell) noticeLine(rule string) string {
	if s.notice.Text == "" {
		return rule
	}
	text := " " + line(s.notice.Text) + " "
	if s.notice.Mark != NoMark {
		text = " " + s.theme.Mark(s.notice.Mark) + text
	}
	text = truncate(text, s.w-2)
	used := ansi.StringWidth(text)
	return text + s.theme.Dim.Render(strings.Repeat("─", s.w-used))
}

// Keys are the keys of the screen in front, then the global ones: what "?" lists.
func (s *Shell) Keys() []Key {
	screen := s.top().screen
	keys := slices.Clone(screen.Keys())
	return append(append(keys, s.globalKeys(screen, true)...), Key{Keys: []string{"ctrl+c"}, Does: "quit"})
}

// globalKeys are those the shell handles itself, as far as they are true now.
func (s *Shell) globalKeys(screen Screen, all bool) []Key {
	var keys []Key
	capturing := screen.Capturing()
	hasEsc := slices.ContainsFunc(screen.Keys(), func(k Key) bool { return slices.Contains(k.Keys, "esc") && k.Off == "" })
	if !hasEsc && !capturing && len(s.stack) > 1 {
		keys = append(keys, Key{Keys: []string{"esc"}, Does: "back"})
	}
	if all || capturing || !screen.Frame().Help.Empty() {
		keys = append(keys, Key{Keys: []string{"f1"}, Does: "help"})
	}
	if !capturing {
		keys = append(keys, Key{Keys: []string{"?"}, Does: "keys"})
	}
	return keys
}
