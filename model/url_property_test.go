package model

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// wantedPlace is a place drawn at random, before it is written as anything.
type wantedPlace struct {
	host, context, owner, repo string
	port                       int
}

func drawPlace(r *rand.Rand) wantedPlace {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	return wantedPlace{
		host:    pick("bb.corp.com", "git.acme-corp.com", "bitbucket", "localhost", "10.0.0.7", "code.a.b.c.example"),
		context: pick("", "", "/bitbucket", "/stash", "/git", "/tools/bb"),
		owner:   pick("PAY", "pay", "~jdoe", "A1", "LONG_PROJECT_KEY", "scm2", "~j.doe-x"),
		repo:    pick("ledger", "a", "re.po", "x-y_z", "2026", "projects", "browse", "scm"),
		port:    []int{0, 0, 7990, 8443, 1, 65535}[r.IntN(6)],
	}
}

func (p wantedPlace) base() string {
	if p.port == 0 {
		return "https://" + p.host + p.context
	}
	return fmt.Sprintf("https://%s:%d%s", p.host, p.port, p.context)
}

// pages are the ways a browser, an interface or a person writes a repository.
func (p wantedPlace) pages() []string {
	web := p.base() + "/projects/" + p.owner + "/repos/" + p.repo
	pages := []string{
		p.base() + "/scm/" + p.owner + "/" + p.repo + ".git",
		p.base() + "/scm/" + p.owner + "/" + p.repo + ".git/",
		"git clone " + p.base() + "/scm/" + p.owner + "/" + p.repo + ".git",
		strings.Replace(p.base(), "https://", "https://"+"jdoe:canary-0042@", 1) + "/scm/" + p.owner + "/" + p.repo + ".git",
		web, web + "/browse?at=refs%2Fheads%2Fmain", web + "/pull-requests/7", web + "/commits/0123abc",
		p.base() + "/rest/api/1.0/projects/" + p.owner + "/repos/" + p.repo,
		p.base() + "/rest/api/latest/projects/" + p.owner + "/repos/" + p.repo + "/branches?limit=1",
		strings.ToUpper(p.base()[:len("https://")+len(p.host)]) + p.base()[len("https://")+len(p.host):] + "/scm/" + p.owner + "/" + p.repo + ".git",
	}
	if user, personal := strings.CutPrefix(p.owner, "~"); personal {
		pages = append(pages, p.base()+"/users/"+user+"/repos/"+p.repo+"/browse")
	}
	return pages
}

func TestEveryWayToWriteAServerRepositoryMeansTheSamePlace(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		p := drawPlace(r)
		want := Address{
			Product: DataCenter, Transport: HTTP, URLType: URLRepo, Host: p.host, Port: p.port, Context: p.context,
			Project: p.owner, Repo: p.repo,
		}.settle()
		if want.API != p.base()+"/rest/api/1.0" {
			t.Errorf("%+v: Harness derives %q", p, want.API)
		}
		for _, page := range p.pages() {
			got := ReadURL(page, URLContext{URLType: URLRepo, ConnectionType: HTTP})
			if got.Address != want {
				t.Errorf("%q\n got %+v\nwant %+v", page, got.Address, want)
			}
			if got.Findings.HasErrors() {
				t.Errorf("%q: %s", page, codes(got.Findings))
			}
			assertSettled(t, page, got)
		}
	}
}

