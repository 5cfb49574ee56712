package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// withThree saves three connectors: Alpha, whose token ends soon, Beta, whose
// test failed, and Gamma.
func withThree(t *testing.T) *place {
	t.Helper()
	p := newPlace(t)
	p.env["BB_TOKEN"] = token("kQ7")
	for _, name := range []string{"Alpha", "Beta", "Gamma"} {
		args := []string{
			"new", "--yes", "--save-failed", "--set", "overview.name=" + name, "--set", "details.url=https://bitbucket.org/acme/" + strings.ToLower(name) + ".git",
			"--set", "api.email=jdoe@acme-corp.com", "--secret", "credentials.password=env:BB_TOKEN",
		}
		if name == "Alpha" {
			args = append(args, "--set", "credentials.expires=2026-12-01")
		}
		p.verdict = passes
		if name == "Beta" {
			p.verdict = fails
		}
		p.must("", args...)
	}
	p.verdict = passes
	return p
}

func (p *place) there(id string) bool { return p.run("", "show", id).code == exitDone }

func TestPlainHomeReadsOutTheConnectorsAndTakesCommands(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		input  string
		says   []string
		silent []string
		check  func(p *place) bool
	}{
		"the list": {"", []string{
			"1. Alpha (Alpha); ", "API token; test passed just now; ends in 9 days", "2. Beta (Beta)", "test failed just now; no end known", "3. Gamma (Gamma)", "3 connectors.",
		}, nil, nil},
		"again by enter":         {"\n", []string{"3 connectors. Home: 1. Alpha"}, nil, nil},
		"find":                   {"find gam\n", []string{"Home: 1. Gamma (Gamma)", "1 connector with gam."}, nil, nil},
		"find nothing":           {"find nosuch\nlist\n", []string{"None of the 3 connectors with nosuch. list reads out all."}, nil, nil},
		"find without a word":    {"find\n", []string{"error: Nothing says what to find. (usage)", "Type find and a word"}, nil, nil},
		"numbers after find":     {"find beta\ndelete 1\nyes\nno\n", []string{"Delete Beta (Beta)?", "Deleted Beta."}, nil, func(p *place) bool { return !p.there("Beta") && p.there("Alpha") }},
		"expiring":               {"expiring\n", []string{"Home: 1. Alpha", "1 connector whose credential ends within 30 days."}, nil, nil},
		"expiring in fewer":      {"expiring 3\n", []string{"None of the 3 connectors whose credential ends within 3 days."}, nil, nil},
		"expiring nonsense":      {"expiring soon\n", []string{"error: expiring wants a number of days. (usage)", "Type expiring 30"}, nil, nil},
		"app passwords":          {"app-passwords\n", []string{"None of the 3 connectors that use an App Password."}, nil, nil},
		"failed":                 {"failed\n", []string{"Home: 1. Beta", "1 connector whose last test failed."}, nil, nil},
		"one page only":          {"next\nprevious\n", []string{"There is no such page."}, nil, nil},
		"show":                   {"show 3\n", []string{"Gamma, "}, nil, nil},
		"edit":                   {"edit 3\n3\nmine\nsave\n", []string{"Editing Gamma (Gamma).", "ok: Saved Gamma"}, nil, func(p *place) bool { return strings.Contains(p.shownOf("Gamma"), `"description": "mine"`) }},
		"edit by id":             {"edit Gamma\nback\n", []string{"Editing Gamma (Gamma).", "Nothing was changed."}, nil, nil},
		"edit, quit comes back":  {"edit 3\n3\nmine\nquit\ndrop\nfind beta\n", []string{"Nothing more was done.", "1 connector with beta."}, nil, nil},
		"edit none":              {"edit\n", []string{"error: Nothing says which connector. (usage)", "Type edit and the number"}, nil, nil},
		"edit a number too high": {"edit 4\nedit 0\n", []string{"error: No connector has the number 4 here. (usage)", "No connector has the number 0"}, nil, nil},
		"edit an unknown one":    {"edit nosuch\n", []string{"error:", "(store.not-found)"}, nil, nil},
		"test":                   {"test 1\n", []string{"passed: Reach the server", "pass: The connector works."}, nil, nil},
		"test all":               {"test all\n", []string{"3 passed"}, nil, nil},
		"delete, no":             {"delete 1\nno\n", []string{"only this connector uses it", "Nothing more was done."}, nil, func(p *place) bool { return p.there("Alpha") }},
		"delete, help, quit":     {"delete 1\nhelp\nquit\n", []string{"nothing changes in Harness"}, nil, func(p *place) bool { return p.there("Alpha") }},
		"delete, back":           {"delete 1\nyes\nback\nback\n", []string{"Delete its secrets too"}, nil, func(p *place) bool { return p.there("Alpha") }},
		"delete":                 {"delete 1.\nyes\nyes\n", []string{"Deleted Alpha.", "The list is another one now, with new numbers: 1. Beta"}, nil, func(p *place) bool { return !p.there("Alpha") }},
		"delete and undo":        {"delete 1\nyes\nno\nundo\nyes\n", []string{"1. Alpha", "The last change: Alpha was deleted just now."}, nil, func(p *place) bool { return p.there("Alpha") }},
		"copy":                   {"copy 1 Delta\n", []string{"ok: Saved Delta (Delta)", "4. Gamma"}, nil, func(p *place) bool { return p.there("Delta") }},
		"copy asks":              {"copy 1\nDelta\n", []string{"Id of the copy:"}, nil, func(p *place) bool { return p.there("Delta") }},
		"copy, back":             {"copy 1\nback\n", []string{"Nothing more was done."}, nil, nil},
		"copy to a taken id":     {"copy 1 Beta\n", []string{"error:", "(name.taken)"}, nil, nil},
		"secrets":                {"secrets\n", nil, nil, nil},
		"another command":        {"secret verify --all\n", nil, nil, nil},
		"a wrong flag":           {"secret list --nosuch\n", []string{"error:", "(usage)"}, nil, nil},
		"json is for one line":   {"list --json\nlist\n", []string{"3 connectors. Home:"}, nil, nil},
		"new, quit comes back":   {"new\nquit\nlist\n", []string{"Answer each question", "Name:", "Nothing more was done."}, nil, nil},
		"back":                   {"back\n", []string{"There is nothing to go back to."}, nil, nil},
		"help":                   {"help\n", []string{"N is the number", "edit N: change a connector", "delete N: delete a connector", "copy N [NEW]:", "undo:", "quit: leave"}, []string{"back: go back"}, nil},
		"nonsense":               {"nonsense\n", []string{"That is no command here. Type help"}, nil, nil},
		"try is not inside":      {"try\n", []string{"That is no command here."}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := withThree(t)
			s := p.must(row.input+"quit\n", "--plain")
			contains(t, "Home", s.err, row.says...)
			for _, text := range row.silent {
				if strings.Contains(s.err, text) {
					t.Errorf("Home says %q:\n%s", text, s.err)
				}
			}
			if row.check != nil && !row.check(p) {
				t.Errorf("it was not done:\n%s", s.err)
			}
		})
	}
}

