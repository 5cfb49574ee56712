package ui

import (
	"slices"
	"strings"
	"unicode/utf8"

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

// Update gives a message to the picker. The command, if any, is a match in the
// background; its answer comes back through Update.
func (p *Picker) Update(msg tea.Msg) (PickerEvent, tea.Cmd) {
	switch msg := msg.(type) {
	case matched:
		return p.take(msg), nil
	case tea.KeyMsg:
		p.chosen = false
		msg.Paste = msg.Paste || several(msg)
		if event, ok := p.moveKey(msg); ok {
			return event, nil
		}
		if p.Filtering() {
			return p.filterKey(msg)
		}
		return p.idleKey(msg)
	}
	return PickerIgnored, nil
}

// moveKey handles the keys that work whether or not the filter is open.
func (p *Picker) moveKey(msg tea.KeyMsg) (PickerEvent, bool) {
	if msg.Paste {
		return PickerIgnored, false
	}
	page := max(1, p.height-1)
	switch msg.String() {
	case "up":
		p.moveTo(p.at - 1)
	case "down":
		p.moveTo(p.at + 1)
	case "pgup":
		p.moveTo(p.at - page)
	case "pgdown":
		p.moveTo(p.at + page)
	case "enter":
		if p.waiting {
			p.chosen = true // what was typed ahead is still being looked for
			return PickerMoved, true
		}
		if _, ok := p.Selected(); !ok {
			return PickerMoved, true
		}
		return PickerChosen, true
	default:
		return PickerIgnored, false
	}
	return PickerMoved, true
}

func (p *Picker) filterKey(msg tea.KeyMsg) (PickerEvent, tea.Cmd) {
	switch msg.String() {
	case "esc":
		if p.wanted == "" && p.Always {
			return PickerIgnored, nil
		}
		return PickerMoved, p.Clear()
	case "tab":
		if p.Always {
			return PickerIgnored, nil
		}
		p.typing = false
		p.input.Blur()
		return PickerMoved, nil
	}
	if msg.Paste {
		msg.Runes = []rune(pasted(Line, string(msg.Runes)))
	}
	p.input.Focus()
	p.input, _ = p.input.Update(msg)
	p.wanted = p.input.Value()
	return PickerMoved, p.match(false)
}

func (p *Picker) idleKey(msg tea.KeyMsg) (PickerEvent, tea.Cmd) {
	if msg.Paste {
		return PickerIgnored, nil
	}
	switch msg.String() {
	case "/":
		p.typing = true
		p.input.Focus()
	case "esc":
		if p.wanted == "" {
			return PickerIgnored, nil
		}
		return PickerMoved, p.Clear()
	case "k":
		p.moveTo(p.at - 1)
	case "j":
		p.moveTo(p.at + 1)
	case "home", "g":
		p.moveTo(0)
	case "end", "G":
		p.moveTo(p.Len() - 1)
	default:
		return PickerIgnored, nil
	}
	return PickerMoved, nil
}

// Clear empties the filter and closes it; the selection stays where it was.
func (p *Picker) Clear() tea.Cmd {
	p.typing, p.wanted = false, ""
	p.input.SetValue("")
	p.input.Blur()
	id := p.id
	cmd := p.match(true)
	p.id = id
	p.keep()
	return cmd
}

// Keys are the keys of the picker as it stands.
func (p *Picker) Keys() []Key {
	keys := []Key{
		{Keys: []string{"enter"}, Does: p.Does},
		{Keys: []string{"up", "down"}, Show: "↑/↓", Does: "move", Quiet: !p.Filtering()},
	}
	switch {
	case p.Filtering() && !p.Always:
		keys = append(keys, Key{Keys: []string{"tab"}, Does: "keep the filter"}, Key{Keys: []string{"esc"}, Does: "clear it"})
	case p.wanted != "":
		keys = append(keys, Key{Keys: []string{"/"}, Does: "find", Quiet: p.Always}, Key{Keys: []string{"esc"}, Does: "clear the filter"})
	case !p.Always:
		keys = append(keys, Key{Keys: []string{"/"}, Does: "find"})
	}
	return keys
}

// visible finds the rows to draw and keeps the selection among them.
func (p *Picker) visible(room int) (from, to int) {
	p.height = room
	if p.at < p.offset {
		p.offset = p.at
	}
	if p.at >= p.offset+room {
		p.offset = p.at - room + 1
	}
	p.offset = max(0, min(p.offset, p.Len()-room))
	return p.offset, min(p.offset+room, p.Len())
}

// highlights says which bytes of a row's text are drawn as matched. Only rows
// that are drawn are asked for.
func (p *Picker) highlights(row int) []int {
	var out []int
	for word := range strings.FieldsSeq(p.query) {
		out = append(out, matchedBytes(word, p.texts[row])...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// styled draws s with the runes that start at the given bytes in another style.
// Bytes are those of s; ones beyond it or inside a rune are passed over.
func styled(s string, hits []int, hit, rest func(...string) string) string {
	if len(hits) == 0 {
		return rest(s)
	}
	var b strings.Builder
	from := 0
	for i := 0; i < len(s); {
		_, size := utf8.DecodeRuneInString(s[i:])
		if _, found := slices.BinarySearch(hits, i); found {
			if from < i {
				b.WriteString(rest(s[from:i]))
			}
			b.WriteString(hit(s[i : i+size]))
			from = i + size
		}
		i += size
	}
	if from < len(s) {
		b.WriteString(rest(s[from:]))
	}
	return b.String()
}
