package probe

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"bbconnect/internal/sandbox"
)

// kept is a log that several tests' goroutines write to.
type kept struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (k *kept) Write(p []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.b.Write(p)
}

func (k *kept) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.b.String()
}

// TestNoScenarioPutsASecretIntoTheLog runs one connector of every scenario with the
// log on.
func TestNoScenarioPutsASecretIntoTheLog(t *testing.T) {
	t.Parallel()
	for _, sc := range sandbox.Scenarios() {
		if sc.Slow {
			continue // what is slow says nothing that others do not
		}
		for _, w := range sc.Shows[:min(1, len(sc.Shows))] {
			t.Run(sc.Name, func(t *testing.T) {
				t.Parallel()
				s, p := newSandbox(t, sc.Name)
				var out kept
				p.opts.Log = slog.New(slog.NewTextHandler(&out, nil))
				req := shown(s, w)
				quiet, _ := p.test(t.Context(), req, nil)
				log := out.String()
				if len(quiet.Checks) > 0 && quiet.Problem == nil && log == "" {
					t.Error("a test that passed is not in the log")
				}
				for _, secret := range []string{req.Password.Reveal(), req.APIToken.Reveal(), login{user: req.Username, secret: req.Password}.basic(), ownKey()} {
					if len(secret) > 12 && strings.Contains(log, secret[len(secret)/3:len(secret)/3+12]) {
						t.Errorf("a part of a secret is in the log:\n%s", log)
					}
				}
				if strings.ContainsAny(log, "?\x1b") || strings.Contains(log, "Authorization") {
					t.Errorf("a query, a header or an escape is in the log:\n%s", log)
				}
			})
		}
	}
}

func TestTheLogSaysWhereTheTimeWent(t *testing.T) {
	t.Parallel()
	var overHTTP, overSSH bool
	for _, sc := range sandbox.Scenarios() {
		if sc.Name != sandbox.Healthy {
			continue
		}
		for _, w := range sc.Shows {
			if w.SSH() && overSSH || !w.SSH() && overHTTP {
				continue
			}
			s, p := newSandbox(t, sc.Name)
			var out kept
			p.opts.Log = slog.New(slog.NewTextHandler(&out, nil))
			p.Test(t.Context(), shown(s, w), nil)
			log := out.String()
			wants := []string{"msg=request method=GET host=", "status=200", "login=basic", `phases="`, "dial ", "tls ", "answer ", "body "}
			if w.SSH() {
				overSSH = true
				wants = []string{"msg=ssh address=", "server=SSH-2.0-", "read=true", `phases="dial `, "ssh ", "answer "}
			} else {
				overHTTP = true
			}
			for _, want := range wants {
				if !strings.Contains(log, want) {
					t.Errorf("the log of %s does not say %q:\n%s", w.URL, want, log)
				}
			}
		}
	}
	if !overHTTP || !overSSH {
		t.Error("the healthy scenario shows no connector over HTTP, or none over SSH")
	}
}

func TestWhatDidNotAnswerIsInTheLogWithItsReason(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, sc := range sandbox.Scenarios() {
		if sc.Slow || len(sc.Shows) == 0 || !strings.HasPrefix(sc.Shows[0].Code, "net.") && !strings.HasPrefix(sc.Shows[0].Code, "tls.") {
			continue
		}
		s, p := newSandbox(t, sc.Name)
		var out kept
		p.opts.Log = slog.New(slog.NewTextHandler(&out, nil))
		p.Test(t.Context(), shown(s, sc.Shows[0]), nil)
		for line := range strings.Lines(out.String()) {
			if _, reason, ok := strings.Cut(strings.TrimSpace(line), " fault="); ok {
				found[reason] = true
			}
		}
	}
	if len(found) < 3 {
		t.Errorf("only %v are told", found)
	}
}
