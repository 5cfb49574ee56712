package cmd

import (
	"errors"
	"strings"
	"testing"

	"bbconnect/internal/flow"
	"bbconnect/keystore"
	"bbconnect/model"
)

// leaks finds a canary, or any eight characters of it that stand together.
func leaks(text, canary string) (part string, found bool) {
	for i := 0; i+8 <= len(canary); i++ {
		if strings.Contains(text, canary[i:i+8]) {
			return canary[i : i+8], true
		}
	}
	return "", false
}

// TestNoSecretIsEverPrintedOrWritten plants a canary in every slot by every way
// in, walks the commands and their errors, and searches everything that was
// printed and every file.
func TestNoSecretIsEverPrintedOrWritten(t *testing.T) {
	t.Parallel()
	canary := token("Zq9")
	for name, verdict := range map[string]func(model.TestRequest) model.TestResult{"passing": passes, "failing": fails} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.verdict = verdict
			p.env["CANARY"] = canary
			file := p.write("token", canary+"\n")
			var said strings.Builder
			run := func(input string, args ...string) {
				s := p.run(input, args...)
				said.WriteString(strings.Join(args, " ") + "\n" + s.out + s.err)
			}
			flags := func(source string, more ...string) []string {
				kind, _, _ := strings.Cut(strings.Replace(source, "-", "stdin", 1), ":")
				return append([]string{
					"new", "--yes", "--save-failed", "--set", "overview.name=From " + kind, "--set", "details.url=https://bitbucket.org/acme/ledger.git",
					"--set", "credentials.secret=account.From_" + kind + "_token", "--set", "api.email=jdoe@acme-corp.com", "--secret", "credentials.password=" + source,
				}, more...)
			}
			for _, json := range [][]string{nil, {"--json"}} {
				run("", flags("env:CANARY", json...)...)
				run("", flags("file:"+file, json...)...)
				run(canary+"\n", flags("-", json...)...)
				run("", flags("cmd:cat '"+file+"'", json...)...)
				run("", append(flags("env:CANARY", "--dry-run"), json...)...)
				run(canary, append([]string{"edit", "From_env", "--secret", "credentials.password=-", "--yes"}, json...)...)
				run(canary, append([]string{"secret", "set", "account.spare"}, json...)...)
				run(canary[:len(canary)/2], append([]string{"secret", "set", "account.half"}, json...)...)
				for _, args := range [][]string{
					{"show", "From_env"},
					{"list"},
					{"export", "--all"},
					{"check"},
					{"secret", "list"},
					{"test", "--all"},
					{"test", "From_env"},
					{"test", "From_env", "--secret", "account.From_env_token=env:CANARY"},
					{"secret", "delete", "account.From_env_token", "--yes"},
					{"delete", "From_env", "--dry-run", "--with-secrets"},
				} {
					run("", append(args, json...)...)
				}
			}
			run("Plain\n\n\n\n\nhttps://bitbucket.org/acme/ledger.git\n\n\n"+canary+"\nquit\n", "new", "--plain", "--set", "credentials.secret=account.plain")
			run("no\nPlain\n\n\n\n\nhttps://jdoe:"+canary+"@bitbucket.org/acme/ledger.git\nquit\n", "new", "--plain")
			noLeak(t, p, said.String(), canary)
		})
	}
}

// TestASecretInTheWrongPlaceIsNotRepeated gives the canary where something else
// belongs.
func TestASecretInTheWrongPlaceIsNotRepeated(t *testing.T) {
	t.Parallel()
	canary := token("Zq9")
	p := newPaymentsPlace(t)
	for _, args := range [][]string{
		{canary},
		{"new", "--yes", "--set", canary},
		{"new", "--yes", "--set", canary + "=x"},
		{"new", "--yes", "--secret", canary},
		{"new", "--yes", "--set", "credentials.password=" + canary},
		{"new", "--yes", "--secret", "credentials.password=" + canary},
		{"new", "--yes", "--secret", "credentials.password=env:" + canary},
		{"new", "--yes", "--keystore", canary},
		{"new", "--yes", "--set", "details.url=https://jdoe:" + canary + "@bitbucket.org/acme/ledger.git"},
		{"list", "--expiring", canary},
		{"list", "--" + canary},
		{"secret", "set", "account.x", canary},
		{"secret", "set", canary + "!"},
		{"secret", "set", "account.x", "--from", canary},
		{"secret", "set", "account.x", "--kind", canary},
		{"test", "--timeout", canary, "--all"},
		{"secret", "set", "account.x", "--expires", canary},
		{"test", "Payments", "--secret", canary},
		{"help", canary},
		{"show", canary},
		{"edit", canary, "--set", "overview.name=x"},
		{"delete", canary},
		{"delete", canary, "--yes"},
		{"test", canary},
		{"test", "Payments", canary},
		{"export", canary},
		{"show", "payments/" + canary},
		{"show", canary, "--org", "payments"},
		{"check", canary},
		{"import", canary},
		{"new", "--yes", "--from", canary},
		{"secret", "delete", "account." + canary, "--yes"},
		{"secret", "set", "account.x", "--from", "file:" + canary},
		{"secret", "set", "account.x", "--from", "keyring:account." + canary},
		{"test", "-f", canary},
		{"test", "Payments", "--secret", canary + "=env:BB_TOKEN"},
		{"completion", canary},
		{"try", "--scenario", canary},
		{"secret", "key", "public", canary},
		{"list", "--filter", canary},
		{"show", canary, canary},
		{"url", "https://jdoe:" + canary + "@bitbucket.org/acme/ledger.git"},
		{"export", "Payments", "--format", canary},
	} {
		for _, json := range [][]string{nil, {"--json"}} {
			s := p.run("", append(args, json...)...)
			if part, found := leaks(s.out+s.err, canary); found {
				t.Errorf("bbconnect %s repeats %q:\n%s%s", strings.ReplaceAll(strings.Join(args, " "), canary, "CANARY"), part, s.out, s.err)
			}
		}
	}
	noLeak(t, p, "", canary)
}

