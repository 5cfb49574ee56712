package ui

import tea "github.com/charmbracelet/bubbletea"

// Update gives a message to the picker. The command, if any, is a match in the
// background; its answer comes back through Update.
func (p *Picker) Update(msg tea.Msg) (PickerEvent, tea.Cmd) {
	switch msg := msg.(type) {
	case matched:
		return p.take(msg), nil
	case ordered:
		return p.takeOrder(msg)
	case Click:
		return p.click(msg), nil
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
		p.Rest()
		return PickerMoved, nil
	}
	p.refused = false
	if msg.Paste {
		if p.refused = p.withholds(string(msg.Runes)); p.refused {
			return PickerMoved, nil
		}
		msg.Runes = []rune(pasted(Line, string(msg.Runes)))
	}
	p.input.Focus()
	p.input, _ = p.input.Update(msg)
	if p.refused = p.withholds(p.input.Value()); p.refused {
		p.input.SetValue("")
	}
	p.wanted = p.input.Value()
	return PickerMoved, p.match(false)
}

func (p *Picker) idleKey(msg tea.KeyMsg) (PickerEvent, tea.Cmd) {
	if msg.Paste {
		return PickerIgnored, nil
	}
	name := msg.String()
	switch name {
	case "/":
		p.typing = true
		p.input.Focus()
	case "esc":
		return p.undoKey()
	case "k":
		p.moveTo(p.at - 1)
	case "j":
		p.moveTo(p.at + 1)
	case "home", "g":
		p.moveTo(0)
	case "end", "G":
		p.moveTo(p.Len() - 1)
	case "o", "O":
		if !p.sortable() || p.sortOff(name) != "" {
			return PickerIgnored, nil
		}
		if name == "o" {
			return PickerMoved, p.nextSort()
		}
		return PickerMoved, p.SortBy(p.sortBy, !p.reverse)
	case " ", "*":
		if !p.Multi {
			return PickerIgnored, nil
		}
		if name == " " {
			p.toggleMark()
		} else {
			p.markShown()
		}
	default:
		if cmd, ok := p.toggleFilter(name); ok {
			return PickerMoved, cmd
		}
		return PickerIgnored, nil
	}
	return PickerMoved, nil
}

// undoKey takes back one thing that narrows or marks the rows: the letters of
// the filter, then the quick filters from the last one, then the marks.
func (p *Picker) undoKey() (PickerEvent, tea.Cmd) {
	switch {
	case p.wanted != "":
		return PickerMoved, p.Clear()
	case p.on != 0:
		return PickerMoved, p.dropFilters()
	case len(p.marks) > 0:
		p.Unmark()
		return PickerMoved, nil
	}
	return PickerIgnored, nil
}

// Rest ends typing into the filter and keeps what it found, so that letters are
// keys again.
func (p *Picker) Rest() {
	p.typing = false
	p.input.Blur()
}

// Clear empties the filter and closes it; the selection stays where it was.
func (p *Picker) Clear() tea.Cmd {
	p.typing, p.wanted = false, ""
	p.input.SetValue("")
	p.input.Blur()
	return p.match(true)
}

// Keys are the keys of the picker as it stands.
func (p *Picker) Keys() []Key {
	keys := []Key{
		{Keys: []string{"enter"}, Does: p.Does},
		{Keys: []string{"up", "down"}, Show: "↑/↓", Does: "move", Quiet: !p.Filtering()},
		{Keys: []string{"pgup", "pgdown"}, Show: "pgup/pgdown", Does: "move by a page", Quiet: true},
	}
	switch {
	case p.Filtering() && !p.Always:
		return append(keys, Key{Keys: []string{"tab"}, Does: "keep the filter"}, Key{Keys: []string{"esc"}, Does: "clear it"})
	case p.Always && p.wanted != "":
		return append(keys, Key{Keys: []string{"esc"}, Does: "clear the filter"})
	case p.Always:
		return keys
	}
	keys = append(keys, Key{Keys: []string{"/"}, Does: "find"})
	if undo := p.undoDoes(); undo != "" {
		keys = append(keys, Key{Keys: []string{"esc"}, Does: undo})
	}
	return append(keys, p.listKeys()...)
}

// undoDoes says what esc takes back; see undoKey.
func (p *Picker) undoDoes() string {
	switch {
	case p.wanted != "":
		return "clear the filter"
	case p.on != 0:
		return "show all"
	case len(p.marks) > 0:
		return "unmark"
	}
	return ""
}

// listKeys are the keys that letters are while nobody types. They are in the
// list of all keys; the one line has no room for them, except to say how marking
// goes on.
func (p *Picker) listKeys() []Key {
	keys := []Key{
		{Keys: []string{"k", "j"}, Show: "k/j", Does: "move", Quiet: true},
		{Keys: []string{"home", "g", "end", "G"}, Show: "g/G", Does: "first and last", Quiet: true},
	}
	if p.sortable() {
		keys = append(keys,
			Key{Keys: []string{"o"}, Does: "sort by the next column", Quiet: true, Off: p.sortOff("o")},
			Key{Keys: []string{"O"}, Does: "sort the other way round", Quiet: true, Off: p.sortOff("O")})
	}
	for i, f := range p.Filters {
		does := "only " + f.Name
		if p.isOn(i) {
			does = "no longer only " + f.Name
		}
		keys = append(keys, Key{Keys: []string{f.Key}, Does: does, Quiet: true})
	}
	if p.Multi {
		keys = append(keys,
			Key{Keys: []string{" "}, Show: "space", Does: "mark", Quiet: len(p.marks) == 0},
			Key{Keys: []string{"*"}, Does: "mark all shown", Quiet: true})
	}
	return keys
}

// sortOff says why a key of sorting does nothing now.
func (p *Picker) sortOff(key string) string {
	switch {
	case p.wanted != "":
		return "the best match stands first"
	case key == "O" && p.sortBy < 0:
		return "nothing is sorted yet"
	}
	return ""
}
