package flow

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bbconnect/model"
)

// looks answers with one look of the machine.
type looks struct{ status model.CheckStatus }

func (l looks) Look(context.Context, model.Settings) []model.Check {
	return []model.Check{{ID: "terminal", Title: "Terminal", Status: l.status}}
}

// reached remembers who was asked and with which CA file.
type reached struct {
	mu    sync.Mutex
	asked []string
}

func (r *reached) Reach(_ context.Context, c model.Connector, caFile string) []model.Check {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, c.ID+" "+caFile)
	return []model.Check{{ID: "reach", Title: "Reach it", Status: model.CheckPass}}
}

// begun is a journal with a migration in it, unless it is empty.
type begun struct {
	Journal
	record *model.MigrationRecord
	err    error
}

func (b begun) Migration(context.Context) (model.MigrationRecord, bool, error) {
	if b.record == nil {
		return model.MigrationRecord{}, false, b.err
	}
	return *b.record, true, nil
}

func TestTheDoctorTellsOfAMigrationThatIsNotFinished(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		journal begun
		status  model.CheckStatus
		code    string
	}{
		"none":    {begun{}, "", ""},
		"begun":   {begun{record: &model.MigrationRecord{StartedAt: testNow}}, model.CheckWarn, "migration.unfinished"},
		"damaged": {begun{err: &model.Problem{Code: "store.damaged", What: "It cannot be read.", Fix: "Mend it."}}, model.CheckFail, "store.damaged"},
	} {
		jobs := newHouse().jobs()
		jobs.Journal = tc.journal
		checks, err := Doctor{Jobs: jobs, Looker: looks{model.CheckPass}}.Examine(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(checks, func(c model.Check) bool { return c.ID == "migration" })
		switch {
		case i < 0 && tc.code == "":
		case i < 0 || checks[i].Status != tc.status || checks[i].Problem == nil || checks[i].Problem.Code != tc.code || checks[i].Problem.Fix == "":
			t.Errorf("%s: %+v", name, checks)
		}
	}
}

// examine runs the doctor on a house without contacting anybody.
func examine(t *testing.T, h *house) map[string]model.Check {
	t.Helper()
	heard := 0
	checks, err := Doctor{Jobs: h.jobs(), Looker: looks{model.CheckPass}}.Examine(t.Context(), func(model.Check) { heard++ })
	if err != nil || heard != len(checks) {
		t.Fatalf("%v, %d of %d checks heard", err, heard, len(checks))
	}
	out := map[string]model.Check{}
	for _, c := range checks {
		if _, twice := out[c.ID]; twice {
			t.Errorf("two checks are called %s", c.ID)
		}
		out[c.ID] = c
	}
	return out
}

// connectorAt is a saved connector that uses one secret.
func connectorAt(id, url string) model.Connector {
	return model.Connector{
		ID: id, Name: id, URL: url, URLType: model.URLRepo, ConnectionType: model.HTTP, PasswordRef: "account.bb_token",
		Username: model.Login{Plain: "jdoe"},
	}
}

func token(name model.SecretName, where model.Where) model.SecretInfo {
	return model.SecretInfo{Name: name, Type: model.SecretText, Kind: model.KindAPIToken, Where: where}
}

func TestAHealthyMachineHasNothingToMend(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.put(connectorAt("ledger", "https://bitbucket.org/acme/ledger.git"))
	h.keep(token("account/bb_token", model.WhereKeyring), canary())
	got := examine(t, h)
	for id, want := range map[string]model.CheckStatus{
		"terminal": model.CheckPass, "saved": model.CheckPass, "keystore.keyring": model.CheckPass,
		"secrets": model.CheckPass, "network": model.CheckSkip,
	} {
		if got[id].Status != want {
			t.Errorf("%s is %+v", id, got[id])
		}
	}
	if got["secrets"].Detail != "1 named, 1 found in their keystore" {
		t.Error(got["secrets"].Detail)
	}
}

