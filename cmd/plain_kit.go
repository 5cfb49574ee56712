package cmd

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"bbconnect/model"
)

// The kit of the plain faces: ask, choose, confirm and menu. Each writes plain
// words to standard error and reads one line of standard input, from a terminal
// or a pipe. Each takes three words at any time: help explains and asks again,
// back returns errBack, quit returns errQuit. A line that is no answer is said to
// be none, in words, and the question comes again; what was typed is not
// repeated, since it may be a secret in the wrong place.

// The words that every prompt takes, in any case of letters.
const (
	wordBack = "back"
	wordHelp = "help"
	wordQuit = "quit"
)

// errQuit is quit at a question, and errBack is back: who does not handle them
// ends as cancelled. errLeave is what a menu's command returns to end the menu.
var (
	errQuit  = fmt.Errorf("quit: %w", errCancelled)
	errBack  = fmt.Errorf("back: %w", errCancelled)
	errLeave = errors.New("leave the menu")
)

// prompt is one question in plain words.
type prompt struct {
	// label is what is asked, without a colon.
	label string
	// enter is what enter alone answers, shown in brackets; "" asks again, unless
	// the question is optional.
	enter    string
	optional bool
	// help is what the word help explains.
	help string
}

// choice is one of the answers that choose takes, by its number, its value or
// its label.
type choice struct{ value, label, help string }

// ask asks a question and returns the line that was typed, without blanks around
// it. The error is errBack, errQuit, errCancelled, or errNoAnswer where the input
// has ended.
func (a *app) ask(ctx context.Context, p prompt) (string, error) {
	label := p.label
	switch {
	case p.enter != "":
		label += " [" + clean(p.enter) + "]"
	case p.optional:
		label += " (optional)"
	}
	for {
		text, err := a.readAnswer(ctx, label+": ")
		if err != nil {
			return "", err
		}
		text = strings.TrimSpace(text)
		done, err := a.tookWord(text, p.help)
		switch {
		case err != nil:
			return "", err
		case done:
			continue
		case text != "":
			return text, nil
		case p.enter != "" || p.optional:
			return p.enter, nil
		}
		a.tell(a.errOut, signFail, "This needs an answer. Type it, or back, help or quit.")
	}
}

// choose says the choices with their numbers and asks for one; it returns its
// value. p.enter is the value that enter alone stands for.
func (a *app) choose(ctx context.Context, p prompt, choices ...choice) (string, error) {
	var said strings.Builder
	shown := p
	for i, c := range choices {
		fmt.Fprintf(&said, "%d: %s", i+1, c.label)
		if c.help != "" {
			said.WriteString(", " + c.help)
		}
		said.WriteString("\n")
		if c.value == p.enter {
			shown.enter = c.label
		}
	}
	list := strings.TrimSuffix(said.String(), "\n")
	shown.help = strings.TrimSpace(p.help + "\n" + list + "\nType a number or a name.")
	a.sayPlain(list)
	for {
		text, err := a.ask(ctx, shown)
		if err != nil {
			return "", err
		}
		for i, c := range choices {
			if text == strconv.Itoa(i+1) || strings.EqualFold(text, c.value) || strings.EqualFold(text, c.label) {
				return c.value, nil
			}
		}
		if _, value, _ := model.TakeCredential(text); !value.IsZero() {
			a.tell(a.errOut, signFail, "That is a credential and none of the choices. It was not taken; others may have seen it on the screen.")
			continue
		}
		a.tell(a.errOut, signFail, fmt.Sprintf("That is none of the choices. Type a number from 1 to %d or a name, or back, help or quit.", len(choices)))
	}
}

