package cmd

import (
	"context"
	"errors"
	"strings"
	"testing"

	"bbconnect/model"
)

// asker is an app whose person types these lines, and what is said to them.
func asker(t *testing.T, input string) (*app, *safeBuffer) {
	t.Helper()
	out := &safeBuffer{}
	a := newTestApp(strings.NewReader(input), &safeBuffer{}, out)
	newPlace(t).wire(a)
	a.words, a.askLines = true, true
	return a, out
}

func TestAQuestionTakesItsAnswerEnterAndTheThreeWords(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		prompt prompt
		input  string
		want   string
		err    error
		says   string
	}{
		"an answer":                    {prompt{label: "Name"}, "  Payments \n", "Payments", nil, "Name:"},
		"enter takes the brackets":     {prompt{label: "Name", enter: "Ledger"}, "\n", "Ledger", nil, "Name [Ledger]:"},
		"enter is nothing if optional": {prompt{label: "Name", optional: true}, "\n", "", nil, "Name (optional):"},
		"enter alone asks again":       {prompt{label: "Name"}, "\nLedger\n", "Ledger", nil, "error: This needs an answer."},
		"help explains and asks again": {prompt{label: "Name", help: "What it is called."}, "HELP\nLedger\n", "Ledger", nil, "What it is called. back goes back, quit leaves. Name:"},
		"back":                         {prompt{label: "Name"}, "Back\n", "", errBack, ""},
		"quit":                         {prompt{label: "Name"}, " quit \n", "", errQuit, ""},
		"the end of the input":         {prompt{label: "Name"}, "", "", errNoAnswer, ""},
		"control characters in it":     {prompt{label: "Name", enter: "a\x1b[31mb"}, "\n", "a\x1b[31mb", nil, "Name [a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, out := asker(t, row.input)
			got, err := a.ask(t.Context(), row.prompt)
			if got != row.want || !errors.Is(err, row.err) {
				t.Errorf("%q, %v; want %q, %v", got, err, row.want, row.err)
			}
			contains(t, "the prompt", out.String(), row.says)
			if strings.Contains(out.String(), "\x1b") {
				t.Errorf("an escape sequence was written: %q", out)
			}
		})
	}
}

func TestBackAndQuitEndACommandAsCancelled(t *testing.T) {
	t.Parallel()
	for _, err := range []error{errBack, errQuit} {
		if exitCode(err) != exitCancelled {
			t.Errorf("%v exits %d", err, exitCode(err))
		}
	}
	if errors.Is(errBack, errQuit) || errors.Is(errQuit, errBack) {
		t.Error("back and quit are the same")
	}
}

func TestAChoiceIsTakenByNumberNameOrLabelAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		enter, input, want string
		err                error
		says               string
	}{
		"its number":         {"", "2\n", "vault", nil, "2: the vault, encrypted"},
		"its value":          {"", "VAULT\n", "vault", nil, ""},
		"its label":          {"", "The Vault\n", "vault", nil, ""},
		"enter":              {"keyring", "\n", "keyring", nil, "Where [the keyring]:"},
		"a number too large": {"", "3\n1\n", "keyring", nil, "Type a number from 1 to 2 or a name"},
		"a pasted token":     {"", token("Pk1") + strings.Repeat("Pk1", 50) + "\n1\n", "keyring", nil, "That is a credential and none of the choices."},
		"zero":               {"", "0\n1\n", "keyring", nil, "none of the choices"},
		"help names them":    {"", "help\n1\n", "keyring", nil, "Values go there. 1: the keyring 2: the vault, encrypted Type a number or a name."},
		"back":               {"", "back\n", "", errBack, ""},
		"quit":               {"", "quit\n", "", errQuit, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, out := asker(t, row.input)
			got, err := a.choose(
				t.Context(), prompt{label: "Where", enter: row.enter, help: "Values go there."},
				choice{"keyring", "the keyring", ""}, choice{"vault", "the vault", "encrypted"},
			)
			if got != row.want || !errors.Is(err, row.err) {
				t.Errorf("%q, %v; want %q, %v", got, err, row.want, row.err)
			}
			contains(t, "the choice", out.String(), row.says)
		})
	}
}

func TestAWrongChoiceIsNotRepeated(t *testing.T) {
	t.Parallel()
	pasted := token("wR0")
	a, out := asker(t, pasted+"\n1\n")
	if _, err := a.choose(t.Context(), prompt{label: "Where"}, choice{"x", "x", ""}); err != nil {
		t.Fatal(err)
	}
	a2, out2 := asker(t, pasted+"\nyes\n")
	if yes, err := a2.confirm(t.Context(), prompt{label: "Delete it?"}); err != nil || !yes {
		t.Fatal(yes, err)
	}
	for _, said := range []string{out.String(), out2.String()} {
		if part, found := leaks(said, pasted); found {
			t.Errorf("%q of what was typed is repeated", part)
		}
	}
}

func TestYesAndNoAreAskedForUntilOneIsTyped(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]struct {
		yes bool
		err error
	}{
		"yes\n": {true, nil}, "Y\n": {true, nil}, "no\n": {false, nil}, "n\n": {false, nil}, "\n": {false, nil},
		"perhaps\nyes\n": {true, nil}, "help\nno\n": {false, nil}, "back\n": {false, errBack}, "quit\n": {false, errQuit}, "perhaps\n": {false, errNoAnswer},
	} {
		a, out := asker(t, input)
		yes, err := a.confirm(t.Context(), prompt{label: "Delete it?"})
		if yes != want.yes || !errors.Is(err, want.err) {
			t.Errorf("%q answers %v, %v; want %v, %v", input, yes, err, want.yes, want.err)
		}
		contains(t, "the question", out.String(), "Delete it? Type yes or no [no]:")
	}
	a, _ := asker(t, "\n")
	if yes, err := a.confirm(t.Context(), prompt{label: "Go on?", enter: "yes"}); !yes || err != nil {
		t.Errorf("enter alone answers %v, %v where it stands for yes", yes, err)
	}
	a, _ = asker(t, "back\n")
	if yes, err := a.yesNo(t.Context(), "Keep it?"); yes || err != nil {
		t.Errorf("back where there is nothing before answers %v, %v, want no", yes, err)
	}
}

