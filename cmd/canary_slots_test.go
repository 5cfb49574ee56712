package cmd

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// inVault makes a place keep its secrets in a real vault.
func inVault(t *testing.T, p *place) {
	t.Helper()
	p.env["BBCONNECT_VAULT_PASSPHRASE_FILE"] = p.write("passphrase", "correct horse "+"battery\n")
	p.tune = func(a *app) { a.places = func(a *app) flow.Keystores { return newKeystores(a) } }
}

// keyCanary is the part of a private key that no two keys share.
func keyCanary(key string) string {
	lines := strings.Split(strings.TrimSpace(key), "\n")
	return lines[len(lines)/2]
}

// TestNoSlotOfAnSSHConnectorLeaksByAnyWayIn plants a canary in the key, its
// passphrase and the API token, keeps them in a vault, and searches everything
// that was printed and every file, the vault's bytes among them.
func TestNoSlotOfAnSSHConnectorLeaksByAnyWayIn(t *testing.T) {
	t.Parallel()
	made, err := newKeyTool().Generate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{
		"credentials.sshKey": made.Reveal(), "credentials.sshPassphrase": "a phrase nobody " + strings.Repeat("Wq8", 8), "api.token": token("Zq9"),
	}
	canaries := []string{keyCanary(made.Reveal()), values["credentials.sshPassphrase"][16:], values["api.token"]}
	for way, source := range map[string]func(p *place, slot string) (from, input string){
		"env": func(p *place, slot string) (string, string) {
			p.env["CANARY_"+strings.ToUpper(slot[len(slot)-3:])] = values[slot]
			return "env:CANARY_" + strings.ToUpper(slot[len(slot)-3:]), ""
		},
		"file": func(p *place, slot string) (string, string) { return "file:" + p.write("secret", values[slot]), "" },
		"cmd": func(p *place, slot string) (string, string) {
			return "cmd:cat '" + p.write("secret", values[slot]) + "'", ""
		},
		"stdin": func(_ *place, slot string) (string, string) { return "-", values[slot] },
	} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			inVault(t, p)
			var printed strings.Builder
			run := func(input string, args ...string) said {
				s := p.run(input, args...)
				printed.WriteString(strings.Join(args, " ") + "\n" + s.out + s.err)
				return s
			}
			base := []string{"new", "--yes", "--keystore", "vault", "--set", "details.url=git@bitbucket.org:acme/ledger.git", "--set", "api.email=jdoe@acme-corp.com"}
			for i, slot := range slices.Sorted(maps.Keys(values)) {
				from, input := source(p, slot)
				args := append(slices.Clone(base), "--set", "overview.name="+slot[strings.Index(slot, ".")+1:], "--secret", slot+"="+from)
				for _, other := range slices.Sorted(maps.Keys(values)) {
					if other != slot && other != "credentials.sshPassphrase" {
						args = append(args, "--secret", other+"=file:"+p.write("other", values[other]))
					}
				}
				s := run(input, args...)
				if slot != "credentials.sshPassphrase" && s.code != exitDone {
					t.Errorf("%d: %s exits %d:\n%s", i, slot, s.code, s.err)
				}
				run(input, append(args, "--json")...)
				// The slot alone: what is missing is named.
				run(input, append(slices.Clone(base), "--secret", slot+"="+from)...)
				// Another slot's value in it.
				wrong := p.write("wrong", values["api.token"])
				run("", append(slices.Clone(base), "--set", "overview.name=Wrong", "--secret", slot+"=file:"+wrong, "--json")...)
			}
			for _, args := range [][]string{{"list", "--json"}, {"secret", "list"}, {"show", "token"}, {"export", "--all"}, {"test", "--all"}, {"secret", "key", "public", "file:" + p.write("k", values["credentials.sshKey"])}} {
				run("", args...)
			}
			if _, there := p.files()["data/vault.age"]; !there {
				t.Fatalf("there is no vault among %v", slices.Sorted(maps.Keys(p.files())))
			}
			for _, canary := range canaries {
				noLeak(t, p, printed.String(), canary)
			}
		})
	}
}

// TestNoSlotLeaksAtThePlainPrompts answers them with the canaries, quits half way
// and looks at the draft, and saves.
func TestNoSlotLeaksAtThePlainPrompts(t *testing.T) {
	t.Parallel()
	made, err := newKeyTool().Generate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	canary := token("Zq9")
	p := newPlace(t)
	inVault(t, p)
	begin := "Payments\n\n\n\n\ngit@bitbucket.org:acme/ledger.git\n\n\n\n" + p.write("id_rsa", made.Reveal()) + "\n"
	var printed strings.Builder
	for _, rest := range []string{"quit\n", canary + "\nquit\n", strings.Repeat(canary+"\n", 12) + "quit\n", "\n\n" + canary + "\n" + "\njdoe@acme-corp.com\n" + canary + "\n\nquit\n"} {
		s := p.run(begin+rest, "new", "--plain", "--keystore", "vault", "--set", "api.email=jdoe@acme-corp.com")
		printed.WriteString(s.out + s.err)
		if !strings.Contains(s.err, "private") && !strings.Contains(s.err, "Private") {
			t.Errorf("the key was never asked for:\n%s", s.err)
		}
	}
	if len(p.drafts()) == 0 {
		t.Error("no draft was kept, so that none was searched")
	}
	noLeak(t, p, printed.String(), canary)
	noLeak(t, p, printed.String(), keyCanary(made.Reveal()))
	for _, d := range p.drafts() {
		for _, slot := range []model.QuestionID{model.QSSHKey, model.QAPIToken, model.QPassword} {
			if d.Draft.Answer(slot) != "" || !d.Draft.Secret(slot).IsZero() {
				t.Errorf("a draft knows %s", slot)
			}
		}
	}
}
