package ui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// flags are the bits a row must have.
func (p *Picker) flags() uint64 {
	var out uint64
	for i, f := range p.Filters {
		if p.isOn(i) {
			out |= f.Flag
		}
	}
	return out
}

func (p *Picker) isOn(filter int) bool { return p.on&(1<<filter) != 0 }

// toggleFilter turns the quick filter of a key on or off.
func (p *Picker) toggleFilter(key string) (tea.Cmd, bool) {
	for i, f := range p.Filters {
		if f.Key == key {
			return p.setOn(p.on ^ 1<<i), true
		}
	}
	return nil, false
}

// dropFilters turns all quick filters off.
func (p *Picker) dropFilters() tea.Cmd { return p.setOn(0) }

// setOn applies other quick filters; the selection stays on its row where that
// is still shown.
func (p *Picker) setOn(on uint64) tea.Cmd {
	p.on = on
	p.rebase()
	return p.match(true)
}

// filtersLine says which quick filters are on and how many rows they leave, ""
// when none is: "App Passwords: 12 of 340".
func (p *Picker) filtersLine() string {
	var names []string
	for i, f := range p.Filters {
		if p.isOn(i) {
			names = append(names, line(f.Name))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: %d of %d", strings.Join(names, ", "), len(p.base), len(p.rows))
}
