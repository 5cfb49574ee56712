package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"bbconnect/model"
)

// strictServer is a Data Center on loopback that counts wrong sign-ins by the
// Authorization header, and asks for a CAPTCHA after some of them.
type strictServer struct {
	*httptest.Server
	ca authority
	// good are the headers that sign in.
	good func(header string) bool
	// captchaAfter is after how many wrong sign-ins a CAPTCHA is asked for; 0
	// means never.
	captchaAfter int
	// rest answers the REST API in place of the accounts, where it is set.
	rest *reply

	mu       sync.Mutex
	rejected map[string]int
	captchas int
	accepted int
}

func newStrictServer(t testing.TB, good func(string) bool) *strictServer {
	t.Helper()
	s := &strictServer{ca: newAuthority(t, "Acme Issuing CA"), good: good, rejected: map[string]int{}}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{s.ca.issue(t, time.Now().Add(time.Hour), dcHost)}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// ServeHTTP implements http.Handler.
func (s *strictServer) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	header := in.Header.Get("Authorization")
	answer := s.answer(in, header)
	for k, v := range answer.header {
		out.Header().Set(k, v)
	}
	out.WriteHeader(max(answer.status, 200))
	_, _ = io.WriteString(out, answer.body)
}

func (s *strictServer) answer(in *http.Request, header string) reply {
	overGit := strings.HasSuffix(in.URL.Path, "/info/refs")
	if !overGit && s.rest != nil {
		return *s.rest
	}
	if !s.good(header) {
		s.rejected[header]++
		if s.captchaAfter > 0 && len(s.rejected) > 0 && s.total() > s.captchaAfter {
			s.captchas++
			return serverError(403, "auth.CaptchaRequiredAuthenticationException", "CAPTCHA required")
		}
		if overGit {
			return text(401, "")
		}
		return serverDenied()
	}
	s.accepted++
	if overGit {
		return gitReply()
	}
	if answer, ok := soundServer()[dcHost+in.URL.Path]; ok {
		return answer
	}
	return serverReply(200, `{"slug":"ledger","public":false}`)
}

// total counts wrong sign-ins; the lock is held.
func (s *strictServer) total() (n int) {
	for _, count := range s.rejected {
		n += count
	}
	return n
}

// counts is what the server saw so far.
func (s *strictServer) counts() (wrong, most, accepted int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.rejected {
		most = max(most, n)
	}
	return s.total(), most, s.accepted
}

// set changes the server between tests.
func (s *strictServer) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *strictServer) prober() *Prober {
	return New(Options{RootCAs: s.ca.pool, Timeout: time.Minute, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, s.Listener.Addr().String())
	}})
}

// fleet is so many connectors of one server that share a credential.
func fleet(n int, change func(*model.TestRequest)) []model.TestRequest {
	out := make([]model.TestRequest, n)
	for i := range out {
		out[i] = serverRequest()
		out[i].Connector.ID = fmt.Sprintf("team-%02d", i)
		out[i].Connector.URL = fmt.Sprintf("https://%s/scm/PAY/ledger-%02d.git", dcHost, i)
		if change != nil {
			change(&out[i])
		}
	}
	return out
}

// testAll tests the connectors, so many at a time.
func testAll(t *testing.T, p *Prober, list []model.TestRequest, jobs int) []model.TestResult {
	t.Helper()
	results := make([]model.TestResult, len(list))
	next := make(chan int, len(list))
	for i := range list {
		next <- i
	}
	close(next)
	var workers sync.WaitGroup
	for range jobs {
		workers.Go(func() {
			for i := range next {
				results[i] = p.Test(t.Context(), list[i], nil)
			}
		})
	}
	workers.Wait()
	return results
}

// userNameAndToken is Basic on both channels with one login.
func userNameAndToken(r *model.TestRequest) {
	r.Connector.API.Method, r.APILogin = model.APIUsernameToken, r.Username
}

// otherPort puts the server on a port of its own; accounts are the same there.
func otherPort(r *model.TestRequest) {
	r.Connector.URL = strings.Replace(r.Connector.URL, dcHost, dcHost+":8443", 1)
}

func nobodyIsGood(string) bool { return false }

