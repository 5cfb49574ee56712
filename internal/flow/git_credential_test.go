package flow

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// gitHouse has a connector of a workspace and one of a repository in it, with
// different credentials, and one of a Data Center whose user name is a secret.
func gitHouse() *house {
	h := newHouse()
	repo := connectorAt("ledger", "https://bitbucket.org/acme/ledger.git")
	repo.PasswordRef = "account.repo"
	all := connectorAt("acme", "https://bitbucket.org/acme/")
	all.URLType, all.TestRepository = model.URLAccount, "ledger.git"
	dc := connectorAt("pay", "https://git.example.com/scm/")
	dc.URLType, dc.TestRepository, dc.PasswordRef, dc.Username = model.URLAccount, "PAY/ledger.git", "account.dc", model.Login{Ref: "account.dc_user"}
	h.put(repo)
	h.put(all)
	h.put(dc)
	h.keep(model.SecretInfo{Name: "account/repo", Type: model.SecretText, Kind: model.KindAccessToken, Where: model.WhereKeyring}, canary()+"repo")
	h.keep(token("account/bb_token", model.WhereKeyring), canary())
	h.keep(model.SecretInfo{Name: "account/dc", Type: model.SecretText, Kind: model.KindHTTPAccessToken, Where: model.WhereVault}, canary()+"dc")
	h.keep(model.SecretInfo{Name: "account/dc_user", Type: model.SecretText, Where: model.WhereKeyring}, " paybot\n")
	return h
}

func gitAsks(host, path string) model.GitRequest {
	return model.GitRequest{Protocol: "https", Host: host, Path: path}
}

func TestGitGetsTheCredentialOfTheClosestConnector(t *testing.T) {
	t.Parallel()
	h := gitHouse()
	for _, tc := range []struct{ host, path, login, value string }{
		{"bitbucket.org", "acme/ledger.git", model.UserAccessToken, canary() + "repo"},
		{"bitbucket.org", "acme/other.git", model.UserAPIToken, canary()},
		{"git.example.com", "scm/PAY/ledger.git", "paybot", canary() + "dc"},
		{"github.com", "acme/ledger.git", "", ""},
	} {
		got, why := h.jobs().GitCredential(t.Context(), gitAsks(tc.host, tc.path))
		if got.Username != tc.login || got.Password.Reveal() != tc.value || why != nil {
			t.Errorf("%+v: %+v %v", tc, got, why)
		}
	}
	if len(h.sent) > 0 {
		t.Error("a test was run")
	}
}

// An App Password beside a token that works, or an imported connector whose secret was
// never stored here, had git get nothing.
func TestWhatCannotBeSentIsNoReasonToSendNothing(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(h *house){
		"an App Password": func(h *house) {
			info := h.secrets["account/repo"]
			info.Kind = model.KindAppPassword
			h.secrets["account/repo"] = info
		},
		"one that has ended": func(h *house) {
			info := h.secrets["account/repo"]
			info.Expires = testNow.AddDate(0, 0, -3)
			h.secrets["account/repo"] = info
		},
		"a value that is gone": func(h *house) { delete(h.values[model.WhereKeyring], "account/repo") },
		"a place that is shut": func(h *house) {
			h.secrets["account/repo"] = token("account/repo", model.WhereVault)
			h.closed[model.WhereVault] = true
		},
		"a secret of elsewhere": func(h *house) {
			delete(h.secrets, "account/repo")
			delete(h.values[model.WhereKeyring], "account/repo")
		},
		"one more of another workspace's account": func(h *house) {
			delete(h.secrets, "account/repo")
			twin := connectorAt("twin", "https://bitbucket.org/acme/")
			twin.URLType, twin.TestRepository, twin.PasswordRef = model.URLAccount, "ledger.git", "account.never_stored"
			h.put(twin)
		},
	} {
		h := gitHouse()
		spoil(h)
		got, why := h.jobs().GitCredential(t.Context(), gitAsks("bitbucket.org", "acme/ledger.git"))
		if got.Password.Reveal() != canary() || why != nil {
			t.Errorf("%s: %+v %v", name, got, why)
		}
	}
	// With nothing else to send, the reason is said.
	h := gitHouse()
	delete(h.connectors, "acme")
	info := h.secrets["account/repo"]
	info.Kind = model.KindAppPassword
	h.secrets["account/repo"] = info
	if got, why := h.jobs().GitCredential(t.Context(), gitAsks("bitbucket.org", "acme/ledger.git")); !got.IsZero() || why == nil || why.Code != "cred.app-password-retired" {
		t.Errorf("%+v %v", got, why)
	}
}

