//go:build !windows

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"bbconnect/internal/terminal"
)

// program is the real binary, built once for all tests of this package.
var program string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

// runTests builds the program and runs the tests; as a function of its own so
// that the folder goes away before the process ends.
func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "bbconnect-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if program = os.Getenv(programVariable); program == "" {
		if program, err = terminal.Build(contextForBuild(), dir, "bbconnect"); err != nil {
			panic(err)
		}
	}
	return m.Run()
}

// tryout is "bbconnect try" on a terminal, with what it printed before the
// screens opened.
type tryout struct {
	*terminal.Session
	printed string
}

func startTry(t *testing.T, cols, rows int) *tryout {
	t.Helper()
	s := terminal.Start(t, terminal.Config{Program: program, Args: []string{"try"}, Cols: cols, Rows: rows})
	s.WaitFor("Welcome", "Name")
	return &tryout{Session: s, printed: string(s.Raw())}
}

// token is the value printed under a title.
func (y *tryout) token(t *testing.T, title string) string {
	t.Helper()
	lines := strings.Split(strings.ReplaceAll(y.printed, "\r", ""), "\n")
	for i, line := range lines {
		if strings.HasSuffix(line, ": "+title) && i+1 < len(lines) {
			return strings.TrimSpace(lines[i+1])
		}
	}
	t.Fatalf("no token %q was printed", title)
	return ""
}

