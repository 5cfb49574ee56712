package probe

import (
	"slices"
	"strings"
	"testing"

	"bbconnect/model"
)

// at gives the connector another address.
func at(address string) func(*model.TestRequest) {
	return func(r *model.TestRequest) { r.Connector.URL = address }
}

// accountAt gives an Account connector an address and a test repository.
func accountAt(address, testRepository string) func(*model.TestRequest) {
	return func(r *model.TestRequest) {
		r.Connector.URLType, r.Connector.URL, r.Connector.TestRepository = model.URLAccount, address, testRepository
	}
}

// serverAt scripts a sound Data Center below another authority and path; the
// Host header of HTTPS requests holds a port that is not the usual one.
func serverAt(base string) map[string]reply {
	out := map[string]reply{}
	for path, r := range soundServer() {
		out[base+strings.TrimPrefix(path, dcHost)] = r
	}
	return out
}

// derives expects the reading of Harness in the problem.
func derives(text string) func(*testing.T, model.TestResult) {
	return func(t *testing.T, r model.TestResult) {
		t.Helper()
		if r.Problem == nil || !strings.Contains(r.Problem.What+r.Problem.Why, text) {
			t.Errorf("nothing says what Harness derives (%s): %+v", text, r.Problem)
		}
	}
}

// notesHave expects these codes among the notes, and those not.
func notesHave(has []string, lacks ...string) func(*testing.T, model.TestResult) {
	return func(t *testing.T, r model.TestResult) {
		t.Helper()
		var codes []string
		for _, n := range r.Notes {
			codes = append(codes, n.Code)
			if n.Severity != model.SeverityHint || n.Message == "" || n.Fix == "" || n.Field == "" || strings.ContainsAny(n.Message, "{}!") {
				t.Errorf("not a finished hint: %+v", n)
			}
		}
		for _, code := range has {
			if !slices.Contains(codes, code) {
				t.Errorf("notes %q lack %s", codes, code)
			}
		}
		for _, code := range lacks {
			if slices.Contains(codes, code) {
				t.Errorf("notes %q have %s", codes, code)
			}
		}
	}
}

