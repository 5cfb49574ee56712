package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// wired is an app on a place, with this input.
func (p *place) wired(input string) (*app, *safeBuffer) {
	p.t.Helper()
	out := &safeBuffer{}
	a := newTestApp(strings.NewReader(input), &safeBuffer{}, out)
	p.wire(a)
	if err := a.connect(); err != nil {
		p.t.Fatal(err)
	}
	return a, out
}

func TestASecretIsReadFromEverySource(t *testing.T) {
	t.Parallel()
	value := token("sR7")
	p := newPaymentsPlace(t)
	p.env["VALUE"], p.env["EMPTY"] = value, ""
	if err := p.keys.Set(t.Context(), "account/Payments_token", model.NewSecret(value)); err != nil {
		t.Fatal(err)
	}
	file := p.write("token.txt", value+"\r\n")
	large := p.write("large.txt", strings.Repeat("x", maxSecretBytes+1))
	missing := filepath.Join(t.TempDir(), "nosuch")
	for name, row := range map[string]struct {
		source, input string
		asks          bool
		want          bool
		says          string
		exit          int
	}{
		"standard input":              {source: "-", input: value + "\n", want: true},
		"standard input, no end":      {source: "-", input: value, want: true},
		"standard input, empty":       {source: "-", says: "There is nothing in standard input.", exit: exitUsage},
		"standard input, too much":    {source: "-", input: strings.Repeat("x", maxSecretBytes+1), says: "standard input holds more than 65536 bytes.", exit: exitUsage},
		"a variable":                  {source: "env:VALUE", want: true},
		"a variable that is empty":    {source: "env:EMPTY", says: "the variable is empty or not set: EMPTY.", exit: exitUsage},
		"a value instead of a name":   {source: "env:" + value, says: "the variable is empty or not set.", exit: exitUsage},
		"a long name":                 {source: "env:" + strings.Repeat("A", 41), says: "the variable is empty or not set.", exit: exitUsage},
		"a variable without a name":   {source: "env:", says: "is no source of a secret", exit: exitUsage},
		"a file":                      {source: "file:" + file, want: true},
		"a file that is not there":    {source: "file:" + missing, says: "no such file", exit: exitUsage},
		"a file that is too large":    {source: "file:" + large, says: "holds more than 65536 bytes.", exit: exitUsage},
		"a folder":                    {source: "file:" + t.TempDir(), exit: exitFailed},
		"a saved secret":              {source: "keyring:account.Payments_token", want: true},
		"a saved secret of none":      {source: "keyring:account.nosuch", exit: exitNotFound},
		"a saved secret, no name":     {source: "keyring:nosuch", says: "names no secret from here", exit: exitUsage},
		"a prompt":                    {source: "prompt", input: value + "\n", asks: true, want: true},
		"a prompt that is left":       {source: "prompt", input: "quit\n", asks: true, exit: exitCancelled},
		"a prompt with nobody there":  {source: "prompt", says: "There is no terminal to ask for the token on.", exit: exitUsage},
		"the value itself":            {source: value, says: "what was given is no source of a secret", exit: exitUsage},
		"an unknown kind":             {source: "vault:x", says: "is no source of a secret", exit: exitUsage},
		"nothing":                     {source: "", says: "is no source of a secret", exit: exitUsage},
		"a command without its words": {source: "cmd:", says: "is no source of a secret", exit: exitUsage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "a file that is not there" && runtime.GOOS == "windows" {
				row.says = "cannot find"
			}
			a, out := p.wired(row.input)
			a.askLines = row.asks
			got, err := a.readSource(t.Context(), row.source, "the token")
			switch {
			case row.want && (err != nil || got.Reveal() != value):
				t.Errorf("%v, %d characters", err, got.Len())
			case !row.want && (err == nil || exitCode(err) != row.exit):
				t.Errorf("%v exits %d, want %d", err, exitCode(err), row.exit)
			case !row.want:
				contains(t, "the error", err.Error(), row.says)
				_, what, why, fix := describeError(err)
				if part, found := leaks(what+why+fix+err.Error(), value); found {
					t.Errorf("the error repeats %q of the value", part)
				}
			}
			if part, found := leaks(out.String(), value); found {
				t.Errorf("%q was shown", part)
			}
		})
	}
}

