//go:build !windows

package play

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	uv "github.com/charmbracelet/ultraviolet"
)

func parse(t *testing.T, text string) Script {
	t.Helper()
	s, err := Parse("it", text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAScriptIsReadLineByLine(t *testing.T) {
	t.Parallel()
	s := parse(t, "# a story\nrun try --fleet\n\nwait 10 connectors\nat 80x24 press down\nwait x\npicture home: the list\nstill 50\n")
	if len(s.Steps) != 6 || s.Steps[2].Size != "80x24" || s.Steps[2].Line != 5 || s.Steps[1].Rest != "10 connectors" || !s.IsFilm() {
		t.Errorf("%+v", s)
	}
	if got := s.Pictures(); len(got) != 1 || got[0] != (Picture{"home", "the list"}) {
		t.Errorf("pictures %+v", got)
	}
}

func TestWhatIsWrongWithAScriptIsSaidWithItsLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                     "no steps",
		"wait x":                               "the first step must be run",
		"run a\nrun b":                         "line 2: run must be the first",
		"run a\nsleep 5":                       `no step is called "sleep"`,
		"run a\nwait":                          "wait what?",
		"run a\npress enter\npicture a: b":     "needs a wait before it",
		"run a\nwait x\npicture a":             "picture NAME",
		"run a\nwait x\npicture A b: c":        "picture NAME",
		"run a\nstill soon":                    "hundredths",
		"run a\nstill -3":                      "hundredths",
		"run a\nwait x\npress esc\npress down": "with more at its heels it is alt",
		"run a\nwait x\npress esc tab":         "esc must be the last key",
	} {
		if _, err := Parse("it", text); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "it") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// program is a shell script in the place of the product.
func program(t *testing.T, text string) Stage {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	// No other test may fork meanwhile: its child would hold the file open for
	// writing, and Linux runs no such file.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return Stage{Program: path, Cols: 40, Rows: 5, Look: Dark()}
}

func TestAPlayTypesWaitsAndTakesPictures(t *testing.T) {
	t.Parallel()
	stage := program(t, `printf 'args %s, %s\n' "$1" "$BBCONNECT_THEME $BBCONNECT_CLOCK"; read -r a; printf '\033[2J\033[Hread %s' "$a"; read -r b`)
	shots, film, err := stage.Play(t.Context(), parse(t, `
		run hello
		wait args hello
		picture before: at first
		typing abc
		press enter
		wait read abc
		still 30
		at 80x24 wait never
		picture after: then`))
	if err != nil {
		t.Fatal(err)
	}
	if len(shots) != 2 || shots[0].Screen.String() != "args hello, dark "+Clock || shots[1].Screen.String() != "read abc" || shots[1].Shows != "then" {
		t.Errorf("%d pictures, the last %q", len(shots), shots[len(shots)-1].Screen.String())
	}
	if len(film) != 4 || film[3].Hold != 30 || !strings.HasSuffix(film[1].Screen.String(), "ab") {
		t.Errorf("%d stills", len(film))
	}
}

func TestAPasteIsMarkedAndATokenIsTheOnePrinted(t *testing.T) {
	t.Parallel()
	stage := program(t, `stty raw -echo; printf 'Cloud: the title\r\n    s3same\r\nready'; dd bs=1 count=18 2>/dev/null | od -An -c | tr -d ' \n'; printf 'done'`)
	shots, _, err := stage.Play(t.Context(), parse(t, "run x\nwait ready\npaste-token the title\nwait done\npicture p: q"))
	if err != nil {
		t.Fatal(err)
	}
	if got := shots[0].Screen.String(); !strings.Contains(got, "[200~s3same") {
		t.Errorf("the program has read %q", got)
	}
}

func TestWhatNeverComesIsAnErrorWithLineAndScreen(t *testing.T) {
	t.Parallel()
	_, _, err := program(t, "echo so far; exit 3").Play(t.Context(), parse(t, "run x\nwait never seen"))
	if err == nil || !strings.Contains(err.Error(), "it, line 2, dark 40x5") || !strings.Contains(err.Error(), "the program ended") || !strings.Contains(err.Error(), "so far") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := program(t, "read -r x").Play(ctx, parse(t, "run x\nwait never")); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled play: %v", err)
	}
	_, _, err = program(t, "echo up; read -r x").Play(t.Context(), parse(t, "run x\nwait up\npress hyper"))
	if err == nil || !strings.Contains(err.Error(), `there is no key "hyper"`) {
		t.Errorf("%v", err)
	}
}

