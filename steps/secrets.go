package steps

import (
	"context"
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// Secrets lists every named secret: what it is, where it lives, who uses it and
// when it ends. No value is read to show it, and none is ever drawn.
type Secrets struct {
	jobs    *flow.Jobs
	samples offers
	env     ui.Env
	picker  *ui.Picker

	loading, acting *ui.Task
	// loaded is the last list, nil until it came.
	loaded *secretsLoaded
	// held is what a look at the keystores found, by name; looked and all are how
	// far one that is under way has come.
	held        map[model.SecretName]flow.SecretHolding
	looked, all int
	// next is the secret to select once it is in the list.
	next model.SecretName
}

// NewSecrets makes the screen of the named secrets.
func NewSecrets(jobs *flow.Jobs) *Secrets {
	return &Secrets{jobs: jobs, held: map[model.SecretName]flow.SecretHolding{}}
}

// Offer makes the forms for values offer samples.
func (s *Secrets) Offer(samples []Sample) *Secrets {
	s.samples = samples
	return s
}

// secretsLoaded is everything the screen shows, as one answer of the store.
type secretsLoaded struct {
	secrets []flow.NamedSecret
	// places are what people call the places that hold some of them.
	places map[model.Where]string
	err    error
}

// Enter loads the list anew: a screen on top may have changed it.
func (s *Secrets) Enter(env ui.Env) tea.Cmd {
	s.env = env
	s.loading, s.acting = env.NewTask(), env.NewTask()
	if s.picker == nil {
		s.picker = ui.NewPicker(env, secretColumns())
		s.picker.Filters = []ui.QuickFilter{
			{Key: "X", Name: "expiring or expired", Flag: flagSecretExpiring},
			{Key: "U", Name: "unused", Flag: flagSecretUnused},
		}
		s.picker.Does, s.picker.Empty = "details", "No secrets yet. Setting up a connector makes the first one."
	}
	return s.load()
}

// load asks for the list in the background; what is shown stays until it comes.
func (s *Secrets) load() tea.Cmd {
	jobs := s.jobs
	return s.loading.Start(func(ctx context.Context) tea.Msg {
		m := &secretsLoaded{places: map[model.Where]string{}}
		m.secrets, m.err = jobs.NamedSecrets(ctx)
		for _, secret := range m.secrets {
			where := secret.Info.Where
			if _, known := m.places[where]; known {
				continue
			}
			m.places[where] = placeWord(where)
			if keys, err := jobs.Keystores.Keystore(where); err == nil && keys != nil {
				m.places[where] = keys.Describe()
			}
		}
		return m
	})
}

// placeWord is what a place is called where it cannot say so itself.
func placeWord(where model.Where) string {
	switch where {
	case model.WhereKeyring:
		return "the keyring"
	case model.WhereVault:
		return "the encrypted vault"
	case model.WhereCommand:
		return "a command"
	case model.WhereAsk:
		return "asked each time"
	}
	return "nowhere known"
}

// Leave has nothing of its own to end: tasks end with the screen.
func (s *Secrets) Leave() {}

// Capturing reports whether the filter is being typed.
func (s *Secrets) Capturing() bool { return s.picker != nil && s.picker.Filtering() }

// Frame counts the secrets and those that end soon; its card is the detail of the
// selected one.
func (s *Secrets) Frame() ui.Frame {
	f := ui.Frame{Name: "Secrets"}
	if s.loaded == nil || s.loaded.err != nil {
		return f
	}
	f.Name = countOf(len(s.loaded.secrets), "secret")
	ending := 0
	for _, secret := range s.loaded.secrets {
		if day := secret.Info.Expires; !day.IsZero() && model.DaysLeft(day, s.jobs.Now()) <= expiringSoon {
			ending++
		}
	}
	switch {
	case s.looking():
		f.Note = fmt.Sprintf("looking, %d of %d", s.looked, s.all)
	case ending == 1:
		f.Note = "1 ended or ends soon"
	case ending > 1:
		f.Note = fmt.Sprintf("%d ended or end soon", ending)
	}
	if secret, ok := s.selected(); ok {
		f.Help = s.card(secret)
	}
	return f
}

// expiringSoon is how many days before its end a secret stands out, as a
// connector's does.
const expiringSoon = 30

// looking reports whether a look at the keystores is under way.
func (s *Secrets) looking() bool { return s.all > 0 }

// View draws the list.
func (s *Secrets) View(w, h int) string {
	switch {
	case s.loaded == nil:
		return ""
	case s.loaded.err != nil:
		p := problemOf(s.loaded.err)
		return ui.ProblemCard(s.env.Theme, ui.Problem{Code: p.Code, What: p.What, Why: p.Why, Fix: p.Fix, Keys: s.Keys()}, w)
	}
	return s.picker.View(w, h)
}

// selected is the secret under the cursor.
func (s *Secrets) selected() (flow.NamedSecret, bool) {
	if s.picker == nil || s.loaded == nil {
		return flow.NamedSecret{}, false
	}
	row, ok := s.picker.Selected()
	i := slices.IndexFunc(s.loaded.secrets, func(n flow.NamedSecret) bool { return string(n.Info.Name) == row.ID })
	if !ok || i < 0 {
		return flow.NamedSecret{}, false
	}
	return s.loaded.secrets[i], true
}

// rows puts the list into the picker.
func (s *Secrets) rows() tea.Cmd {
	rows := make([]ui.Row, 0, len(s.loaded.secrets))
	for _, secret := range s.loaded.secrets {
		rows = append(rows, s.row(secret))
	}
	return s.picker.SetRows(rows)
}

// Update takes the list, what jobs say, and keys.
func (s *Secrets) Update(msg tea.Msg) (ui.Action, tea.Cmd) {
	switch m := msg.(type) {
	case *secretsLoaded:
		s.loaded = m
		if m.err != nil {
			return nil, nil
		}
		cmd := s.rows()
		if s.next != "" && s.picker.Select(string(s.next)) {
			s.next = ""
		}
		return nil, cmd
	case secretLooked:
		s.held[m.found.Info.Name] = m.found
		s.looked, s.all = s.looked+1, m.total
		return nil, nil
	case secretsVerified:
		return s.tellVerified(m)
	case secretDone:
		if m.err != nil {
			return ui.Notify{Text: sentence(m.err), Mark: ui.Fail}, s.load()
		}
		s.next = m.now
		return ui.Notify{Text: m.text, Mark: ui.Pass}, s.load()
	}
	if s.picker == nil || s.loaded == nil {
		return nil, nil
	}
	if !s.picker.Filtering() {
		if action, cmd, done := ui.Press(s.Keys(), msg); done {
			return action, cmd
		}
	}
	event, cmd := s.picker.Update(msg)
	if event == ui.PickerChosen {
		s.picker.Rest()
		return ui.ShowHelp{}, cmd
	}
	return nil, cmd
}

// Keys are those of the list, then what can be done with the selected secret.
func (s *Secrets) Keys() []ui.Key {
	back := ui.Key{Keys: []string{"esc"}, Does: "back", Press: func() (ui.Action, tea.Cmd) { return ui.Back{}, nil }}
	switch {
	case s.picker == nil || s.loaded == nil:
		return []ui.Key{back}
	case s.loaded.err != nil:
		return []ui.Key{{Keys: []string{"r"}, Does: "try again", Press: func() (ui.Action, tea.Cmd) { return nil, s.load() }}, back}
	case s.looking():
		back.Does, back.Press = "stop looking", s.stopLooking
		return []ui.Key{back}
	case s.picker.Filtering():
		return s.picker.Keys()
	case len(s.loaded.secrets) == 0:
		return []ui.Key{back}
	}
	order := "soonest end first"
	if s.byExpiry() {
		order = "by name"
	}
	keys := append(
		s.picker.Keys(),
		ui.Key{Keys: []string{"r"}, Does: "replace", Press: s.replace},
		ui.Key{Keys: []string{"R"}, Does: "rotate, tested first", Rank: 1, Press: s.rotate},
		ui.Key{Keys: []string{"n"}, Does: "rename", Press: s.askRename},
		ui.Key{Keys: []string{"x"}, Does: "expiry", Rank: 1, Press: s.askExpiry},
		ui.Key{Keys: []string{"v"}, Does: "verify", Rank: 1, Press: func() (ui.Action, tea.Cmd) { return s.verify(false) }},
		ui.Key{Keys: []string{"V"}, Does: "verify all", Rank: 2, Press: func() (ui.Action, tea.Cmd) { return s.verify(true) }},
		ui.Key{Keys: []string{"t"}, Does: "test", Rank: 2, Press: s.test},
		ui.Key{Keys: []string{"d"}, Does: "delete", Rank: 1, Press: s.askDelete},
		ui.Key{Keys: []string{"E"}, Does: order, Rank: 2, Press: s.reorder},
	)
	if !takesEsc(keys) {
		keys = append(keys, back)
	}
	slices.SortStableFunc(keys, func(a, b ui.Key) int { return quietness(a) - quietness(b) })
	return keys
}

// takesEsc reports whether esc has something to take back before it leaves.
func takesEsc(keys []ui.Key) bool {
	return slices.ContainsFunc(keys, func(k ui.Key) bool { return slices.Contains(k.Keys, "esc") })
}

func quietness(k ui.Key) int {
	if k.Quiet {
		return 1
	}
	return 0
}

// byExpiry reports whether what ends first stands first.
func (s *Secrets) byExpiry() bool {
	column, _ := s.picker.SortedBy()
	return column == len(secretColumns())-1
}

// reorder puts what ends first to the top, or goes back to the names.
func (s *Secrets) reorder() (ui.Action, tea.Cmd) {
	if s.byExpiry() {
		return nil, s.picker.SortBy(-1, false)
	}
	return nil, s.picker.SortBy(len(secretColumns())-1, false)
}
