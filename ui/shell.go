package ui

import (
	"context"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// The smallest window in which nothing is cut off, and the width from which the
// steps stand at the left and the help at the right.
const (
	MinWidth, MinHeight = 60, 16
	wideFrom            = 100
)

// noticeFor is how long a notice stays.
const noticeFor = 5 * time.Second

// Shell is the root model. It routes messages, performs actions and draws the
// frame; it decides nothing about what is in it.
type Shell struct {
	ctx     context.Context
	theme   *Theme
	product string
	now     func() time.Time
	// Withholds is that of Options.
	Withholds func(text string) bool

	stack    []*entry
	dialogs  []*dialogState
	overlay  *overlay
	notice   Notify
	noticeNo int
	// noticeAt is where the notice belongs; it is not for what comes after.
	noticeAt place
	w, h     int
	quitting bool
	ended    bool
}

// entry is a screen in the stack, with the work that ends when it is left.
type entry struct {
	screen Screen
	env    Env
	cancel context.CancelFunc
}

// NewShell makes the root model with its first screen. Product is the name at
// the left of the title line.
func NewShell(ctx context.Context, first Screen, theme *Theme, product string) *Shell {
	s := &Shell{ctx: ctx, theme: theme, product: product, now: time.Now, w: 80, h: 24}
	s.stack = []*entry{s.newEntry(first)}
	return s
}

func (s *Shell) newEntry(screen Screen) *entry {
	ctx, cancel := context.WithCancel(s.ctx)
	env := NewEnv(ctx, s.theme, screen)
	env.withheld = s.withheld
	return &entry{screen: screen, env: env, cancel: cancel}
}

// withheld reports whether a text must not be drawn.
func (s *Shell) withheld(text string) bool { return s.Withholds != nil && s.Withholds(text) }

// Init enters the first screen.
func (s *Shell) Init() tea.Cmd {
	top := s.top()
	return top.screen.Enter(top.env)
}

func (s *Shell) top() *entry { return s.stack[len(s.stack)-1] }

// Update only dispatches.
func (s *Shell) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if s.ended {
		return s, nil
	}
	var cmd tea.Cmd
	before := s.noticeNo
	switch msg := msg.(type) {
	case nil:
	case tea.WindowSizeMsg:
		s.w, s.h = msg.Width, msg.Height
	case tea.KeyMsg:
		cmd = s.key(msg)
	case tea.MouseMsg:
		cmd = s.mouse(msg)
	case Reply:
		cmd = s.reply(msg)
	case noticeGone:
		if msg.no == s.noticeNo {
			s.notice = Notify{}
		}
	default:
		cmd = s.deliver(s.top().screen, msg)
	}
	s.closeOrphans()
	s.clearNotice(msg, before)
	return s, cmd
}

// key routes in the fixed order: ctrl+c, dialogs, the screen if somebody types
// in it, the global keys, the screen.
func (s *Shell) key(msg tea.KeyMsg) tea.Cmd {
	if several(msg) && (len(s.dialogs) > 0 || s.overlay != nil || !s.top().screen.Capturing()) {
		return s.keyByKey(msg)
	}
	screen := s.top().screen
	switch {
	case msg.Type == tea.KeyCtrlC && !msg.Paste:
		return s.interrupt()
	case s.tooSmall() && !s.typedBlind(msg):
		return nil
	case len(s.dialogs) > 0:
		return s.dialogKey(msg)
	case s.overlay != nil:
		if s.overlay.key(msg) {
			s.overlay = nil
		}
		return nil
	case msg.Type == tea.KeyF1:
		return s.perform(ShowHelp{}, screen)
	case screen.Capturing():
		return s.deliver(screen, msg)
	case msg.String() == "?":
		return s.perform(ShowKeys{}, screen)
	case msg.Type == tea.KeyEsc && !lists(screen.Keys(), msg):
		return s.perform(s.escape(screen), screen)
	}
	return s.deliver(screen, msg)
}

// escape leads back. On the lowest screen it does not end the program where another
// key does: esc is pressed once too often by everybody.
func (s *Shell) escape(screen Screen) Action {
	quits := func(k Key) bool { return k.Off == "" && slices.Contains(k.Keys, "q") }
	if len(s.stack) == 1 && slices.ContainsFunc(screen.Keys(), quits) {
		return Notify{Text: "q quits.", Mark: Info}
	}
	return Back{}
}

// keyByKey routes letters that were read at once one after the other, since each
// may change where the next one goes; once they are typed into something, the
// rest goes there as it is.
func (s *Shell) keyByKey(msg tea.KeyMsg) tea.Cmd {
	one, rest := msg, msg
	one.Runes, rest.Runes = msg.Runes[:1], msg.Runes[1:]
	first := s.key(one)
	if s.ended {
		return first
	}
	return tea.Sequence(first, s.key(rest))
}

func lists(keys []Key, msg tea.KeyMsg) bool {
	return slices.ContainsFunc(keys, func(k Key) bool { return k.Matches(msg) })
}

// deliver gives a message to a screen and performs what it answers.
func (s *Shell) deliver(screen Screen, msg tea.Msg) tea.Cmd {
	action, cmd := screen.Update(msg)
	return tea.Batch(cmd, s.perform(action, screen))
}

// reply opens a task's reply, if anybody still waits for it, and gives it to
// the screen that does, shown or covered.
func (s *Shell) reply(r Reply) tea.Cmd {
	if !slices.ContainsFunc(s.stack, func(e *entry) bool { return e.screen == r.owner }) {
		return nil
	}
	msg, next, current := r.Open()
	if !current {
		return nil
	}
	if open, ok := msg.(openDialog); ok {
		return tea.Batch(next, s.open(open.dialog, r.owner))
	}
	return tea.Batch(next, s.deliver(r.owner, msg))
}

// typedBlind reports whether a key goes into something that is being typed, so
// that it counts though the window is too small to show it. What answers a
// question does not: nobody can see which.
func (s *Shell) typedBlind(msg tea.KeyMsg) bool {
	if n := len(s.dialogs); n > 0 {
		text := msg.Type == tea.KeyRunes || msg.Type == tea.KeySpace || msg.Type == tea.KeyBackspace
		return text && s.dialogs[n-1].input != nil
	}
	return s.overlay == nil && s.top().screen.Capturing()
}

func (s *Shell) tooSmall() bool { return s.w < MinWidth || s.h < MinHeight }

// interrupt is ctrl+c: it asks once when something would be lost, and quits
// when it comes again.
func (s *Shell) interrupt() tea.Cmd {
	if s.quitting || s.unsaved() == "" {
		return s.quit()
	}
	return s.perform(Quit{}, s.top().screen)
}

// unsaved is what the topmost screen that has something to lose says.
func (s *Shell) unsaved() string {
	for _, e := range slices.Backward(s.stack) {
		if text := e.screen.Frame().Unsaved; text != "" {
			return text
		}
	}
	return ""
}

// quit leaves every screen and ends the program. Messages that are still on
// their way find nobody.
func (s *Shell) quit() tea.Cmd {
	s.leaveAll()
	return tea.Quit
}

func (s *Shell) leaveAll() {
	if s.ended {
		return
	}
	s.ended = true
	for _, e := range slices.Backward(s.stack) {
		e.screen.Leave()
		e.cancel()
	}
	s.dialogs = nil
}