func TestTheDoctorTellsOfSecretsThatAreGoneBeforeThoseNobodyUses(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.put(connectorAt("ledger", "https://bitbucket.org/acme/ledger.git"))
	h.keep(token("account/idle", model.WhereKeyring), canary())
	if got := examine(t, h)["secrets"]; got.Status != model.CheckWarn || got.Problem.Code != "secret.unused" || !strings.Contains(got.Problem.What, "account/idle") {
		t.Errorf("%+v", got)
	}
	h.keep(token("account/bb_token", model.WhereKeyring), "")
	got := examine(t, h)["secrets"]
	if got.Status != model.CheckFail || got.Problem.Code != "cred.missing" || !strings.Contains(got.Problem.What, "account/bb_token") {
		t.Errorf("%+v", got)
	}
	for _, name := range []model.SecretName{"account/s1", "account/s2", "account/s3", "account/s4"} {
		h.keep(token(name, model.WhereKeyring), "")
	}
	if got := examine(t, h)["secrets"]; !strings.Contains(got.Problem.What, "and 2 more") {
		t.Error(got.Problem.What)
	}
}

func TestAKeystoreThatDoesNotAnswerIsAFailureOnlyWhereItIsNeeded(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.settings.Keystore, h.closed[model.WhereKeyring] = "", true
	if got := examine(t, h)["keystore.keyring"]; got.Status != model.CheckWarn || got.Problem.Code != "keystore.unavailable" {
		t.Errorf("nobody needs it: %+v", got)
	}
	h.keep(token("account/bb_token", model.WhereKeyring), canary())
	got := examine(t, h)
	if got["keystore.keyring"].Status != model.CheckFail {
		t.Errorf("a secret is there: %+v", got["keystore.keyring"])
	}
	if got["secrets"].Problem.Code == "cred.missing" {
		t.Error("a keystore that does not answer was taken for an empty one")
	}
}

// A vault on a slow machine, or a command that asks a password manager, takes its
// time; only a keyring that says nothing for seconds never will.
func TestTheDoctorIsImpatientWithTheKeyringAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse()
		h.secrets["account/x"] = token("account/x", model.WhereVault)
		h.settings.Keystore = model.WhereKeyring
		h.prove = func(ctx context.Context) error {
			select {
			case <-time.After(10 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		checks := examine(t, h)
		if got := checks["keystore.vault"]; got.Status != model.CheckPass {
			t.Errorf("a slow vault: %s %+v", got.Status, got.Problem)
		}
		if got := checks["keystore.keyring"]; got.Status != model.CheckFail || got.Problem == nil || got.Problem.Code != "keystore.timeout" {
			t.Errorf("a silent keyring: %s %+v", got.Status, got.Problem)
		}
	})
}

func TestALockedVaultIsToldAsLockedAndNobodyIsAsked(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.settings.Keystore = model.WhereVault
	h.prove = func(ctx context.Context) error {
		_, err := Ask(ctx, Question{})
		return err
	}
	asked := false
	ctx := WithAsker(t.Context(), func(context.Context, Question) (model.Secret, error) {
		asked = true
		return model.Secret{}, errors.New("nobody")
	})
	checks, err := Doctor{Jobs: h.jobs(), Looker: looks{model.CheckPass}}.Examine(ctx, nil)
	if err != nil || asked {
		t.Fatal(err, asked)
	}
	i := slices.IndexFunc(checks, func(c model.Check) bool { return c.ID == "keystore.vault" })
	if i < 0 || checks[i].Status != model.CheckSkip || checks[i].Problem != nil {
		t.Errorf("%+v", checks)
	}
}

