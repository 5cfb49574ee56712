//go:build !windows

package main

import (
	"testing"

	"bbconnect/internal/terminal"
)

// startScenario is "bbconnect try --scenario NAME" on a terminal.
func startScenario(t *testing.T, name string) *tryout {
	t.Helper()
	s := terminal.Start(t, terminal.Config{Program: program, Args: []string{"try", "--scenario", name}, Cols: 100, Rows: 40})
	s.WaitFor("Enter opens the screens")
	s.Press("enter")
	s.WaitFor("Welcome", "Name")
	return &tryout{Session: s, printed: string(s.Raw())}
}

// cloudOverHTTP fills in a sound Cloud repository connector as far as the test.
func (y *tryout) cloudOverHTTP(t *testing.T, credentials func()) {
	t.Helper()
	y.begin("Ledger", "https://bitbucket.org/acme/ledger.git")
	y.WaitFor("repository ledger")
	y.Press("ctrl+n")
	y.WaitFor("Paste the token")
	y.Paste(y.token(t, "API token of jdoe with all fourteen scopes") + "\n")
	y.WaitFor("complete (checksum matches)", "x-bitbucket-api-token-auth")
	credentials()
	y.Press("ctrl+n")
	y.WaitFor("Email and API token")
	y.Press("tab")
	y.Type("jdoe@acme-corp.com")
	y.WaitFor("jdoe@acme-corp.com")
}

// test runs the live test and waits for what it says.
func (y *tryout) test(says ...string) {
	y.Press("ctrl+n")
	y.WaitFor("● Connectivity")
	y.Press("ctrl+n")
	y.WaitFor("● Test", "enter test")
	y.Press("enter")
	y.WaitFor(says...)
}

func TestFromTheKeyboardAnUnknownAuthorityIsNamed(t *testing.T) {
	t.Parallel()
	y := startScenario(t, "tls-unknown-ca")
	y.cloudOverHTTP(t, func() {})
	y.test("tls.unknown-ca", "Somebody Else CA")
}

func TestFromTheKeyboardATokenWithoutScopesIsNamed(t *testing.T) {
	t.Parallel()
	y := startScenario(t, "token-unscoped")
	y.cloudOverHTTP(t, func() {})
	y.test("cred.no-scopes")
}

func TestFromTheKeyboardTheProxyThatWantsALoginIsNamed(t *testing.T) {
	t.Parallel()
	y := startScenario(t, "proxy-auth")
	y.cloudOverHTTP(t, func() {})
	y.test("net.proxy-auth")
}

func TestFromTheKeyboardAChangedHostKeyIsNamed(t *testing.T) {
	t.Parallel()
	y := startScenario(t, "host-key-changed")
	y.begin("Ledger", "git@bitbucket.org:acme/ledger.git")
	y.WaitFor("repository ledger")
	y.Press("ctrl+n")
	y.WaitFor("Private key")
	y.Paste(y.key(t))
	y.WaitFor("RSA PRIVATE KEY")
	y.Press("ctrl+n")
	y.WaitFor("API access")
	y.Press("down", "down") // off: git alone
	y.WaitFor("● off")
	y.test("ssh.host-key-changed")
}

// The wizard knows better than to send it: the scenario is seen without a test.
func TestFromTheKeyboardAnEmailGivenToGitIsNamed(t *testing.T) {
	t.Parallel()
	y := startScenario(t, "git-given-email")
	y.cloudOverHTTP(t, func() {
		y.Press("tab", "tab", "ctrl+k")
		y.WaitFor("Something to try here", "cred.needs-username")
		y.Press("1")
		y.WaitFor("› jdoe@acme-corp.com")
	})
	y.Press("ctrl+n")
	y.WaitFor("● Connectivity")
	y.Press("ctrl+n")
	y.WaitFor("● Test", "This is an email address", "enter edit this answer")
}

// fillsDataCenterSSH fills in a Data Center connector over SSH without API
// access, as far as the connectivity.
func (y *tryout) fillsDataCenterSSH(t *testing.T) {
	t.Helper()
	y.begin("Ledger", "ssh://git@git.acme-corp.com:7999/PAY/ledger.git")
	y.WaitFor("repository ledger")
	y.Press("ctrl+n")
	y.WaitFor("Private key")
	y.Paste(y.key(t))
	y.WaitFor("RSA PRIVATE KEY")
	y.Press("ctrl+n")
	y.WaitFor("API access")
	y.Press("right")
	y.WaitFor("● off")
}

func TestFromTheKeyboardAnUnknownHostKeyIsAcceptedAndTheTestPasses(t *testing.T) {
	t.Parallel()
	y := startScenario(t, "host-key-unknown")
	y.fillsDataCenterSSH(t)
	y.test("ssh.host-key-unknown", "a accept this host key")
	y.Press("a")
	y.WaitFor("The connector works.")
}

func TestFromTheKeyboardAChangedHostKeyIsAskedAboutTwiceAndThenAccepted(t *testing.T) {
	t.Parallel()
	y := startScenario(t, "host-key-changed")
	y.fillsDataCenterSSH(t)
	y.test("ssh.host-key-changed", "a accept the new key")
	y.Press("a")
	y.WaitFor("Until now", "keep the old key")
	y.Press("y")
	y.WaitFor("The connector works.")
}
