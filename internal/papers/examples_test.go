package papers_test

import (
	"testing"
	"time"

	"bbconnect/model"
)

// pasted is the smallest address for each code of an address: what a person
// might paste, and what was chosen besides.
type pasted struct {
	code, text string
	ctx        model.URLContext
}

// pastes has every code of an address once, as the rules of model give them.
func pastes() []pasted {
	account, repo := model.URLContext{URLType: model.URLAccount}, model.URLContext{URLType: model.URLRepo}
	http := model.URLContext{ConnectionType: model.HTTP}
	return []pasted{
		{"url.empty", "", model.URLContext{}},
		{"url.malformed", "the ledger repository", model.URLContext{}},
		{"url.scheme", "ftp://bitbucket.org/acme/ledger.git", model.URLContext{}},
		{"url.option-injection", "--upload-pack=touch", model.URLContext{}},
		{"url.other-provider", "https://github.com/acme/ledger.git", model.URLContext{}},
		{"url.extra-segment", "https://git.acme-corp.com/scm/EU/PAY/ledger.git", model.URLContext{}},
		{"url.secret-unescaped", "https://jdoe:pa#ss@bitbucket.org/acme/ledger.git", model.URLContext{}},
		{"url.account-names-repo", "https://bitbucket.org/acme/ledger.git", account},
		{"url.account-names-project", "https://git.acme-corp.com/scm/PAY/", account},
		{"url.repo-missing", "https://bitbucket.org/acme/", repo},
		{"url.transport-mismatch", "ssh://git@git.acme-corp.com:7999/PAY/ledger.git", http},
		{"url.secret-embedded", "https://jdoe:secret@bitbucket.org/acme/ledger.git", model.URLContext{}},
		{"url.web-page", "https://bitbucket.org/acme/ledger/src/main/", model.URLContext{}},
		{"url.api-address", "https://api.bitbucket.org/2.0/repositories/acme/ledger", model.URLContext{}},
		{"url.clone-command", "git clone https://bitbucket.org/acme/ledger.git", model.URLContext{}},
		{"url.scheme-added", "bitbucket.org/acme/ledger.git", model.URLContext{}},
		{"url.https", "http://bitbucket.org/acme/ledger.git", model.URLContext{}},
		{"url.ssh-user", "ssh://jdoe@git.acme-corp.com:7999/PAY/ledger.git", model.URLContext{}},
		{"url.scp-port", "git@git.acme-corp.com:7999/PAY/ledger.git", model.URLContext{}},
		{"url.missing-colon", "git@git.acme-corp.com/PAY/ledger.git", model.URLContext{}},
		{"url.scm-in-ssh", "ssh://git@git.acme-corp.com:7999/scm/PAY/ledger.git", model.URLContext{}},
		{"url.scm-missing", "https://git.acme-corp.com/PAY/ledger.git", model.URLContext{}},
		{"url.double-slash", "https://bitbucket.org//acme//ledger.git", model.URLContext{}},
		{"url.query", "https://bitbucket.org/acme/ledger.git?at=main", model.URLContext{}},
		{"url.plain-http", "http://git.acme-corp.com/scm/PAY/ledger.git", model.URLContext{}},
		{"url.ssh-host-moved", "git@bitbucket.org:acme/ledger.git", model.URLContext{}},
		{"url.ssh-port", "ssh://git@git.acme-corp.com/PAY/ledger.git", model.URLContext{}},
		{"url.altssh", "ssh://git@altssh.bitbucket.org:443/acme/ledger.git", model.URLContext{}},
		{"url.lookalike-host", "https://bitbuckett.org/acme/ledger.git", model.URLContext{}},
		{"url.non-ascii-host", "https://bítbucket.org/acme/ledger.git", model.URLContext{}},
		{"url.case", "https://BitBucket.org/acme/ledger.git", model.URLContext{}},
		{"url.user", "https://jdoe@bitbucket.org/acme/ledger.git", model.URLContext{}},
		{"url.git-suffix", "https://bitbucket.org/acme/ledger", model.URLContext{}},
		{"url.context-path", "https://acme-corp.com/tools/bitbucket/scm/PAY/ledger.git", model.URLContext{APIOn: true}},
	}
}

// readPastes is what is said about each of them, with the paste as situation.
func readPastes(t *testing.T) []said {
	t.Helper()
	var all []said
	for _, p := range pastes() {
		f, ok := model.ReadURL(p.text, p.ctx).Findings.Code(p.code)
		if !ok {
			t.Errorf("%q no longer shows %s: %+v", p.text, p.code, model.ReadURL(p.text, p.ctx).Findings)
			continue
		}
		s := said{code: p.code, what: f.Message, fix: f.Fix}
		if p.text != "" {
			s.situation = "`" + p.text + "`"
		}
		if f.Suggestion != "" && f.Suggestion != p.text {
			s.situation += " becomes `" + f.Suggestion + "`"
		}
		all = append(all, s)
	}
	return all
}

// answers are those of a sound connector.
func answers(more map[model.QuestionID]string) model.Draft {
	all := map[model.QuestionID]string{
		model.QName: "Payments", model.QURL: "https://bitbucket.org/acme/", model.QTestRepository: "ledger.git",
		model.QKind: "api-token", model.QUsername: "jdoe", model.QAPIMethod: "EmailAndApiToken", model.QAPIEmail: "jdoe@acme-corp.com",
	}
	for id, value := range more {
		all[id] = value
	}
	return model.NewDraft().WithAnswers(all)
}

// aDay is the day on which the answers are judged; App Passwords ended before it.
var aDay = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// readAnswers is what is said about answers that are missing and answers that
// are none, of every question there is, in connectors of each sort.
func readAnswers() []said {
	sorts := []map[model.QuestionID]string{
		{},
		{model.QURL: "https://git.acme-corp.com/scm/", model.QTestRepository: "PAY/ledger.git", model.QKind: "http-access-token", model.QAPIMethod: "AccessToken", model.QAPISecret: "account.other", model.QScope: "org"},
		{model.QURL: "git@ssh.bitbucket.org:acme/", model.QKind: "", model.QUsername: "", model.QAPIMethod: "off", model.QScope: "project"},
		{model.QAPIMethod: "UsernameToken", model.QAPIEmail: "", model.QMode: "delegate", model.QDelegates: "tags", model.QScope: "project", model.QOrg: "eng"},
	}
	var all []said
	for _, sort := range sorts {
		for _, id := range model.QuestionIDs() {
			for _, value := range []string{"", "?", ":"} {
				with := map[model.QuestionID]string{}
				for k, v := range sort {
					with[k] = v
				}
				with[id] = value
				for _, f := range model.Validate(answers(with), model.World{Now: aDay}) {
					all = append(all, said{code: f.Code, what: f.Message, fix: f.Fix, field: f.Field})
				}
			}
		}
	}
	return all
}