// harnessScenarios are sound servers whose addresses Harness misreads. What it
// derives is in GitClientHelper's own tests (harness-core).
func harnessScenarios() []scenario {
	const ported = dcHost + ":8443"
	portedGood := "https://" + ported + "/scm/PAY/ledger.git"
	good, cloudGood := "https://"+dcHost+"/scm/PAY/ledger.git", "https://bitbucket.org/acme/ledger.git"
	fails := func(name, address, code, rule, mend string) scenario {
		return scenario{name: "Harness: " + name, change: at(address), verdict: model.VerdictFail, code: code, rule: rule, mend: mend}
	}
	server := func(s scenario) scenario { s.server = true; return s }
	serves := func(s scenario, script map[string]reply) scenario { s.script = script; return s }
	says := func(s scenario, text string) scenario { s.wants = derives(text); return s }
	off := func(s scenario) scenario {
		s.name, s.change = s.name+", with API access off", together(s.change, apiOff)
		return s
	}
	capitals := fails("capitals in the scheme", "HTTPS://bitbucket.org/acme/ledger.git", "url.case", "Harness refuses capitals in the scheme", cloudGood)
	bare := fails("no scheme", "bitbucket.org/acme/ledger.git", "url.scheme-added", "Harness refuses an address without a scheme", cloudGood)
	command := fails("a clone command", "git clone https://bitbucket.org/acme/ledger.git", "url.malformed", "Harness refuses the address", cloudGood)
	port := serves(server(fails("the port is dropped", "https://"+ported+"/PAY/ledger.git", "url.scm-missing", "Harness drops the port", portedGood)), serverAt(ported))
	path := serves(server(fails("the context path is dropped", "https://"+dcHost+"/bitbucket/projects/PAY/repos/ledger/browse", "url.scm-missing",
		"Harness drops the context path", "https://"+dcHost+"/bitbucket/scm/PAY/ledger.git")), serverAt(dcHost+"/bitbucket"))
	wants := server(fails("no scm", "https://"+dcHost+"/PAY/ledger.git", "url.scm-missing", "Harness wants /scm", good))
	segment := server(fails("a segment too many", "https://"+dcHost+"/scm/DESC/PAY/ledger.git", "url.extra-segment", "Harness reads a segment too many", good))
	page := server(fails("a browser page", "https://"+dcHost+"/projects/PAY/repos/ledger/browse", "url.web-page", "Harness reads a browser page as a repository", good))
	cloudPage := fails("a browser page of Cloud", "https://bitbucket.org/acme/ledger/src/main/", "url.web-page", "Harness reads a browser page as a repository", cloudGood)
	other := fails("Cloud's other host", "https://altssh.bitbucket.org/acme/ledger.git", "url.https", "Harness takes Cloud's other host for a Data Center", cloudGood)
	deep := scenario{
		name: "Harness: two segments before scm", server: true, change: at("https://" + dcHost + "/tools/bitbucket/scm/PAY/ledger.git"),
		script: serverAt(dcHost + "/tools/bitbucket"), verdict: model.VerdictWarn, code: "url.context-path",
		rule: "Harness reads the context path as the repository", mend: "off", wants: derives("tools/bitbucket/scm/PAY/ledger"),
	}
	deepOff := off(deep)
	deepOff.verdict, deepOff.code, deepOff.rule, deepOff.mend = model.VerdictPass, "", "", ""
	deepOff.wants = notesHave([]string{"url.context-path"}, "note.statuses", "note.webhooks")
	account := serves(server(fails("an account's port is dropped", "", "url.scm-missing", "Harness drops the port", "https://"+ported+"/scm/")), serverAt(ported))
	account.change = accountAt("https://"+ported, "PAY/ledger.git")
	list := []scenario{
		capitals, off(capitals), bare, off(bare), command, says(port, "https://"+dcHost+"/rest/api/1.0"), off(port),
		says(path, "https://"+dcHost+"/rest/api/1.0"), wants, off(wants), says(segment, "DESC/PAY/ledger"),
		says(page, "projects/PAY/repos/ledger/browse"), says(cloudPage, "acme/ledger/src/main"), says(other, "https://altssh.bitbucket.org/rest/api/1.0"),
		deep, deepOff, account,
	}
	return append(list, scenario{
		name: "Harness: the address is right with port and context path", server: true, change: at("https://" + ported + "/bitbucket/scm/PAY/ledger.git"),
		script: serverAt(ported + "/bitbucket"), verdict: model.VerdictPass,
	}, scenario{
		name: "Harness: a personal repository", server: true, change: at("https://" + dcHost + "/scm/~jdoe/ledger.git"), verdict: model.VerdictPass,
		script: map[string]reply{
			dcHost + "/scm/~jdoe/ledger.git/info/refs": gitReply(), dcHost + "/rest/api/1.0/projects/~jdoe/repos/ledger": serverReply(200, `{"slug":"ledger","public":false}`),
			dcHost + "/rest/api/1.0/projects/~jdoe/repos/ledger/webhooks": serverReply(200, `{"size":0}`),
		},
	})
}

// harnessSSHScenarios are the same over SSH.
func harnessSSHScenarios() []scenario {
	return []scenario{
		{
			name: "SSH: Harness: no colon", change: overSSHTo("git@" + dcHost + "/pay/ledger.git"), options: sshServer(nil, nil), verdict: model.VerdictFail,
			code: "url.missing-colon", rule: "Harness refuses an address without a colon", mend: "ssh://git@" + serverSSH + "/pay/ledger.git",
		},
		{
			name: "SSH: Harness: scm in the path", change: overSSHTo("ssh://git@" + serverSSH + "/scm/pay/ledger.git"), options: sshServer(nil, nil),
			verdict: model.VerdictFail, code: "url.scm-in-ssh", rule: "Harness takes the SSH port for the API's", mend: "ssh://git@" + serverSSH + "/pay/ledger.git",
			wants: derives("https://" + serverSSH + "/rest/api/1.0"),
		},
		{
			name: "SSH: Harness: another host than bitbucket.org with API access off is a note", verdict: model.VerdictPass,
			change:  overSSHTo("git@ssh.bitbucket.org:acme/ledger.git"),
			options: sshServer(nil, func(w *sshWorld) [][]byte { return [][]byte{w.line("ssh.bitbucket.org:22", 0)} }),
			wants:   notesHave([]string{"ssh.host-moved"}, "note.statuses"),
		},
	}
}
