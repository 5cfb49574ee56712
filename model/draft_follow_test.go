package model

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// editing is the edit of a connector of a draft.
func editing(t *testing.T, a answers) Draft {
	t.Helper()
	w := testWorld()
	c := Build(a.draft(), w)
	if fs := ValidateConnector(c, w); fs.HasErrors() {
		t.Fatalf("the connector has errors: %+v", fs)
	}
	return DraftOf(c, w)
}

// choose gives an answer and lets the others follow.
func choose(d Draft, id QuestionID, value string) Following {
	return Follow(d, d.With(id, value), testWorld())
}

func asideOf(f Following) (out []QuestionID) {
	for _, c := range f.Aside {
		out = append(out, c.Question)
	}
	return out
}

func TestAChangeToSSHKeepsWhatAppliesAndSaysWhatDoesNot(t *testing.T) {
	t.Parallel()
	before := editing(t, cloudHTTP)
	f := choose(before, QConnectionType, "ssh")
	c := Build(f.Draft, testWorld())
	if !strings.HasPrefix(c.URL, "git@") || c.ConnectionType != SSH || c.TestRepository != "ledger.git" {
		t.Errorf("it is %+v", c)
	}
	if c.API.Method != APIEmailAndToken || c.API.TokenRef != "account.cloud_token" {
		t.Errorf("API access is %+v", c.API)
	}
	if c.SSHKeyRef == "account.cloud_token" || c.SSHKeyRef == "" {
		t.Errorf("the key is %q", c.SSHKeyRef)
	}
	for _, id := range []QuestionID{QSecret, QUsername, QKind} {
		if !slices.Contains(asideOf(f), id) {
			t.Errorf("%s is not said to be set aside: %v", id, asideOf(f))
		}
	}
	if len(f.Adapted) != 1 || f.Adapted[0].Question != QURL {
		t.Errorf("adapted: %+v", f.Adapted)
	}
	if text := f.Text(); !strings.Contains(text, "Address: git@bitbucket.org:") || !strings.Contains(text, "Username") || !strings.Contains(text, "brings them back") {
		t.Errorf("it says %q", text)
	}
	if aside := SetAside(f.Draft, testWorld()); len(aside) == 0 {
		t.Error("the review has nothing to list")
	}
}

func TestTakingAChoiceBackBringsEveryAnswerBack(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		start answers
		id    QuestionID
		there string
		back  string
	}{
		"HTTP to SSH":        {cloudHTTP, QConnectionType, "ssh", "http"},
		"SSH to HTTP":        {cloudSSH, QConnectionType, "http", "ssh"},
		"account to one":     {cloudHTTP, QURLType, "Repo", "Account"},
		"Data Center to SSH": {serverHTTP, QConnectionType, "ssh", "http"},
		"Cloud to Data Center": {
			cloudHTTP, QURL, "https://bitbucket.example.com/scm/", "https://bitbucket.org/acme/",
		},
		"Data Center to Cloud": {serverHTTP, QURL, "https://bitbucket.org/acme/", "https://bitbucket.example.com/scm/"},
	} {
		for kind, before := range map[string]Draft{"new": tc.start.draft(), "saved": editing(t, tc.start)} {
			f := choose(before, tc.id, tc.there)
			back := Follow(f.Draft, f.Draft.With(tc.id, tc.back), testWorld())
			if want, got := Build(before, testWorld()), Build(back.Draft, testWorld()); !same(want, got) {
				t.Errorf("%s, %s: it came back as\n%+v\nwant\n%+v", name, kind, got, want)
			}
		}
	}
}

func TestWhatTheOtherProductDoesNotTakeIsSetAside(t *testing.T) {
	t.Parallel()
	f := choose(editing(t, cloudHTTP.with(answers{QUsername: UserAPIToken})), QURL, "https://bitbucket.example.com/scm/")
	c := Build(f.Draft, testWorld())
	if c.API.Method == APIEmailAndToken || c.Username.Plain == UserAPIToken {
		t.Errorf("it is %+v", c)
	}
	for _, id := range []QuestionID{QUsername, QAPIMethod, QAPIEmail} {
		if !slices.Contains(asideOf(f), id) {
			t.Errorf("%s is not said to be set aside: %v", id, asideOf(f))
		}
	}
	// The saved secret is still of its kind, whatever the draft says.
	if Value(QKind, f.Draft, testWorld()) != string(KindAPIToken) || slices.Contains(asideOf(f), QKind) {
		t.Errorf("the kind is %s and set aside: %v", Value(QKind, f.Draft, testWorld()), asideOf(f))
	}
}

