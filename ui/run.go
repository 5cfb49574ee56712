package ui

import (
	"context"
	"errors"
	"io"
	"os"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// framesPerSecond is how often the screen may be drawn: a key is on screen after
// 8 ms at most.
const framesPerSecond = 120

// Options says how the program runs. The zero value is right for a terminal.
type Options struct {
	// Product is the name in the title line; "bbconnect" when empty.
	Product string
	// Theme is auto, light, dark, contrast or none; auto when empty.
	Theme string
	// Mouse takes the wheel and clicks. The terminal then selects text with shift
	// held; nothing needs the mouse.
	Mouse bool
	// Withholds recognises a text that must not be drawn where a name or a search is
	// typed, as a credential that is pasted in the wrong place; nil for none.
	Withholds func(text string) bool
	// Input and Output stand in for the terminal in tests.
	Input  io.Reader
	Output io.Writer
}

// Run shows the first screen full-screen and returns when the person quits, or
// when the context ends (then with the context's error). It is the only place
// that sets the style library's global state, which the text widget reads.
func Run(ctx context.Context, first Screen, o Options) error {
	theme := ThemeFor(o.Theme, os.Getenv)
	lipgloss.SetHasDarkBackground(!theme.Shade.light())
	if theme.Shade == NoColour {
		lipgloss.SetColorProfile(termenv.Ascii)
	}
	if o.Product == "" {
		o.Product = "bbconnect"
	}
	shell := NewShell(ctx, first, theme, o.Product)
	shell.Withholds = o.Withholds
	defer shell.leaveAll()
	options := []tea.ProgramOption{tea.WithContext(ctx), tea.WithAltScreen(), tea.WithFPS(framesPerSecond)}
	if o.Mouse {
		options = append(options, tea.WithMouseCellMotion())
	}
	if o.Input == nil {
		o.Input = &quietInput{File: os.Stdin}
	}
	options = append(options, tea.WithInput(o.Input))
	if o.Output != nil {
		options = append(options, tea.WithOutput(o.Output))
	}
	_, err := tea.NewProgram(shell, options...).Run()
	if ctxErr := ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	if errors.Is(err, tea.ErrInterrupted) {
		return context.Canceled
	}
	return err
}
