package sandbox

import (
	"fmt"
	"slices"
	"strings"
)

// Scenario is one thing that can go wrong, with the connectors that show it.
type Scenario struct {
	// Name is what --scenario takes: lower-case words with hyphens.
	Name string
	// Title says in one line what is broken.
	Title string
	// Source is where the behaviour is documented or was recorded.
	Source string
	// Group is the heading it stands under.
	Group Group
	// Slow says that only the client's own time limit ends a test of it.
	Slow bool
	// Shows are the connectors that show it, the most telling first.
	Shows []Showing

	faults faults
}

// Group is a heading of the list of scenarios.
type Group string

// The groups in the order of the list.
const (
	GroupCredential Group = "Credentials and accounts"
	GroupPlace      Group = "Workspaces, projects and repositories"
	GroupServer     Group = "The server and what stands in front of it"
	GroupNetwork    Group = "Network and certificates"
	GroupSSH        Group = "SSH"
)

// Groups lists the headings in order.
func Groups() []Group {
	return []Group{GroupCredential, GroupPlace, GroupServer, GroupNetwork, GroupSSH}
}

// The verdicts a test can come to.
const (
	verdictPass        = "pass"
	verdictWarn        = "warn"
	verdictFail        = "fail"
	verdictUnreachable = "unreachable"
)

// The ways API access signs in; API access switched off is apiOff.
const (
	apiEmail    = "EmailAndApiToken"
	apiBearer   = "AccessToken"
	apiUsername = "UsernameToken"
	apiOff      = "off"
)

// Showing is one connector, as a person would type it, and what a test of it
// has to say.
type Showing struct {
	// Product is the one the connector is for.
	Product Product
	// URL is the address; at the Data Center below DefaultDataCenterHost.
	URL string
	// TestRepository makes it an Account connector; empty is a Repo connector.
	TestRepository string
	// Username is git's login over HTTP.
	Username string
	// Token is the credential to paste; empty over SSH, where a key is wanted
	// that AuthorizeKey let in.
	Token TokenName
	// Cut pastes only that many characters of the token; 0 is all.
	Cut int
	// ExpiredDays is how many days ago the recorded expiry was; 0 is that none
	// was recorded.
	ExpiredDays int
	// API is how API access signs in, by Harness's names: EmailAndApiToken,
	// AccessToken, UsernameToken, or off.
	API string
	// APILogin is the email or user name of API access; empty is Bearer.
	APILogin string
	// APIToken is API access's own credential; empty is the same as Token.
	APIToken TokenName
	// Delegate says that Harness goes through a delegate.
	Delegate bool

	// Code is that of the problem to mend first; empty for none.
	Code string
	// Verdict is pass, warn, fail or unreachable.
	Verdict string
}

// SSH reports a connector that uses a key.
func (w Showing) SSH() bool { return !strings.HasPrefix(w.URL, "http") }

// The addresses showings begin with.
const (
	cloudLedger    = "https://bitbucket.org/acme/ledger.git"
	dcLedger       = "https://" + DefaultDataCenterHost + "/scm/PAY/ledger.git"
	cloudLedgerSSH = "git@ssh.bitbucket.org:acme/ledger.git"
	dcLedgerSSH    = "ssh://git@" + DefaultDataCenterHost + ":7999/pay/ledger.git"
)

// cloudShows is Jane Doe's Cloud connector over HTTP; with a code it fails.
func cloudShows(code string) Showing {
	return Showing{
		Product: Cloud, URL: cloudLedger, Username: nameAPIToken, Token: TokenAPI,
		API: apiEmail, APILogin: "jdoe@acme-corp.com",
	}.says(code)
}

// dcShows is Jane Doe's Data Center connector over HTTP.
func dcShows(code string) Showing {
	return Showing{Product: DataCenter, URL: dcLedger, Username: "jdoe", Token: TokenDC, API: apiBearer}.says(code)
}

// cloudSSHShows and dcSSHShows are connectors over SSH without API access.
func cloudSSHShows(code string) Showing {
	return Showing{Product: Cloud, URL: cloudLedgerSSH, API: apiOff}.says(code)
}

func dcSSHShows(code string) Showing {
	return Showing{Product: DataCenter, URL: dcLedgerSSH, API: apiOff}.says(code)
}

