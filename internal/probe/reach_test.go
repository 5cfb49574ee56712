package probe

import (
	"context"
	"encoding/pem"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"bbconnect/model"
)

// reach runs Reach and returns the checks by id.
func reach(t *testing.T, o Options, c model.Connector, caFile string) map[string]model.Check {
	t.Helper()
	out := map[string]model.Check{}
	for _, check := range New(o).Reach(t.Context(), c, caFile) {
		out[check.ID] = check
	}
	return out
}

// refusing is a dialer that nobody answers.
func refusing(context.Context, string, string) (net.Conn, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

func statusAndCode(c model.Check) string {
	if c.Problem == nil {
		return string(c.Status)
	}
	return string(c.Status) + " " + c.Problem.Code
}

func TestReachConnectsToBothHostsAndSignsInNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, soundCloud())
	got := reach(t, w.options(), cloudRequest().Connector, "")
	for _, id := range []string{"reach", "tls", "clock", "rest-reach", "rest-tls"} {
		if got[id].Status != model.CheckPass {
			t.Errorf("%s is %+v", id, got[id])
		}
	}
	if len(got) != 5 || !strings.Contains(got["rest-reach"].Title, "api.bitbucket.org") {
		t.Errorf("%+v", got)
	}
	for _, r := range w.seen() {
		if r.authorization != "" || r.path != "/" {
			t.Errorf("asked %s%s with %q", r.host, r.path, r.authorization)
		}
	}
	if server := reach(t, w.options(), serverRequest().Connector, ""); len(server) != 3 || server["tls"].Status != model.CheckPass {
		t.Errorf("one host is asked once: %+v", server)
	}
}

func TestReachNamesWhatKeepsAConnectionFromComingAbout(t *testing.T) {
	t.Parallel()
	c := serverRequest().Connector
	w := newWorld(t, nil)
	gone := w.options()
	gone.Dial = refusing
	if got := reach(t, gone, c, ""); statusAndCode(got["reach"]) != "fail net.refused" || got["tls"].Status != model.CheckSkip {
		t.Errorf("%+v", got)
	}
	strange := w.options()
	strange.RootCAs = newAuthority(t, "Another CA").pool
	got := reach(t, strange, c, "")
	if got["reach"].Status != model.CheckPass || statusAndCode(got["tls"]) != "fail tls.unknown-ca" {
		t.Errorf("%+v", got)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.ca.cert.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := reach(t, strange, c, file); got["tls"].Status != model.CheckPass {
		t.Errorf("with its CA file: %+v", got)
	}
	if got := reach(t, strange, c, file+".gone"); statusAndCode(got["tls"]) != "fail tls.unknown-ca" {
		t.Errorf("with a file that is gone: %+v", got)
	}
	if got := reach(t, w.options(), model.Connector{URL: "ext::x"}, ""); len(got) != 0 {
		t.Errorf("no address: %+v", got)
	}
}

func TestReachHearsTheHostKeyAndNeedsNoKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	c := model.Connector{ID: "s", URL: "ssh://git@" + dcHost + ":7999/PAY/ledger.git", URLType: model.URLRepo, ConnectionType: model.SSH}
	w := newSSHWorld(t, nil)
	o := Options{Dial: w.route(refusing), Timeout: time.Minute, KnownHosts: listed(w.line(dcHost+":7999", 0))}
	got := reach(t, o, c, "")
	if got["reach"].Status != model.CheckPass || got["tls"].Status != model.CheckPass || !strings.Contains(got["tls"].Title, "Host key of "+dcHost) {
		t.Errorf("%+v", got)
	}
	if len(w.ran()) != 0 {
		t.Errorf("it ran %q", w.ran())
	}
	o.KnownHosts = nil
	got = reach(t, o, c, "")
	if statusAndCode(got["tls"]) != "fail ssh.host-key-unknown" || got["tls"].Problem.HostKey == nil {
		t.Errorf("%+v", got)
	}
	o.Dial = refusing
	if got := reach(t, o, c, ""); statusAndCode(got["reach"]) != "fail net.refused" {
		t.Errorf("%+v", got)
	}
}

