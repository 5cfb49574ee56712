package probe

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"bbconnect/internal/realgit"
	"bbconnect/model"
)

// unreached is the problem of a connector that goes through a delegate and
// finds no connection from here.
func unreached(t *testing.T, req model.TestRequest) *model.Problem {
	t.Helper()
	viaDelegate(&req)
	o := Options{Dial: func(context.Context, string, string) (net.Conn, error) { return nil, syscall.ECONNREFUSED }}
	result := New(o).Test(t.Context(), req, nil)
	if result.Verdict != model.VerdictUnreachable || result.Problem == nil {
		t.Fatalf("%s: %+v", result.Verdict, result.Problem)
	}
	return result.Problem
}

func TestAnUnreachableConnectorComesWithTheCommandsForTheDelegate(t *testing.T) {
	t.Parallel()
	const ask = `curl -sS -o /dev/null -w '%{http_code}\n' `
	const list = "GIT_TERMINAL_PROMPT=1 git -c credential.helper= ls-remote "
	for name, c := range map[string]struct {
		request model.TestRequest
		change  func(*model.TestRequest)
		want    []string
	}{
		"Data Center": {serverRequest(), nil, []string{
			ask + "https://" + dcHost + "/rest/api/1.0/application-properties", list + "https://" + dcHost + "/scm/PAY/ledger.git",
		}},
		"Data Center, API access off": {serverRequest(), apiOff, []string{
			ask + "'https://" + dcHost + "/scm/PAY/ledger.git/info/refs?service=git-upload-pack'", list + "https://" + dcHost + "/scm/PAY/ledger.git",
		}},
		"Data Center over SSH": {serverRequest(), serverOverSSH, []string{"ssh -T -p 7999 git@" + dcHost}},
		"Cloud": {cloudRequest(), nil, []string{
			ask + "https://api.bitbucket.org/2.0/user", list + "https://bitbucket.org/acme/ledger.git",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.change != nil {
				c.change(&c.request)
			}
			p := unreached(t, c.request)
			if !slices.Equal(p.Commands, c.want) {
				t.Errorf("the commands are\n%s\nwant\n%s", strings.Join(p.Commands, "\n"), strings.Join(c.want, "\n"))
			}
			if !strings.Contains(p.Fix, "Kubernetes") || !strings.HasSuffix(p.Fix, ".") {
				t.Errorf("the remedy does not say where to run them: %s", p.Fix)
			}
			for _, line := range p.Commands {
				for _, secret := range []model.Secret{c.request.Password, c.request.APIToken} {
					if value := secret.Reveal(); value != "" && strings.Contains(line, value[:8]) {
						t.Errorf("a command holds a secret: %s", line)
					}
				}
				if c.request.APILogin != "" && strings.Contains(line, c.request.APILogin) {
					t.Errorf("a command holds a login: %s", line)
				}
			}
		})
	}
}

func TestWhatWorkedIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, soundCloud())
	o := w.options()
	withoutREST(syscall.ECONNREFUSED)(t, w, &o)
	req := cloudRequest()
	viaDelegate(&req)
	p := New(o).Test(t.Context(), req, nil).Problem
	if p == nil || len(p.Commands) != 1 || !strings.HasPrefix(p.Commands[0], "curl ") || strings.Contains(p.Fix, "git asks") {
		t.Errorf("%+v", p)
	}
}

func TestThePlatformGetsNoCommands(t *testing.T) {
	t.Parallel()
	o := Options{Dial: func(context.Context, string, string) (net.Conn, error) { return nil, syscall.ECONNREFUSED }}
	result := New(o).Test(t.Context(), serverRequest(), nil)
	compare(t, result, model.VerdictFail, "net.refused")
	if p := result.Problem; p == nil || len(p.Commands) > 0 {
		t.Errorf("%+v", p)
	}
}

func TestTLSTroubleFailsADelegateAndComesWithCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, soundServer())
	o := w.options()
	o.RootCAs = newAuthority(t, "Other").pool
	req := serverRequest()
	viaDelegate(&req)
	result := New(o).Test(t.Context(), req, nil)
	compare(t, result, model.VerdictFail, "tls.unknown-ca")
	if p := result.Problem; p == nil || len(p.Commands) != 2 || p.Authority == nil {
		t.Errorf("%+v", p)
	}
}