// everywhere is a code that shows at both products over HTTP, everyTransport
// one that shows over SSH as well.
func everywhere(code string) []Showing { return []Showing{cloudShows(code), dcShows(code)} }

func everyTransport(code string) []Showing {
	return append(everywhere(code), cloudSSHShows(code), dcSSHShows(code))
}

// The changes showings are made with. Each returns a changed copy.

func (w Showing) says(code string) Showing {
	if w.Code, w.Verdict = code, verdictFail; code == "" {
		w.Verdict = verdictPass
	}
	return w
}

func (w Showing) warns() Showing {
	w.Verdict = verdictWarn
	return w
}

func (w Showing) at(url string) Showing {
	w.URL = url
	return w
}

// account makes it an Account connector with this test repository.
func (w Showing) account(url, repository string) Showing {
	w.URL, w.TestRepository = url, repository
	return w
}

func (w Showing) as(username string) Showing {
	w.Username = username
	return w
}

func (w Showing) with(token TokenName) Showing {
	w.Token = token
	return w
}

// access pastes an access token, with the logins it wants.
func (w Showing) access(token TokenName) Showing {
	w.Token, w.Username = token, nameAccessToken
	return w.api(apiBearer, "")
}

func (w Showing) api(method, login string) Showing {
	w.API, w.APILogin = method, login
	return w
}

func (w Showing) withoutAPI() Showing { return w.api(apiOff, "") }

// throughDelegate makes a connection that does not come about no failure.
func (w Showing) throughDelegate() Showing {
	w.Delegate, w.Verdict = true, verdictUnreachable
	return w
}

// Codes are those the scenario's showings have, each once, in order.
func (sc Scenario) Codes() []string {
	var codes []string
	for _, w := range sc.Shows {
		if w.Code != "" && !slices.Contains(codes, w.Code) {
			codes = append(codes, w.Code)
		}
	}
	return codes
}

// Products are those it shows at, Cloud first.
func (sc Scenario) Products() []Product {
	var out []Product
	for _, p := range []Product{Cloud, DataCenter} {
		if slices.ContainsFunc(sc.Shows, func(w Showing) bool { return w.Product == p }) {
			out = append(out, p)
		}
	}
	return out
}

// TokenFor is the credential to paste for a connector to product: that of its
// first showing there over HTTP, and nothing where it has none.
func (sc Scenario) TokenFor(product Product) TokenName {
	for _, w := range sc.Shows {
		if w.Product == product && !w.SSH() {
			return w.Token
		}
	}
	return ""
}

// Healthy is the name of the scenario in which nothing is broken.
const Healthy = "healthy"

// Scenarios lists everything that can be made to go wrong, by group, the
// healthy world first.
func Scenarios() []Scenario {
	groups := map[Group][]Scenario{
		GroupCredential: slices.Concat(credentialScenarios(), scopeScenarios(), loginScenarios(), accountScenarios()),
		GroupPlace:      slices.Concat(placeScenarios(), movedScenarios()),
		GroupServer:     slices.Concat(serverScenarios(), pageScenarios()),
		GroupNetwork:    slices.Concat(networkScenarios(), tlsScenarios(), proxyScenarios()),
		GroupSSH:        slices.Concat(hostKeyScenarios(), sshScenarios(), sshAccessScenarios(), sshPortScenarios()),
	}
	var all []Scenario
	for _, name := range Groups() {
		for _, sc := range groups[name] {
			sc.Group = name
			all = append(all, sc)
		}
	}
	return all
}

// SetScenario changes what is broken from the next connection on. The empty
// name is Healthy; an unknown one is an error that lists the known ones.
func (s *Sandbox) SetScenario(name string) error {
	if name == "" {
		name = Healthy
	}
	var known []string
	for _, sc := range Scenarios() {
		if sc.Name == name {
			s.scenario.Store(&sc)
			return nil
		}
		known = append(known, sc.Name)
	}
	return fmt.Errorf("sandbox: no scenario is called %q; the known ones are %s", name, strings.Join(known, ", "))
}

// Scenario is the one in force.
func (s *Sandbox) Scenario() Scenario { return *s.scenario.Load() }