func TestAMenuRunsCommandsSaysTheirErrorsAndGoesOn(t *testing.T) {
	t.Parallel()
	var ran []string
	note := func(word string) func(context.Context, string) error {
		return func(_ context.Context, rest string) error { ran = append(ran, word+"("+rest+")"); return nil }
	}
	m := menu{
		label: "Home", help: "The connectors.", top: true,
		commands: []command{
			{word: "test", takes: "N", does: "test one", run: note("test")},
			{word: "test all", does: "test all", run: note("test all")},
			{word: "break", does: "fail", run: func(context.Context, string) error {
				return &model.Problem{Code: "store.busy", What: "It is busy.", Why: "Another one writes.", Fix: "Wait."}
			}},
			{word: "stop", does: "give up", run: func(context.Context, string) error { return errQuit }},
			{word: "save", does: "leave", run: func(context.Context, string) error { return errLeave }},
		},
		other: func(_ context.Context, line string) (bool, error) {
			return line == "7", note("other")(t.Context(), line)
		},
	}
	a, out := asker(t, "test 3\nTEST  ALL\ntest\n7\nbreak\nnonsense\nback\nhelp\nstop\nsave\n")
	if err := a.menu(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(ran, " "), "test(3) test all() test() other(7) other(nonsense)"; got != want {
		t.Errorf("ran %s\nwant %s", got, want)
	}
	contains(
		t, "the menu", out.String(), "error: It is busy. (store.busy)", "Another one writes.", "Wait.", "That is no command here.",
		"There is nothing to go back to.", "The connectors.", "test N: test one", "test all: test all", "quit: leave", "Nothing more was done.",
	)
}

func TestAMenuIsLeftByItsWords(t *testing.T) {
	t.Parallel()
	asked := errors.New("asked first")
	for name, row := range map[string]struct {
		menu  menu
		input string
		want  error
	}{
		"quit":                   {menu{label: "Review"}, "quit\n", errQuit},
		"back":                   {menu{label: "Review"}, "BACK\n", errBack},
		"the end of the input":   {menu{label: "Review"}, "", errNoAnswer},
		"quit that is taken":     {menu{label: "Review", quit: func(context.Context) error { return errQuit }}, "quit\n", errQuit},
		"quit that is done with": {menu{label: "Review", quit: func(context.Context) error { return errLeave }}, "quit\n", nil},
		"quit that is called off, then the end": {
			menu{label: "Review", quit: func(context.Context) error { return errBack }}, "quit\n", errNoAnswer,
		},
		"quit that fails is said, then the end": {menu{label: "Review", quit: func(context.Context) error { return asked }}, "quit\n", errNoAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := asker(t, row.input)
			if err := a.menu(t.Context(), row.menu); !errors.Is(err, row.want) || (row.want == nil) != (err == nil) {
				t.Errorf("the menu ends with %v, want %v", err, row.want)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	a, _ := asker(t, "go\n")
	err := a.menu(ctx, menu{label: "Review", commands: []command{{word: "go", run: func(context.Context, string) error { cancel(); return nil }}}})
	if !errors.Is(err, errCancelled) {
		t.Errorf("an interrupted command ends the menu with %v", err)
	}
}

func TestASecretsPromptTakesTheWordsAndShowsNothing(t *testing.T) {
	t.Parallel()
	value := token("pR5")
	a, out := asker(t, "help\n"+value+"\n")
	got, err := a.promptSecret(t.Context(), "Token")
	if err != nil || got.Reveal() != value {
		t.Errorf("%v, %v", got, err)
	}
	contains(t, "the prompt", out.String(), "it is not shown", "quit leaves", "Token:")
	if part, found := leaks(out.String(), value); found {
		t.Errorf("%q was shown", part)
	}
	for word, want := range map[string]error{"back\n": errBack, "QUIT\n": errQuit, "": errNoAnswer} {
		a, _ := asker(t, word)
		if _, err := a.promptSecret(t.Context(), "Token"); !errors.Is(err, want) {
			t.Errorf("%q ends with %v, want %v", word, err, want)
		}
	}
}

func TestTextFitsANarrowTerminalAndAWideOneIsNotFilled(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a connector that goes through a delegate ", 8)
	for _, row := range []struct{ terminal, widest int }{{40, 39}, {60, 59}, {80, textWidth}, {200, textWidth}, {0, textWidth}} {
		a, out := asker(t, "")
		if row.terminal > 0 {
			a.errWidth = func() int { return row.terminal }
		}
		a.tell(a.errOut, signFail, text)
		a.sayPlain(text)
		widest := 0
		for line := range strings.Lines(out.String()) {
			widest = max(widest, len([]rune(strings.TrimRight(line, "\n"))))
		}
		if widest > row.widest || widest < row.widest-12 {
			t.Errorf("on %d columns the widest line has %d, want about %d:\n%s", row.terminal, widest, row.widest, out)
		}
	}
}