func TestReachSaysHowWrongTheClockIs(t *testing.T) {
	t.Parallel()
	server := time.Now().Add(-3 * time.Hour).UTC().Format(http.TimeFormat)
	w := newWorld(t, map[string]reply{dcHost + "/": {status: 401, header: map[string]string{"Date": server}}})
	got := reach(t, w.options(), serverRequest().Connector, "")["clock"]
	if got.Status != model.CheckWarn || got.Problem == nil || got.Problem.Code != "machine.clock" {
		t.Fatalf("%+v", got)
	}
	if strings.ContainsAny(got.Problem.What+got.Problem.Why, "{}") || !strings.Contains(got.Problem.What, "3 hours") && !strings.Contains(got.Problem.What, "3 h") {
		t.Errorf("%+v", got.Problem)
	}
	near := time.Now().Add(time.Minute).UTC().Format(http.TimeFormat)
	w = newWorld(t, map[string]reply{dcHost + "/": {status: 401, header: map[string]string{"Date": near}}})
	if got := reach(t, w.options(), serverRequest().Connector, "")["clock"]; got.Status != model.CheckPass {
		t.Errorf("a minute is no error: %+v", got)
	}
}

func TestReachNamesWhereSSHIsInstead(t *testing.T) {
	t.Parallel()
	const stated, guessed = "rest/ssh/latest/settings", "that is a guess"
	told := settings(`{"enabled":true,"port":7999}`)
	for name, c := range map[string]struct {
		url     string
		script  map[string]reply
		options func(*testing.T, *world, *Options)
		want    string
		says    string
		mend    string
	}{
		"bitbucket.org has moved":     {"git@bitbucket.org:acme/ledger.git", nil, inTurn(sshServer(nil, nil), closedAt(":22")), "fail ssh.host-moved", "November 12, 2026", "git@ssh.bitbucket.org:acme/ledger.git"},
		"port 22 is blocked":          {"git@ssh.bitbucket.org:acme/ledger.git", nil, inTurn(sshServer(nil, nil), closedAt(":22")), "fail ssh.port-blocked", "port 443", "ssh://git@altssh.bitbucket.org:443/acme/ledger.git"},
		"everything is closed":        {"git@ssh.bitbucket.org:acme/ledger.git", nil, closedAt(":22", ":443"), "fail net.refused", "", ""},
		"Data Center states its port": {"ssh://git@" + dcHost + "/pay/ledger.git", told, closedAt(":22"), "fail net.refused", stated, "ssh://git@" + dcHost + ":7999/pay/ledger.git"},
		"Data Center does not tell":   {"ssh://git@" + dcHost + "/pay/ledger.git", nil, closedAt(":22"), "fail net.refused", guessed, "ssh://git@" + dcHost + ":7999/pay/ledger.git"},
		"Data Center has SSH off":     {"ssh://git@" + dcHost + ":7999/pay/ledger.git", settings(`{"enabled":false}`), closedAt(":7999"), "fail net.refused", "switched off", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.script)
			o := w.options()
			c.options(t, w, &o)
			got := reach(t, o, model.Connector{ID: "s", URL: c.url, URLType: model.URLRepo, ConnectionType: model.SSH}, "")["reach"]
			if statusAndCode(got) != c.want {
				t.Fatalf("%+v, want %s", got, c.want)
			}
			if p := got.Problem; !strings.Contains(p.What+p.Why+p.Fix, c.says) {
				t.Errorf("%q is not said: %+v", c.says, p)
			}
			switch p := got.Problem; {
			case c.mend == "":
				noMend(t, p)
			default:
				firstMend(c.mend)(t, p)
			}
			for _, r := range w.seen() {
				if r.authorization != "" {
					t.Errorf("a credential went to %s", r.path)
				}
			}
		})
	}
}

func TestReachAsksNoSettingsWhereSSHAnswers(t *testing.T) {
	t.Parallel()
	s, w := newSSHWorld(t, nil), newWorld(t, settings(`{"port":7999}`))
	o := w.options()
	o.Dial, o.KnownHosts = s.route(o.Dial), listed(s.line(dcHost+":22", 0))
	c := model.Connector{ID: "s", URL: "ssh://git@" + dcHost + "/pay/ledger.git", URLType: model.URLRepo, ConnectionType: model.SSH}
	if got := reach(t, o, c, ""); got["reach"].Status != model.CheckPass || got["tls"].Status != model.CheckPass {
		t.Errorf("%+v", got)
	}
	if seen := w.seen(); len(seen) != 0 {
		t.Errorf("it asked %+v", seen)
	}
}
