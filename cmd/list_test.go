package cmd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bbconnect/internal/document"
	"bbconnect/model"
)

// crowd writes n connectors as files, as a checkout of a repository would bring
// them.
func (p *place) crowd(n int) {
	p.t.Helper()
	dir := filepath.Join(p.home, "data", "connectors")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		p.t.Fatal(err)
	}
	for i := range n {
		c := model.Connector{
			ID: fmt.Sprintf("svc_%03d", i), Name: fmt.Sprintf("Service %03d <&>", i), URL: fmt.Sprintf("https://bitbucket.org/acme/service-%d.git", i),
			URLType: model.URLRepo, ConnectionType: model.HTTP, Username: model.Login{Plain: "jdoe"}, PasswordRef: "account.bb_token", Mode: model.ModePlatform,
		}
		data, err := document.Encode(c)
		if err != nil {
			p.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, c.ID+".yaml"), data, 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
}

func TestManyConnectorsAreListedByteForByteAsFew(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	if got := p.must("", "list", "--json").out; got != "[]\n" {
		t.Errorf("none: %q", got)
	}
	p.crowd(250)
	first := p.must("", "list", "--json").out
	for _, again := range [][]string{{"list", "--json"}, {"list", "--json", "--filter", "service"}} {
		if got := p.must("", again...).out; got != first {
			t.Errorf("%v prints something else", again)
		}
	}
	p.now = p.now.AddDate(0, 0, 1)
	if got := p.must("", "list", "--json").out; got != first {
		t.Error("a day later it prints something else")
	}
	if err := os.Remove(filepath.Join(p.home, "data", "connectors", "svc_007.yaml")); err != nil {
		t.Fatal(err)
	}
	if got := p.must("", "list", "--json").out; strings.Contains(got, "svc_007") || strings.Count(got, "\"id\"") != 249 {
		t.Error("a deleted connector is listed")
	}
}

func TestAListWithoutAnyFitSaysThatThereAreOthers(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	contains(t, "nothing saved", p.must("", "list", "--filter", "x").err, "No connectors. bbconnect new sets one up.")
	p.crowd(3)
	contains(t, "nothing fits", p.must("", "list", "--filter", "nosuch").err, "None of the 3 connectors fits.")
	one := newPlace(t)
	one.crowd(1)
	contains(t, "the only one", one.must("", "list", "--filter", "nosuch").err, "The only connector does not fit.")
	contains(t, "read out", one.must("find nosuch\nquit\n", "--plain").err, "None with nosuch: there is only one connector. list reads it out.")
	if s := p.must("", "list", "--expiring", "30"); s.out+s.err != "" {
		t.Errorf("nothing ends, and cron would mail %q", s.out+s.err)
	}
}
