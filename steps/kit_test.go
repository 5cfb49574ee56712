package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"bbconnect/internal/flow"
	"bbconnect/model"
	"bbconnect/ui"
)

// today is when every test begins.
func today() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC) }

// person sits in front of the real shell and drives it by keys. It lives in a
// synctest bubble: time is the test's own, and settle waits until everything in
// the background has either said what it had to say or waits for something.
type person struct {
	t     *testing.T
	shell *ui.Shell
	home  *Home
	at    *fakes
	w, h  int

	mu    sync.Mutex
	inbox []tea.Msg
	ended bool
	// seen is everything that was drawn after every message while watched is set.
	watched bool
	seen    strings.Builder
}

// inFrontOfHome runs a story that begins at Home.
func inFrontOfHome(t *testing.T, prepare func(*fakes), story func(*person)) {
	t.Helper()
	inABubble(t, prepare, func(_ context.Context, at *fakes) *Home { return NewHome(at.jobs()) }, story)
}

// inABubble is inFrontOfHome for a Home made by the test.
func inABubble(t *testing.T, prepare func(*fakes), makes func(context.Context, *fakes) *Home, story func(*person)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		at := newFakes()
		if prepare != nil {
			prepare(at)
		}
		home := makes(t.Context(), at)
		p := sit(t, at, home)
		p.home = home
		defer p.quits()
		story(p)
	})
}

// inTheWizard runs a story that begins on the first page of an empty wizard.
func inTheWizard(t *testing.T, prepare func(*fakes), story func(*person)) {
	t.Helper()
	inFrontOfHome(t, prepare, func(p *person) {
		if len(p.at.library.connectors) > 0 {
			p.presses("n")
		}
		p.sees("● Overview", "Name")
		story(p)
	})
}

func sit(t *testing.T, at *fakes, first ui.Screen) *person {
	t.Helper()
	p := starts(t, at, first)
	p.settle()
	return p
}

// starts is sit before anything in the background had a chance.
func starts(t *testing.T, at *fakes, first ui.Screen) *person {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	p := &person{t: t, at: at, w: 80, h: 24}
	p.shell = ui.NewShell(ctx, first, at.album.theme(), "bbconnect")
	p.shell.Withholds = model.HoldsCredential
	p.runs(p.shell.Init())
	p.takes(tea.WindowSizeMsg{Width: p.w, Height: p.h})
	return p
}

// runs starts commands as the real program does: each in a goroutine of its own.
func (p *person) runs(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		msg := cmd()
		p.mu.Lock()
		defer p.mu.Unlock()
		if _, quit := msg.(tea.QuitMsg); quit {
			p.ended = true
		} else if msg != nil {
			p.inbox = append(p.inbox, msg)
		}
	}()
}

// settle delivers messages until nothing more comes by itself.
func (p *person) settle() {
	for {
		synctest.Wait()
		p.mu.Lock()
		inbox := p.inbox
		p.inbox = nil
		p.mu.Unlock()
		if len(inbox) == 0 {
			return
		}
		for _, msg := range inbox {
			p.takes(msg)
		}
	}
}

func (p *person) takes(msg tea.Msg) {
	if batch, ok := msg.(tea.BatchMsg); ok {
		for _, cmd := range batch {
			p.runs(cmd)
		}
		return
	}
	_, cmd := p.shell.Update(msg)
	p.runs(cmd)
	if p.watched {
		p.seen.WriteString(p.shell.View())
	}
}

