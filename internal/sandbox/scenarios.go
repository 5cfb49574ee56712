package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Scenario is one thing that can go wrong, with the seeded credential that
// shows it best.
type Scenario struct {
	// Name is what --scenario takes: lower-case words with hyphens.
	Name string
	// Title says in one line what is broken.
	Title string
	// Product is where it shows; empty is both.
	Product Product
	// Token is the credential to paste, Cloud's where it shows at both; empty
	// where an SSH key is wanted. TokenFor picks by product.
	Token TokenName

	faults faults
}

// TokenFor is the credential to paste for a connector to product: Token where
// it belongs there, the product's own full token otherwise, and nothing where
// an SSH key is wanted or the scenario does not show at that product.
func (sc Scenario) TokenFor(product Product) TokenName {
	switch {
	case sc.Token == "" || sc.Product != "" && sc.Product != product:
		return ""
	case product == DataCenter && sc.Product == "":
		return TokenDC
	}
	return sc.Token
}

// Healthy is the name of the scenario in which nothing is broken.
const Healthy = "healthy"

// slowAnswer is how long the slow scenario takes for each answer.
const slowAnswer = 4 * time.Second

// Scenarios lists everything that can be made to go wrong, the healthy world
// first.
func Scenarios() []Scenario {
	var all []Scenario
	for _, group := range [][]Scenario{credentialScenarios(), placeScenarios(), serverScenarios(), networkScenarios(), sshScenarios()} {
		all = append(all, group...)
	}
	return all
}

func credentialScenarios() []Scenario {
	return []Scenario{
		{Healthy, "Nothing is broken", "", TokenAPI, faults{}},
		{"app-password-retired", "The credential is an app password, removed on 2026-07-28", Cloud, TokenAppPassword, faults{}},
		{"account-password", "The credential is an account password", Cloud, TokenAccountPassword, faults{}},
		{"token-revoked", "Every token has expired or was revoked", "", TokenAPI, faults{revoked: true}},
		{"token-unscoped", "The API token was made without scopes", Cloud, TokenAPI, faults{unscoped: true}},
		{"token-missing-scope", "The token cannot read repositories or webhooks", Cloud, TokenAPI, faults{missingScopes: []string{
			"read:repository:bitbucket", "write:repository:bitbucket", "read:webhook:bitbucket", "write:webhook:bitbucket",
			"repository", "repository:write", "pullrequest", "pullrequest:write", "project", "webhook",
		}}},
		{"repo-level-token", "The token was made in one repository", Cloud, TokenRepository, faults{}},
		{"ip-allowlist", "The workspace lets only listed addresses in", Cloud, TokenAPI, faults{answer: refusePerson("To access this repository, an admin must whitelist your IP.")}},
		{"two-step", "The workspace wants two-step verification", Cloud, TokenAPI, faults{answer: refusePerson("To access this repository, enable two-step authentication.")}},
		{"captcha", "Data Center wants a CAPTCHA solved on the web first", DataCenter, TokenDC, faults{locked: true}},
		{"unlicensed", "The user has no Bitbucket licence", DataCenter, TokenDC, faults{unlicensed: true}},
		{"needs-bearer", "Basic authentication is switched off", DataCenter, TokenDC, faults{noBasic: true}},
		{"credential-ignored", "Something in between drops the credential, all is answered as anonymous", DataCenter, TokenDC, faults{ignored: true}},
	}
}

func placeScenarios() []Scenario {
	return []Scenario{
		{"workspace-not-found", "The workspace, or the project, does not exist", "", TokenAPI, faults{hideOwners: []string{"acme", "PAY"}}},
		{"repo-not-found", "The repository does not exist", "", TokenAPI, faults{hideRepos: []string{"acme/ledger", "PAY/ledger"}}},
		{"moved-repo", "The repository was moved and answers with a redirect", "", TokenAPI, faults{moved: map[string]string{
			"acme/ledger": "acme/gateway", "PAY/ledger": "PAY/gateway",
		}}},
		{"context-path", "Data Center lives below /bitbucket", DataCenter, TokenDC, faults{contextPath: "/bitbucket"}},
	}
}

func serverScenarios() []Scenario {
	return []Scenario{
		{"rate-limited", "Too many requests were made", Cloud, TokenAPI, faults{answer: rateLimited}},
		{"sso-login-page", "Everything is redirected to a sign-in page", "", TokenAPI, faults{answer: loginRedirect}},
		{"html-instead-of-json", "Everything is answered with a sign-in page", "", TokenAPI, faults{answer: loginPage}},
		{"one-line-html", "Everything is answered with one line of HTML, so git ends well and prints nothing", "", TokenAPI, faults{answer: oneLineHTML}},
		{"proxy-auth", "A proxy in between wants a login", "", TokenAPI, faults{answer: proxyWantsLogin}},
		{"maintenance", "The service is down for maintenance", "", TokenAPI, faults{answer: maintenance}},
		{"starting", "Data Center is still starting", DataCenter, TokenDC, faults{answer: starting}},
	}
}

func networkScenarios() []Scenario {
	hang := func(Channel, *http.Request) *Answer { return &Answer{Hang: true} }
	return []Scenario{
		{"slow", "Every answer takes four seconds", "", TokenAPI, faults{latency: slowAnswer}},
		{"hangs", "Connections are taken and nothing is ever answered", "", TokenAPI, faults{answer: hang, silent: true}},
		{"drops-connections", "Every connection is reset", "", TokenAPI, faults{drop: true}},
		{"tls-unknown-ca", "The certificate is signed by an authority nobody knows", "", TokenAPI, faults{tls: tlsUnknownCA}},
		{"tls-expired", "The certificate has expired", "", TokenAPI, faults{tls: tlsExpired}},
		{"tls-wrong-host", "The certificate is for another host", "", TokenAPI, faults{tls: tlsWrongHost}},
		{"plain-http-on-tls-port", "The HTTPS port speaks plain HTTP", "", TokenAPI, faults{tls: tlsNone}},
	}
}

func sshScenarios() []Scenario {
	return []Scenario{
		{"host-key-changed", "The SSH host key is not the known one", "", "", faults{otherHostKey: true}},
		{"ssh-key-rejected", "No SSH key is accepted", "", "", faults{rejectKeys: true}},
		{"ssh-algorithm", "The SSH server takes only algorithms that are switched off today", "", "", faults{oldAlgorithms: true}},
		{"ssh-host-moved", "bitbucket.org no longer answers SSH, ssh.bitbucket.org does", Cloud, "", faults{closedPorts: []string{"bitbucket.org:22"}}},
		{"ssh-port-blocked", "Port 22 is blocked, altssh.bitbucket.org:443 is not", Cloud, "", faults{closedPorts: []string{"bitbucket.org:22", "ssh.bitbucket.org:22"}}},
		{"deploy-key-read-only", "The SSH key is a deploy key of the repository, read only", "", "", faults{deployKeyFor: "ledger"}},
		{"deploy-key-other-repo", "The SSH key is a deploy key of another repository", "", "", faults{deployKeyFor: "gateway"}},
	}
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