func TestWhereGitDoesNotSayWhichRepositoryNothingIsGuessed(t *testing.T) {
	t.Parallel()
	got, why := gitHouse().jobs().GitCredential(t.Context(), gitAsks("bitbucket.org", ""))
	if !got.IsZero() || why == nil || why.Code != "cred.git-ambiguous" || !strings.Contains(why.Commands[0], "credential.https://bitbucket.org.useHttpPath true") {
		t.Errorf("%+v %+v", got, why)
	}
	h := gitHouse()
	ops := connectorAt("ops", "https://git.example.com/scm/")
	ops.URLType, ops.TestRepository = model.URLAccount, "OPS/infra.git"
	h.put(ops)
	if got, why = h.jobs().GitCredential(t.Context(), gitAsks("git.example.com", "scm/XYZ/x.git")); !got.IsZero() || why == nil || len(why.Commands) > 0 || !strings.Contains(why.Fix, "test repository") {
		t.Errorf("%+v %+v", got, why)
	}
}

func TestAnAnswerThatCannotBeGivenIsSilence(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*house){
		"the keyring is closed":      func(h *house) { h.closed[model.WhereKeyring] = true },
		"the value is gone":          func(h *house) { delete(h.values[model.WhereKeyring], "account/repo") },
		"nobody knows of the secret": func(h *house) { delete(h.secrets, "account/repo") },
		"the value is asked for": func(h *house) {
			h.keep(model.SecretInfo{Name: "account/repo", Kind: model.KindAccessToken, Where: model.WhereAsk}, "x")
		},
		"nothing can be read":         func(h *house) { h.breakAt = 1 },
		"the secrets cannot be read":  func(h *house) { h.breakAt = 2 },
		"the keyring breaks":          func(h *house) { h.breakAt = 4 },
		"the connector names nothing": func(h *house) { delete(h.connectors, "ledger") },
	} {
		h := gitHouse()
		delete(h.connectors, "acme") // which would answer in its place
		spoil(h)
		asked := WithAsker(t.Context(), func(context.Context, Question) (model.Secret, error) {
			t.Errorf("%s: somebody was asked", name)
			return model.NewSecret("typed"), nil
		})
		if got, why := h.jobs().GitCredential(asked, gitAsks("bitbucket.org", "acme/ledger.git")); !got.IsZero() || why != nil {
			t.Errorf("%s: %+v %v", name, got, why)
		}
	}
}

// mute is a keyring that never answers.
type mute struct{ place }

func (mute) Get(ctx context.Context, _ model.SecretName) (model.Secret, error) {
	<-ctx.Done()
	return model.Secret{}, ctx.Err()
}

type mutes struct{ *house }

func (m mutes) Keystore(where model.Where) (Keystore, error) { return mute{place{m.house, where}}, nil }

func TestAKeyringThatNeverAnswersIsSilenceOnceGitHasGone(t *testing.T) {
	t.Parallel()
	h := gitHouse()
	jobs := h.jobs()
	jobs.Keystores = mutes{h}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if got, why := jobs.GitCredential(ctx, gitAsks("bitbucket.org", "acme/ledger.git")); !got.IsZero() || why != nil {
		t.Errorf("%+v %v", got, why)
	}
	if marked, err := jobs.EraseGitCredential(ctx, refused("bitbucket.org", "acme/ledger.git", "x")); len(marked) > 0 || err != nil {
		t.Errorf("%v %v", marked, err)
	}
}

