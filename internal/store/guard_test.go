package store

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"bbconnect/model"
)

func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		out = append(out, line)
	}
	return out
}

// FuzzNoPasswordOfAnAddressStays builds addresses around any password and looks
// for it in what would be written down.
func FuzzNoPasswordOfAnAddressStays(f *testing.F) {
	for _, seed := range []string{"secret", "p@ss", "p:w", "%40", "ü", "a?b", "#", "@", ":@"} {
		f.Add("jdoe", seed)
		f.Add("", seed)
	}
	f.Fuzz(func(t *testing.T, user, password string) {
		if strings.ContainsAny(user, " \t\r\n\v\f/@:") || strings.ContainsAny(password, " \t\r\n\v\f/") || !json.Valid([]byte(`"`+password+`"`)) {
			return
		}
		marked := "canary" + password + "canary"
		for _, text := range []string{
			"https://" + user + ":" + marked + "@bitbucket.org/acme/x.git",
			"git clone https://" + user + ":" + marked + "@bitbucket.org/acme/x.git x",
			"a https://h/x b ssh://" + user + ":" + marked + "@h:22/x",
		} {
			clean := withoutCredentials(text)
			if strings.Contains(clean, "canary") {
				t.Fatalf("%q became %q", text, clean)
			}
			if again := withoutCredentials(clean); again != clean {
				t.Fatalf("%q became %q and then %q", text, clean, again)
			}
		}
	})
}

func TestAConnectorWithRefsAndAddressesOfItsOwnIsSaved(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"https://jdoe@bitbucket.org/acme/", "https://bitbucket.org", "git@bitbucket.org:acme/x.git", "ssh://git@git.acme.example:7999/~jdoe/x.git",
		"https://git.acme.example:8443/ctx/scm/PAY/x.git",
	} {
		c := connector("a", model.Scope{})
		c.URL = url
		if err := holdsNoSecret(c); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	// A reference the scope does not allow is a finding of the model's; it is no
	// secret and may be saved in a connector that is to be mended.
	c := connector("a", model.Scope{})
	c.PasswordRef = "project_secret"
	if err := holdsNoSecret(c); err != nil {
		t.Error(err)
	}
}

func TestATokenInTheTextsOfAConnectorOrOfADraftIsNotWrittenDown(t *testing.T) {
	t.Parallel()
	token := "ATA" + "TT3" + strings.Repeat("canaryTOKEN", 16)
	for _, change := range []func(*model.Connector){
		func(c *model.Connector) { c.Name = token },
		func(c *model.Connector) { c.Description = "with " + token + " in it" },
		func(c *model.Connector) { c.Tags = []model.Tag{{Key: "x"}, {Key: "y", Value: token}} },
		func(c *model.Connector) { c.Username.Plain = token },
		func(c *model.Connector) { c.API.Email.Plain = token },
		func(c *model.Connector) { c.Selectors = []string{"k8s", token} },
	} {
		c := connector("a", model.Scope{})
		change(&c)
		err := holdsNoSecret(c)
		if codeOf(err) != "token.misplaced" || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v", codeOf(err))
		}
	}
	kept := withoutSecrets(map[model.QuestionID]string{model.QSecret: "account.x" + token, model.QName: "Ledger"})
	if kept[model.QSecret] != "account.x" || kept[model.QName] != "Ledger" {
		t.Errorf("%d characters are kept of the reference, the name is %q", len(kept[model.QSecret]), kept[model.QName])
	}
}

func TestOnlySecretsAreTakenOutOfADraft(t *testing.T) {
	t.Parallel()
	answers := map[model.QuestionID]string{
		model.QName: "x", model.QSecret: "account.bb_token", model.QURL: "https://bitbucket.org/acme/x/src/main/?at=a@b",
		model.QAPIEmail: "me@acme.example", model.QDescription: "http://half", model.QPassword: "gone", model.QAPIToken: "gone",
	}
	got := withoutSecrets(answers)
	for id, value := range answers {
		want := value
		if value == "gone" {
			want = ""
		}
		if got[id] != want {
			t.Errorf("%s: got %q, want %q", id, got[id], want)
		}
	}
	if _, ok := got[model.QPassword]; ok || len(withoutSecrets(nil)) != 0 {
		t.Error("a value slot is there")
	}
}

// FuzzTests reads any text as the list of tests: it must neither fail nor keep
// more than it was given.
func FuzzTests(f *testing.F) {
	f.Add([]byte(firstLine + "{\"key\":\"a\",\"verdict\":\"pass\"}\n{\"key\":\"a\",\"gone\":true}\n"))
	f.Add([]byte("{\"version\":2}\n"))
	f.Add([]byte("{\"key\":\"a\"}\nhalf"))
	f.Fuzz(func(t *testing.T, data []byte) {
		tests, n, found := parseTests(data)
		if len(tests) > n || n > bytes.Count(data, []byte("\n"))+1 || (found > version && len(tests) > 0) {
			t.Fatalf("%d tests of %d lines, version %d", len(tests), n, found)
		}
		for key, test := range tests {
			if key == "" || test == nil {
				t.Fatalf("%q: %v", key, test)
			}
		}
	})
}

func TestTheLaterLineCounts(t *testing.T) {
	t.Parallel()
	data := firstLine + `{"key":"a","verdict":"pass"}
{"key":"b","verdict":"warn"}
{"key":"a","verdict":"fail","code":"net.dns"}
not JSON
{"key":"c","verdict":"pass"}
{"key":"c","gone":true}
`
	tests, n, found := parseTests([]byte(data))
	if len(tests) != 2 || n != 6 || found != 1 || tests["a"].Verdict != model.VerdictFail || tests["a"].Code != "net.dns" || tests["b"].Verdict != model.VerdictWarn {
		t.Fatalf("%d lines of version %d: %+v", n, found, tests)
	}
}
