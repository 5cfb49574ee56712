package ui

// Keys are the keys of the form as it stands: those of the field in focus first,
// after the one that ends the job, where the form does.
func (f *Form) Keys() []Key {
	now := f.item(f.focus)
	next := Key{Keys: []string{"tab", "enter"}, Does: "next"}
	if now != nil && now.spec.manyLines() && now.spec.ID != foldID {
		next.Keys = next.Keys[:1]
	}
	end := Key{Keys: []string{"ctrl+n", "pgdown"}, Show: "ctrl+n", Does: f.NextDoes, Quiet: !f.Ends}
	var keys []Key
	if f.Ends {
		keys = append(keys, end)
	}
	if now != nil {
		keys = append(keys, now.spec.Keys...)
	}
	keys = append(keys, next, Key{Keys: []string{"shift+tab"}, Does: "back", Rank: 1})
	if now != nil {
		if _, ok := now.suggestion(); ok {
			keys = append(keys, acceptKey())
		}
		keys = append(keys, f.fieldKeys(now)...)
	}
	keys = append(keys, Key{Keys: []string{"esc"}, Does: f.PrevDoes})
	if !f.Ends {
		keys = append(keys, end)
	}
	return append(keys, Key{Keys: []string{"ctrl+p", "pgup"}, Does: f.PrevDoes, Quiet: true})
}

func (f *Form) fieldKeys(now *formItem) []Key {
	switch {
	case now.spec.ID == foldID:
		return []Key{{Keys: []string{" ", "enter"}, Show: "space", Does: "open or close"}}
	case now.spec.Kind == Multi:
		return []Key{{Keys: []string{" ", "x"}, Show: "space", Does: "choose"}, {Keys: []string{"up", "down"}, Show: "↑/↓", Does: "move"}}
	case now.spec.Kind == Select && f.vertical(now.spec):
		return []Key{{Keys: []string{"up", "down", "left", "right"}, Show: "↑/↓", Does: "choose", Still: true}}
	case now.spec.Kind == Select || now.spec.Kind == Check:
		return []Key{{Keys: []string{"left", "right", "up", "down"}, Show: "←/→", Does: "choose", Still: true}}
	case now.spec.manyLines():
		return []Key{{Keys: []string{"enter"}, Does: "new line"}}
	}
	return nil
}

// Capturing reports whether letters are being typed into the field in focus.
func (f *Form) Capturing() bool {
	now := f.item(f.focus)
	return now != nil && now.widget != nil && now.spec.typed()
}

// Help is the card of the field in focus.
func (f *Form) Help() Card {
	if now := f.item(f.focus); now != nil {
		return now.spec.Help
	}
	return Card{}
}

// Focused is the ID of the field in focus, or "" when there is none.
func (f *Form) Focused() string {
	if f.focus == foldID {
		return ""
	}
	return f.focus
}

// Jump puts the focus on a field and opens the fold it hides behind. It reports
// false when the form has no such field, or one that cannot be reached.
func (f *Form) Jump(id string) bool {
	it := f.item(id)
	if it == nil || !it.spec.canFocus() || id == foldID {
		return false
	}
	f.open = f.open || it.spec.Folded
	f.moveTo(it)
	return true
}

// ShowErrors draws all errors from now on, also of fields nobody has been in.
func (f *Form) ShowErrors() { f.strict = true }

// FirstError is the ID of the first field whose value has an error.
func (f *Form) FirstError() (id string, ok bool) {
	for _, it := range f.items {
		if it.hasErrors() {
			return it.spec.ID, true
		}
	}
	return "", false
}

// Worst is the gravest severity among all findings; ok is false without any.
func (f *Form) Worst() (worst Severity, ok bool) {
	worst = Hint
	for _, it := range f.items {
		for _, finding := range it.findings {
			worst, ok = min(worst, finding.Severity), true
		}
	}
	return worst, ok
}

// Close settles the field in focus and drops every widget with what was typed
// into it. The form is of no use afterwards.
func (f *Form) Close() {
	for _, it := range f.items {
		if it.widget != nil {
			it.widget.sync("")
		}
	}
	f.items, f.focus = nil, ""
}