func TestFortyConnectorsWithOneDeadPasswordCostTwoRejectedSignIns(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*model.TestRequest)
		// total is how many wrong sign-ins reach the server, over all logins.
		total int
	}{
		"one login on git and REST":           {userNameAndToken, 2},
		"on a port of its own":                {together(userNameAndToken, otherPort), 2},
		"its user name in other letters":      {together(userNameAndToken, func(r *model.TestRequest) { r.APILogin = "JDoe" }), 2},
		"git alone, and REST for the reason":  {together(func(r *model.TestRequest) { r.Connector.API.Method, r.APILogin = model.APIOff, r.Username }), 2},
		"a login for git, none for REST":      {nil, 4},
		"API access off, Bearer for a reason": {apiOff, 4},
	} {
		for _, jobs := range []int{1, 32} {
			t.Run(fmt.Sprintf("%s, %d at a time", name, jobs), func(t *testing.T) {
				t.Parallel()
				s := newStrictServer(t, nobodyIsGood)
				results := testAll(t, s.prober(), fleet(40, c.change), jobs)
				wrong, most, _ := s.counts()
				if wrong != c.total || most > maxRejections {
					t.Errorf("%d wrong sign-ins, %d of one login; want %d and at most %d", wrong, most, c.total, maxRejections)
				}
				sameProblem(t, results, "cred.rejected")
			})
		}
	}
}

// sameProblem wants every result to fail with one problem under the code, and
// with checks that all ended.
func sameProblem(t *testing.T, results []model.TestResult, code string) {
	t.Helper()
	first := results[0].Problem
	for i, r := range results {
		if r.Verdict != model.VerdictFail || r.Problem == nil || r.Problem.Code != code {
			t.Fatalf("connector %d: %s, %+v", i, r.Verdict, r.Problem)
		}
		if r.Problem.What != first.What || r.Problem.Field != first.Field || r.Problem.Fix != first.Fix {
			t.Errorf("connector %d has another problem: %+v and %+v", i, r.Problem, first)
		}
		for _, c := range r.Checks {
			if c.Status == "" || c.Status == model.CheckRunning || c.Status == model.CheckSkip && c.Detail == "" {
				t.Errorf("connector %d: %s is %q (%s)", i, c.ID, c.Status, c.Detail)
			}
		}
	}
}

func TestACaptchaIsAskedForOnce(t *testing.T) {
	t.Parallel()
	s := newStrictServer(t, nobodyIsGood)
	s.captchaAfter = 1
	p := s.prober()
	// The first wrong sign-in is the old tool's; from then on a CAPTCHA is asked for.
	p.Test(t.Context(), fleet(1, together(apiOff, password(serverToken()+"x"), user("jdoe")))[0], nil)
	before, _, _ := s.counts()
	results := testAll(t, p, fleet(10, userNameAndToken), 1)
	wrong, _, _ := s.counts()
	if wrong-before != 2 {
		// One test: git and REST at the same moment.
		t.Errorf("%d sign-ins with a CAPTCHA open, want those of one test", wrong-before)
	}
	sameProblem(t, results, "account.captcha")
}

func TestARejectionCountsWhateverIsToBeMendedFirst(t *testing.T) {
	t.Parallel()
	for name, rest := range map[string]reply{
		"REST is down":                 text(503, "down"),
		"REST takes no more requests":  text(429, "later"),
		"a login page answers at REST": page(200, loginPage),
		"REST is no Bitbucket":         text(404, "nothing here"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStrictServer(t, nobodyIsGood)
			s.rest = &rest
			results := testAll(t, s.prober(), fleet(12, nil), 8)
			if wrong, _, _ := s.counts(); wrong != maxRejections {
				t.Errorf("%d wrong sign-ins reached git", wrong)
			}
			last := results[len(results)-1].Problem
			if last == nil || last.Code != "cred.rejected" {
				t.Errorf("the last connector says %+v", last)
			}
		})
	}
}

func TestANewSecretOrLoginIsSentAfterTheOldOneIsLockedOut(t *testing.T) {
	t.Parallel()
	fresh := serverToken() + "new"
	good := map[string]bool{
		login{"jdoe", model.NewSecret(fresh)}.header():          true,
		login{"build", model.NewSecret(serverToken())}.header(): true,
	}
	s := newStrictServer(t, func(h string) bool { return good[h] })
	p := s.prober()
	sameProblem(t, testAll(t, p, fleet(4, userNameAndToken), 4), "cred.rejected")
	for name, change := range map[string]func(*model.TestRequest){
		"another secret": together(userNameAndToken, password(fresh)),
		"another login":  together(user("build"), userNameAndToken),
	} {
		if r := p.Test(t.Context(), fleet(1, change)[0], nil); r.Verdict != model.VerdictPass {
			t.Errorf("%s: %s, %+v", name, r.Verdict, r.Problem)
		}
	}
	if wrong, _, _ := s.counts(); wrong != maxRejections {
		t.Errorf("%d wrong sign-ins", wrong)
	}
}

