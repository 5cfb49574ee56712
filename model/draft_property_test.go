package model

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// same compares connectors; no list is the same as an empty one.
func same(a, b Connector) bool {
	for _, c := range []*Connector{&a, &b} {
		c.Tags, c.Selectors = slices.Clip(append([]Tag{}, c.Tags...)), slices.Clip(append([]string{}, c.Selectors...))
		if !c.API.On() {
			c.API = APIAccess{}
		}
	}
	return reflect.DeepEqual(a, b)
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// oddTexts are what people and files put where it does not belong.
var oddTexts = []string{
	"", " ", "x", "1", "-", "$", "a-$b", "ü", "a b", "\x00", "\t", "a,b", "a:b", ":", "<+input>", "../x", "%", "..", "account.", "account.x", "org.x",
	"project.x", "x.y.z", "https://", "https://bitbucket.org", "https://bitbucket.org/acme/ledger", "git@bitbucket.org:acme/ledger.git",
	"git@bb.example.com/PAY/l.git", "ssh://git@bb.example.com:7999/PAY/l.git", "https://bb.example.com/scm/PAY/l.git", "http://bb.example.com/scm/D/PAY/l.git",
	"acme/ledger", "ledger", "ledger.git", "PAY/ledger.git", "jdoe@example.com", "2026-11-22", "2027-10-01", "26.01.88201", "yes", "no", "maybe",
	"account.cloud_token", "account.key", "account.login", "x-token-auth",
}

// drawDraft is any draft: every closed set, with odd texts between.
func drawDraft(r *rand.Rand) Draft {
	d := NewDraft()
	options := map[QuestionID][]string{
		QScope: {"account", "org", "project"}, QURLType: {"Account", "Repo"}, QConnectionType: {"http", "ssh"},
		QKind:      {"api-token", "access-token", "app-password", "http-access-token", "ssh-key", "password", "unknown"},
		QAPIMethod: {"off", "EmailAndApiToken", "AccessToken", "UsernameToken", "OAuth"},
		QMode:      {"platform", "delegate"}, QDelegates: {"any", "tags"}, QSecureConnect: {"yes", "no"},
	}
	for _, id := range QuestionIDs() {
		q, _ := KnownQuestion(id)
		switch {
		case r.IntN(3) == 0:
		case q.IsSecret():
			d = d.WithSecret(id, NewSecret(pick(r, "", "hunter2hunter2", fakeAPIToken(), fakeAccessToken(), fakeAppPassword(), fakeServerToken(), "ENCRYPTED KEY", "a@b.co", "https://x.y")))
		case len(options[id]) > 0 && r.IntN(8) > 0:
			d = d.With(id, pick(r, options[id]...))
		case id == QURL && r.IntN(3) > 0:
			d = d.With(id, drawURL(r))
		default:
			d = d.With(id, pick(r, oddTexts...))
		}
	}
	return d
}

func drawURL(r *rand.Rand) string {
	return pick(r, "https://bitbucket.org/acme/", "https://bitbucket.org", "https://bitbucket.org/acme/ledger.git", "git@bitbucket.org:acme/ledger.git",
		"git@bitbucket.org:acme/", "https://bb.example.com/scm/", "https://bb.example.com:8443/ctx/scm/PAY/ledger.git", "ssh://git@bb.example.com:7999/PAY/ledger.git", "ssh://git@bb.example.com:7999/")
}

// drawConnector is a connector that is valid in drawWorld.
func drawConnector(r *rand.Rand, n int) Connector {
	c := Connector{
		Name: fmt.Sprintf("Connector %d", n), ID: fmt.Sprintf("connector_%d", n), Description: pick(r, "", "for the payments team", "one: two, three"),
		Tags: pick(r, nil, []Tag{{"a", ""}}, []Tag{{"a", "1,2"}, {"b:c", ` x\`}}), Scope: pick(r, Scope{}, Scope{Org: "eng"}, Scope{Org: "eng", Project: "pay"}),
		ConnectionType: pick(r, HTTP, SSH), URLType: pick(r, URLAccount, URLRepo), Mode: pick(r, ModePlatform, ModeDelegate), IgnoreTest: r.IntN(4) == 0,
	}
	cloud, repo := r.IntN(2) == 0, c.URLType == URLRepo
	if !repo {
		c.TestRepository = pick(r, "PAY/ledger.git", "~jdoe/ledger.git")
	}
	switch {
	case cloud && c.ConnectionType == HTTP:
		c.URL = pick(r, "https://bitbucket.org/acme/", "https://bitbucket.org")
		if c.TestRepository = "acme/ledger.git"; c.URL != "https://bitbucket.org" {
			c.TestRepository = "ledger.git"
		}
		if repo {
			c.URL, c.TestRepository = "https://bitbucket.org/acme/ledger.git", ""
		}
	case cloud:
		c.URL, c.TestRepository = "git@bitbucket.org:acme/", "ledger.git"
		if repo {
			c.URL, c.TestRepository = "git@bitbucket.org:acme/ledger.git", ""
		}
	case c.ConnectionType == HTTP:
		c.URL = pick(r, "https://bb.example.com/scm/", "https://bb.example.com:8443/ctx/scm/")
		if repo {
			c.URL += "PAY/ledger.git"
		}
	default:
		if c.URL = "ssh://git@bb.example.com:7999/"; repo {
			c.URL += "PAY/ledger.git"
		}
	}
	drawCredentials(r, &c, cloud)
	if c.Mode == ModeDelegate {
		c.Selectors = pick(r, nil, []string{"linux"}, []string{"linux", "eu-1"})
		c.DelegateVersion, c.CAFile = pick(r, "", "26.02.88600"), pick(r, "", "/etc/ca.pem")
	} else {
		c.SecureConnect = c.ConnectionType == HTTP && r.IntN(3) == 0
	}
	return c
}

func drawCredentials(r *rand.Rand, c *Connector, cloud bool) {
	token := c.Scope.Ref("token")
	login := Login{Plain: "jdoe"}
	if c.ConnectionType == SSH {
		c.SSHKeyRef = c.Scope.Ref("key")
	} else {
		if c.PasswordRef = token; r.IntN(3) == 0 {
			login = Login{Ref: "account.login"}
		}
		c.Username = login
	}
	switch method := pick(r, APIOff, APIEmailAndToken, APIAccessToken, APIUsernameToken, APIOAuth); {
	case method == APIOAuth:
		c.API = APIAccess{Method: method, TokenRef: "account.login", RefreshTokenRef: "account.login"}
	case method == APIEmailAndToken && cloud:
		c.API = APIAccess{Method: method, TokenRef: token, Email: pick(r, Login{Plain: "jdoe@example.com"}, Login{Ref: "account.login"})}
	case method == APIAccessToken:
		c.API = APIAccess{Method: method, TokenRef: "account.login"}
	case method == APIUsernameToken && !cloud:
		c.API = APIAccess{Method: method, TokenRef: token, Username: login}
	}
}

func drawWorld() World {
	w := World{Now: testNow, InspectKey: testWorld().InspectKey, NewSecretsIn: WhereKeyring}
	for _, s := range []Scope{{}, {Org: "eng"}, {Org: "eng", Project: "pay"}} {
		w.Secrets = append(w.Secrets, SecretInfo{Name: s.SecretName("token"), Type: SecretText}, SecretInfo{Name: s.SecretName("key"), Type: SecretSSHKey})
	}
	w.Secrets = append(w.Secrets, SecretInfo{Name: "account/login", Type: SecretText})
	return w
}

func TestOpeningAndBuildingGivesTheVerySameConnector(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	w := drawWorld()
	for n := range 2000 {
		c := drawConnector(r, n)
		if fs := ValidateConnector(c, w); fs.HasErrors() {
			t.Fatalf("%+v is not valid: %+v", c, fs)
		}
		d := DraftOf(c, w)
		if got := Build(d, w); !same(got, c) {
			t.Fatalf("%+v\nbecame %+v", c, got)
		}
		if fs := Validate(d, w); fs.HasErrors() {
			t.Fatalf("%+v opens with %+v", c, fs)
		}
		for _, step := range Steps() {
			if len(Questions(step, d, w)) == 0 && step != StepTest {
				t.Fatalf("nothing is asked in %s", step)
			}
		}
		if writes := SecretWrites(d, w); len(writes) > 0 {
			t.Fatalf("opening wants to write %+v", writes)
		}
	}
}

func TestBackAfterNextChangesNothing(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 300 {
		d, w := drawDraft(r), testWorld()
		if n%3 == 0 {
			w = drawWorld()
			d = DraftOf(drawConnector(r, n), w)
		}
		built, said := Build(d, w), Validate(d, w)
		for _, step := range Steps() {
			filled := d
			for _, q := range Questions(step, d, w) {
				if !q.IsSecret() {
					filled = filled.With(q.ID, Value(q.ID, d, w))
				}
			}
			if got := Build(filled, w); !same(got, built) {
				t.Fatalf("%s of %v:\n%+v\nbecame %+v", step, d.Answers(), built, got)
			}
			if got := Validate(filled, w); !reflect.DeepEqual(got, said) {
				t.Fatalf("%s of %v:\nsaid %+v\nnow %+v", step, d.Answers(), said, got)
			}
		}
	}
}

func TestEveryQuestionIsWholeAndWhatIsNotAskedChangesNothing(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		d, w := drawDraft(r), testWorld()
		asked := map[QuestionID]bool{}
		for _, q := range AllQuestions(d, w) {
			if asked[q.ID] {
				t.Fatalf("%s is asked twice of %v", q.ID, d.Answers())
			}
			asked[q.ID] = true
			if known, ok := KnownQuestion(q.ID); !ok || known.Kind != q.Kind || known.Step != q.Step || q.Label == "" || q.Help == "" || q.Name() == "" {
				t.Fatalf("%+v", q)
			}
			if q.Kind == AskChoice && !optionOf(q, q.Default) {
				t.Fatalf("%s: the default %q is not among %+v of %v", q.ID, q.Default, q.Options, d.Answers())
			}
		}
		bare := d
		for _, id := range QuestionIDs() {
			if !asked[id] {
				bare = bare.Without(id)
			}
		}
		if a, b := Build(d, w), Build(bare, w); !same(a, b) {
			t.Fatalf("%v:\n%+v\nwithout the unasked %+v", d.Answers(), a, b)
		}
		if a, b := Validate(d, w), Validate(bare, w); !reflect.DeepEqual(a, b) {
			t.Fatalf("%v:\nsaid %+v\nwithout the unasked %+v", d.Answers(), a, b)
		}
	}
}

// fieldCodes are all codes a finding of the model may have, by what is before
// the dot. People script against them: none may go.
var fieldCodes = map[string]string{
	"url": "empty malformed scheme option-injection other-provider extra-segment secret-unescaped account-names-repo account-names-project repo-missing " +
		"transport-mismatch secret-embedded web-page api-address clone-command scheme-added https ssh-user scp-port missing-colon scm-in-ssh scm-missing " +
		"double-slash query plain-http ssh-host-moved ssh-port altssh lookalike-host non-ascii-host case user git-suffix context-path",
	"name": "required invalid taken", "id": "required invalid taken reserved locked", "tags": "invalid duplicate", "scope": "invalid",
	"org": "required invalid", "project": "required invalid", "urltype": "invalid", "connectiontype": "invalid", "testrepo": "required format",
	"kind": "invalid unsupported app-password", "username": "required invalid is-email x-token-auth mixed", "secret": "required invalid shared",
	"password": "required invalid", "expires": "invalid", "sshkey": "required", "ref": "malformed scope missing", "key": "passphrase",
	"method": "invalid", "email": "required invalid", "api": "cloud-only delegate-version off secret-differs",
	"token": "required invalid kind-mismatch clipped other-vendor expired expiring repo-level",
	"mode":  "invalid", "delegates": "invalid tags-required", "delegateversion": "invalid", "secureconnect": "invalid",
	"connectivity": "harness-cloud self-signed",
}

func TestEveryFindingIsOfTheContractAndItsSuggestionEndsIt(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	for n := range 500 {
		d, w := drawDraft(r), testWorld()
		w.Connectors = []Connector{{Name: "x", ID: "x", PasswordRef: "account.cloud_token"}}
		if n%5 == 0 {
			c := Build(d, w)
			d = DraftOf(c, w).With(QID, "other")
		}
		for _, f := range Validate(d, w) {
			head, tail, _ := strings.Cut(f.Code, ".")
			if !slices.Contains(strings.Fields(fieldCodes[head]), tail) {
				t.Fatalf("%s is not in the contract", f.Code)
			}
			if _, ok := KnownQuestion(f.Field); !ok || f.Message == "" || f.Fix == "" {
				t.Fatalf("%+v", f)
			}
			if f.Suggestion == "" {
				continue
			}
			for _, again := range Validate(Fill(d, f.Field, f.Suggestion), w) {
				if again.Code == f.Code && again.Field == f.Field && again.Severity == f.Severity {
					t.Fatalf("%q ends not\n%+v\nbut leaves\n%+v\nof %v", f.Suggestion, f, again, d.Answers())
				}
			}
		}
	}
}

// TestOneAnswerIsJudgedAsAmongAll goes through any drafts: judging one answer finds
// what judging all finds about it.
func TestOneAnswerIsJudgedAsAmongAll(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 17))
	w := testWorld()
	for range 2000 {
		d := drawDraft(r)
		if r.IntN(3) == 0 {
			d = DraftOf(drawConnector(r, 1), w)
		}
		all := Validate(d, w)
		for _, id := range QuestionIDs() {
			if one := ValidateAnswer(id, d, w); !slices.Equal(one, all.For(id)) {
				t.Fatalf("%s: alone\n%+v\namong all\n%+v", id, one, all.For(id))
			}
		}
	}
}