func refused(host, path, value string) model.GitRequest {
	req := gitAsks(host, path)
	req.Password = model.NewSecret(value)
	return req
}

func TestARefusedCredentialIsMarkedAndNoLongerSent(t *testing.T) {
	t.Parallel()
	h := gitHouse()
	twin := connectorAt("twin", "https://bitbucket.org/acme/ledger.git")
	twin.PasswordRef = "account.repo"
	h.put(twin)
	before := h.values[model.WhereKeyring]["account/repo"]
	marked, err := h.jobs().EraseGitCredential(t.Context(), refused("bitbucket.org", "acme/ledger.git", canary()+"repo"))
	if err != nil || !slices.Equal(marked, []string{"ledger", "twin"}) {
		t.Fatalf("%q %v", marked, err)
	}
	if r := h.connectors["ledger"].LastTest; r == nil || r.Code != model.CodeGitRejected || !r.At.Equal(testNow) || strings.Contains(r.What, canary()) {
		t.Errorf("%+v", r)
	}
	if h.connectors["acme"].LastTest != nil || h.values[model.WhereKeyring]["account/repo"] != before {
		t.Error("more than the mark was changed")
	}
	got, why := h.jobs().GitCredential(t.Context(), gitAsks("bitbucket.org", "acme/ledger.git"))
	if !got.IsZero() || why == nil || why.Code != model.CodeGitRejected || strings.Contains(why.Error(), canary()) {
		t.Errorf("%+v %v", got, why)
	}
	// Another value is another credential.
	info := h.secrets["account/repo"]
	info.Created = testNow.Add(time.Minute)
	h.keep(info, canary()+"new")
	if got, why := h.jobs().GitCredential(t.Context(), gitAsks("bitbucket.org", "acme/ledger.git")); got.Password.Reveal() != canary()+"new" || why != nil {
		t.Errorf("%+v %v", got, why)
	}
}

func TestOnlyTheValueKeptHereIsMarked(t *testing.T) {
	t.Parallel()
	for name, req := range map[string]model.GitRequest{
		"another value":       refused("bitbucket.org", "acme/ledger.git", "what somebody typed"),
		"no value":            refused("bitbucket.org", "acme/ledger.git", ""),
		"another host":        refused("github.com", "acme/ledger.git", canary()+"repo"),
		"another repository":  refused("bitbucket.org", "globex/ledger.git", canary()+"repo"),
		"another user's name": {Protocol: "https", Host: "bitbucket.org", Path: "acme/ledger.git", Username: model.UserAPIToken, Password: model.NewSecret(canary() + "repo")},
	} {
		h := gitHouse()
		before := h.snapshot()
		if marked, err := h.jobs().EraseGitCredential(t.Context(), req); len(marked) > 0 || err != nil || h.snapshot() != before {
			t.Errorf("%s: %q %v", name, marked, err)
		}
	}
	// Where the workspace's credential was refused, the repository's own keeps its good name.
	h := gitHouse()
	req := refused("bitbucket.org", "acme/ledger.git", canary())
	req.Username = model.UserAPIToken
	if marked, err := h.jobs().EraseGitCredential(t.Context(), req); err != nil || !slices.Equal(marked, []string{"acme"}) {
		t.Errorf("%q %v", marked, err)
	}
	// A Bearer credential comes back under its own name.
	h = gitHouse()
	req = gitAsks("git.example.com", "scm/PAY/ledger.git")
	req.AuthType, req.Credential = "Bearer", model.NewSecret(canary()+"dc")
	if marked, err := h.jobs().EraseGitCredential(t.Context(), req); err != nil || !slices.Equal(marked, []string{"pay"}) {
		t.Errorf("%q %v", marked, err)
	}
	h = gitHouse()
	h.breakAt = 1
	if _, err := h.jobs().EraseGitCredential(t.Context(), refused("bitbucket.org", "acme/ledger.git", "x")); err == nil {
		t.Error("a list that cannot be read is no error")
	}
}
