package document

import (
	"math/rand"
	"strings"
	"testing"

	"bbconnect/model"
)

// anyConnector makes a connector that Harness would take, of any kind, with
// texts that look like other YAML types more often than real ones do.
func anyConnector(r *rand.Rand) model.Connector {
	c := model.Connector{
		Name: pick(r, "Payments", "null", "007", "My Bitbucket", "on", "1e3", "a: b", "Ünïcode 漢字"),
		ID:   pick(r, "Payments", "yes", "_x", "null_connector"), Description: anyText(r),
		URL:     pick(r, "https://bitbucket.org/acme/", "git@bitbucket.org:acme/", "ssh://git@git.acme.example:7999/PAY/x.git"),
		URLType: pick(r, model.URLAccount, model.URLRepo), ConnectionType: pick(r, model.HTTP, model.SSH),
		Mode: pick(r, model.ModePlatform, model.ModeDelegate), IgnoreTest: r.Intn(4) == 0,
		DelegateVersion: pick(r, "", "26.02.88600"), CAFile: pick(r, "", "/etc/ssl/acme ca.pem", `C:\certs\acme.pem`),
	}
	c.Scope = pick(r, model.Scope{}, model.Scope{Org: "default"}, model.Scope{Org: "default", Project: "pay"})
	for i := range r.Intn(4) {
		c.Tags = append(c.Tags, model.Tag{Key: strings.Repeat("k", i+1) + pick(r, "", " x", ":", "#"), Value: anyText(r)})
	}
	for i := range r.Intn(3) {
		c.Selectors = append(c.Selectors, strings.Repeat("d", i+1)+pick(r, "", "-1", " eu"))
	}
	if c.URLType == model.URLAccount {
		c.TestRepository = pick(r, "repo.git", "PAY/repo.git", "~jdoe/x.git")
	}
	if c.ConnectionType == model.HTTP {
		c.Username, c.PasswordRef = anyLogin(r), "account.bb_token"
		c.SecureConnect = c.Mode == model.ModePlatform && r.Intn(2) == 0
	} else {
		c.SSHKeyRef = "org.key"
	}
	switch r.Intn(5) {
	case 0:
		c.API = model.APIAccess{Method: model.APIEmailAndToken, Email: anyLogin(r), TokenRef: "account.t"}
	case 1:
		c.API = model.APIAccess{Method: model.APIAccessToken, TokenRef: "t"}
	case 2:
		c.API = model.APIAccess{Method: model.APIUsernameToken, Username: anyLogin(r), TokenRef: "org.t"}
	case 3:
		c.API = model.APIAccess{Method: model.APIOAuth, TokenRef: "t", RefreshTokenRef: "r"}
	}
	return c
}

func anyLogin(r *rand.Rand) model.Login {
	return pick(r, model.Login{Plain: "jdoe"}, model.Login{Plain: "123"}, model.Login{Plain: "me@acme.example"}, model.Login{Ref: "account.user"})
}

func anyText(r *rand.Rand) string {
	return pick(r, "", "text", "true", "~", "2026-11-22", "0x1F", "a # b", "- x", "key: value", "line\nbreak", " blank ", "tab\there",
		"<+input>", "'quoted'", "\"double\"", "*alias", "&anchor", "!tag", "%dir", "@at", "`tick", "12:30:45", "1_000", "\u0085next\u2028line", "😀", "ends:")
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.Intn(len(from))] }

// payments is a document as people keep it in a repository.
const payments = `# The payments team's connector.
# Ask in #payments before changing it.

connector:
  name: Payments   # shown in pipelines
  identifier: payments

  description: 'Clones the ledger'
  orgIdentifier: default
  tags:
    team: payments
    env: "prod"   # not staging
  type: Bitbucket

  spec:
    # The account, not one repository.
    url: https://bitbucket.org/acme/
    validationRepo: ledger.git
    type: Account

    authentication:
      type: Http
      spec:
        type: UsernamePassword
        spec:
          username: jdoe
          passwordRef: org.bb_token # rotated in May
    apiAccess:
      type: UsernameToken
      spec:
        username: jdoe
        tokenRef: org.bb_token
    delegateSelectors:
      - eu-1   # near the office
      - eu-2
    executeOnDelegate: true
    futureKey: {kept: [1, 2]}
# the end
`

func decoded(t *testing.T, text string) model.Connector {
	t.Helper()
	c, _, err := Decode([]byte(text))
	if err != nil {
		t.Fatalf("decoding: %v\n%s", err, text)
	}
	return c
}