func TestEveryWayToWriteACloudRepositoryMeansTheSamePlace(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	names := []string{"ws", "acme-corp", "a_b", "repo", "x.y", "2026", "scm", "projects", "users", "rest"}
	for range 200 {
		ws, repo := names[r.IntN(len(names))], names[r.IntN(len(names))]
		web := "https://bitbucket.org/" + ws + "/" + repo
		for _, text := range []string{
			web, web + ".git", web + "/", web + "/src/main/", web + "/branches/", web + "/pull-requests/", web + "/commits/branch/main",
			web + "/admin", "bitbucket.org/" + ws + "/" + repo, "HTTP://www.Bitbucket.org/" + ws + "/" + repo,
			"https://api.bitbucket.org/2.0/repositories/" + ws + "/" + repo + "/refs/branches",
			"https://jdoe@bitbucket.org/" + ws + "/" + repo + ".git", "git clone https://jdoe@bitbucket.org/" + ws + "/" + repo + ".git x",
		} {
			if ws == "scm" && strings.Count(text, "/") > 4 {
				continue // that is Data Center's form at Cloud's host
			}
			got := ReadURL(text, URLContext{})
			if got.URL != web+".git" || got.Workspace != ws || got.Repo != repo || got.Product != Cloud || got.Findings.HasErrors() {
				t.Errorf("%q is %q, workspace %q, repository %q: %s", text, got.URL, got.Workspace, got.Repo, codes(got.Findings))
			}
			assertSettled(t, text, got)
		}
	}
}

func TestEveryWayToWriteAnSSHAddressMeansTheSamePlace(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		p := drawPlace(r)
		path := p.owner + "/" + p.repo
		for _, text := range []string{
			"ssh://git@" + p.host + ":7999/" + path + ".git", "git@" + p.host + ":7999/" + path + ".git",
			"git@" + p.host + "/" + path + ".git", "git@" + p.host + "/" + path, "ssh://" + p.host + ":7999/" + path + ".git",
			"ssh://jdoe@" + p.host + ":7999/" + path + ".git", "ssh://git@" + p.host + ":7999/scm/" + path + ".git",
			"git clone ssh://git@" + p.host + ":7999/" + path + ".git", p.host + ":7999/" + path + ".git",
		} {
			got := ReadURL(text, URLContext{URLType: URLRepo, ConnectionType: SSH})
			if want := "ssh://git@" + p.host + ":7999/" + path + ".git"; got.URL != want || got.Findings.HasErrors() {
				t.Errorf("%q is %q, want %q: %s", text, got.URL, want, codes(got.Findings))
			}
			assertSettled(t, text, got)
		}
	}
}

func TestASuggestionEndsTheFindingThatMakesIt(t *testing.T) {
	t.Parallel()
	texts := []string{
		cloudRepo, cloudHome, serverRepo, serverHome, serverSSH, "git@bitbucket.org:ws/repo.git", "git@bb.corp.com:PAY/ledger.git",
		"ssh://git@altssh.bitbucket.org:443/ws/repo.git", "ssh://git@ssh.bitbucket.org:9/ws/repo.git", "https://bb.corp.com/scm/PAY",
		"https://corp.com/bitbucket/projects/PAY/repos/r/browse", "https://bitbucket.com/ws/repo", "git@bb.corp.com/P/r", "http://bitbucket.org/a/b",
	}
	for _, text := range texts {
		for _, urlType := range []URLType{"", URLAccount, URLRepo} {
			for _, connection := range []ConnectionType{"", HTTP, SSH} {
				for _, api := range []bool{false, true} {
					ctx := URLContext{URLType: urlType, ConnectionType: connection, APIOn: api}
					for _, f := range ReadURL(text, ctx).Findings {
						if f.Suggestion == "" {
							continue
						}
						if _, again := ReadURL(f.Suggestion, ctx).Findings.Code(f.Code); again {
							t.Errorf("%q, %+v: %s suggests %q, which has it too", text, ctx, f.Code, f.Suggestion)
						}
					}
				}
			}
		}
	}
}

func TestGoingToTheOtherConnectionTypeAndBackStaysAtTheSamePlace(t *testing.T) {
	t.Parallel()
	for _, text := range []string{cloudRepo, cloudHome, "https://bitbucket.org", serverRepo, serverHome} {
		there, ok := ReadURL(text, URLContext{}).For("", SSH)
		if !ok {
			t.Fatalf("%q has no SSH form", text)
		}
		a := ReadURL(there, URLContext{}).Address
		if back, ok := a.For("", HTTP); a.Transport != SSH || !ok || back != text {
			t.Errorf("%q, by way of %q, is %q", text, there, back)
		}
	}
}
