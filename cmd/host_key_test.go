package cmd

import (
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"bbconnect/internal/disk"
	"bbconnect/internal/flow"
	"bbconnect/internal/sandbox"
	"bbconnect/internal/store"
	"bbconnect/model"
)

func TestInTryAnAcceptedHostKeyCountsFromTheNextTestOn(t *testing.T) {
	t.Parallel()
	key, err := newKeyTool().Generate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, scenario := range []string{"host-key-unknown", "host-key-changed"} {
		r := tryScenario(t, scenario, key)
		for _, w := range r.box.Scenario().Shows {
			first := r.app.jobs.Tester.Test(t.Context(), r.request(t, w, key), nil)
			if first.Problem == nil || first.Problem.HostKey == nil {
				t.Fatalf("%s %s: no key is offered: %+v", scenario, w.URL, first.Problem)
			}
			if err := r.app.jobs.Library.AcceptHostKey(t.Context(), *first.Problem.HostKey); err != nil {
				t.Fatal(err)
			}
			if second := r.app.jobs.Tester.Test(t.Context(), r.request(t, w, key), nil); second.Verdict != model.VerdictPass {
				t.Errorf("%s %s: %s %+v", scenario, w.URL, second.Verdict, second.Problem)
			}
		}
	}
}

// Two keys of one type have lines of one length, so that the size of what is
// known says nothing.
func TestForRealAnAcceptedHostKeyTakesTheOldOnesPlaceAndCounts(t *testing.T) {
	t.Parallel()
	box, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	a := newTestApp(strings.NewReader(""), io.Discard, io.Discard)
	home := t.TempDir()
	a.folders = disk.Folders{Data: home + "/data", State: home + "/state", Config: home + "/config"}
	a.store = store.Open(a.folders)
	key, err := newKeyTool().Generate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	public, err := newKeyTool().Public(key, model.Secret{}, "try")
	if err != nil {
		t.Fatal(err)
	}
	if err := box.AuthorizeKey(sandbox.Key{Line: public, User: "jdoe"}); err != nil {
		t.Fatal(err)
	}
	address := box.DataCenterSSHAddr()
	req := model.TestRequest{SSHKey: key, Kind: model.KindSSHKey, Connector: model.Connector{
		ID: "ledger", URL: "ssh://git@" + address + "/pay/ledger.git", URLType: model.URLRepo, ConnectionType: model.SSH, Mode: model.ModePlatform,
	}}
	tester := newTester(a, testFlags{})
	for _, code := range []string{"ssh.host-key-unknown", "ssh.host-key-changed"} {
		result := tester.Test(t.Context(), req, nil)
		if result.Problem == nil || result.Problem.Code != code || result.Problem.HostKey == nil {
			t.Fatalf("%s %+v, want %s and a key", result.Verdict, result.Problem, code)
		}
		accepted := *result.Problem.HostKey
		if code == "ssh.host-key-unknown" { // what is accepted first is another key of the same type
			accepted.Line = foreignLine(t, address)
		}
		if err := a.store.AcceptHostKey(t.Context(), accepted); err != nil {
			t.Fatal(err)
		}
	}
	if result := tester.Test(t.Context(), req, nil); !flow.Passed(result.Verdict) {
		t.Errorf("%s %+v", result.Verdict, result.Problem)
	}
	hosts := a.acceptedHosts(t.Context())
	if len(hosts) != 1 || strings.Count(string(hosts[0].Data), address[strings.LastIndex(address, ":")+1:]) != 1 {
		t.Errorf("the old key is still accepted: %q", hosts)
	}
}

// foreignLine is a line of known_hosts for an address with a key nobody has.
func foreignLine(t *testing.T, address string) string {
	t.Helper()
	raw, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	return knownhosts.Line([]string{knownhosts.Normalize(address)}, key)
}