func TestASavedSecretIsNotReadFromAKeystoreThatIsGone(t *testing.T) {
	t.Parallel()
	p := brokenLater(t)
	a, _ := p.wired("")
	if _, err := a.readSource(t.Context(), "keyring:account.Payments_token", "x"); exitCode(err) != exitKeystore {
		t.Errorf("%v", err)
	}
}

// stuck is a reader whose line never comes until it is let go.
type stuck struct{ let chan string }

func (s stuck) Read(b []byte) (int, error) {
	line, ok := <-s.let
	if !ok {
		return 0, io.EOF
	}
	return copy(b, line), nil
}

func TestAQuestionThatIsCancelledLeavesItsLineToTheNextOne(t *testing.T) {
	t.Parallel()
	in := stuck{make(chan string)}
	lines := newLineReader(in)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lines.line(ctx); !errors.Is(err, errCancelled) {
		t.Fatalf("a cancelled question ends with %v", err)
	}
	go func() { in.let <- "late\nnext\n"; close(in.let) }()
	for _, want := range []string{"late", "next"} {
		if got, err := lines.line(t.Context()); err != nil || got != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	if _, err := lines.line(t.Context()); !errors.Is(err, errNoAnswer) {
		t.Errorf("the end of the input is %v", err)
	}
}

func TestALastLineWithoutItsEndIsALine(t *testing.T) {
	t.Parallel()
	lines := newLineReader(strings.NewReader("one\r\ntwo"))
	for _, want := range []string{"one", "two"} {
		if got, err := lines.line(t.Context()); err != nil || got != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	broken := newLineReader(io.MultiReader(strings.NewReader(""), failingReader{}))
	if _, err := broken.line(t.Context()); !errors.Is(err, os.ErrPermission) {
		t.Errorf("a reader's own error is %v", err)
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, os.ErrPermission }

func TestTheVaultsPassphraseIsChosenTwiceAndAskedOnce(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		question flow.Question
		input    string
		want     string
		err      error
		says     []string
	}{
		"an existing one":        {flow.Question{}, "horse\n", "horse", nil, []string{"Passphrase of the vault:"}},
		"a wrong one before":     {flow.Question{Problem: &model.Problem{What: "It does not open."}}, "horse\n", "horse", nil, []string{"warning: It does not open.", "Passphrase of the vault:"}},
		"a new one":              {flow.Question{New: true}, "horse\nhorse\n", "horse", nil, []string{"Choose a passphrase for the vault:", "The same passphrase again:"}},
		"two that differ":        {flow.Question{New: true}, "horse\nhouse\nhorse\nhorse\n", "horse", nil, []string{"warning: The two differ."}},
		"quit at the first":      {flow.Question{New: true}, "quit\n", "", errQuit, nil},
		"quit at the second":     {flow.Question{New: true}, "horse\nquit\n", "", errQuit, nil},
		"back":                   {flow.Question{}, "back\n", "", errBack, nil},
		"help":                   {flow.Question{}, "help\nhorse\n", "horse", nil, []string{"On a terminal it is not shown."}},
		"a named secret's value": {flow.Question{Name: "account/x"}, "horse\n", "horse", nil, []string{"Value of account.x:"}},
		"the end of the input":   {flow.Question{}, "", "", errNoAnswer, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, out := asker(t, row.input)
			got, err := a.askSecret(t.Context(), row.question)
			if !errors.Is(err, row.err) || err == nil && got.Reveal() != row.want {
				t.Errorf("%v, %d characters; want %v", err, got.Len(), row.err)
			}
			contains(t, "the question", out.String(), row.says...)
			if strings.Contains(out.String(), "horse") {
				t.Errorf("the passphrase was shown:\n%s", out)
			}
		})
	}
}

func TestAJobAsksNobodyWhereNobodyIs(t *testing.T) {
	t.Parallel()
	a, _ := asker(t, "x\n")
	a.askLines = false
	if ctx := a.asking(t.Context()); ctx != t.Context() {
		t.Error("a job may ask where nobody is")
	}
	a.askLines = true
	got, err := flow.Ask(a.asking(t.Context()), flow.Question{})
	if err != nil || got.Reveal() != "x" {
		t.Errorf("%v", err)
	}
}