func TestATestRepositoryThatTheNewAddressDoesNotNameIsSetAside(t *testing.T) {
	t.Parallel()
	before := editing(t, cloudHTTP)
	f := Follow(before, before.With(QURLType, "Repo").With(QURL, "https://bitbucket.org/acme/another.git"), testWorld())
	if got := asideOf(f); !slices.Equal(got, []QuestionID{QTestRepository}) {
		t.Errorf("set aside: %v", got)
	}
}

func TestARepositoryThatBecomesAnAccountTestsItAndComesBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ repository, account, tested string }{
		{"https://bitbucket.org/acme/ledger.git", "https://bitbucket.org/acme/", "ledger.git"},
		{"https://git.acme-corp.com/scm/PAY/ledger.git", "https://git.acme-corp.com/scm/", "PAY/ledger.git"},
	} {
		before := NewDraft().With(QURL, c.repository).With(QURLType, string(URLRepo)).With(QConnectionType, string(HTTP))
		f := choose(before, QURLType, string(URLAccount))
		got := Build(f.Draft, testWorld())
		if got.TestRepository != c.tested || got.URL != c.account {
			t.Errorf("%s: %s with %q", c.repository, got.URL, got.TestRepository)
		}
		if text := f.Text(); !strings.Contains(text, "Test repository: "+c.tested+" now.") {
			t.Errorf("it says %q", text)
		}
		if back := choose(f.Draft, QURLType, string(URLRepo)); Build(back.Draft, testWorld()).URL != c.repository || len(back.Aside) > 0 {
			t.Errorf("back it is %s, set aside: %+v", Build(back.Draft, testWorld()).URL, back.Aside)
		}
		// An account that never was a repository becomes its test repository.
		account := NewDraft().With(QURL, c.account).With(QURLType, string(URLAccount)).With(QConnectionType, string(HTTP)).With(QTestRepository, c.tested)
		if is := Build(choose(account, QURLType, string(URLRepo)).Draft, testWorld()); is.URL != c.repository {
			t.Errorf("the account became %s", is.URL)
		}
		// One that was given stays.
		if own := choose(before.With(QTestRepository, "other.git"), QURLType, string(URLAccount)).Draft.Answer(QTestRepository); own != "other.git" {
			t.Errorf("it tests %s", own)
		}
	}
}

func TestWhereNothingOfTheThreeChangesNothingFollows(t *testing.T) {
	t.Parallel()
	f := choose(editing(t, cloudHTTP), QName, "Another name")
	if f.Aside != nil || f.Adapted != nil || f.Text() != "" || f.Draft.Answer(QName) != "Another name" {
		t.Errorf("it follows with %+v", f)
	}
}

// TestFollowingLosesNoTypedValueAndNeverFails goes through any drafts and changes:
// secrets stay, the answer that was given stays, and what is kept fits.
func TestFollowingLosesNoTypedValueAndNeverFails(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 7))
	w := testWorld()
	for range 3000 {
		before := drawDraft(r)
		id := pick(r, QURLType, QConnectionType, QURL)
		value := map[QuestionID]func() string{
			QURLType:        func() string { return pick(r, "Account", "Repo") },
			QConnectionType: func() string { return pick(r, "http", "ssh") },
			QURL:            func() string { return drawURL(r) },
		}[id]()
		f := Follow(before, before.With(id, value), w)
		if id != QURL && f.Draft.Answer(id) != value {
			t.Fatalf("%s is %q after choosing %q", id, f.Draft.Answer(id), value)
		}
		for _, slot := range []QuestionID{QPassword, QAPIToken, QSSHKey, QSSHPassphrase} {
			if !f.Draft.Secret(slot).Equal(before.Secret(slot)) {
				t.Fatalf("the value of %s is lost", slot)
			}
		}
		a := newAsker(f.Draft, w)
		for _, id := range []QuestionID{QSecret, QUsername, QAPIMethod} {
			if v := f.Draft.Answer(id); v != "" && a.situation("") != newAsker(before, w).situation("") && !a.fits(id, v) {
				t.Fatalf("%s is still %q", id, v)
			}
		}
	}
}
