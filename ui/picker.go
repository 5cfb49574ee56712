package ui

import (
	"strings"

	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// matchHere is how many rows are matched within Update; more are matched in the
// background, so that a key is never kept waiting.
const matchHere = 2000

// Column is one column of a picker.
type Column struct {
	// Title heads the column; when no column has one there is no heading.
	Title string
	// Right aligns the cells at the right.
	Right bool
	// Min is the width the column keeps when room is short; at least 4.
	Min int
	// Drop columns vanish when there is no room for all, highest first; zero
	// never does.
	Drop int
}

// Row is one row of a picker. A cell that begins with a mark and a blank
// ("✓ today") is drawn in the mark's colour.
type Row struct {
	ID    string
	Cells []string
	// Search is what is looked through beside the cells: tags, ids, addresses.
	Search string
}

// PickerEvent is what came of a message that a picker was given.
type PickerEvent int

// The events of a picker.
const (
	// PickerIgnored: the message was not for the picker.
	PickerIgnored PickerEvent = iota
	// PickerMoved: the selection, the filter or the rows shown changed.
	PickerMoved
	// PickerChosen: enter was pressed on Selected.
	PickerChosen
)

// Picker finds one row among many. Letters are matched in their order with gaps
// between ("pgw" finds "Payments gateway"), several words in any order. An empty
// filter shows all rows as they were given.
type Picker struct {
	// Empty is said when there are no rows at all; Does names what enter does.
	Empty, Does string
	// Always keeps the filter open: for pickers that have no letter keys.
	Always bool

	theme   *Theme
	task    *Task
	columns []Column
	rows    []Row
	texts   []string
	natural []int
	input   textinput.Model
	typing  bool

	shown   []int32 // rows that match query, best first; nil means all
	query   string  // what shown was matched with
	past    []found // earlier results, each narrower than the one before
	wanted  string  // what the filter says
	waiting bool    // a match is under way
	chosen  bool    // enter was pressed while it was
	at      int     // position of the selection in shown
	id      string  // its ID
	offset  int
	height  int
}

// found is a result that later ones are looked for in, and that taking letters
// back returns to.
type found struct {
	query string
	shown []int32
}

// matched is the answer of a match in the background.
type matched struct {
	picker *Picker
	query  string
	shown  []int32
}

// NewPicker makes a picker of a screen. Forward to it every message the screen
// gets, replies too.
func NewPicker(env Env, columns []Column) *Picker {
	p := &Picker{theme: env.Theme, task: env.NewTask(), columns: columns, Does: "open", Empty: "Nothing here yet."}
	p.input = textinput.New()
	p.input.Prompt = "/ "
	p.input.PromptStyle = env.Theme.Accent
	p.input.Cursor.Style = env.Theme.cursor
	p.input.PlaceholderStyle = env.Theme.Dim
	return p
}

// SetRows replaces the rows. The selection stays on the row with the same ID,
// and the filter stays.
func (p *Picker) SetRows(rows []Row) tea.Cmd {
	p.rows = rows
	p.texts = make([]string, len(rows))
	p.natural = make([]int, len(p.columns))
	for i, r := range rows {
		p.texts[i] = searchText(r)
		if i < matchHere {
			for c := range min(len(r.Cells), len(p.columns)) {
				p.natural[c] = max(p.natural[c], textWidth(r.Cells[c]))
			}
		}
	}
	cmd := p.match(true)
	p.keep()
	return cmd
}

// searchText is what a row is looked through for: its cells, then the rest.
func searchText(r Row) string {
	return line(strings.Join(r.Cells, " ") + " " + r.Search)
}

// Filtering reports whether letters are typed into the filter.
func (p *Picker) Filtering() bool { return p.Always || p.typing }

// Filter is what was typed.
func (p *Picker) Filter() string { return p.wanted }

// Len is the number of rows that match.
func (p *Picker) Len() int {
	if p.query == "" {
		return len(p.rows)
	}
	return len(p.shown)
}

// row is the row at a position of what is shown.
func (p *Picker) row(at int) int {
	if p.query == "" {
		return at
	}
	return int(p.shown[at])
}

// Selected is the row under the cursor; ok is false when nothing matches.
func (p *Picker) Selected() (row Row, ok bool) {
	if p.at < 0 || p.at >= p.Len() {
		return Row{}, false
	}
	return p.rows[p.row(p.at)], true
}

// Shown are all rows that match, in the order they are drawn.
func (p *Picker) Shown() []Row {
	out := make([]Row, p.Len())
	for i := range out {
		out[i] = p.rows[p.row(i)]
	}
	return out
}

// Select moves the selection to the row with an ID, if it is shown.
func (p *Picker) Select(id string) bool {
	for i := range p.Len() {
		if p.rows[p.row(i)].ID == id {
			p.moveTo(i)
			return true
		}
	}
	return false
}

// keep finds the selected row again after the rows changed.
func (p *Picker) keep() {
	if p.id == "" || !p.Select(p.id) {
		p.moveTo(p.at)
	}
}

func (p *Picker) moveTo(at int) {
	p.at = max(0, min(at, p.Len()-1))
	p.id = ""
	if row, ok := p.Selected(); ok {
		p.id = row.ID
	}
}
