package probe

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// legacyWorld is Cloud's answers to an access token with these scopes.
func legacyWorld(kind, scopes string) map[string]reply {
	out := accessTokenWorld(kind)
	for _, r := range out {
		r.header["X-OAuth-Scopes"] = scopes
	}
	return out
}

// rightOf finds one need's right.
func rightOf(t *testing.T, r model.TestResult, need model.Need) model.Right {
	t.Helper()
	i := slices.IndexFunc(r.Rights, func(r model.Right) bool { return r.Need == need })
	if i < 0 {
		t.Fatalf("no right says anything about %s: %+v", need, r.Rights)
	}
	return r.Rights[i]
}

// lacks expects exactly these missing for a need.
func lacks(need model.Need, missing ...string) func(*testing.T, model.TestResult) {
	return func(t *testing.T, r model.TestResult) {
		t.Helper()
		if got := rightOf(t, r, need).Missing; !slices.Equal(got, missing) {
			t.Errorf("%s lacks %q, want %q", need, got, missing)
		}
	}
}

func every(list ...func(*testing.T, model.TestResult)) func(*testing.T, model.TestResult) {
	return func(t *testing.T, r model.TestResult) {
		t.Helper()
		for _, f := range list {
			f(t, r)
		}
	}
}

// noRights expects that nothing is said.
func noRights(t *testing.T, r model.TestResult) {
	t.Helper()
	if len(r.Rights) != 0 {
		t.Errorf("rights are claimed: %+v", r.Rights)
	}
}

// detailOf expects words in the detail of the check of scopes.
func detailOf(words ...string) func(*testing.T, model.TestResult) {
	return func(t *testing.T, r model.TestResult) {
		t.Helper()
		for _, c := range r.Checks {
			for _, w := range words {
				if c.ID == checkScopes && !strings.Contains(c.Detail, w) {
					t.Errorf("the scopes check says %q, without %q", c.Detail, w)
				}
			}
		}
	}
}

