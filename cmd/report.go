package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/internal/store"
	"bbconnect/keystore"
	"bbconnect/model"
	"bbconnect/ui"
)

// textWidth is how wide text for people runs.
const textWidth = 76

// jsonError is how an error looks with --json.
type jsonError struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Fix     string `json:"fix"`
	} `json:"error"`
}

// printError is the one place where the command line says what went wrong.
func (a *app) printError(err error) {
	var done failedError
	if err == nil || errors.As(err, &done) {
		return
	}
	code, message, why, fix := describeError(err)
	message, why, fix = withhold(message), withhold(why), withhold(fix)
	if a.json {
		var doc jsonError
		doc.Error.Code, doc.Error.Message, doc.Error.Fix = code, ui.Clean(message), ui.Clean(fix)
		_ = a.writeJSONLine(doc)
		return
	}
	first, rest, several := strings.Cut(message, "\n")
	a.tell(a.errOut, signFail, first+" ("+code+")")
	if several {
		a.tell(a.errOut, "", rest)
	}
	for _, text := range []string{why, fix} {
		if text != "" {
			a.tell(a.errOut, "", text)
		}
	}
}

// describeError takes an error apart into what people and scripts are told.
func describeError(err error) (code, message, why, fix string) {
	if p, ok := model.AsProblem(err); ok {
		return p.Code, p.What, p.Why, p.Fix
	}
	var wrong usageError
	switch {
	case errors.As(err, &wrong):
		return "usage", wrong.text, "", wrong.fix
	case errors.Is(err, errCancelled), errors.Is(err, context.Canceled):
		return "cancelled", "Cancelled.", "", ""
	case errors.Is(err, store.ErrNotFound):
		return "notfound", err.Error(), "", "bbconnect list shows what is saved."
	case errors.Is(err, keystore.ErrNotFound):
		return "notfound", "The keystore has no value for a secret that is needed.", "It was deleted there, or belongs to another machine.",
			"Store it again: bbconnect secret set REF. bbconnect secret list shows the named secrets."
	case errors.Is(err, flow.ErrNoSecret):
		return "notfound", "There is no such secret.", "", "bbconnect secret list shows the named secrets."
	}
	return "internal", err.Error(), "", "bbconnect COMMAND --help shows how a command is called."
}

// sign is the mark before a line. On terminals that read aloud it is a word.
type sign string

const (
	signPass sign = "✓"
	signWarn sign = "!"
	signFail sign = "✗"
	signNone sign = "–"
	signHint sign = "›"
)

// mark is how a sign is written here.
func (a *app) mark(s sign) string {
	if !a.words {
		return string(s)
	}
	return map[sign]string{signPass: "ok:", signWarn: "warning:", signFail: "error:", signNone: "not tried:", signHint: "hint:"}[s]
}

// tell writes a text behind a sign, or indented without one, wrapped for people and
// their terminal.
// Control characters are taken out; lines of the text stay lines.
func (a *app) tell(w io.Writer, s sign, text string) {
	first, rest, width := "  ", "  ", textWidth
	if a.errWidth != nil {
		width = min(width, a.errWidth()-1)
	}
	if s != "" {
		first = a.mark(s) + " "
	}
	for line := range strings.SplitSeq(ui.Clean(text), "\n") {
		for _, l := range wrap(line, width-len([]rune(first))) {
			fmt.Fprintln(w, first+l)
			first = rest
		}
	}
}

// wrap breaks a line at blanks; a word that is wider than a line stays whole,
// since it is an address or a command to copy.
func wrap(line string, width int) []string {
	var lines []string
	current := ""
	for word := range strings.FieldsSeq(line) {
		switch {
		case current == "":
			current = word
		case len([]rune(current))+1+len([]rune(word)) <= width:
			current += " " + word
		default:
			lines = append(lines, current)
			current = word
		}
	}
	return append(lines, current)
}

// printFindings writes findings with their marks.
func (a *app) printFindings(w io.Writer, fs model.Findings) {
	signs := map[model.Severity]sign{model.SeverityError: signFail, model.SeverityWarning: signWarn, model.SeverityHint: signHint}
	for _, f := range fs {
		text := f.Message + " " + f.Fix + " (" + f.Code + ")"
		if f.Field != "" {
			text = string(f.Field) + ": " + text
		}
		if f.Suggestion != "" {
			text += "\nSuggested: " + f.Suggestion
		}
		a.tell(w, signs[f.Severity], text)
	}
}

// printProblem writes a problem of a live test with its remedies.
func (a *app) printProblem(w io.Writer, p *model.Problem) {
	fmt.Fprintln(w)
	a.tell(w, "", p.What+" ("+p.Code+")")
	for _, text := range []string{p.Why, p.Fix} {
		if text != "" {
			a.tell(w, "", text)
		}
	}
	for _, m := range p.Mends {
		a.tell(w, "", "To "+strings.TrimSuffix(m.Label, ".")+": --set "+string(m.Field)+"="+m.Value)
	}
	if p.WaitSeconds > 0 && p.Beside() == p.Fix { // else the remedy has said it
		a.tell(w, "", "The server asks to be left alone for "+(time.Duration(p.WaitSeconds)*time.Second).String()+".")
	}
	if p.HostKey != nil {
		a.tell(w, "", "To accept this key for one run: --host-key "+p.HostKey.Fingerprint)
	}
	if p.Authority != nil {
		a.printAuthority(w, *p.Authority)
		a.tell(w, "", "To trust it for one run: --ca-file FILE, with its PEM file. On a terminal, bbconnect test asks.")
	}
	if p.Page != "" {
		fmt.Fprintln(w, "  Page: "+oneLine(p.Page))
	}
	if len(p.Commands) > 0 {
		a.tell(w, "", "To run there:")
		for _, c := range p.Commands {
			fmt.Fprintln(w, "    "+oneLine(c))
		}
	}
}

// printAuthority describes a certificate that may be trusted.
func (a *app) printAuthority(w io.Writer, c model.Authority) {
	a.tell(w, "", "Certificate: "+clean(c.Subject)+"\nIssued by: "+clean(c.Issuer))
	if !c.Expires.IsZero() {
		a.tell(w, "", "Expires: "+c.Expires.UTC().Format(time.DateOnly))
	}
	fmt.Fprintln(w, "  Fingerprint: "+oneLine(c.Fingerprint))
}

// oneLine is a text to copy: whole and on one line, without control characters.
func oneLine(s string) string { return strings.ReplaceAll(ui.Clean(s), "\n", " ") }

// writeJSON writes one value, indented for people who look.
func (a *app) writeJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// writeJSONLine writes one value on one line.
func (a *app) writeJSONLine(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// clean makes text that came from outside fit to print: no control characters,
// no more than a line of it.
func clean(s string) string {
	out := []rune{}
	for _, r := range strings.ReplaceAll(ui.Clean(s), "\n", " ") {
		if len(out) == 200 {
			return string(out) + "…"
		}
		out = append(out, r)
	}
	return string(out)
}