func TestEachHostIsReachedOnceForEachWayAndWithItsOwnAuthorities(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.settings.CAFiles = map[string]string{"git.acme-corp.com": "/ca.pem"}
	ssh := connectorAt("over_ssh", "git@bitbucket.org:acme/ledger.git")
	ssh.ConnectionType = model.SSH
	own := connectorAt("own_ca", "https://git.acme-corp.com:8443/scm/PAY/ledger.git")
	own.CAFile = "/own.pem"
	for _, c := range []model.Connector{
		connectorAt("a", "https://bitbucket.org/acme/ledger.git"), connectorAt("b", "https://bitbucket.org/acme/other.git"),
		connectorAt("c", "https://git.acme-corp.com/scm/PAY/ledger.git"), own, ssh, connectorAt("nowhere", "ext::x"),
	} {
		h.put(c)
	}
	hosts := &reached{}
	doctor := Doctor{Jobs: h.jobs(), Looker: looks{model.CheckPass}, Reacher: hosts}
	checks := doctor.network(t.Context(), h.settings, mustList(t, h))
	asked := slices.Sorted(slices.Values(hosts.asked))
	if want := []string{"a ", "c /ca.pem", "over_ssh ", "over_ssh ", "own_ca /own.pem"}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	var ids []string
	for _, c := range checks {
		ids = append(ids, c.ID)
	}
	if want := []string{"network.http.bitbucket.org.reach", "network.http.git.acme-corp.com.reach", "network.http.git.acme-corp.com.8443.reach", "network.ssh.bitbucket.org.reach", "network.ssh.altssh.bitbucket.org.443.reach"}; !slices.Equal(ids, want) {
		t.Errorf("ids %q, want %q", ids, want)
	}
}

// ports answers for SSH by its address.
type ports struct{ open22, open443 bool }

func (p ports) Reach(_ context.Context, c model.Connector, _ string) []model.Check {
	check := model.Check{ID: "reach", Title: c.URL, Status: model.CheckPass}
	if alt := strings.Contains(c.URL, ":443/"); alt && !p.open443 || !alt && !p.open22 {
		check.Status, check.Problem = model.CheckFail, &model.Problem{Code: "ssh.port-blocked", What: "Blocked.", Fix: "Use 443."}
	}
	return []model.Check{check}
}

func TestSSHOverPort443IsLookedAtAndIsNoTroubleOfItsOwn(t *testing.T) {
	t.Parallel()
	c := connectorAt("over_ssh", "git@ssh.bitbucket.org:acme/ledger.git")
	c.ConnectionType = model.SSH
	for open, want := range map[ports][2]model.CheckStatus{
		{true, true}:   {model.CheckPass, model.CheckPass},
		{true, false}:  {model.CheckPass, model.CheckSkip},
		{false, true}:  {model.CheckFail, model.CheckPass},
		{false, false}: {model.CheckFail, model.CheckSkip},
	} {
		checks := Doctor{Reacher: open}.network(t.Context(), model.Settings{}, []model.Saved{{Connector: c}})
		if len(checks) != 2 || checks[0].Status != want[0] || checks[1].Status != want[1] || checks[1].Problem != nil {
			t.Fatalf("%+v: %+v", open, checks)
		}
		if checks[1].Title != "ssh://git@altssh.bitbucket.org:443/acme/ledger.git" {
			t.Errorf("%q was asked", checks[1].Title)
		}
	}
	// A server of the person's own has no such way.
	c.URL = "ssh://git@git.example.com:7999/PAY/ledger.git"
	if checks := (Doctor{Reacher: ports{true, true}}).network(t.Context(), model.Settings{}, []model.Saved{{Connector: c}}); len(checks) != 1 {
		t.Errorf("%+v", checks)
	}
}

func mustList(t *testing.T, h *house) []model.Saved {
	t.Helper()
	saved, _, err := h.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

func TestTheDoctorGoesOnWhateverBreaks(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 8; n++ {
		h := newHouse()
		h.put(connectorAt("ledger", "https://bitbucket.org/acme/ledger.git"))
		h.keep(token("account/bb_token", model.WhereKeyring), canary())
		h.breakAt = n
		checks, err := Doctor{Jobs: h.jobs(), Looker: looks{model.CheckPass}}.Examine(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range checks {
			if (c.Status == model.CheckFail || c.Status == model.CheckWarn) && c.Problem == nil {
				t.Errorf("call %d broken: %s says nothing: %+v", n, c.ID, c)
			}
		}
		if h.calls >= n && model.VerdictOf(checks) == model.VerdictPass {
			t.Errorf("call %d broke and nothing is told: %+v", n, checks)
		}
	}
}

func TestACancelledExaminationSaysSo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (Doctor{Jobs: newHouse().jobs(), Looker: looks{model.CheckPass}}).Examine(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
