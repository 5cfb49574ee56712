package steps

import (
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/ui"
)

// Keys are those of the list, then what can be done with the selected row or the
// marked ones, then what is about all.
func (h *Home) Keys() []ui.Key {
	if h.picker == nil || h.waiting() {
		return nil
	}
	if h.picker.Filtering() {
		return h.picker.Keys()
	}
	quit := ui.Key{Keys: []string{"q"}, Does: "quit", Rank: 3, Press: func() (ui.Action, tea.Cmd) { return ui.Quit{}, nil }}
	if h.err != nil {
		return []ui.Key{{Keys: []string{"r"}, Does: "try again", Press: func() (ui.Action, tea.Cmd) { return nil, h.load() }}, quit}
	}
	fresh := ui.Key{Keys: []string{"n"}, Does: "new", Press: h.newConnector}
	secrets := ui.Key{Keys: []string{"S"}, Does: "secrets", Rank: 2, Press: h.showSecrets}
	undo := ui.Key{Keys: []string{"z"}, Does: "undo", Rank: 2, Press: h.askUndo}
	tail := []ui.Key{secrets, undo, quit}
	if len(h.list.drafts) > 0 {
		tail = append([]ui.Key{{Keys: []string{"u"}, Does: "unfinished", Rank: 1, Press: h.showDrafts}}, tail...)
	}
	if len(h.list.all) == 0 {
		if h.list.waiting != "" {
			tail = append([]ui.Key{h.migrateKey()}, tail...)
		}
		return append([]ui.Key{fresh}, tail...)
	}
	keys := append(append(append(h.picker.Keys(), fresh), h.rowKeys()...), tail...)
	switch {
	case len(h.picker.Marked()) > 0:
		giveWay(keys, "/", " ", "n", "e", "m")
	case h.rotateKey().Rank == 0:
		giveWay(keys, "/", " ", "n", "x", "d")
	}
	// What the one line of keys leaves out comes last in the list of all, too.
	slices.SortStableFunc(keys, func(a, b ui.Key) int {
		switch {
		case a.Quiet == b.Quiet:
			return 0
		case a.Quiet:
			return 1
		}
		return -1
	})
	return keys
}

// giveWay leaves the line of keys to what matters now, by letting others give way
// first. With marked rows those are the keys of one row, then the migration, which
// nobody marks rows for by habit; with a credential that ends, all but its rotation and
// what is done with one connector.
func giveWay(keys []ui.Key, others ...string) {
	for i, k := range keys {
		if slices.Contains(others, k.Keys[0]) {
			keys[i].Rank++
		}
	}
}

// rowKeys are what can be done with connectors.
func (h *Home) rowKeys() []ui.Key {
	several := ""
	if n := len(h.picker.Marked()); n > 0 {
		several = fmt.Sprintf(" %d", n)
	}
	return []ui.Key{
		{Keys: []string{"e"}, Does: "edit", Press: h.edit},
		{Keys: []string{"t"}, Does: "test" + several, Press: h.test},
		h.migrateKey(), h.rotateKey(),
		{Keys: []string{"T"}, Does: "test all shown", Rank: 2, Press: h.testAllShown},
		{Keys: []string{"c"}, Does: "duplicate", Rank: 2, Press: h.askCopy},
		{Keys: []string{"x"}, Does: "export" + several, Press: h.askExport},
		{Keys: []string{"d"}, Does: "delete" + several, Press: h.askDelete},
	}
}

// showSecrets opens the list of named secrets.
func (h *Home) showSecrets() (ui.Action, tea.Cmd) {
	return ui.Push{Screen: NewSecrets(h.jobs).Offer(h.samples)}, nil
}