// sh runs a line as a person does who pastes it, without a terminal.
func sh(t *testing.T, line string, env ...string) (string, error) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "sh", "-c", line)
	home := t.TempDir()
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "GIT_CONFIG_NOSYSTEM=1", "NO_PROXY=*"}, env...)
	var errOut bytes.Buffer
	c.Stderr = &errOut
	out, err := c.Output()
	if err != nil {
		t.Logf("%s\n%s", line, errOut.String())
	}
	return string(out), err
}

// TestTheCommandsPrintWhatIsPromised runs them against servers that are there.
func TestTheCommandsPrintWhatIsPromised(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"sh", "curl", "git"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed here, so nothing is shown about the commands", tool)
		}
	}
	password := "it's " + strings.Repeat("Ca1ary", 3)
	server := realgit.Start(t, realgit.Options{User: "jdoe", Password: password})
	req := serverRequest()
	apiOff(&req)
	req.Connector.URL, req.Password = server.RepositoryURL(), model.NewSecret(password)
	commands := unreached(t, req).Commands
	if len(commands) != 2 {
		t.Fatalf("%q", commands)
	}
	if out, err := sh(t, commands[0]); err != nil || out != "401\n" {
		t.Errorf("curl prints %q (%v), want 401", out, err)
	}
	// git asks twice; what answers here in the person's place is told what for.
	answers := filepath.Join(t.TempDir(), "answer")
	script := "#!/bin/sh\ncase \"$1\" in Username*) echo jdoe;; *) printf '%s\\n' \"$CANARY\";; esac\n"
	writeFile(t, answers, 0o700, script)
	out, err := sh(t, commands[1], "GIT_ASKPASS="+answers, "CANARY="+password)
	if err != nil || !strings.Contains(out, "refs/heads/") {
		t.Errorf("git prints %q (%v), want the branches", out, err)
	}
}

func TestTheCommandForTheRESTAPIPrintsItsStatus(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed here, so nothing is shown about its command")
	}
	s := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		if in.URL.Path != "/it's/rest/api/1.0/application-properties" || in.Header.Get("Authorization") != "" {
			out.WriteHeader(http.StatusTeapot)
		}
	}))
	t.Cleanup(s.Close)
	if out, err := sh(t, curl(s.URL+"/it's/rest/api/1.0/application-properties")); err != nil || out != "200\n" {
		t.Errorf("curl prints %q (%v), want 200", out, err)
	}
	// Nobody is given port 1; that of a server which has ended may be anybody's.
	if out, err := sh(t, curl("http://127.0.0.1:1")); err == nil || out != "000\n" {
		t.Errorf("without a server curl prints %q (%v), want its own reason", out, err)
	}
}

// FuzzWord holds that sh gives back every argument as it was.
func FuzzWord(f *testing.F) {
	for _, seed := range []string{"", "plain", "it's", "$(id)", "`id`", "a b", "~", "-x", "\\", "a;b", "*?", "#x", "!x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsRune(text, 0) {
			return
		}
		quoted := word(text)
		inside, literal := false, strings.Builder{}
		for i := 0; i < len(quoted); i++ {
			switch c := quoted[i]; {
			case c == '\'':
				inside = !inside
			case c == '\\' && !inside:
				i++
				literal.WriteByte(quoted[i])
			case !inside && strings.ContainsRune(" $`\"\\;&|<>()*?[]#~!{}\n\t", rune(c)):
				t.Fatalf("%q stands unquoted in %q", c, quoted)
			default:
				literal.WriteByte(c)
			}
		}
		if inside || literal.String() != text {
			t.Errorf("%q is quoted as %q, which reads %q", text, quoted, literal.String())
		}
	})
}

func TestEveryHostADelegateMayReachComesWithItsCommands(t *testing.T) {
	t.Parallel()
	for name, req := range map[string]model.TestRequest{"Cloud": cloudRequest(), "Data Center": serverRequest()} {
		viaDelegate(&req)
		o := Options{Dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}}
		}}
		result := New(o).Test(t.Context(), req, nil)
		if result.Verdict != model.VerdictUnreachable {
			t.Fatalf("%s: %s %+v", name, result.Verdict, result.Problem)
		}
		for _, c := range result.Checks {
			if c.Problem != nil && (len(c.Problem.Commands) == 0 || !strings.Contains(c.Problem.Fix, "delegate's host")) {
				t.Errorf("%s: %s says nothing of the delegate: %+v", name, c.ID, c.Problem)
			}
			if c.ID == checkREST && c.Problem != nil && slices.ContainsFunc(c.Problem.Commands, func(l string) bool { return strings.Contains(l, "ls-remote") }) {
				t.Errorf("%s: the REST API is to be reached with git: %q", name, c.Problem.Commands)
			}
		}
	}
}