// confirm asks for yes or no; p.enter is "yes" or "no", and "" stands for no.
func (a *app) confirm(ctx context.Context, p prompt) (bool, error) {
	if p.enter == "" {
		p.enter = "no"
	}
	p.label += " Type yes or no"
	if p.help == "" {
		p.help = "yes does it, no does not. Enter alone is " + p.enter + "."
	}
	for {
		text, err := a.ask(ctx, p)
		if err != nil {
			return false, err
		}
		switch strings.ToLower(text) {
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
		a.tell(a.errOut, signFail, "That is neither yes nor no. Type yes, no, back, help or quit.")
	}
}

// yesNo is confirm where there is nothing to go back to: back is no.
func (a *app) yesNo(ctx context.Context, question string) (bool, error) {
	yes, err := a.confirm(ctx, prompt{label: question})
	if errors.Is(err, errBack) {
		return false, nil
	}
	return yes, err
}

// command is one line that a menu takes: a word, and what may stand behind it.
type command struct {
	// word is typed first; it may be of two parts, as "test all".
	word string
	// takes names what follows, as "N", and does says what happens, for help.
	takes, does string
	// run does it with what stood behind the word. errLeave ends the menu, joined with
	// errQuit as quit does; any other error is said in words, and the menu goes on.
	run func(ctx context.Context, rest string) error
}

// menu is a list of commands that are taken until one of them leaves.
type menu struct {
	// label stands before the colon where a command is typed.
	label string
	// help is said above the list of the commands.
	help     string
	commands []command
	// other takes a line that begins with no command's word, and reports whether it
	// could make something of it; nil takes nothing. An empty line goes there too.
	other func(ctx context.Context, line string) (bool, error)
	// quit is asked before quit, or back, leaves; nil leaves at once.
	quit func(ctx context.Context) error
	// top says that there is nothing to go back to.
	top bool
}

// menu asks for commands. It returns nil once one has left, else errQuit, errBack
// (never at the top), errCancelled, or errNoAnswer where the input has ended.
func (a *app) menu(ctx context.Context, m menu) error {
	for {
		line, err := a.readAnswer(ctx, m.label+": ")
		if err != nil {
			return err
		}
		line = strings.TrimSpace(line)
		switch strings.ToLower(line) {
		case wordHelp:
			a.menuHelp(m)
			continue
		case wordBack:
			switch {
			case m.top:
				a.sayPlain("There is nothing to go back to. quit leaves.")
				continue
			case m.quit == nil:
				return errBack
			}
			err = m.quit(ctx)
			line = wordQuit
		case wordQuit:
			if m.quit == nil {
				return errQuit
			}
			err = m.quit(ctx)
		default:
			err = m.run(ctx, a, line)
		}
		switch {
		case ctx.Err() != nil:
			return errCancelled
		case errors.Is(err, errLeave) && errors.Is(err, errQuit):
			return errQuit
		case errors.Is(err, errLeave):
			return nil
		case errors.Is(err, errQuit) && m.quit != nil && strings.EqualFold(line, wordQuit):
			return err
		case errors.Is(err, errCancelled):
			a.sayPlain("Nothing more was done. help lists the commands here.")
		default:
			a.printError(err)
		}
	}
}

// run finds the command of a line. Of two that fit, the one of more words counts.
func (m menu) run(ctx context.Context, a *app, line string) error {
	best, rest := -1, ""
	for i, c := range m.commands {
		if r, ok := afterWord(line, c.word); ok && (best < 0 || len(c.word) > len(m.commands[best].word)) {
			best, rest = i, r
		}
	}
	if best >= 0 {
		return m.commands[best].run(ctx, rest)
	}
	if m.other != nil {
		if taken, err := m.other(ctx, line); taken || err != nil {
			return err
		}
	}
	if line != "" {
		a.tell(a.errOut, signFail, "That is no command here. Type help for the list of them, or quit.")
	}
	return nil
}

// afterWord is what follows a command's word on a line.
func afterWord(line, word string) (rest string, ok bool) {
	fields := strings.Fields(line)
	words := strings.Fields(word)
	if len(fields) < len(words) {
		return "", false
	}
	for i, w := range words {
		if !strings.EqualFold(fields[i], w) {
			return "", false
		}
	}
	return strings.Join(fields[len(words):], " "), true
}

func (a *app) menuHelp(m menu) {
	if m.help != "" {
		a.sayPlain(m.help)
	}
	for _, c := range m.commands {
		a.sayPlain(strings.TrimSpace(c.word+" "+c.takes) + ": " + c.does)
	}
	a.sayPlain("help: say this again")
	if !m.top {
		a.sayPlain("back: go back")
	}
	a.sayPlain("quit: leave")
}

// tookWord handles the three words: help is done at once, back and quit are
// errors. done reports that the question is to be asked again.
func (a *app) tookWord(text, help string) (done bool, err error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case wordQuit:
		return false, errQuit
	case wordBack:
		return false, errBack
	case wordHelp:
		if help != "" {
			a.sayPlain(help)
		}
		a.sayPlain("back goes back, quit leaves.")
		return true, nil
	}
	return false, nil
}

// readAnswer writes a question and reads a line.
func (a *app) readAnswer(ctx context.Context, question string) (string, error) {
	fmt.Fprint(a.errOut, question)
	line, err := a.lines.line(ctx)
	if a.readSecretLine == nil || err != nil {
		fmt.Fprintln(a.errOut) // nobody's enter has ended the line
	}
	return line, err
}

// sayPlain writes a text in words, without signs that are read aloud.
func (a *app) sayPlain(text string) { a.tell(a.errOut, "", inWords(text)) }

// inWords replaces signs that a screen reader spells out.
func inWords(text string) string {
	return strings.NewReplacer(" → ", ", then ", " …", "", "…", "", "•", "*").Replace(text)
}

// describe is an error in one paragraph: what happened with its code, why that is
// likely, and what to do now.
func describe(err error) string {
	code, what, why, fix := describeError(err)
	return withhold(strings.Join(strings.Fields(what+" ("+code+") "+why+" "+fix), " "))
}

// tellFindings says findings in words, each with its code, its fix and its
// suggestion.
func (a *app) tellFindings(findings model.Findings) {
	signs := map[model.Severity]sign{model.SeverityError: signFail, model.SeverityWarning: signWarn, model.SeverityHint: signHint}
	for _, f := range findings {
		text := f.Message + " " + f.Fix + " (" + f.Code + ")"
		if f.Suggestion != "" {
			text += " Suggested: " + f.Suggestion
		}
		a.tell(a.errOut, signs[f.Severity], inWords(withhold(text)))
	}
}
