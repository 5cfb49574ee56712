package ui

import (
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// noticeGone ends a notice, unless a newer one has taken its place.
type noticeGone struct{ no int }

// perform does what a screen asked for. A screen that is covered may speak and
// ask, but not navigate.
func (s *Shell) perform(action Action, from Screen) tea.Cmd {
	shown := s.top().screen == from
	switch a := action.(type) {
	case nil:
		return nil
	case Do:
		cmds := make([]tea.Cmd, 0, len(a))
		for _, each := range a {
			cmds = append(cmds, s.perform(each, s.heir(from, shown)))
		}
		return tea.Batch(cmds...)
	case Notify:
		return s.notify(a)
	case Ask:
		return s.open(a.Dialog, from)
	}
	if !shown {
		return nil
	}
	switch a := action.(type) {
	case Push:
		return s.push(a.Screen)
	case Replace:
		s.leaveTop()
		return s.push(a.Screen)
	case Back:
		return s.back()
	case Home:
		return s.home()
	case Quit:
		return s.askQuit(a)
	case ShowHelp:
		s.overlay = s.helpOverlay()
	case ShowKeys:
		s.overlay = s.keysOverlay()
	}
	return nil
}

// heir is who the next of several actions counts for: after a screen has gone
// somewhere, the screen it went to.
func (s *Shell) heir(from Screen, shown bool) Screen {
	if shown {
		return s.top().screen
	}
	return from
}

func (s *Shell) notify(n Notify) tea.Cmd {
	s.noticeNo++
	s.notice, s.noticeAt = n, s.place()
	no := s.noticeNo
	// What is longer takes longer to read.
	stays := noticeFor * time.Duration(1+ansi.StringWidth(n.Text)/80)
	return tea.Tick(stays, func(time.Time) tea.Msg { return noticeGone{no} })
}

// place is what a person takes for one screen: a wizard shows a step after the
// other without leaving.
type place struct {
	screen Screen
	step   string
}

func (s *Shell) place() place {
	p := place{screen: s.top().screen}
	for _, step := range p.screen.Frame().Steps {
		if step.Now {
			p.step = step.Name
		}
	}
	return p
}

// clearNotice ends a notice that is about the action before this one: on another
// screen or step, and behind any key that is not typed into a field. before is the
// number of the last notice before the message came.
func (s *Shell) clearNotice(msg tea.Msg, before int) {
	if s.ended || s.notice.Text == "" {
		return
	}
	if s.noticeNo != before { // it belongs to where the message led
		s.noticeAt = s.place()
		return
	}
	key, pressed := msg.(tea.KeyMsg)
	typed := pressed && (key.Type == tea.KeyRunes || key.Type == tea.KeySpace || key.Type == tea.KeyBackspace) && s.top().screen.Capturing()
	if pressed && !typed || s.noticeAt != s.place() {
		s.notice = Notify{}
	}
}

func (s *Shell) push(screen Screen) tea.Cmd {
	e := s.newEntry(screen)
	s.stack = append(s.stack, e)
	return screen.Enter(e.env)
}

// leaveTop takes the topmost screen away: Leave, then its work is cancelled.
func (s *Shell) leaveTop() {
	e := s.top()
	s.stack = s.stack[:len(s.stack)-1]
	e.screen.Leave()
	e.cancel()
	s.overlay, s.quitting = nil, false
	s.dialogs = slices.DeleteFunc(s.dialogs, func(d *dialogState) bool { return d.owner == e.screen })
}

func (s *Shell) back() tea.Cmd {
	if len(s.stack) == 1 {
		return s.askQuit(Quit{})
	}
	s.leaveTop()
	return s.Init()
}

func (s *Shell) home() tea.Cmd {
	if len(s.stack) == 1 {
		return nil
	}
	for len(s.stack) > 1 {
		s.leaveTop()
	}
	return s.Init()
}

// askQuit quits, after one question when something would be lost.
func (s *Shell) askQuit(q Quit) tea.Cmd {
	text := s.unsaved()
	if q.Now || text == "" {
		return s.quit()
	}
	s.quitting = true
	d := Confirm("quit", "Quit now?", text, "Quit", "Stay")
	d.Then = func(a Answer) (Action, tea.Cmd) {
		s.quitting = false
		if a.Value == "yes" {
			return Quit{Now: true}, nil
		}
		return nil, nil
	}
	return s.open(d, s.top().screen)
}
