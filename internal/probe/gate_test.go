package probe

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"bbconnect/model"
)

func TestASecretThatWasRejectedTwiceIsNotSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, merge(soundServer(), map[string]reply{serverGit: text(401, ""), serverProps: serverDenied()}))
	p := New(w.options())
	var results []model.TestResult
	for range 5 {
		results = append(results, p.Test(t.Context(), serverRequest(), nil))
	}
	sent := map[string]int{}
	for _, r := range w.seen() {
		sent[strings.Fields(r.authorization)[0]]++
	}
	if sent["Basic"] != 2 || sent["Bearer"] != 2 {
		t.Errorf("sent %v times", sent)
	}
	for i, r := range results {
		if r.Verdict != model.VerdictFail || r.Problem == nil || r.Problem.Code != "cred.rejected" {
			t.Errorf("test %d: %s, %+v", i, r.Verdict, r.Problem)
		}
	}
	last := results[4].Checks[2]
	if last.Status != model.CheckSkip || !strings.HasPrefix(last.Detail, "not sent") {
		t.Errorf("the last git check is %s: %s", last.Status, last.Detail)
	}
}

func TestManyTestsAtOnceDoNotLockAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, merge(soundServer(), map[string]reply{serverGit: text(401, ""), serverProps: serverDenied()}))
	p := New(w.options())
	var tests sync.WaitGroup
	for range 30 {
		tests.Go(func() { p.Test(t.Context(), serverRequest(), nil) })
	}
	tests.Wait()
	basic := 0
	for _, r := range w.seen() {
		if strings.HasPrefix(r.authorization, "Basic ") {
			basic++
		}
	}
	if basic > maxRejections {
		t.Errorf("the credential was sent %d times", basic)
	}
}

func TestManyTestsOfAGoodSecretAllPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t, soundServer())
	p := New(w.options())
	var tests sync.WaitGroup
	for range 30 {
		tests.Go(func() {
			if r := p.Test(t.Context(), serverRequest(), nil); r.Verdict != model.VerdictPass {
				t.Errorf("%s: %+v", r.Verdict, r.Problem)
			}
		})
	}
	tests.Wait()
}

func TestOtherLoginsSecretsAndCausesAreSentStill(t *testing.T) {
	t.Parallel()
	w := newWorld(t, merge(soundServer(), map[string]reply{serverGit: text(401, ""), serverProps: serverDenied()}))
	p := New(w.options())
	for range 3 {
		p.Test(t.Context(), serverRequest(), nil)
	}
	for name, change := range map[string]func(*model.TestRequest){
		"another secret": password(serverToken() + "x"),
		"another login":  together(user("other"), func(r *model.TestRequest) { r.APILogin = "other" }),
	} {
		before := len(w.seen())
		req := serverRequest()
		change(&req)
		p.Test(t.Context(), req, nil)
		if len(w.seen()) == before {
			t.Errorf("%s was not sent", name)
		}
	}
	missing := newWorld(t, merge(soundCloud(), map[string]reply{cloudGit: gitDenied(), cloudRepo: cloudReply(404, hidden)}))
	p = New(missing.options())
	for i := range 4 {
		r := p.Test(t.Context(), cloudRequest(), nil)
		if got := len(missing.seen()); got != (i+1)*4 {
			t.Errorf("a missing repository counts against the token: %d requests after %d tests, %+v", got, i+1, r.Problem)
		}
	}
}

func TestRejectionsAreRememberedForOtherKnownHosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, merge(soundServer(), map[string]reply{serverGit: text(401, ""), serverProps: serverDenied()}))
	p := New(w.options())
	for range maxRejections {
		p.Test(t.Context(), serverRequest(), nil)
	}
	before := len(w.seen())
	compare(t, p.WithKnownHosts(listed([]byte("x"))).Test(t.Context(), serverRequest(), nil), model.VerdictFail, "cred.rejected")
	if len(w.seen()) != before {
		t.Error("the credential was sent again")
	}
	if got := p.WithKnownHosts(listed([]byte("x"))).opts.KnownHosts; len(got) != 1 {
		t.Errorf("known hosts %q", got)
	}
}

func TestATestThatWaitsTooLongForItsCredentialFails(t *testing.T) {
	t.Parallel()
	p := New(Options{Dial: silence(t), Timeout: 60 * time.Millisecond})
	req := serverRequest()
	inner, _ := p.newTest(req, nil)
	for range maxRejections {
		p.gate.enter(t.Context(), inner.keys(p.gate))
	}
	result := p.Test(t.Context(), req, nil)
	compare(t, result, model.VerdictFail, "net.timeout")
	if c := result.Checks[0]; c.Status != model.CheckSkip || !strings.HasPrefix(c.Detail, "not sent") {
		t.Errorf("%+v", c)
	}
}

func TestACarriedProblemIsACopy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, merge(soundServer(), map[string]reply{serverGit: text(401, ""), serverProps: serverDenied()}))
	p := New(w.options())
	for range 3 {
		p.Test(t.Context(), serverRequest(), nil)
	}
	one, two := p.Test(t.Context(), serverRequest(), nil), p.Test(t.Context(), serverRequest(), nil)
	one.Problem.Fix = "changed"
	if two.Problem.Fix == "changed" {
		t.Error("two results share one problem")
	}
}

func TestWaitingForACredentialEndsWithTheContext(t *testing.T) {
	t.Parallel()
	g := newGate()
	key := []credentialKey{g.key("h", login{"u", model.NewSecret("s")})}
	for range maxRejections {
		if ticket, _ := g.enter(t.Context(), key); ticket == nil {
			t.Fatal("a fresh credential must be let through")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if ticket, refused := g.enter(ctx, key); ticket != nil || refused == nil || refused.problem != nil || refused.unheard != nil {
		t.Errorf("let through: %v, %v", ticket, refused)
	}
}

func TestGateKeysTellLoginsApartAndHoldNoSecret(t *testing.T) {
	t.Parallel()
	g, other := newGate(), newGate()
	seen := map[credentialKey]string{}
	for _, host := range []string{"h", "hu"} {
		for _, l := range []login{{"u", model.NewSecret("s")}, {"us", model.NewSecret("")}, {"", model.NewSecret("us")}, {"u", model.NewSecret("t")}} {
			k := g.key(host, l)
			if was, ok := seen[k]; ok {
				t.Errorf("%s and %s/%s are one", was, host, l.user)
			}
			seen[k] = fmt.Sprintf("%s/%s", host, l.user)
			if k == other.key(host, l) {
				t.Error("the key does not depend on the salt")
			}
		}
	}
}
