package flow

import (
	"strings"
	"testing"

	"bbconnect/model"
)

func TestATokenOfSomebodyElseIsToldByUserOrByEmail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		group       model.MigrationGroup
		email, user string
		want        string
	}{
		"another user":  {model.MigrationGroup{User: "jdoe"}, "", "mallory", "The token is mallory's; until now jdoe signed in."},
		"the same user": {model.MigrationGroup{User: "jdoe", Email: "old@acme-corp.com"}, "new@acme-corp.com", "JDoe", ""},
		// With an API token git signs in by a word that is everybody's.
		"another email":  {model.MigrationGroup{Email: "ci@acme-corp.com"}, "jdoe@acme-corp.com", "jdoe", "The token is jdoe@acme-corp.com's; until now ci@acme-corp.com signed in."},
		"the same email": {model.MigrationGroup{Email: "ci@acme-corp.com"}, "CI@acme-corp.com", "ci", ""},
		"no email given": {model.MigrationGroup{Email: "ci@acme-corp.com"}, "", "ci", ""},
		"nobody known":   {model.MigrationGroup{}, "ci@acme-corp.com", "ci", ""},
	} {
		got := ""
		if fs := otherUser(c.group, c.email, c.user); len(fs) > 0 {
			got = fs[0].Message
			if fs[0].Code != "token.other-user" || fs[0].Severity != model.SeverityWarning || !strings.Contains(fs[0].Fix, "Go on if") {
				t.Errorf("%s: %+v", name, fs[0])
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
