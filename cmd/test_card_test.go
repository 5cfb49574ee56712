package cmd

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"bbconnect/model"
)

// card prints one verdict as the command does.
func card(r model.TestResult, tune func(*app)) string {
	var errOut bytes.Buffer
	a := newTestApp(strings.NewReader(""), &errOut, &errOut)
	if tune != nil {
		tune(a)
	}
	a.printVerdict(r)
	return errOut.String()
}

func TestACardShowsEverythingThatMends(t *testing.T) {
	t.Parallel()
	command := "curl -sS -o /dev/null -w '%{http_code}' " + strings.Repeat("https://bitbucket.example.test/a/long/path ", 4)
	text := card(model.TestResult{Verdict: model.VerdictUnreachable, Problem: &model.Problem{
		Code: "tls.unknown-ca", What: "The certificate is not trusted.", Why: "A private authority issued it.", Fix: "Trust it.",
		Mends: []model.Mend{{Field: model.QUsername, Value: "x-token-auth", Label: "use x-token-auth."}},
		Page:  "https://bitbucket.org/account/settings/", Commands: []string{command, "second\x1b[31m line"}, WaitSeconds: 90,
		HostKey:   &model.HostKey{Fingerprint: "SHA256:abc"},
		Authority: &model.Authority{Subject: "CN=leaf\x07", Issuer: "CN=Acme CA", Fingerprint: "SHA256:0011", Expires: time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC)},
	}}, nil)
	contains(t, "the card", text, "This machine cannot reach the server; the delegate may.", "(tls.unknown-ca)", "A private authority issued it.",
		"To use x-token-auth: --set credentials.username=x-token-auth", "left alone for 1m30s", "--host-key SHA256:abc",
		"Issued by: CN=Acme CA", "Expires: 2030-01-02", "Fingerprint: SHA256:0011", "Page: https://bitbucket.org/account/settings/")
	if !strings.Contains(text, "\n    "+command+"\n") {
		t.Errorf("the command is not on a line of its own:\n%s", text)
	}
	if strings.ContainsAny(text, "\x1b\x07") || strings.Contains(text, "does not work") {
		t.Errorf("got %q", text)
	}
}

func TestRightsAreShownWhenOneIsMissingOrAsked(t *testing.T) {
	t.Parallel()
	all := []model.Right{{Need: model.NeedClone, Granted: []string{"read:repository:bitbucket"}}}
	some := append(all, model.Right{Need: model.NeedWebhooks, Missing: []string{"read:webhook:bitbucket", "write:webhook:bitbucket"}})
	for name, tc := range map[string]struct {
		rights  []model.Right
		verbose bool
		shown   bool
	}{
		"all there": {all, false, false}, "all there, asked": {all, true, true}, "one missing": {some, false, true}, "none known": {nil, true, false},
	} {
		text := card(model.TestResult{Verdict: model.VerdictPass, Rights: tc.rights}, func(a *app) { a.verbose = tc.verbose })
		if strings.Contains(text, "What the token's scopes allow") != tc.shown {
			t.Errorf("%s:\n%s", name, text)
		}
	}
	contains(t, "the card", card(model.TestResult{Verdict: model.VerdictWarn, Rights: some}, nil), "✓ clone ok", "✗ webhooks: missing read:webhook:bitbucket, write:webhook:bitbucket")
}

func TestNotesFollowAPassUnderTheirHeading(t *testing.T) {
	t.Parallel()
	notes := model.Findings{{Code: "note.statuses", Severity: model.SeverityHint, Message: "Statuses may be missing.", Fix: "Look at the codebase."}}
	for verdict, headed := range map[model.Verdict]bool{model.VerdictPass: true, model.VerdictWarn: true, model.VerdictFail: false} {
		text := card(model.TestResult{Verdict: verdict, Notes: notes}, nil)
		contains(t, "the card", text, "Statuses may be missing.", "Look at the codebase.")
		if strings.Contains(text, "Passes, and yet:") != headed {
			t.Errorf("%s:\n%s", verdict, text)
		}
	}
}

func TestACheckIsOneLineThatFits(t *testing.T) {
	t.Parallel()
	for _, width := range []int{60, 80, 200} {
		for _, status := range []model.CheckStatus{model.CheckPass, model.CheckWarn, model.CheckFail, model.CheckSkip} {
			a := newTestApp(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})
			a.errWidth = func() int { return width }
			line := a.checkLine(model.Check{Title: "Read the repository\nwith git", Status: status, Duration: 1234 * time.Millisecond})
			if len([]rune(line)) >= width || strings.Contains(line, "\n") || !strings.Contains(line, "Read the repository with git") {
				t.Errorf("%d columns, %s: %q", width, status, line)
			}
			a.words = true
			if line = a.checkLine(model.Check{Title: "Reach", Status: status}); strings.ContainsAny(line, "✓✗!–") {
				t.Errorf("in words: %q", line)
			}
		}
	}
}
