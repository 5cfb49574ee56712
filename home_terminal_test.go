//go:build !windows

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bbconnect/internal/terminal"
)

// homeDocument is a saved connector; its name, id and address are to be filled
// in. Every tenth signs in with an App Password.
const homeDocument = `connector:
  name: Service %03[1]d
  identifier: service%03[1]d
  type: Bitbucket
  spec:
    url: https://bitbucket.org/acme/service-%03[1]d.git
    type: Repo
    authentication:
      type: Http
      spec:
        type: UsernamePassword
        spec:
          username: jdoe
          passwordRef: account.token
    apiAccess:
      type: %[2]s
      spec:
        %[3]s: jdoe@acme.com
        tokenRef: account.token
    executeOnDelegate: false
`

// saveMany saves n connectors as the program does.
func saveMany(t *testing.T, home string, n int) (folder string) {
	t.Helper()
	folder = filepath.Join(home, "bbconnect", "data", "connectors")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		method, login := "EmailAndApiToken", "email"
		if i%10 == 0 {
			method, login = "UsernameToken", "username"
		}
		text := fmt.Sprintf(homeDocument, i, method, login)
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("service%03d.yaml", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// More connectors than there is a cache for: the second start shows those of the
// first at once, and still what another program changed meanwhile.
func TestHomeOnARealTerminalFindsMarksAndDeletes(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	config := terminal.Config{Program: program, Home: home, Cols: 120, Rows: 30}
	folder := saveMany(t, home, 250)
	s := terminal.Start(t, config)
	s.WaitFor("250 connectors", "25 need attention", "Service 000", "acme/service-000", "One repository over HTTP", "App Password")
	s.Press("q")
	if code := s.Wait(); code != 0 {
		t.Fatalf("it ended with %d", code)
	}
	if err := os.Remove(filepath.Join(folder, "service001.yaml")); err != nil {
		t.Fatal(err)
	}
	s = terminal.Start(t, config)
	s.WaitFor("249 connectors", "Service 002")
	s.WaitGone("Service 001") // a frame may come in two parts
	s.Type("A")
	s.WaitFor("App Passwords: 25 of 249", "Service 010")
	s.Type("  d")
	s.WaitFor("Delete 2 connectors", "Service 000, Service 010")
	s.Type("y")
	s.WaitFor("247 connectors", "23 need attention")
	for _, id := range []string{"service000", "service010"} {
		if _, err := os.Stat(filepath.Join(folder, id+".yaml")); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", id, err)
		}
	}
	s.Press("q")
	if code := s.Wait(); code != 0 {
		t.Errorf("it ended with %d", code)
	}
}

// The log is written beside the screens: they are the same, and what was done is in
// it.
func TestHomeOnARealTerminalWithALog(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	saveMany(t, home, 30)
	s := terminal.Start(t, terminal.Config{Program: program, Home: home, Cols: 120, Rows: 30, Args: []string{"--verbose"}})
	s.WaitFor("30 connectors", "Service 000")
	s.Type("d")
	s.WaitFor("Delete Service 000")
	s.Type("y")
	s.WaitFor("29 connectors")
	s.Press("q")
	if code := s.Wait(); code != 0 {
		t.Errorf("it ends with %d", code)
	}
	log, err := os.ReadFile(filepath.Join(home, "bbconnect", "state", "log", "bbconnect.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"msg=command command=bbconnect flags=verbose", "msg=delete connector=service000", "msg=end exit=0"} {
		if !strings.Contains(string(log), want) {
			t.Errorf("the log does not say %q:\n%s", want, log)
		}
	}
}