// keyNamed is a key by the name it has in tables of keys.
func keyNamed(name string) tea.KeyMsg {
	types := map[string]tea.KeyType{
		"tab": tea.KeyTab, "shift+tab": tea.KeyShiftTab, "enter": tea.KeyEnter, "esc": tea.KeyEsc, "up": tea.KeyUp, "down": tea.KeyDown,
		"left": tea.KeyLeft, "right": tea.KeyRight, "f1": tea.KeyF1, "f2": tea.KeyF2, "backspace": tea.KeyBackspace,
		"pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "ctrl+c": tea.KeyCtrlC, "ctrl+f": tea.KeyCtrlF, "ctrl+g": tea.KeyCtrlG,
		"ctrl+k": tea.KeyCtrlK, "ctrl+l": tea.KeyCtrlL, "ctrl+n": tea.KeyCtrlN, "ctrl+o": tea.KeyCtrlO, "ctrl+p": tea.KeyCtrlP, "ctrl+r": tea.KeyCtrlR,
		"ctrl+s": tea.KeyCtrlS, "ctrl+t": tea.KeyCtrlT, "ctrl+u": tea.KeyCtrlU, "ctrl+y": tea.KeyCtrlY, "space": tea.KeySpace,
	}
	if kind, ok := types[name]; ok {
		key := tea.KeyMsg{Type: kind}
		if name == "space" {
			key.Runes = []rune{' '}
		}
		return key
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

// presses presses keys one after the other and waits for what comes of each.
func (p *person) presses(names ...string) *person {
	p.t.Helper()
	for _, name := range names {
		p.takes(keyNamed(name))
		p.settle()
	}
	return p
}

// types types a text letter by letter.
func (p *person) types(text string) *person {
	p.t.Helper()
	p.rushes(text)
	p.settle()
	return p
}

// rushes types a text without ever looking up: nothing in the background gets a
// chance in between. A tab, an enter and ctrl+n may be among the letters.
func (p *person) rushes(text string) *person {
	for _, r := range text {
		switch r {
		case '\t':
			p.takes(keyNamed("tab"))
		case '\n':
			p.takes(keyNamed("enter"))
		case '\x0e':
			p.takes(keyNamed("ctrl+n"))
		case ' ':
			p.takes(keyNamed("space"))
		default:
			p.takes(keyNamed(string(r)))
		}
	}
	return p
}

// pastes pastes a text as terminals do.
func (p *person) pastes(text string) *person {
	p.takes(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true})
	p.settle()
	return p
}

// waits lets time pass.
func (p *person) waits(d time.Duration) *person {
	<-time.After(d)
	p.settle()
	return p
}

func (p *person) resizes(w, h int) *person {
	p.w, p.h = w, h
	p.takes(tea.WindowSizeMsg{Width: w, Height: h})
	p.settle()
	return p
}

// screen is what is drawn now, without styles.
func (p *person) screen() string { return plain(p.shell.View()) }

// plain is what is drawn, without styles and without blanks at the ends of lines.
func plain(view string) string {
	lines := strings.Split(ansi.Strip(view), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// sees fails unless every text is on the screen; line breaks count as blanks.
func (p *person) sees(texts ...string) *person {
	p.t.Helper()
	p.settle()
	screen := p.screen()
	flat := strings.Join(strings.Fields(screen), " ")
	for _, text := range texts {
		if !strings.Contains(screen, text) && !strings.Contains(flat, strings.Join(strings.Fields(text), " ")) {
			p.t.Fatalf("%q is not on the screen:\n%s", text, screen)
		}
	}
	return p
}

// doesNotSee fails when one of the texts is on the screen.
func (p *person) doesNotSee(texts ...string) *person {
	p.t.Helper()
	p.settle()
	for _, text := range texts {
		if strings.Contains(p.screen(), text) {
			p.t.Fatalf("%q is on the screen:\n%s", text, p.screen())
		}
	}
	return p
}

// quits ends the program, saying yes where it asks.
func (p *person) quits() {
	for range 3 {
		if !p.ended {
			p.presses("ctrl+c")
		}
	}
	if !p.ended {
		p.t.Errorf("the program did not end:\n%s", p.screen())
	}
	// Notices run out; a goroutine that is still there afterwards has leaked, and
	// the bubble says so.
	<-time.After(time.Minute)
}

// fillsUpToTest gives the answers of a Cloud repository connector over HTTP and
// stops on the review.
func (p *person) fillsUpToTest() *person {
	p.t.Helper()
	p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger.git").presses("ctrl+n")
	p.sees("Paste the token").pastes(apiToken() + "\n").presses("ctrl+n")
	p.sees("● API access").presses("tab").types("jdoe@acme-corp.com").presses("ctrl+n")
	p.sees("● Connectivity").presses("ctrl+n")
	return p.sees("● Test", "enter test")
}

// wizard is the wizard on top of Home.
func (p *person) wizard() *Wizard {
	p.t.Helper()
	if p.home == nil || p.home.wizard == nil {
		p.t.Fatal("no wizard is open")
	}
	return p.home.wizard
}

// built is the connector as it stands in the wizard.
func (p *person) built() model.Connector { return model.Build(p.wizard().draft, p.wizard().world) }

// jobsOf wires the fakes together.
func (f *fakes) jobs() *flow.Jobs {
	began := time.Now()
	return &flow.Jobs{
		Library: f.library, Journal: f.journal, Keystores: f.keys, Tester: f.tester, Keys: keyTool{}, Machine: f.machine,
		Now: func() time.Time { return today().Add(time.Since(began)) },
	}
}

// draftNames are the names in the drafts that are kept, sorted.
func (f *fakes) draftNames() []string {
	drafts, _ := f.library.Drafts(context.Background())
	var names []string
	for _, d := range drafts {
		names = append(names, d.Draft.Answer(model.QName))
	}
	slices.Sort(names)
	return names
}

// connectorText is a connector as comparable words.
func connectorText(c model.Connector) []string {
	return []string{fmt.Sprintf("%+v", c)}
}