func TestACredentialThatIsRevokedInBetweenStopsAfterTwo(t *testing.T) {
	t.Parallel()
	revoked := false
	s := newStrictServer(t, nil)
	s.good = func(string) bool { return !revoked }
	p := s.prober()
	for _, r := range testAll(t, p, fleet(5, userNameAndToken), 5) {
		compare(t, r, model.VerdictPass, "")
	}
	s.set(func() { revoked = true })
	sameProblem(t, testAll(t, p, fleet(6, userNameAndToken), 1), "cred.rejected")
	if wrong, _, _ := s.counts(); wrong > maxRejections {
		t.Errorf("%d wrong sign-ins after it was revoked", wrong)
	}
}

func TestASuccessClearsTheRejectionsBeforeIt(t *testing.T) {
	t.Parallel()
	down := true
	s := newStrictServer(t, nil)
	s.good = func(string) bool { return !down }
	p := s.prober()
	request := fleet(1, nil)[0]
	request.APIToken = model.NewSecret(serverToken() + "rest")
	for range 4 {
		s.set(func() { down = true })
		compare(t, p.Test(t.Context(), request, nil), model.VerdictFail, "cred.rejected")
		s.set(func() { down = false })
		compare(t, p.Test(t.Context(), request, nil), model.VerdictPass, "")
	}
}

func TestAReasonThatMayNotBeAskedKeepsNoConnectorFromItsTest(t *testing.T) {
	t.Parallel()
	right := login{"jdoe", model.NewSecret(serverToken())}.header()
	s := newStrictServer(t, func(h string) bool { return h == right })
	p := s.prober()
	testAll(t, p, fleet(3, together(apiOff, user("john"))), 1)
	compare(t, p.Test(t.Context(), fleet(1, apiOff)[0], nil), model.VerdictPass, "")
}

func TestConnectorsWithoutAPIAccessAreTestedAtTheSameTime(t *testing.T) {
	t.Parallel()
	const many = 12
	s := newStrictServer(t, func(h string) bool { return h != "" })
	p := s.prober()
	compare(t, p.Test(t.Context(), fleet(1, apiOff)[0], nil), model.VerdictPass, "")
	// From here on every answer waits until all the tests have arrived.
	var arrived sync.WaitGroup
	arrived.Add(many)
	together := make(chan struct{})
	go func() { arrived.Wait(); close(together) }()
	dial := p.opts.Dial
	p.opts.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		arrived.Done()
		select {
		case <-together:
			return dial(ctx, network, addr)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	for _, r := range testAll(t, p, fleet(many, apiOff), many) {
		compare(t, r, model.VerdictPass, "")
	}
}

func TestOneTryLeftGoesToGitAndOnlyThenToREST(t *testing.T) {
	t.Parallel()
	s := newStrictServer(t, nobodyIsGood)
	p := s.prober()
	// One wrong sign-in is used up by git alone.
	first := fleet(1, apiOff)[0]
	p.Test(t.Context(), first, nil)
	r := p.Test(t.Context(), fleet(1, userNameAndToken)[0], nil)
	compare(t, r, model.VerdictFail, "cred.rejected")
	basic := login{"jdoe", model.NewSecret(serverToken())}.header()
	s.set(func() {
		if s.rejected[basic] != maxRejections {
			t.Errorf("the login was sent %d times", s.rejected[basic])
		}
	})
	for _, c := range r.Checks {
		if c.ID == checkREST && c.Status != model.CheckSkip {
			t.Errorf("REST is %s: %s", c.Status, c.Detail)
		}
	}
}

func TestOneTryLeftStillAsksRESTWhereGitIsWell(t *testing.T) {
	t.Parallel()
	s := newStrictServer(t, nil)
	asked := 0
	s.good = func(string) bool { asked++; return asked > 1 }
	p := s.prober()
	first := fleet(1, apiOff)[0]
	p.Test(t.Context(), first, nil)
	compare(t, p.Test(t.Context(), fleet(1, userNameAndToken)[0], nil), model.VerdictPass, "")
}