func rightsScenarios() []scenario {
	const noHooks = "read:me, read:project:bitbucket, read:pullrequest:bitbucket, read:repository:bitbucket, read:user:bitbucket, read:workspace:bitbucket, write:repository:bitbucket, write:pullrequest:bitbucket, read:issue:bitbucket, write:issue:bitbucket, delete:issue:bitbucket"
	missing := func(name string, change func(*model.TestRequest), script map[string]reply, wants func(*testing.T, model.TestResult)) scenario {
		return scenario{name: "rights: " + name, change: change, script: script, verdict: model.VerdictFail, code: "scope.missing", rule: "required scopes are missing", wants: wants}
	}
	refused := `{"type":"error","error":{"message":"Your credentials lack one or more required privilege scopes.","detail":{"granted":["read:user:bitbucket","read:workspace:bitbucket"],"required":["read:repository:bitbucket"]}}}`
	plain := cloudReply(403, refused)
	delete(plain.header, "X-OAuth-Scopes")
	unscopedUser := cloudReply(200, `{"username":"jdoe"}`)
	delete(unscopedUser.header, "X-OAuth-Scopes")
	denied := map[string]reply{serverHooks: serverError(401, authorisation, "You are not permitted to access this resource")}
	return []scenario{
		{name: "rights: everything is there", verdict: model.VerdictPass, wants: every(
			lacks(model.NeedGitExperience), lacks(model.NeedTriggers), lacks(model.NeedWebhooks), lacks(model.NeedStatuses), lacks(model.NeedPullRequests),
		)},
		missing("an API token without webhooks", nil, withScopes(noHooks), every(
			lacks(model.NeedWebhooks, "read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket"),
			lacks(model.NeedTriggers, "read:webhook:bitbucket", "write:webhook:bitbucket"), lacks(model.NeedStatuses),
			detailOf("webhooks: read:webhook:bitbucket", "triggers: "), wording("read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket"),
		)),
		missing("writing does not read", nil, withScopes("read:me, read:user:bitbucket, read:workspace:bitbucket, read:project:bitbucket, write:repository:bitbucket, write:pullrequest:bitbucket, write:webhook:bitbucket, delete:webhook:bitbucket"), every(
			lacks(model.NeedStatuses, "read:repository:bitbucket"), wording("read:repository:bitbucket", "read:pullrequest:bitbucket", "read:webhook:bitbucket"),
		)),
		missing("signing in is missing, which no need of API access shows", nil, withScopes(strings.ReplaceAll(strings.ReplaceAll(model.ScopeList(), "read:user:bitbucket\n", ""), "\n", ", ")), every(
			lacks(model.NeedGitExperience), detailOf("missing for read:user:bitbucket"), wording("read:user:bitbucket"),
		)),
		missing("an access token's are called as its page does", withAccessToken, legacyWorld("workspace_access_token", "repository, pullrequest"), every(
			lacks(model.NeedWebhooks, "Webhooks: Read and write"), lacks(model.NeedStatuses),
			lacks(model.NeedGitExperience, "Projects: Read", "Repositories: Write", "Pull requests: Write"),
			wording("Webhooks: Read and write", "Repositories: Write", "Pull requests: Write", "Projects: Read"),
		)),
		{
			name: "rights: one repository's token is not asked for the project", change: withAccessToken, script: legacyWorld(credentialRepo, "pullrequest:write, webhook"),
			verdict: model.VerdictWarn, code: "cred.repo-level", rule: "a repository's token", wants: every(lacks(model.NeedGitExperience), lacks(model.NeedWebhooks), wording("repository access token")),
		},
		{
			name: "rights: a refusal names one scope, and every missing one is said", verdict: model.VerdictFail, code: "scope.missing", rule: "a call is refused for its scopes",
			script: map[string]reply{cloudUser: unscopedUser, cloudRepo: plain}, page: model.PageAPITokens,
			wants: every(wording("read:repository:bitbucket", "read:webhook:bitbucket", "read:pullrequest:bitbucket", "write:repository:bitbucket"), lacks(model.NeedStatuses, "read:repository:bitbucket")),
		},
		{
			name: "rights: with API access off only cloning counts", change: apiOff, verdict: model.VerdictFail, code: "scope.missing", rule: "a call is refused for its scopes",
			script: merge(withScopes("read:user:bitbucket"), map[string]reply{cloudGit: text(403, "Your credentials lack one or more required privilege scopes.")}),
			wants: every(noRights, wording("read:repository:bitbucket"), func(t *testing.T, r model.TestResult) {
				if strings.Contains(r.Problem.What, "webhook") {
					t.Errorf("scopes are asked for that nothing needs: %q", r.Problem.What)
				}
			}),
		},
		{
			name: "rights: git refuses for scopes and nothing else is known", change: apiOff, verdict: model.VerdictFail, code: "scope.missing", rule: "a call is refused for its scopes",
			script: map[string]reply{cloudGit: text(403, "Your credentials lack one or more required privilege scopes."), cloudUser: text(503, "down")}, wants: wording("read:repository:bitbucket"),
		},
		{
			name: "rights: a server that tells nothing of scopes", verdict: model.VerdictPass, wants: noRights,
			script: func() map[string]reply {
				out := soundCloud()
				for path, r := range out {
					if path != cloudGit {
						delete(r.header, "X-OAuth-Scopes")
					}
				}
				return out
			}(),
		},
		{name: "rights: API access is off", change: apiOff, verdict: model.VerdictPass, wants: every(noRights, notesHave(nil, "note.statuses", "note.webhooks", "note.triggers"))},
		{name: "rights: Data Center: an administrator", server: true, verdict: model.VerdictPass, wants: every(
			lacks(model.NeedGitExperience), lacks(model.NeedWebhooks), lacks(model.NeedTriggers), lacks(model.NeedStatuses), lacks(model.NeedPullRequests),
		)},
		{
			name: "rights: Data Center: no administrator", server: true, script: denied, verdict: model.VerdictWarn, code: "permission.denied", rule: "webhooks may not be read",
			wants: every(lacks(model.NeedWebhooks, "Repository admin"), lacks(model.NeedTriggers, "Repository admin"), lacks(model.NeedStatuses), notesHave([]string{"note.statuses", "note.comment-triggers"}, "note.webhooks"),
				func(t *testing.T, r model.TestResult) {
					for _, unproven := range []model.Need{model.NeedGitExperience, model.NeedPullRequests} {
						if slices.ContainsFunc(r.Rights, func(r model.Right) bool { return r.Need == unproven }) {
							t.Errorf("%s is claimed, and writing was never tried", unproven)
						}
					}
				}),
		},
		{name: "notes: a repository of Cloud", verdict: model.VerdictPass, wants: notesHave([]string{"note.statuses", "note.webhooks"}, "note.triggers", "note.comment-triggers")},
		{
			name: "notes: an account of Cloud", change: accountAt("https://bitbucket.org/acme", "ledger.git"), verdict: model.VerdictPass,
			wants: notesHave([]string{"note.statuses", "note.webhooks", "note.triggers"}, "note.comment-triggers"),
		},
		{
			name: "notes: an account of Data Center", server: true, change: accountAt("https://"+dcHost+"/scm/", "PAY/ledger.git"), verdict: model.VerdictPass,
			wants: notesHave([]string{"note.statuses", "note.webhooks", "note.triggers", "note.comment-triggers"}),
		},
		{
			name: "notes: none on a failed test", script: bothDenied(), verdict: model.VerdictFail, code: "cred.rejected", rule: "an API token is rejected",
			wants: func(t *testing.T, r model.TestResult) {
				if len(r.Notes) != 0 {
					t.Errorf("%+v", r.Notes)
				}
			},
		},
	}
}

func TestCloudsLimitOfStatusKeysIsToldForCloudAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		req     model.TestRequest
		answers map[string]reply
		want    bool
	}{"Cloud": {cloudRequest(), soundCloud(), true}, "Data Center": {serverRequest(), soundServer(), false}} {
		w := newWorld(t, c.answers)
		r := New(w.options()).Test(t.Context(), c.req, nil)
		n, ok := r.Notes.Code("note.statuses")
		if !ok || strings.Contains(n.Message, "40 characters") != c.want || strings.Contains(n.Message, "April 2024") != c.want {
			t.Errorf("%s: %q", name, n.Message)
		}
	}
}

