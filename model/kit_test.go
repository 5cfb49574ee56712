package model

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// testNow is the day the rules are judged on, unless a test says otherwise.
var testNow = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// answers is a draft written down: the answers given, by question.
type answers map[QuestionID]string

func (a answers) draft() Draft { return NewDraft().WithAnswers(a) }

// with is a copy with more answers; "-" forgets one.
func (a answers) with(more answers) answers {
	out := answers{}
	for _, from := range []answers{a, more} {
		for id, v := range from {
			if out[id] = v; v == "-" {
				delete(out, id)
			}
		}
	}
	return out
}

// Drafts in which nothing is wrong, over the secrets of testWorld.
var (
	cloudHTTP = answers{
		QName: "Payments", QURL: "https://bitbucket.org/acme/", QTestRepository: "ledger.git",
		QKind: "api-token", QUsername: "jdoe", QSecret: "account.cloud_token",
		QAPIMethod: "EmailAndApiToken", QAPIEmail: "jdoe@example.com", QAPISecret: "account.cloud_token",
	}
	serverHTTP = answers{
		QName: "Server", QURL: "https://bitbucket.example.com/scm/", QTestRepository: "PAY/ledger.git",
		QUsername: "jdoe", QSecret: "account.server_token", QAPIMethod: "AccessToken", QAPISecret: "account.server_token",
	}
	cloudSSH = answers{
		QName: "Keys", QURL: "git@bitbucket.org:acme/", QTestRepository: "ledger.git",
		QSecret: "account.key", QAPIMethod: "off",
	}
)

func testWorld() World {
	secret := func(name SecretName, kind CredentialKind, host string) SecretInfo {
		return SecretInfo{Name: name, Type: SecretText, Kind: kind, Host: host, Where: WhereKeyring}
	}
	key := secret("account/key", KindSSHKey, "bitbucket.org")
	key.Type, key.File = SecretSSHKey, "account/key_file"
	file := secret("account/key_file", KindSSHKey, "bitbucket.org")
	file.Type = SecretFile
	return World{
		Now: testNow,
		Secrets: []SecretInfo{
			secret("account/cloud_token", KindAPIToken, "bitbucket.org"),
			secret("account/server_token", KindHTTPAccessToken, "bitbucket.example.com"),
			secret("account/login", KindUnknown, ""),
			secret("org/eng/token", KindAPIToken, "bitbucket.org"),
			secret("project/eng/pay/token", KindAPIToken, "bitbucket.org"),
			key, file,
		},
		InspectKey: func(key, passphrase Secret) Findings {
			if strings.Contains(key.Reveal(), "ENCRYPTED") && passphrase.IsZero() {
				return fieldError(QSSHPassphrase, "key.passphrase", "The key is encrypted.", "Give its passphrase.")
			}
			return nil
		},
	}
}

// sayings leaves out what every sound draft is told all the same.
func sayings(fs Findings) Findings {
	return slices.DeleteFunc(slices.Clone(fs), func(f Finding) bool {
		return f.Severity == SeverityHint || f.Code == "api.off" || f.Code == "url.ssh-host-moved"
	})
}

func TestTheDraftsThatTestsStartFromAreSound(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]answers{"cloud": cloudHTTP, "server": serverHTTP, "ssh": cloudSSH} {
		if fs := sayings(Validate(d.draft(), testWorld())); len(fs) > 0 {
			t.Errorf("%s: %+v", name, fs)
		}
	}
}
