package ui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"
)

// screenOutput collects what the program draws.
type screenOutput struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *screenOutput) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *screenOutput) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

func TestAWholeProgramTakesWhatWasTypedBeforeItsFirstFrame(t *testing.T) {
	screen := newTestScreen(threeLines)
	var out screenOutput
	err := Run(t.Context(), screen, Options{Theme: "dark", Input: strings.NewReader("first one\tsecond\rcanary\x03"), Output: &out})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"a": "first one", "b": "second", "c": "canary"} {
		if screen.answers[id] != want {
			t.Errorf("field %s holds %q, want %q", id, screen.answers[id], want)
		}
	}
	if screen.left != 1 || strings.Contains(out.String(), "canary") {
		t.Errorf("left %d times, or the secret was drawn", screen.left)
	}
	if !strings.Contains(out.String(), "\x1b[?1049l") {
		t.Error("the terminal's own screen was not brought back")
	}
}

func TestAProgramEndsWithItsContextAndLeavesItsScreens(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	screen := &reader{frame: Frame{Name: "Home"}}
	input, hold := io.Pipe()
	defer func() { _ = hold.Close() }()
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, screen, Options{Theme: "none", Product: "kit", Mouse: true, Input: input, Output: &screenOutput{}})
	}()
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("it goes on")
	}
	if screen.left != 1 {
		t.Errorf("the screen was left %d times", screen.left)
	}
}

func TestTheSettingAndNoColourChooseTheTheme(t *testing.T) {
	t.Parallel()
	env := func(pairs ...string) func(string) string {
		return func(name string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1]
				}
			}
			return ""
		}
	}
	for _, c := range []struct {
		setting string
		getenv  func(string) string
		want    Shade
	}{
		{"dark", env(), Dark},
		{"light", env(), Light},
		{"none", env(), NoColour},
		{"light", env("NO_COLOR", "1"), NoColour},
		{"auto", env("TERM", "dumb"), Dark},
		{"", env("TERM", "linux"), Dark},
	} {
		if got := ThemeFor(c.setting, c.getenv).Shade; got != c.want {
			t.Errorf("%q gives shade %d, want %d", c.setting, got, c.want)
		}
	}
}

func TestColoursSurviveResizing(t *testing.T) {
	t.Parallel()
	screen := detailsScreen()
	shell := NewShell(t.Context(), screen, NewTheme(Light, termenv.TrueColor), "bbconnect")
	shell.Init()
	for range 3 {
		for _, size := range sizes() {
			shell.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			within(t, shell.View(), size[0], size[1])
			if !strings.Contains(shell.View(), "\x1b[38;2;29;78;216m") {
				t.Fatal("the accent is missing")
			}
		}
	}
}
