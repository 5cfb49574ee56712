package steps

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bbconnect/model"
)

// inFrontOfSecrets runs a story on the screen of named secrets, and at its end
// looks for values in everything that was drawn.
func inFrontOfSecrets(t *testing.T, prepare func(*fakes), story func(*person)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		at := newFakes()
		if prepare != nil {
			prepare(at)
		}
		p := starts(t, at, NewSecrets(at.jobs()))
		p.watched = true
		p.settle()
		defer p.quits()
		story(p)
		for _, word := range []string{apiToken(), "canaryTOKEN", "canaryKEY", "canaryOLD"} {
			if strings.Contains(p.seen.String(), word) {
				t.Errorf("a value, or a part of one, was drawn")
			}
		}
	})
}

// withSecrets saves the ledger twice, a token that has ended, one that soon will,
// an SSH credential with its key, and one that nobody uses.
func withSecrets(f *fakes) {
	withLedger(f)
	c, _ := ledger()
	c.Name, c.ID = "Payroll", "Payroll"
	f.library.put(c)
	key := model.Connector{
		Name: "Keys", ID: "Keys", URL: "ssh://git@git.acme-corp.com:7999/PAY/ledger.git", URLType: model.URLRepo,
		ConnectionType: model.SSH, SSHKeyRef: "account.keys_ssh_key", Mode: model.ModePlatform,
	}
	f.library.put(key)
	day := func(n int) time.Time { return today().Truncate(24*time.Hour).AddDate(0, 0, n) }
	for _, info := range []model.SecretInfo{
		{Name: "account/ended_token", Type: model.SecretText, Kind: model.KindAccessToken, Where: model.WhereVault, Created: day(-300), Expires: day(-3), Length: 30},
		{Name: "org/acme/soon_token", Type: model.SecretText, Kind: model.KindHTTPAccessToken, Where: model.WhereKeyring, Created: day(-90), Expires: day(9), Length: 44},
		{Name: "account/keys_ssh_key", Type: model.SecretSSHKey, Kind: model.KindSSHKey, Where: model.WhereKeyring, File: "account/keys_ssh_key_file", Created: day(-2)},
		{Name: "account/keys_ssh_key_file", Type: model.SecretFile, Kind: model.KindSSHKey, Where: model.WhereKeyring, Created: day(-2), Length: 2459},
		{Name: "account/typed", Type: model.SecretText, Kind: model.KindAPIToken, Where: model.WhereAsk},
	} {
		f.library.secrets = append(f.library.secrets, info)
		if info.Length > 0 && info.Where != model.WhereVault {
			_ = f.keys[info.Where].Set(context.Background(), info.Name, model.NewSecret(strings.Repeat("canaryOLD", 300)[:info.Length]))
		}
	}
}

func TestGoldenSecrets(t *testing.T) {
	t.Parallel()
	inFrontOfSecrets(t, withSecrets, func(p *person) {
		p.looksLike("secrets").presses("?").looksLike("secrets_keys").presses("esc", "o", "g").looksLike("secrets_by_expiry")
		p.presses("enter").looksLike("secret_details").presses("esc", "o", "V").looksLike("secrets_verified")
		p.presses("g", "n").looksLike("secret_rename").presses("esc", "x").looksLike("secret_expiry").presses("esc", "G", "d")
		p.looksLike("secret_delete").presses("esc")
		p.presses("/").types("ledger").presses("tab", "d").looksLike("secret_in_use").presses("enter", "r").looksLike("secret_replace")
		p.pastes(apiToken()).presses("tab").types("1y").looksLike("secret_replace_typed").presses("enter").looksLike("secret_replace_asks")
		p.presses("y").looksLike("secret_users")
	})
	inFrontOfSecrets(t, nil, func(p *person) { p.looksLike("secrets_none") })
}