// key is the private key of the run.
func (y *tryout) key(t *testing.T) string {
	t.Helper()
	m := regexp.MustCompile(`know: (\S+)`).FindStringSubmatch(y.printed)
	if m == nil {
		t.Fatal("no key file was printed")
	}
	data, err := os.ReadFile(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// begin gives the name and goes to Details.
func (y *tryout) begin(name, address string) {
	y.Type(name)
	y.WaitFor("New connector · " + name)
	y.Press("ctrl+n")
	y.WaitFor("Paste any Bitbucket address")
	y.Paste(address)
}

// finish goes on to the test, runs it, saves, and returns to Home.
func (y *tryout) finish(t *testing.T, name, id string) {
	t.Helper()
	y.Press("ctrl+n")
	y.WaitFor("● Connectivity")
	y.Press("ctrl+n")
	y.WaitFor("● Test", "enter test")
	y.Press("enter")
	screen := y.WaitFor("The connector works.", "Read the repository with git")
	if strings.Contains(screen, "✗") {
		t.Fatalf("a check failed:\n%s", screen)
	}
	y.Press("enter")
	y.WaitFor(name+" is saved as "+id, "bbconnect export "+id)
	y.Press("enter")
	y.WaitFor("1 connector", name, "✓ just now")
}

// editAndDelete finds the connector, changes its description, saves and deletes
// it.
func (y *tryout) editAndDelete(t *testing.T, name string) {
	t.Helper()
	y.Press("/")
	y.Type(name[:3])
	y.WaitFor(name)
	y.Press("enter")
	y.WaitFor("Edit · "+name, "Id")
	y.WaitUntil("the cursor is on the test", func(s string) bool { return strings.Contains(s, "› Run the test") })
	y.Press("down")
	y.WaitUntil("the cursor is on the name", func(s string) bool { return strings.Contains(s, "› Name") })
	y.Press("enter")
	y.WaitFor("Overview", "Description")
	y.Press("tab")
	y.Type("for the nightly build")
	y.WaitFor("for the nightly build")
	y.Press("ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+n")
	y.WaitFor("● Test")
	y.Press("enter")
	y.WaitFor("The connector works.")
	y.Press("enter")
	y.WaitFor("is saved as")
	y.Press("enter")
	y.WaitFor("1 connector")
	y.Press("d")
	y.WaitFor("Delete " + name)
	y.Press("a")
	y.WaitFor("No connectors yet")
}

func TestFromTheKeyboardACloudAccountConnectorOverHTTPIsMadeTestedEditedAndDeleted(t *testing.T) {
	t.Parallel()
	y := startTry(t, 80, 24)
	y.begin("Payments account", "https://bitbucket.org/acme/")
	y.WaitFor("workspace acme", "Test repository")
	y.Press("tab", "tab", "tab")
	y.Type("ledger.git")
	y.WaitFor("ledger.git")
	y.Press("ctrl+n")
	y.WaitFor("Paste the token")
	y.Paste(y.token(t, "API token of jdoe with all fourteen scopes") + "\n")
	y.WaitFor("complete (checksum matches)", "x-bitbucket-api-token-auth")
	y.Press("ctrl+n")
	y.WaitFor("Email and API token")
	y.Press("tab")
	y.Type("jdoe@acme-corp.com")
	y.WaitFor("jdoe@acme-corp.com")
	y.finish(t, "Payments account", "Payments_account")
	y.editAndDelete(t, "Payments account")
}

func TestFromTheKeyboardACloudRepositoryConnectorOverSSHWithAPastedKeyIsMadeTestedEditedAndDeleted(t *testing.T) {
	t.Parallel()
	y := startTry(t, 120, 40)
	y.begin("Ledger over SSH", "git@bitbucket.org:acme/ledger.git")
	y.WaitFor("repository ledger")
	y.Press("ctrl+n")
	y.WaitFor("Private key")
	y.Paste(y.key(t))
	y.WaitFor("RSA PRIVATE KEY")
	y.Press("ctrl+n")
	y.WaitFor("API access")
	y.Press("down", "down") // off: git alone
	y.WaitFor("● off")
	y.finish(t, "Ledger over SSH", "Ledger_over_SSH")
	y.editAndDelete(t, "Ledger over SSH")
}

func TestFromTheKeyboardADataCenterRepositoryConnectorIsMadeTestedEditedAndDeleted(t *testing.T) {
	t.Parallel()
	y := startTry(t, 80, 24)
	y.begin("Ledger on premises", "https://git.acme-corp.com/projects/PAY/repos/ledger/browse?at=main")
	y.WaitFor("browser page", "https://git.acme-corp.com/scm/PAY/ledger.git", "project PAY")
	y.Press("ctrl+y", "ctrl+n")
	y.WaitFor("Paste the token")
	y.Paste(y.token(t, "HTTP access token of jdoe, repository admin"))
	y.WaitFor("Data Center HTTP access token")
	y.Press("tab", "tab")
	y.Type("jdoe")
	y.WaitFor("› jdoe")
	y.Press("ctrl+n")
	y.WaitFor("API access")
	y.finish(t, "Ledger on premises", "Ledger_on_premises")
	y.editAndDelete(t, "Ledger on premises")
}

func TestAWholeFormTypedInOneWriteLandsInTheRightFields(t *testing.T) {
	t.Parallel()
	y := startTry(t, 80, 24)
	token := y.token(t, "API token of jdoe with all fourteen scopes")
	const next, tab = "\x0e", "\t"
	y.Type("Typed ahead" + tab + tab + "by a fast hand" + next +
		"https://bitbucket.org/acme/ledger.git" + next +
		token + next +
		tab + "jdoe@acme-corp.com" + next + next)
	screen := y.WaitFor("● Test", "Typed_ahead")
	for _, want := range []string{
		"Typed ahead", "by a fast hand", "https://bitbucket.org/acme/ledger.git", "192 characters, hidden",
		"x-bitbucket-api-token-auth", "jdoe@acme-corp.com",
	} {
		if !strings.Contains(screen, want) {
			y.Press("down")
		}
	}
	y.Press("enter")
	y.WaitFor("The connector works.")
	if raw := string(y.Raw()[len(y.printed):]); strings.Contains(raw, token) {
		t.Error("the token was drawn on the screen")
	}
}

func TestResizingWhileTypingLosesNothing(t *testing.T) {
	t.Parallel()
	y := startTry(t, 80, 24)
	y.Type("Half a na")
	y.WaitFor("Half a na")
	y.Resize(40, 10)
	y.WaitFor("nothing is lost")
	y.Resize(120, 40)
	y.Type("me")
	y.WaitFor("New connector · Half a name")
	y.Resize(60, 16)
	y.WaitFor("Half a name")
}

func TestCtrlCWithTypedWorkAsksOnceAndTheDraftIsOfferedNextTime(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	start := func() *terminal.Session {
		return terminal.Start(t, terminal.Config{Program: program, Home: home})
	}
	s := start()
	s.WaitFor("Welcome")
	s.Type("Left behind")
	s.WaitFor("New connector · Left behind")
	s.Press("ctrl+c")
	s.WaitFor("not saved")
	s.Press("ctrl+c")
	if code := s.Wait(); code != 0 && code != 130 {
		t.Errorf("quitting ended with %d", code)
	}
	again := start()
	again.WaitFor("An unfinished connector: Left behind")
	again.Press("g")
	again.WaitFor("New connector · Left behind")
	entries, err := filepath.Glob(filepath.Join(home, "bbconnect", "state", "drafts", "*"))
	if err != nil || len(entries) == 0 {
		t.Errorf("no draft was kept: %v %v", entries, err)
	}
}

// A terminal that is closed, as a window is or a connection breaks off: what was typed
// is in the draft, and the folder of a tryout does not stay on the machine.
func TestAClosedTerminalKeepsTheDraftAndLeavesNoFolderOfATryout(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	s := terminal.Start(t, terminal.Config{Program: program, Home: home})
	s.WaitFor("Welcome")
	s.Type("Cut off")
	s.WaitFor("New connector · Cut off")
	s.Signal(syscall.SIGHUP)
	if code := s.Wait(); code != 130 {
		t.Errorf("the end of the terminal ended it with %d", code)
	}
	again := terminal.Start(t, terminal.Config{Program: program, Home: home})
	again.WaitFor("An unfinished connector: Cut off")

	y := startTry(t, 80, 24)
	if there, err := os.ReadDir(y.Temp()); err != nil || len(there) == 0 {
		t.Fatalf("a tryout has no folder of its own: %v", err)
	}
	y.Signal(syscall.SIGHUP)
	y.Wait()
	if left, err := os.ReadDir(y.Temp()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
