package cmd

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"bbconnect/internal/sandbox"
	"bbconnect/model"
	"bbconnect/steps"
)

// knownScenario reports whether --scenario takes a name.
func knownScenario(name string) bool {
	return slices.ContainsFunc(sandbox.Scenarios(), func(s sandbox.Scenario) bool { return s.Name == name })
}

// listScenarios prints every scenario with one line, by group.
func listScenarios(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 8, 3, ' ', 0)
	group := sandbox.Group("")
	for _, s := range sandbox.Scenarios() {
		if s.Group != group {
			if group != "" {
				fmt.Fprintln(tw)
			}
			group = s.Group
			fmt.Fprintln(tw, group)
		}
		fmt.Fprintf(tw, "  %s\t%s\n", s.Name, s.Title)
	}
	return tw.Flush()
}

// tellScenario prints what is broken, and which connectors show it.
func tellScenario(w io.Writer, box *sandbox.Sandbox) {
	s := box.Scenario()
	fmt.Fprintf(w, "Scenario %s: %s.\n\nConnectors that show it (ctrl+k in the wizard offers their values):\n", s.Name, s.Title)
	for _, show := range s.Shows {
		fmt.Fprintf(w, "\n  %s\n", show.URL)
		for _, line := range showingLines(box, show) {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
	fmt.Fprintln(w)
}

// showingLines say what to type for one connector, and what comes of it.
func showingLines(box *sandbox.Sandbox, show sandbox.Showing) []string {
	var lines []string
	if show.TestRepository != "" {
		lines = append(lines, "the whole account, test repository "+show.TestRepository)
	}
	if show.SSH() {
		lines = append(lines, "SSH key: the one named below")
	} else {
		token, _ := box.Token(show.Token)
		what := token.Title
		if show.Cut > 0 {
			what = fmt.Sprintf("the first %d characters of the %s", show.Cut, what)
		}
		lines = append(lines, "user name "+show.Username, "paste the "+what)
		if code := refusedUserName(box, show); code != "" {
			lines = append(lines, "the wizard refuses that user name as it is typed ("+code+"); the test finds it in a connector that was saved elsewhere")
		}
		if show.ExpiredDays > 0 {
			lines = append(lines, fmt.Sprintf("expires: %d days ago", show.ExpiredDays))
		}
	}
	lines = append(lines, apiLine(box, show))
	if show.Delegate {
		lines = append(lines, "connects through a delegate")
	}
	return append(lines, strings.TrimSpace("the test says: "+show.Verdict+" "+show.Code))
}

// refusedUserName is the code with which the wizard refuses a showing's user name,
// before any test; "" where it does not.
func refusedUserName(box *sandbox.Sandbox, show sandbox.Showing) string {
	kind := model.RecogniseCredential(model.NewSecret(box.Secret(show.Token)), model.QPassword).Kind
	d := model.NewDraft().With(model.QKind, string(kind)).With(model.QURL, show.URL).With(model.QConnectionType, string(model.HTTP)).With(model.QUsername, show.Username)
	if f, bad := model.ValidateAnswer(model.QUsername, d, model.World{}).Worst(); bad && f.Severity == model.SeverityError {
		return f.Code
	}
	return ""
}

// apiLine says how API access signs in.
func apiLine(box *sandbox.Sandbox, show sandbox.Showing) string {
	if show.API == "off" {
		return "API access off"
	}
	line := "API access " + show.API
	if show.APILogin != "" {
		line += " as " + show.APILogin
	}
	if own, ok := box.Token(show.APIToken); ok {
		line += ", with a token of its own, the " + own.Title
	}
	return line
}

// tellTokens prints the tokens before the screens open; they stay in the
// terminal's history.
func tellTokens(w io.Writer, box *sandbox.Sandbox, home string) {
	fmt.Fprintf(w, "A Bitbucket runs on this machine (scenario: %s). These are its tokens, worth nothing elsewhere:\n\n", box.Scenario().Name)
	for _, t := range box.Tokens() {
		fmt.Fprintf(w, "  %s: %s\n    %s\n", t.Product, t.Title, t.Secret())
	}
	fmt.Fprintf(w, "\nAddresses: https://bitbucket.org/acme/ledger and https://%s/projects/PAY/repos/ledger\n", box.DataCenterHost())
	fmt.Fprintf(w, "A private key both servers know: %s\n", tryKeyFile(home))
}

// trySamples are what ctrl+k offers: what the scenario's connectors need, then
// what is good to try anywhere.
func trySamples(box *sandbox.Sandbox, key model.Secret) []steps.Sample {
	var out []steps.Sample
	seen := map[string]bool{}
	for _, s := range slices.Concat(scenarioSamples(box), placeSamples(box, key), tokenSamples(box)) {
		id := strings.Join([]string{string(s.Field), string(s.Product), s.Value.Reveal()}, "\x00")
		if s.Value.Reveal() != "" && !seen[id] {
			seen[id] = true
			out = append(out, s)
		}
	}
	return out
}

// scenarioSamples are what a person types to see the scenario.
func scenarioSamples(box *sandbox.Sandbox) []steps.Sample {
	var out []steps.Sample
	if box.Scenario().Name == sandbox.Healthy {
		return nil
	}
	for _, show := range box.Scenario().Shows {
		product := model.Product(show.Product)
		add := func(field model.QuestionID, where model.Product, value, what string) {
			label := what + ", says " + cmp.Or(show.Code, show.Verdict)
			out = append(out, steps.Sample{Field: field, Product: where, Label: label, Value: model.NewSecret(value)})
		}
		how := "over HTTP"
		if show.SSH() {
			how = "over SSH"
		}
		add(model.QURL, "", show.URL, string(show.Product)+" "+how)
		add(model.QTestRepository, product, show.TestRepository, show.TestRepository)
		add(model.QUsername, product, show.Username, show.Username)
		field := model.QAPIEmail
		if show.API == string(model.APIUsernameToken) {
			field = model.QAPIUsername
		}
		add(field, product, show.APILogin, show.APILogin)
		if token, ok := box.Token(show.Token); ok {
			value := token.Secret()
			if show.Cut > 0 {
				value = value[:show.Cut]
			}
			add(model.QPassword, product, value, token.Title)
		}
		if own, ok := box.Token(cmp.Or(show.APIToken, show.Token)); ok {
			add(model.QAPIToken, product, own.Secret(), own.Title)
		}
	}
	return out
}

// placeSamples are addresses, logins and a key.
func placeSamples(box *sandbox.Sandbox, key model.Secret) []steps.Sample {
	return []steps.Sample{
		{Field: model.QURL, Label: "Cloud, one repository", Value: model.NewSecret("https://bitbucket.org/acme/ledger/src/main/")},
		{Field: model.QURL, Label: "Cloud, the whole account", Value: model.NewSecret("https://bitbucket.org/acme/")},
		{Field: model.QURL, Label: "Cloud over SSH", Value: model.NewSecret("git@bitbucket.org:acme/ledger.git")},
		{Field: model.QURL, Label: "Data Center, a browser page", Value: model.NewSecret("https://" + box.DataCenterHost() + "/projects/PAY/repos/ledger/browse")},
		{Field: model.QURL, Label: "Data Center over SSH", Value: model.NewSecret("ssh://git@" + box.DataCenterHost() + ":7999/PAY/ledger.git")},
		{Field: model.QTestRepository, Label: "ledger.git, which exists", Value: model.NewSecret("ledger.git"), Product: model.Cloud},
		{Field: model.QAPIEmail, Label: "Jane Doe's email", Value: model.NewSecret("jdoe@acme-corp.com")},
		{Field: model.QUsername, Label: "Jane Doe's username", Value: model.NewSecret("jdoe")},
		{Field: model.QSSHKey, Label: "a key both servers know", Value: key},
	}
}

// tokenSamples are the credentials most worth trying.
func tokenSamples(box *sandbox.Sandbox) []steps.Sample {
	var out []steps.Sample
	for _, name := range []sandbox.TokenName{
		sandbox.TokenAPI, sandbox.TokenAPIReadOnly, sandbox.TokenAPINoScopes, sandbox.TokenAPIExpired, sandbox.TokenWorkspace,
		sandbox.TokenRepository, sandbox.TokenAppPassword, sandbox.TokenDC, sandbox.TokenDCRead, sandbox.TokenDCExpired,
	} {
		t, _ := box.Token(name)
		for _, field := range []model.QuestionID{model.QPassword, model.QAPIToken} {
			out = append(out, steps.Sample{Field: field, Product: model.Product(t.Product), Label: t.Title, Value: model.NewSecret(t.Secret())})
		}
	}
	return out
}
