package play

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"bbconnect/internal/tools/screenshots/picture"
)

// Clock is the moment at which the clock of the program stands.
const Clock = "2026-11-23T09:30:00Z"

// Stage is where scripts are played.
type Stage struct {
	// Program is the executable, an absolute path.
	Program    string
	Cols, Rows int
	Look       Look
	// Known is the text a picture had before, with a newline at its end; "" where
	// there was none. A screen that differs is given a while longer, since parts of
	// it may be drawn later on a busy machine. Nil knows none.
	Known func(name string) string
	// quiet is how long a screen must have been left alone to be whole; 0 is 120 ms.
	quiet time.Duration
}

// Size is the window as scripts and files name it, "80x24".
func (s Stage) Size() string { return fmt.Sprintf("%dx%d", s.Cols, s.Rows) }

// Shot is a screen a script has named.
type Shot struct {
	Picture
	Screen picture.Screen
}

// Play plays a script from its beginning to its end, and returns the pictures and
// the film. An error names the line, and shows the screen as it was then.
func (s Stage) Play(ctx context.Context, script Script) ([]Shot, []picture.Frame, error) {
	home, err := os.MkdirTemp("", "bbconnect-pictures-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(home)
	p := &player{stage: s, home: home}
	defer func() {
		if p.session != nil {
			p.session.stop(context.WithoutCancel(ctx))
		}
	}()
	for _, step := range script.Steps {
		if step.Size != "" && step.Size != s.Size() {
			continue
		}
		if err := p.step(ctx, step); err != nil {
			return nil, nil, fmt.Errorf("%s, line %d, %s %s: %w", script.Name, step.Line, s.Look.Theme, s.Size(), err)
		}
	}
	return p.shots, p.film, nil
}

// player is a script being played.
type player struct {
	stage   Stage
	home    string
	session *session
	shots   []Shot
	film    []picture.Frame
	// before is the screen as it was when the first key since the last wait was
	// pressed; acted says that there was one.
	before string
	acted  bool
}

// environment is what the program sees: enough to run, and nothing of the person
// or the machine that plays.
func (p *player) environment() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + p.home, "TMPDIR=" + p.home, "BBCONNECT_HOME=" + filepath.Join(p.home, "bbconnect"),
		"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "TZ=UTC", "DBUS_SESSION_BUS_ADDRESS=disabled",
		"BBCONNECT_THEME=" + p.stage.Look.Theme, "BBCONNECT_CLOCK=" + Clock,
	}
}

// step does one step.
func (p *player) step(ctx context.Context, step Step) error {
	switch step.Verb {
	case "run":
		return p.run(ctx, step.Rest)
	case "wait", "gone":
		return p.wait(ctx, step.Rest, step.Verb == "wait")
	case "picture":
		return p.picture(ctx, step.Rest)
	case "still":
		hold, err := strconv.Atoi(step.Rest)
		if err != nil {
			return err
		}
		return p.still(ctx, hold)
	}
	if !p.acted {
		p.before, p.acted = p.session.shown().String(), true
	}
	return p.act(ctx, step)
}

// wait waits until a text is on the screen, or is not. That the keys before have
// changed nothing about it is an error: it would be the screen before that was
// waited for, and what comes next would be done too early.
func (p *player) wait(ctx context.Context, text string, there bool) error {
	if p.acted && strings.Contains(p.before, text) == there {
		return fmt.Errorf("%q was so before the keys were pressed: wait for what they change. The screen then:\n%s", text, p.before)
	}
	p.acted = false
	return p.session.until(ctx, strconv.Quote(text), func(screen string, _ bool) bool { return strings.Contains(screen, text) == there })
}

// act does a step that a keyboard does.
func (p *player) act(ctx context.Context, step Step) error {
	switch step.Verb {
	case "press":
		return p.press(strings.Fields(step.Rest))
	case "type":
		return p.session.send(step.Rest)
	case "typing":
		return p.typing(ctx, step.Rest)
	case "paste":
		return p.session.paste(step.Rest)
	case "paste-token":
		token, err := printed(p.session.output(), step.Rest)
		if err != nil {
			return err
		}
		return p.session.paste(token)
	case "paste-key":
		key, err := privateKey()
		if err != nil {
			return err
		}
		return p.session.paste(key)
	}
	return fmt.Errorf("no step is called %q", step.Verb)
}

// benefit is how long a screen that differs from the one before may take.
const benefit = 5 * time.Second

// picture keeps the screen as it is once nothing is drawn any more.
func (p *player) picture(ctx context.Context, what string) error {
	name, shows, _ := strings.Cut(what, ": ")
	if p.stage.Known != nil {
		if known := p.stage.Known(name); known != "" {
			soon, cancel := context.WithTimeout(ctx, benefit)
			_ = p.session.until(soon, "the screen as it was", func(text string, still bool) bool { return still && text+"\n" == known })
			cancel()
		}
	}
	if err := p.session.settled(ctx); err != nil {
		return err
	}
	p.shots = append(p.shots, Shot{Picture{name, shows}, p.session.shown()})
	return nil
}

func (p *player) run(ctx context.Context, args string) (err error) {
	cmd := exec.Command(p.stage.Program, strings.Fields(args)...)
	cmd.Dir, cmd.Env = p.home, p.environment()
	p.session, err = start(ctx, cmd, p.stage)
	return err
}

func (p *player) press(keys []string) error {
	for _, name := range keys {
		bytes, err := keyBytes(name)
		if err != nil {
			return err
		}
		if err := p.session.send(bytes); err != nil {
			return err
		}
	}
	return nil
}

// letter is how long a letter stands before the next, in hundredths of a second.
const letter = 7

// typing types letter by letter, each of which is waited for.
func (p *player) typing(ctx context.Context, text string) error {
	for i, r := range text {
		if err := p.session.send(string(r)); err != nil {
			return err
		}
		so := strings.TrimRight(text[:i+len(string(r))], " ")
		if err := p.session.until(ctx, fmt.Sprintf("%q", so), func(screen string, _ bool) bool { return strings.Contains(screen, so) }); err != nil {
			return err
		}
		if err := p.still(ctx, letter); err != nil {
			return err
		}
	}
	return nil
}

func (p *player) still(ctx context.Context, hold int) error {
	if err := p.session.settled(ctx); err != nil {
		return err
	}
	p.film = append(p.film, picture.Frame{Screen: p.session.shown(), Hold: hold})
	return nil
}

// printed is the token that try has printed below a title.
func printed(output, title string) (string, error) {
	lines := strings.Split(strings.ReplaceAll(output, "\r", ""), "\n")
	for i, line := range lines {
		if strings.HasSuffix(line, ": "+title) && i+1 < len(lines) {
			return strings.TrimSpace(lines[i+1]), nil
		}
	}
	return "", fmt.Errorf("no token %q was printed", title)
}