func TestPlainHomeSetsUpTheFirstConnector(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.must("new\nPayments\n\n\n\n\nhttps://bitbucket.org/acme/ledger.git\n\n\n"+token("kQ7")+"\n\n\n\n\n\njdoe@acme-corp.com\n\n\n\nquit\n", "--plain")
	contains(t, "Home", s.err, "No connectors are saved. Type new to set one up.", "ok: Saved Payments (Payments).", "The list is another one now", "1. Payments (Payments)")
}

func TestPlainHomeReadsOutPages(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.env["BB_TOKEN"] = token("kQ7")
	p.must("", payments("--no-test")...)
	for n := range 2*homePage + 3 {
		p.must("", "copy", "Payments", fmt.Sprintf("Copy_%02d", n))
	}
	s := p.must("next\nnext\nnext\nprevious\ntest 43\nquit\n", "--plain")
	contains(
		t, "Home", s.err, "20. Copy_19 (Copy_19)", "44 connectors. Page 1 of 3; next and previous turn.", "21. Copy_20 (Copy_20)", "Page 2 of 3",
		"44. Payments (Payments)", "Page 3 of 3", "There is no such page.", "pass: The connector works.",
	)
	if before, _, _ := strings.Cut(s.err, "Page 1 of 3"); strings.Contains(before, "21. ") {
		t.Error("the first page reads out more than a page")
	}
}