func TestNothingOfThePersonReachesTheProgram(t *testing.T) {
	t.Setenv("BBCONNECT_LEAK", "leaked")
	shots, _, err := program(t, `printf '%s|%s|%s' "${BBCONNECT_LEAK-none}" "$COLORTERM" "$TZ"; read -r x`).
		Play(t.Context(), parse(t, "run x\nwait truecolor\npicture p: q"))
	if err != nil || shots[0].Screen.String() != "none|truecolor|UTC" {
		t.Errorf("%v %v", shots, err)
	}
}

func TestTheKeyIsAKeyAndTheSameEachTime(t *testing.T) {
	t.Parallel()
	one, err := privateKey()
	if err != nil {
		t.Fatal(err)
	}
	if two, err := privateKey(); err != nil || one != two {
		t.Errorf("another key: %v", err)
	}
	block, _ := pem.Decode([]byte(one))
	if block == nil {
		t.Fatal("not in PEM form")
	}
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil || key.N.BitLen() != keyBits {
		t.Errorf("%v, %d bits", err, key.N.BitLen())
	}
}

func TestColoursAreThoseThatAreSeen(t *testing.T) {
	t.Parallel()
	l := Dark()
	plain, reversed, faint := uv.Cell{Content: "a"}, uv.Cell{Content: "a"}, uv.Cell{Content: "a"}
	reversed.Style.Attrs, faint.Style.Attrs = uv.AttrReverse, uv.AttrFaint
	if c := l.cell(&plain); c.Ink != l.Ink || c.Paper != l.Paper || c.Text != "a" {
		t.Errorf("plain %+v", c)
	}
	if c := l.cell(&reversed); c.Ink != l.Paper || c.Paper != l.Ink {
		t.Errorf("reversed %+v", c)
	}
	if c := l.cell(&faint); c.Ink == l.Ink || c.Ink == l.Paper {
		t.Errorf("faint %+v", c)
	}
	if c := l.cell(nil); c.Text != "" || c.Paper != l.Paper {
		t.Errorf("nothing %+v", c)
	}
}

func TestAScreenThatDiffersFromTheOneBeforeIsGivenTime(t *testing.T) {
	t.Parallel()
	// The program draws the rest only when it has been left alone for longer than a
	// settled screen needs.
	stage := program(t, `printf 'first'; stty -icanon -echo min 0 time 5; dd bs=1 count=1 2>/dev/null; printf ' and rest'; stty icanon; read -r x`)
	stage.Known = func(name string) string { return map[string]string{"p": "first and rest\n"}[name] }
	shots, _, err := stage.Play(t.Context(), parse(t, "run x\nwait first\npicture p: q"))
	if err != nil || shots[0].Screen.String() != "first and rest" {
		t.Errorf("%v %v", shots, err)
	}
	stage.Known = func(string) string { return "something else\n" }
	if shots, _, err = stage.Play(t.Context(), parse(t, "run x\nwait rest\npicture p: q")); err != nil || shots[0].Screen.String() != "first and rest" {
		t.Errorf("a screen that has changed: %v %v", shots, err)
	}
}

func TestAWaitForTheScreenBeforeIsRefused(t *testing.T) {
	t.Parallel()
	stage := program(t, `echo ready; read -r x; echo more; read -r y`)
	for script, refused := range map[string]bool{
		"run x\nwait ready\npress enter\nwait ready":           true,
		"run x\nwait ready\npress enter\ngone never":           true,
		"run x\nwait ready\ntype a\npress enter\nwait ready":   true,
		"run x\nwait ready\npress enter\nwait more":            false,
		"run x\nwait ready\nwait ready\npress enter\nwait mor": false,
	} {
		_, _, err := stage.Play(t.Context(), parse(t, script))
		if got := err != nil && strings.Contains(err.Error(), "before the keys were pressed"); got != refused || err != nil && !refused {
			t.Errorf("%q: %v", script, err)
		}
	}
}