func noLeak(t *testing.T, p *place, said, canary string) {
	t.Helper()
	if part, found := leaks(said, canary); found {
		i := strings.Index(said, part)
		t.Errorf("%q was printed: …%s…", part, said[max(0, i-300):min(len(said), i+100)])
	}
	for name, text := range p.files() {
		if part, found := leaks(text, canary); found {
			t.Errorf("%q stands in %s", part, name)
		}
	}
	if len(p.files()) == 0 {
		t.Error("nothing was written, so that nothing was searched")
	}
}

func TestPlainPromptsAskWhereSecretsGoBeforeTheFirstOne(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.broken[model.WhereKeyring] = noKeyring()
	s := p.run("Payments\n\n\n\n\nhttps://bitbucket.org/acme/ledger.git\n\n\nnowhere\nvault\n"+token("kQ7")+"\n\n\n\n\n\njdoe@acme-corp.com\n\n\n\n", "new", "--plain")
	if s.code != exitDone {
		t.Fatalf("exits %d:\n%s", s.code, s.err)
	}
	asked, secret := strings.Index(s.err, "Where shall secrets go"), strings.Index(s.err, "Paste the token")
	if asked < 0 || secret < asked {
		t.Errorf("the place is asked at %d, the secret at %d", asked, secret)
	}
	contains(t, "the prompts", s.err, "error: There is no session bus.", "Type a number from 1 to 4 or a name", "a vault of the test, tried just now", "passed: Reach the server", "pass: The connector works.")
	if i := strings.IndexAny(s.err, "✓✗–›●○─│┌…→"); i >= 0 {
		t.Errorf("the plain prompts draw: %q", s.err[i:min(len(s.err), i+20)])
	}
}

func TestPlainPromptsAskBeforeSavingWhatFailed(t *testing.T) {
	t.Parallel()
	for answer, code := range map[string]int{"no": exitFailed, "yes": exitDone} {
		p := newPlace(t)
		p.verdict = fails
		s := p.run("Payments\n\n\n\n\nhttps://bitbucket.org/acme/ledger.git\n\n\n"+token("kQ7")+"\n\n\n\n\n\njdoe@acme-corp.com\n\n\n"+answer+"\n", "new", "--plain")
		if s.code != code {
			t.Errorf("%s exits %d, want %d:\n%s", answer, s.code, code, s.err)
		}
		contains(t, "the prompts", s.err, "failed: Read the repository with git", "The token was rejected. (cred.rejected)", "Save it all the same?")
	}
}

func TestExitCodesFollowTheContract(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		code int
	}{
		{nil, exitDone},
		{errors.New("x"), exitFailed},
		{usage("", "x"), exitUsage},
		{answersError{&model.Problem{Code: "name.required"}}, exitUsage},
		{flow.ErrNoSecret, exitNotFound},
		{keystore.ErrNotFound, exitNotFound},
		{errCancelled, exitCancelled},
		{t.Context().Err(), exitDone},
		{&model.Problem{Code: "keystore.locked"}, exitKeystore},
		{&model.Problem{Code: "store.conflict"}, exitConflict},
		{&model.Problem{Code: "store.busy"}, exitConflict},
		{&model.Problem{Code: "store.damaged"}, exitFailed},
		{failedError{7}, 7},
	} {
		if got := exitCode(c.err); got != c.code {
			t.Errorf("%v exits %d, want %d", c.err, got, c.code)
		}
	}
}
