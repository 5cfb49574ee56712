package cmd

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestWithoutAnAddressTheRemotesOfTheCheckoutAreExplained(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.checkout = []string{"https://jdoe@bitbucket.org/acme/ledger.git", "git@git.example.com/PAY/ledger.git"}
	s := p.must("", "url")
	if s.out != "https://bitbucket.org/acme/ledger.git\nssh://git@git.example.com:7999/PAY/ledger.git\n" {
		t.Errorf("%q", s.out)
	}
	contains(t, "people", s.err, "Remote https://jdoe@bitbucket.org/acme/ledger.git", "workspace acme", "Remote git@git.example.com/PAY/ledger.git", "url.missing-colon")

	for _, remotes := range [][]string{p.checkout, p.checkout[:1]} {
		p.checkout = remotes
		s = p.must("", "url", "--json")
		var list []struct{ Remote, URL, Workspace string }
		if err := json.Unmarshal([]byte(s.out), &list); err != nil {
			t.Fatalf("%v\n%s", err, s.out)
		}
		if len(list) != len(remotes) || list[0].Remote != remotes[0] || list[0].Workspace != "acme" || list[0].URL == "" || s.err != "" {
			t.Errorf("%+v %q", list, s.err)
		}
	}
}

func TestARemoteElsewhereIsSaidAndTheOthersAreExplained(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.checkout = []string{"git@github.com:acme/ledger.git", "https://bitbucket.org/acme/ledger.git"}
	s := p.run("", "url")
	if s.code != exitFailed || s.out != "https://bitbucket.org/acme/ledger.git\n" {
		t.Errorf("exit %d, %q", s.code, s.out)
	}
	contains(t, "people", s.err, "url.other-provider")
}

func TestOutsideACheckoutThereIsNothingToExplainAndSomethingToDo(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := p.run("", "url")
	if s.code != exitUsage || s.out != "" {
		t.Errorf("exit %d, %q", s.code, s.out)
	}
	contains(t, "the error", s.err, "no git remote here", "Run it in a git checkout", "bbconnect url https://bitbucket.org/acme/ledger")
	if s := p.run("", "url", "--json"); s.code != exitUsage || !strings.Contains(s.out, `"fix"`) {
		t.Errorf("exit %d, %q", s.code, s.out)
	}
	if s := p.run("", "url", "--url-type", "Workspace"); s.code != exitUsage || !strings.Contains(s.err, "--url-type") {
		t.Errorf("what is wrong with the flag is said before anything else: %q", s.err)
	}
}