func TestRightsAreListsInJSON(t *testing.T) {
	t.Parallel()
	for _, answers := range []map[string]reply{soundCloud(), withScopes("read:me")} {
		w := newWorld(t, merge(soundCloud(), answers))
		out, err := json.Marshal(New(w.options()).Test(t.Context(), cloudRequest(), nil).Rights)
		if err != nil || strings.Contains(string(out), "null") || !strings.Contains(string(out), `"for":"Git Experience"`) {
			t.Errorf("%s %v", out, err)
		}
	}
}

// countDials counts connections.
func countDials(n *int, dial func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		*n++
		return dial(ctx, network, addr)
	}
}

// The request for nobody is about what goes out after git has succeeded with
// API access off.
func TestTheRequestForNobodyCarriesNothingAndUsesTheSameConnection(t *testing.T) {
	t.Parallel()
	for name, public := range map[string]bool{"private": false, "public": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, map[string]reply{cloudGit: {header: gitReply().header, body: gitReply().body, public: public}})
			o := w.options()
			dials := 0
			dial := o.Dial
			o.Dial = countDials(&dials, dial)
			req := cloudRequest()
			apiOff(&req)
			New(o).Test(t.Context(), req, nil)
			seen := w.seen()
			if dials != 1 || len(seen) != 2 {
				t.Fatalf("%d connections, %d requests", dials, len(seen))
			}
			first, second := seen[0], seen[1]
			if first.authorization == "" || second.authorization != "" || second.path != first.path || second.query != first.query || second.gitProtocol != first.gitProtocol {
				t.Errorf("asked %+v, then %+v", first, second)
			}
		})
	}
}

func TestNobodyIsAskedForWhereItWouldTellNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*model.TestRequest)
		answer func(*reply)
	}{
		"API access is on":           {func(*model.TestRequest) {}, func(*reply) {}},
		"git was refused":            {apiOff, func(r *reply) { *r = gitDenied() }},
		"git found nothing":          {apiOff, func(r *reply) { *r = gitRefusal("Repository not found\n") }},
		"the server names who asks":  {apiOff, func(r *reply) { r.header["X-AUSERNAME"] = "jdoe" }},
		"the connection is not kept": {apiOff, func(r *reply) { r.header["Connection"] = "close" }},
		"the answer is long":         {apiOff, func(r *reply) { r.body += strings.Repeat(pkt("capability=x\n"), 4000) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := gitReply()
			c.answer(&answer)
			w := newWorld(t, merge(soundCloud(), map[string]reply{cloudGit: answer}))
			req := cloudRequest()
			c.change(&req)
			New(w.options()).Test(t.Context(), req, nil)
			for _, r := range w.seen() {
				if r.host == "bitbucket.org" && r.authorization == "" {
					t.Errorf("asked as nobody: %+v", r)
				}
			}
		})
	}
}

func TestAnAnswerThatNeverEndsDelaysAPassOnlyALittle(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	w := newWorld(t, nil)
	w.Config.Handler = http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		out.Header().Set("Content-Type", advertType)
		_, _ = out.Write([]byte(gitReply().body))
		out.(http.Flusher).Flush()
		select {
		case <-release:
		case <-in.Context().Done():
		}
	})
	t.Cleanup(func() { close(release) })
	req := cloudRequest()
	apiOff(&req)
	began := time.Now()
	result := New(w.options()).Test(t.Context(), req, nil)
	if took := time.Since(began); result.Verdict != model.VerdictPass || took > drainTime+busy {
		t.Errorf("%s after %v: %+v", result.Verdict, took, result.Problem)
	}
}

// endsWhenClosed is an answer whose server ends it when it hears the connection
// being closed.
type endsWhenClosed struct{ closed chan struct{} }

func (e endsWhenClosed) Read([]byte) (int, error) { <-e.closed; return 0, io.EOF }
func (e endsWhenClosed) Close() error             { close(e.closed); return nil }

func TestAnAnswerThatEndsAsItsConnectionIsClosedLeavesNoConnection(t *testing.T) {
	t.Parallel()
	if drained(endsWhenClosed{make(chan struct{})}) {
		t.Error("a connection that was closed counts as free for another request")
	}
	if !drained(io.NopCloser(strings.NewReader("the rest"))) {
		t.Error("an answer that was read to its end holds its connection")
	}
}

func TestAPublicRepositoryAcceptsNoCredentialForTheGate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]reply{cloudGit: publicGit()})
	p := New(w.options())
	req := cloudRequest()
	apiOff(&req)
	_, inner := p.test(t.Context(), req, nil)
	for _, list := range inner.outcomes(p.gate, nil) {
		if slices.Contains(list, outcomeAccepted) {
			t.Error("a credential nobody looked at counts as accepted")
		}
	}
}
