package papers_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bbconnect/internal/sandbox"
	"bbconnect/model"
)

// update writes the page anew:
// go test ./internal/papers -run Troubleshooting -update.
var update = flag.Bool("update", false, "write docs/troubleshooting.md")

const troubleshooting = "docs/troubleshooting.md"

// A subject is a heading of the page, and the beginnings of the codes below it.
// A whole code goes before a beginning.
type subject struct {
	title, about string
	codes        []string
}

func subjects() []subject {
	return []subject{
		{"Network, certificates and the server", "Before Bitbucket itself has said anything.", []string{"net", "tls", "server", "api.removed"}},
		{"Credentials, accounts and scopes", "Who signs in, with what, and what that may do.", []string{"cred", "account", "scope.missing", "permission", "access", "token", "kind", "username"}},
		{"Workspaces, projects and repositories", "", []string{"workspace", "project.not-found", "repo", "testrepo"}},
		{"SSH and its keys", "", []string{"ssh", "key", "sshkey", "passphrase"}},
		{"Addresses", "`bbconnect url TEXT` says the same about any address, without a network. A paste that can be mended is a warning, and the right address is offered; in a document the same thing is an error where Harness rejects it.", []string{"url", "urltype", "connectiontype"}},
		{"Name, id, tags and scope", "", []string{"name", "id", "description", "tags", "scope", "org", "project"}},
		{"API access", "", []string{"api", "method", "email"}},
		{"Connectivity", "", []string{"mode", "delegates", "delegateversion", "secureconnect", "connectivity"}},
		{"Secrets and where they are kept", "", []string{"keystore", "secret", "ref", "password", "expires"}},
		{"Files, documents, migrations and backups", "", []string{"store", "document", "migration", "backup"}},
		{"This machine and git", "`bbconnect doctor` looks for these.", []string{"machine", "cred.git-ambiguous", "cred.git-rejected"}},
		{"Worth knowing after a pass", "Hints on a connector that works.", []string{"note"}},
	}
}

// subjectOf finds the heading a code belongs under.
func subjectOf(code string) (title string, ok bool) {
	beginning, _, _ := strings.Cut(code, ".")
	for _, want := range []string{code, beginning} {
		for _, s := range subjects() {
			if slices.Contains(s.codes, want) {
				return s.title, true
			}
		}
	}
	return "", false
}

// changing are the days and fingerprints that stand for others in the texts of the
// live test.
var changing = regexp.MustCompile(`\b2027-11-21( 12:00 UTC)?|A{43}`)

// readRules is what the rules of the live test say, each in one of its scenarios.
func readRules(t *testing.T) []said {
	t.Helper()
	var rows []struct {
		Rule    string
		Problem model.Problem
	}
	if err := json.Unmarshal([]byte(readPage(t, "internal/probe/testdata/problems.json")), &rows); err != nil {
		t.Fatal(err)
	}
	var all []said
	for _, row := range rows {
		p := row.Problem
		part := func(text string) string { return changing.ReplaceAllString(text, hole) }
		all = append(all, said{
			code: p.Code, situation: strings.ToUpper(row.Rule[:1]) + row.Rule[1:],
			what: part(p.What), why: part(p.Why), fix: part(p.Fix),
		})
	}
	return all
}

// everythingSaid is what is said with each code, real things first. What two
// places say in the same words is there once, and a text that stands nowhere in
// the source is left out where there is another.
func everythingSaid(t *testing.T) map[string][]said {
	t.Helper()
	all := slices.Concat(readRules(t), readPastes(t), readAnswers())
	for _, dir := range telling(t) {
		all = append(all, readSaid(t, dir)...)
	}
	out := map[string][]said{}
	for _, s := range all {
		nothing := strings.Trim(s.what, hole+" .:") == "" || strings.HasPrefix(s.what, hole+".") || s.fix == "" && s.why == ""
		same := slices.ContainsFunc(out[s.code], func(o said) bool { return alike(o, s) })
		if !nothing && !same {
			out[s.code] = append(out[s.code], s)
		}
	}
	return out
}

// alike reports whether b says nothing that a does not.
func alike(a, b said) bool {
	if a.what == b.what && (a.why == b.why || b.why == "") || a.what == b.what && a.fix == b.fix {
		return true
	}
	if !strings.Contains(b.what, hole) {
		return false
	}
	at := 0
	for piece := range strings.SplitSeq(b.what, hole) {
		found := strings.Index(a.what[at:], piece)
		if found < 0 {
			return false
		}
		at += found + len(piece)
	}
	return a.why != "" || b.why == ""
}

