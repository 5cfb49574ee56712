package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// lineReader reads lines from one shared buffer, so that answers piped in are
// not lost between two questions. It is used by one question at a time.
type lineReader struct {
	r *bufio.Reader
	// pending is the read under way: reading a terminal cannot be broken off, so a
	// cancelled question leaves it to the next one, or to the end of the program.
	pending chan readLine
}

type readLine struct {
	text string
	err  error
}

func newLineReader(r io.Reader) *lineReader { return &lineReader{r: bufio.NewReader(r)} }

// errNoAnswer says that the input ended before an answer came.
var errNoAnswer = usageError{text: "The input ended before every question was answered.", fix: "Give the rest with --set and --secret."}

// line reads one line, without its end; it stops waiting when the context ends.
func (l *lineReader) line(ctx context.Context) (string, error) {
	if l.pending == nil {
		l.pending = make(chan readLine, 1)
		go func(to chan<- readLine) {
			text, err := l.r.ReadString('\n')
			to <- readLine{text, err}
		}(l.pending)
	}
	select {
	case <-ctx.Done():
		return "", errCancelled
	case got := <-l.pending:
		l.pending = nil
		if got.err != nil && got.text == "" {
			if errors.Is(got.err, io.EOF) {
				return "", errNoAnswer
			}
			return "", got.err
		}
		return strings.TrimRight(got.text, "\r\n"), nil
	}
}

// echoTime bounds the wait for the terminal to stop showing what is typed. It is
// over at once, except on a terminal that shows nothing anyway.
const echoTime = 200 * time.Millisecond

// secretLine reads lines from a terminal without echo. The question is asked once
// nothing is shown any more: a quick hand, or a paste, would otherwise put the
// beginning of a secret on the screen. When the context ends the terminal is
// given back as it was.
func secretLine(fd int) func(context.Context, func()) (string, error) {
	return func(ctx context.Context, ask func()) (string, error) {
		before, err := term.GetState(fd)
		if err != nil {
			return "", err
		}
		got := make(chan readLine, 1)
		go func() {
			text, err := term.ReadPassword(fd)
			got <- readLine{string(text), err}
		}()
		silenced(fd, before)
		ask()
		select {
		case <-ctx.Done():
			return "", errors.Join(errCancelled, term.Restore(fd, before))
		case line := <-got:
			return line.text, line.err
		}
	}
}

// silenced waits until the terminal's state is another than before.
func silenced(fd int, before *term.State) {
	late := time.NewTimer(echoTime)
	defer late.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		if now, err := term.GetState(fd); err != nil || !reflect.DeepEqual(now, before) {
			return
		}
		select {
		case <-late.C:
			return
		case <-tick.C:
		}
	}
}

// canAsk reports whether anybody can be asked for a secret: a person at a
// terminal, or lines that answer the plain prompts.
func (a *app) canAsk() bool { return a.readSecretLine != nil || a.askLines }

// promptSecret asks for a secret, and takes the words of every prompt: help, back
// and quit are no secrets.
func (a *app) promptSecret(ctx context.Context, label string) (model.Secret, error) {
	for {
		text, err := a.secretText(ctx, label)
		if err != nil {
			return model.Secret{}, err
		}
		again, err := a.tookWord(text, "Paste or type the value and press enter. On a terminal it is not shown.")
		if err != nil {
			return model.Secret{}, err
		}
		if !again {
			return model.NewSecret(text), nil
		}
	}
}

// secretText reads a secret's line: on a terminal without echo, from piped lines
// as the next one.
func (a *app) secretText(ctx context.Context, label string) (string, error) {
	switch {
	case a.readSecretLine != nil:
		line, err := a.readSecretLine(ctx, func() { fmt.Fprintf(a.errOut, "%s (not shown): ", label) })
		fmt.Fprintln(a.errOut)
		if err != nil {
			return "", errCancelled
		}
		return line, nil
	case a.askLines:
		fmt.Fprintf(a.errOut, "%s: ", label)
		line, err := a.lines.line(ctx)
		fmt.Fprintln(a.errOut)
		return line, err
	}
	return "", usage("Use env:NAME, file:PATH or - instead.", "There is no terminal to ask for %s on.", label)
}

// asking lets the jobs under the context ask the person, where there is one: one
// question at a time, and as long as the run lasts, whatever limit a job has set
// itself for a keystore's answer.
func (a *app) asking(ctx context.Context) context.Context {
	if !a.canAsk() {
		return ctx
	}
	var one sync.Mutex
	return flow.WithAsker(ctx, func(_ context.Context, q flow.Question) (model.Secret, error) {
		one.Lock()
		defer one.Unlock()
		if line := a.live.Load(); line != nil {
			line.hold(true)
			defer line.hold(false)
		}
		return a.askSecret(ctx, q)
	})
}

// askSecret is the flow.Asker of the command line.
func (a *app) askSecret(ctx context.Context, q flow.Question) (model.Secret, error) {
	for {
		if q.Problem != nil {
			a.tell(a.errOut, signWarn, q.Problem.What)
		}
		if q.Name != "" {
			return a.promptSecret(ctx, "Value of "+string(q.Name.Ref()))
		}
		if !q.New {
			return a.promptSecret(ctx, "Passphrase of the vault")
		}
		first, err := a.promptSecret(ctx, "Choose a passphrase for the vault")
		if err != nil {
			return model.Secret{}, err
		}
		second, err := a.promptSecret(ctx, "The same passphrase again")
		if err != nil || first.Equal(second) {
			return first, err
		}
		q.Problem = &model.Problem{What: "The two differ."}
	}
}