func TestPlainHomeOpensOnATerminalThatCannotDraw(t *testing.T) {
	t.Parallel()
	for name, env := range map[string][2]string{"TERM": {"TERM", "dumb"}, "ACCESSIBLE": {"ACCESSIBLE", "1"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPaymentsPlace(t)
			p.env[env[0]] = env[1]
			p.tune = func(a *app) { a.onTerminal = true }
			contains(t, "Home", p.must("quit\n").err, "1. Payments (Payments)", "Home:")
			// The end of the input is quit, too.
			p.must("")
			p.tune = nil
			if s := p.run("quit\n"); s.code != exitUsage {
				t.Errorf("without a terminal it exits %d:\n%s", s.code, s.err)
			}
		})
	}
	p := newPaymentsPlace(t)
	if s := p.run("quit\n", "--plain", "--json"); s.code != exitUsage {
		t.Errorf("--plain --json exits %d", s.code)
	}
}

func TestAnEmptyCommandLineIsNotThatOfTheProcess(t *testing.T) {
	// Not parallel: it changes the process's command line.
	own := os.Args
	defer func() { os.Args = own }()
	os.Args = []string{own[0], "nosuch"}
	p := newPaymentsPlace(t)
	p.env["TERM"] = "dumb"
	p.tune = func(a *app) { a.onTerminal = true }
	contains(t, "Home", p.must("quit\n").err, "Home:")
}

func TestPlainHomeSaysADamagedDocumentAndShowsTheRest(t *testing.T) {
	t.Parallel()
	p := withThree(t)
	p.damage("Beta")
	s := p.must("edit Beta\nquit\n", "--plain")
	contains(t, "Home", s.err, "error:", "Beta.yaml", "1. Alpha (Alpha)", "2. Gamma (Gamma)", "(store.damaged)")
}

func TestPlainHomeGivesNewItsOrganisation(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.must("new\nPayments\n\n\n\n\n\n\nhttps://bitbucket.org/acme/ledger.git\nquit\nquit\n", "--plain", "--org", "Pay")
	p.draftSays(model.QOrg, "Pay")
}

// damage makes a saved document one that nobody can read.
func (p *place) damage(id string) {
	p.t.Helper()
	path := filepath.Join(p.home, "data", "connectors", id+".yaml")
	if err := os.WriteFile(path, []byte("connector: [\n"), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func TestPlainHomeGoesOnWithDraftsAndThrowsThemAway(t *testing.T) {
	t.Parallel()
	p := newPaymentsPlace(t)
	p.run("Stock\nquit\n", "new", "--plain")
	p.now = p.now.Add(time.Hour)
	p.run("3\nmine\nquit\nkeep\n", "edit", "Payments", "--plain")
	s := p.must("drafts\nresume 1\nyes\nsave\ndrafts\nresume 1\nback\nquit\ndrop 1\nno\ndrop 1\nyes\ndrafts\nquit\n", "--plain")
	contains(
		t, "Home", s.err, "Draft 1. changes to Payments, named Payments, left", "Draft 2. a new connector, Stock, left",
		"3. Description: mine", "ok: Saved Payments", "Draft 1. a new connector, Stock", "Name [Stock]:",
		"Throw away the draft of a new connector, Stock?", "ok: The draft is gone.", "Nothing was left unfinished.",
	)
	if strings.Contains(s.err, "An unfinished connector: Stock") {
		t.Errorf("the draft that was chosen is offered again:\n%s", s.err)
	}
	if n := len(p.drafts()); n != 0 || !strings.Contains(p.shownOf("Payments"), `"description": "mine"`) {
		t.Errorf("%d drafts are left", n)
	}
	s = p.must("resume 1\ndrop x\ndrop\nquit\n", "--plain")
	contains(t, "Home", s.err, "Nothing was left unfinished.", "error: That is the number of no draft. (usage)", "drafts reads out the numbers")
}

func TestPlainHomeFinishesADraftOfANewConnector(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.run("Payments\nquit\n", "new", "--plain")
	rest := "\n\n\n\n\nhttps://bitbucket.org/acme/ledger.git\n\n\n" + token("kQ7") + "\n\n\n\n\n\njdoe@acme-corp.com\n\n\n\n"
	s := p.must("resume 1\n"+rest+"quit\n", "--plain")
	contains(t, "Home", s.err, "ok: Saved Payments (Payments).", "The list is another one now", "1. Payments (Payments)")
	if n := len(p.drafts()); n != 0 {
		t.Errorf("%d drafts are left after saving", n)
	}
}
