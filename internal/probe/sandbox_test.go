package probe

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"bbconnect/internal/sandbox"
	"bbconnect/model"
)

// The sandbox was written by another hand and shares no code with the probe:
// where the two agree, neither is merely agreeing with itself.

// newSandbox starts one with the connector's key known at both products.
func newSandbox(t *testing.T, scenario string) (*sandbox.Sandbox, *Prober) {
	t.Helper()
	o := sandbox.Options{Scenario: scenario, AuthorizedKeys: []sandbox.Key{{
		User: "jdoe", Line: string(ssh.MarshalAuthorizedKey(hostSigner(t, rsaKey()).PublicKey())),
	}}}
	s, err := sandbox.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	limit := time.Minute
	if s.Scenario().Slow {
		limit = 500 * time.Millisecond // the limit itself is what ends these
	}
	return s, New(Options{Dial: s.Dial, RootCAs: s.RootCAs(), KnownHosts: listed(s.KnownHosts()), Proxy: s.Proxy, Timeout: limit})
}

// shown is the connector of a showing with the values a person would type.
func shown(s *sandbox.Sandbox, w sandbox.Showing) model.TestRequest {
	req := model.TestRequest{
		Connector: model.Connector{
			ID: "ledger", URL: w.URL, URLType: model.URLRepo, ConnectionType: model.HTTP, TestRepository: w.TestRepository,
			API: model.APIAccess{Method: model.APIMethod(w.API)}, Mode: model.ModePlatform,
		},
		Username: w.Username, Kind: model.KindUnknown, APILogin: w.APILogin,
	}
	if w.TestRepository != "" {
		req.Connector.URLType = model.URLAccount
	}
	if w.Delegate {
		req.Connector.Mode = model.ModeDelegate
	}
	if w.API == "off" {
		req.Connector.API.Method = model.APIOff
	}
	if w.SSH() {
		req.Connector.ConnectionType, req.SSHKey = model.SSH, model.NewSecret(ownKey())
		return req
	}
	secret := s.Secret(w.Token)
	if w.Cut > 0 {
		secret = secret[:w.Cut]
	}
	req.Password = model.NewSecret(secret)
	if w.APIToken != "" {
		req.APIToken = model.NewSecret(s.Secret(w.APIToken))
	}
	if w.ExpiredDays > 0 {
		req.Expires = time.Now().AddDate(0, 0, -w.ExpiredDays)
	}
	return req
}

func TestEveryScenarioIsDiagnosedAtEveryConnectorThatShowsIt(t *testing.T) {
	t.Parallel()
	for _, sc := range sandbox.Scenarios() {
		for _, w := range sc.Shows {
			t.Run(sc.Name+" "+w.URL+" "+w.API+" "+w.Verdict, func(t *testing.T) {
				t.Parallel()
				s, p := newSandbox(t, sc.Name)
				result := p.Test(t.Context(), shown(s, w), nil)
				for range 3 {
					if !sc.Slow || result.Problem != nil && result.Problem.Code == w.Code {
						break
					}
					// The limit that ends it came before what a busy machine does first.
					s, p = newSandbox(t, sc.Name)
					request := shown(s, w)
					request.Timeout = 3 * time.Second
					result = p.Test(t.Context(), request, nil)
				}
				compare(t, result, model.Verdict(w.Verdict), w.Code)
			})
		}
	}
}

// unshown are the codes of a live test that no server can show, with the reason.
func unshown() map[string]string {
	return map[string]string{
		"cred.missing":       "nothing is typed, so nothing is sent",
		"ssh.key-format":     "it is about the person's own key file",
		"ssh.key-passphrase": "it is about the person's own key file",
	}
}

// liveCodes are the codes the contract lists for live tests.
func liveCodes(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/contract.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "**live test**: ")
	line, _, _ := strings.Cut(rest, "A code of a field")
	var codes []string
	for _, m := range regexp.MustCompile("`([a-z]+\\.[a-z-]+)`").FindAllStringSubmatch(line, -1) {
		codes = append(codes, m[1])
	}
	if len(codes) < 45 {
		t.Fatalf("only %d codes of live tests were found in the contract: %q", len(codes), codes)
	}
	return codes
}

func TestEveryCodeOfALiveTestHasAScenario(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, sc := range sandbox.Scenarios() {
		for _, code := range sc.Codes() {
			shown[code] = true
		}
	}
	why := unshown()
	for _, code := range liveCodes(t) {
		switch {
		case !shown[code] && why[code] == "":
			t.Errorf("no scenario shows %s", code)
		case shown[code] && why[code] != "":
			t.Errorf("%s has a scenario and is excused as well: %s", code, why[code])
		}
	}
}

func TestASoundTestIsNeverRefusedByTheSandbox(t *testing.T) {
	t.Parallel()
	s, p := newSandbox(t, "")
	for _, w := range s.Scenario().Shows {
		compare(t, p.Test(t.Context(), shown(s, w), nil), model.VerdictPass, "")
	}
	for _, r := range s.Requests() {
		// The one question for nobody carries no credential; that it is refused is a
		// private repository.
		if r.Status == http.StatusUnauthorized && r.Login != "none" {
			t.Errorf("a credential was refused: %+v", r)
		}
	}
}

func compare(t *testing.T, result model.TestResult, verdict model.Verdict, code string) {
	t.Helper()
	got := ""
	if result.Problem != nil {
		got = result.Problem.Code
	}
	if result.Verdict != verdict || got != code {
		t.Errorf("%s, %q; want %s, %q\nproblem: %+v\nchecks: %+v", result.Verdict, got, verdict, code, result.Problem, result.Checks)
	}
}

func BenchmarkAWholeTestAgainstTheSandbox(b *testing.B) {
	s, err := sandbox.Start(b.Context(), sandbox.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	p := New(Options{Dial: s.Dial, RootCAs: s.RootCAs()})
	req := shown(s, s.Scenario().Shows[0])
	for b.Loop() {
		if r := p.Test(b.Context(), req, nil); r.Verdict != model.VerdictPass {
			b.Fatalf("%+v", r.Problem)
		}
	}
}
