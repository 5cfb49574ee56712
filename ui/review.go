package ui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// ReviewRow is one answer in a list of all answers. Rows without an ID are
// headings and cannot be reached.
type ReviewRow struct {
	// ID is given back when the row is chosen.
	ID           string
	Label, Value string
	Mark         Mark
	// Note is drawn below the value: why it is marked.
	Note string
	// Was is what the value was before a change, "" for one that did not change.
	Was string
}

// Review is a list of answers that leads to each of them. It may stand under
// other text: View takes the lines that are left.
type Review struct {
	// Focused is false while another part of the screen has the arrow keys; then
	// no row is marked as selected.
	Focused bool

	theme  *Theme
	rows   []ReviewRow
	at     int
	offset int
}

// NewReview makes a list without rows.
func NewReview(theme *Theme) *Review { return &Review{theme: theme, Focused: true} }

// SetRows replaces the rows; the selection stays on the row with the same ID.
func (r *Review) SetRows(rows []ReviewRow) {
	id := r.Selected()
	r.rows = rows
	r.at = 0
	if !r.Select(id) {
		r.move(0)
	}
}

// Selected is the ID of the row under the cursor, or "".
func (r *Review) Selected() string {
	if r.at < 0 || r.at >= len(r.rows) {
		return ""
	}
	return r.rows[r.at].ID
}

// Select moves the selection to the row with an ID.
func (r *Review) Select(id string) bool {
	for i, row := range r.rows {
		if row.ID == id && id != "" {
			r.at = i
			return true
		}
	}
	return false
}

// move goes to the next row that can be reached.
func (r *Review) move(by int) {
	step := by
	if step == 0 {
		step = 1
	}
	for at := r.at + by; at >= 0 && at < len(r.rows); at += step {
		if r.rows[at].ID != "" {
			r.at = at
			return
		}
	}
}

// Update moves the selection, and reports the row that enter was pressed on.
func (r *Review) Update(msg tea.Msg) (id string, chosen bool) {
	key, ok := msg.(tea.KeyMsg)
	if !ok || key.Paste {
		return "", false
	}
	switch key.String() {
	case "up", "k", "shift+tab":
		r.move(-1)
	case "down", "j", "tab":
		r.move(1)
	case "enter":
		return r.Selected(), r.Selected() != ""
	}
	return "", false
}

// Keys are the keys of the list.
func (r *Review) Keys() []Key {
	return []Key{{Keys: []string{"enter"}, Does: "change"}, {Keys: []string{"up", "down"}, Show: "↑/↓", Does: "move"}}
}

// View draws the rows that fit, the selected one among them.
func (r *Review) View(w, h int) string {
	width := min(w-1, TextWidth)
	label := 0
	for _, row := range r.rows {
		if row.ID != "" {
			label = max(label, min(longestLabel, textWidth(row.Label)))
		}
	}
	var out []string
	start, end := 0, 0
	for i, row := range r.rows {
		lines := r.rowLines(row, i == r.at && r.Focused, label, width)
		if i == r.at {
			start, end = len(out), len(out)+len(lines)
		}
		out = append(out, lines...)
	}
	if len(out) <= h {
		return strings.Join(out, "\n")
	}
	room := max(1, h-1)
	if end > r.offset+room {
		r.offset = end - room
	}
	r.offset = max(0, min(r.offset, start, len(out)-room))
	above, below := r.offset, len(out)-r.offset-room
	out = out[r.offset : r.offset+room]
	if h > 1 {
		out = append(out, " "+r.theme.Dim.Render(moreText(above, below)))
	}
	return strings.Join(out, "\n")
}

func (r *Review) rowLines(row ReviewRow, selected bool, label, width int) []string {
	if row.ID == "" {
		return []string{truncate(" "+r.theme.Strong.Render(line(row.Label)), width)}
	}
	name := pad(truncate(line(row.Label), label), label)
	lead := "   "
	if selected {
		lead, name = " "+r.theme.Accent.Render(linePrompt), r.theme.Accent.Render(name)
	} else {
		name = r.theme.Dim.Render(name)
	}
	mark := "  "
	if row.Mark != NoMark {
		mark = r.theme.Mark(row.Mark) + " "
	}
	out := []string{truncate(lead+name+"  "+mark+line(row.Value), width)}
	if row.Was != "" {
		out = append(out, truncate(strings.Repeat(" ", label+7)+r.theme.Dim.Render("was "+line(row.Was)), width))
	}
	if row.Note != "" {
		for _, l := range wrapLines(row.Note, width-label-7) {
			out = append(out, strings.Repeat(" ", label+7)+r.theme.Dim.Render(l))
		}
	}
	return out
}