// saidCodes are the codes the page has to have: those of the contract, then the
// field codes that the program says.
func saidCodes(t *testing.T, all map[string][]said) []string {
	t.Helper()
	c := readContract(t)
	codes := slices.Clone(c.codes)
	var fields []string
	for code := range all {
		switch {
		case slices.Contains(codes, code):
		case c.hasField(code):
			fields = append(fields, code)
		default:
			t.Errorf("the program says %s, which docs/contract.md does not have: %+v", code, all[code][0])
		}
	}
	slices.SortFunc(fields, func(a, b string) int {
		x, _, _ := strings.Cut(a, ".")
		y, _, _ := strings.Cut(b, ".")
		if n := slices.Index(c.fields, x) - slices.Index(c.fields, y); n != 0 {
			return n
		}
		return -strings.Compare(a, b)
	})
	return append(codes, fields...)
}

// anchor is the name a heading gets in a link on the usual viewers of Markdown.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, strings.ToLower(heading))
}

// writeTroubleshooting is the page.
func writeTroubleshooting(t *testing.T) string {
	t.Helper()
	all := everythingSaid(t)
	under := map[string][]string{}
	for _, code := range saidCodes(t, all) {
		title, ok := subjectOf(code)
		if !ok {
			t.Errorf("%s belongs under no heading", code)
		}
		if len(all[code]) == 0 {
			t.Errorf("nothing is known to be said with %s", code)
		}
		under[title] = append(under[title], code)
	}
	var b strings.Builder
	b.WriteString("# Troubleshooting, by code\n\n" +
		"Every problem and every finding has a code that stays the same: it is on the card, in\n" +
		"`--json`, and here. Search this page for it.\n\n" +
		"For each code the page has what the program says, why that is likely, and what to do.\n" +
		"Hosts, users and repositories are examples; " + hole + " is what depends on the connector. Where\n" +
		"one code has several causes, the test says which one it is. A scenario can be looked at\n" +
		"on your own machine with the command that stands beside it.\n\n" +
		"To begin with, `bbconnect test ID` names the cause for a connector, `bbconnect doctor`\n" +
		"for this machine.\n\n" +
		"This file is written by `go test ./internal/papers -run Troubleshooting -update`.\n\n## Contents\n\n")
	for _, s := range subjects() {
		fmt.Fprintf(&b, "- [%s](#%s): ", s.title, anchor(s.title))
		for i, code := range under[s.title] {
			if i > 0 {
				b.WriteString(" · ")
			}
			fmt.Fprintf(&b, "[%s](#%s)", code, anchor(code))
		}
		b.WriteString("\n")
	}
	for _, s := range subjects() {
		fmt.Fprintf(&b, "\n## %s\n", s.title)
		if s.about != "" {
			fmt.Fprintf(&b, "\n%s\n", s.about)
		}
		for _, code := range under[s.title] {
			writeCode(&b, code, all[code])
		}
	}
	return b.String()
}

// writeCode is one entry.
func writeCode(b *strings.Builder, code string, list []said) {
	fmt.Fprintf(b, "\n### %s\n", code)
	for _, s := range list {
		b.WriteString("\n- ")
		if s.situation != "" {
			fmt.Fprintf(b, "**%s.** ", s.situation)
		}
		b.WriteString(escape(strings.TrimSpace(s.what + " " + s.why)))
		if s.fix != "" {
			b.WriteString("\n  **Do:** " + escape(s.fix))
		}
		b.WriteString("\n")
	}
	var scenarios []string
	for _, sc := range sandbox.Scenarios() {
		if slices.Contains(sc.Codes(), code) {
			scenarios = append(scenarios, fmt.Sprintf("- `bbconnect try --scenario %s`: %s.\n", sc.Name, sc.Title))
		}
	}
	if len(scenarios) > 0 {
		b.WriteString("\nTo see it:\n\n" + strings.Join(scenarios, ""))
	}
}

// escape keeps a text from being read as Markdown or as HTML.
func escape(text string) string {
	return strings.NewReplacer("*", `\*`, "_", `\_`, "<", `\<`, "|", `\|`).Replace(text)
}

func TestTroubleshootingIsCurrentAndHasEveryCodeOnce(t *testing.T) {
	t.Parallel()
	want := writeTroubleshooting(t)
	if *update {
		if err := os.WriteFile(filepath.Join(root, troubleshooting), []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := readPage(t, troubleshooting)
	if got != want {
		t.Errorf("%s is not what the program says; write it anew with -update", troubleshooting)
	}
	c, times := readContract(t), map[string]int{}
	for line := range strings.SplitSeq(got, "\n") {
		if code, ok := strings.CutPrefix(line, "### "); ok {
			times[code]++
			if !c.has(code) {
				t.Errorf("the page has %s, which docs/contract.md does not have", code)
			}
		}
	}
	for _, code := range c.codes {
		if times[code] != 1 {
			t.Errorf("%s stands on the page %d times, not once", code, times[code])
		}
	}
}
