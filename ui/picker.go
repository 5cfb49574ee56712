package ui

import (
	"math"

	"github.com/charmbracelet/bubbles/textinput"
)

// matchHere is how many rows are matched within Update; more are matched in the
// background, so that a key is never kept waiting.
const matchHere = 2000

// filterLimit is how many characters a filter takes.
const filterLimit = 256

// Column is one column of a picker.
type Column struct {
	// Title heads the column; when no column has one there is no heading.
	Title string
	// Right aligns the cells at the right.
	Right bool
	// Min is the width the column keeps when room is short; at least 4.
	Min int
	// Keep is the width it keeps until the others are at their Min: for what a row is
	// known by. Zero keeps no more than Min.
	Keep int
	// Drop columns vanish when there is no room for all, highest first; zero
	// never does.
	Drop int
	// Sort says how the column orders rows when o chooses it; one that is Unsorted
	// is never chosen.
	Sort Sort
}

// Sort is how a column orders rows.
type Sort int

// The orders. ByText compares the cells without regard to case; ByNumber
// compares Row.Numbers.
const (
	Unsorted Sort = iota
	ByText
	ByNumber
)

// NoNumber is the number of a row that has none for a column: it stands last,
// whichever way the column is sorted.
const NoNumber = math.MinInt64

// Row is one row of a picker. A cell that begins with a mark and a blank
// ("✓ today") is drawn in the mark's colour.
type Row struct {
	ID    string
	Cells []string
	// Search is what is looked through beside the cells: tags, ids, addresses.
	Search string
	// Flags says by its bits which quick filters let the row through.
	Flags uint64
	// Numbers are what columns with ByNumber order by, one for each column: days, a
	// time as Unix seconds. A missing one counts as NoNumber.
	Numbers []int64
}

// QuickFilter shows only the rows that have a property.
type QuickFilter struct {
	// Key turns it on and off: "A".
	Key string
	// Name is said while it is on: "App Passwords: 12 of 340".
	Name string
	// Flag is the bit of Row.Flags; with several bits a row must have them all.
	Flag uint64
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
// filter shows all rows as they were given, or as they are sorted. It is drawn at
// the end of its body: what a screen says beside it stands above.
type Picker struct {
	// Empty is said when there are no rows at all; Does names what enter does.
	Empty, Does string
	// Always keeps the filter open: for pickers that have no letter keys.
	Always bool
	// Filters are the quick filters; several that are on must all let a row through.
	Filters []QuickFilter
	// Multi lets space mark rows and * mark all that are shown; see Marked.
	Multi bool
	// Detail says more about the selected row, at the right of a picker of 100
	// columns or more. Its lines are paragraphs: they are wrapped, and one that
	// begins with a mark is drawn as a cell is. It is called for every frame.
	Detail func(Row) []string

	theme   *Theme
	task    *Task
	sorting *Task
	columns []Column
	rows    []Row
	index   *index
	natural []int
	input   textinput.Model
	typing  bool
	// withholds recognises what must not be drawn; refused says that it was typed last.
	withholds func(string) bool
	refused   bool

	order   []int32         // rows as the sorting has them; nil means as given
	base    []int32         // of these what the quick filters let through; nil means all
	sortBy  int             // the column sorted by, -1 for none
	reverse bool            // from the greatest to the least
	on      uint64          // the quick filters that are on, by position
	marks   map[string]bool // marked rows, by ID

	shown   []int32 // rows that match query, best first; nil means all
	query   string  // what shown was matched with
	past    []found // earlier results, each narrower than the one before
	wanted  string  // what the filter says
	waiting bool    // a match is under way
	chosen  bool    // enter was pressed while it was
	at      int     // position of the selection in shown
	id      string  // its ID
	offset  int
	height  int // lines of rows
	top     int // lines above them
	total   int // lines the last View was given
	wide    int // columns of the rows
}

// found is a result that later ones are looked for in, and that taking letters
// back returns to.
type found struct {
	query string
	hits  hits
}

// matched is the answer of a match in the background.
type matched struct {
	picker *Picker
	query  string
	hits   hits
	fresh  bool // other rows were looked through than before
}

// NewPicker makes a picker of a screen. Forward to it every message the screen
// gets, replies too.
func NewPicker(env Env, columns []Column) *Picker {
	p := &Picker{theme: env.Theme, withholds: env.withholds, task: env.NewTask(), sorting: env.NewTask(), sortBy: -1, index: newIndex(nil), columns: columns, Does: "open", Empty: "Nothing here yet."}
	p.input = textinput.New()
	p.input.Prompt = "/ "
	p.input.CharLimit = filterLimit
	p.input.PromptStyle = env.Theme.Accent
	p.input.Cursor.Style = env.Theme.cursor
	p.input.PlaceholderStyle = env.Theme.Dim
	return p
}

// Filtering reports whether letters are typed into the filter.
func (p *Picker) Filtering() bool { return p.Always || p.typing }

// Filter is what was typed.
func (p *Picker) Filter() string { return p.wanted }
