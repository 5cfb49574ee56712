package ui

import tea "github.com/charmbracelet/bubbletea"

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
		p.Rest()
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
