package papers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/sandbox"
)

const scripting = "docs/scripting.md"

// block is one piece of shell on the page, with how it ends and what it prints.
// A reason not to run it stands in the words behind norun.
type block struct {
	line      int
	text      string
	exit      int
	leftOut   string
	prints    string
	hasPrints bool
}

var (
	blockStart = regexp.MustCompile("^```(\\w+)(.*)$")
	exitWord   = regexp.MustCompile(`^exit=(\d+)$`)
)

// readBlocks reads the shell of a page. A block of text right after one of shell
// is what that prints, line by line; … stands for anything.
func readBlocks(page string) ([]block, error) {
	var all []block
	lines := strings.Split(page, "\n")
	for i := 0; i < len(lines); i++ {
		m := blockStart.FindStringSubmatch(lines[i])
		if m == nil {
			continue
		}
		begin, kind, words := i+1, m[1], strings.Fields(m[2])
		for i++; i < len(lines) && lines[i] != "```"; i++ {
		}
		if i == len(lines) {
			return nil, fmt.Errorf("the block at line %d has no end", begin)
		}
		text := strings.Join(lines[begin:i], "\n") + "\n"
		switch {
		case kind == "text" && len(all) > 0:
			all[len(all)-1].prints, all[len(all)-1].hasPrints = text, true
		case kind == "sh":
			b := block{line: begin, text: text}
			for n, word := range words {
				if exit := exitWord.FindStringSubmatch(word); exit != nil {
					b.exit, _ = strconv.Atoi(exit[1])
				} else if word == "norun" && n+1 < len(words) {
					b.leftOut = strings.Join(words[n+1:], " ")
					break
				} else {
					return nil, fmt.Errorf("line %d: %q is not understood; a block that is not run says why", begin, words)
				}
			}
			all = append(all, b)
		}
	}
	return all, nil
}

// pattern makes what a block prints into a regular expression.
func (b block) pattern() *regexp.Regexp {
	text := regexp.QuoteMeta(strings.TrimSuffix(b.prints, "\n"))
	return regexp.MustCompile(`(?s)^\s*` + strings.ReplaceAll(text, hole, `.*?`) + `\s*$`)
}

// buildProgram builds the real program.
func buildProgram(t *testing.T, dir string) {
	t.Helper()
	name := "bbconnect"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", filepath.Join(dir, name), ".")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// tunnel is a proxy on loopback that connects to the sandbox and to nothing
// else: so the program as it is shipped reaches the public names there.
func tunnel(t *testing.T, box *sandbox.Sandbox) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		far, err := box.Dial(r.Context(), "tcp", r.Host)
		if r.Method != http.MethodConnect || err != nil {
			http.Error(w, "the sandbox is not there", http.StatusBadGateway)
			return
		}
		defer func() { _ = far.Close() }()
		near, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = near.Close() }()
		_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
		done := make(chan struct{})
		go func() {
			_, _ = io.Copy(far, buffered)
			_ = closeWrite(far)
			close(done)
		}()
		_, _ = io.Copy(near, far)
		_ = near.Close()
		<-done
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func closeWrite(c net.Conn) error {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Close()
}

// shellSession is the folder, and the environment that blocks hand on.
type shellSession struct {
	dir, kept string
	env       []string
}

// run runs one block with bash, as a script would, and returns what it printed on
// both outputs and how it ended.
func (s shellSession) run(ctx context.Context, text string) (printed string, exit int, err error) {
	script := ". " + s.kept + "; trap 'export -p >" + s.kept + "' EXIT; set -eo pipefail\n" + text
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir, cmd.Env, cmd.WaitDelay = s.dir, s.env, 30*time.Second
	out, err := cmd.CombinedOutput()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) && failed.Exited() {
		return string(out), failed.ExitCode(), nil
	}
	return string(out), 0, err
}

func newShellSession(t *testing.T) shellSession {
	t.Helper()
	box, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	dir, bin := t.TempDir(), t.TempDir()
	buildProgram(t, bin)
	authority := filepath.Join(bin, "authority.pem")
	kept := filepath.Join(bin, "kept.sh")
	for name, text := range map[string][]byte{authority: box.CAPEM(), kept: nil} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return shellSession{dir: dir, kept: kept, env: []string{
		"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GIT_CONFIG_NOSYSTEM=1",
		"HTTPS_PROXY=" + tunnel(t, box), "SSL_CERT_FILE=" + authority, "DBUS_SESSION_BUS_ADDRESS=disabled:", "LC_ALL=C.UTF-8",
		"BB_TOKEN=" + box.Secret(sandbox.TokenAPI), "NEW_TOKEN=" + box.Secret(sandbox.TokenAPI), "OLD_PASSWORD=" + box.Secret(sandbox.TokenAppPassword),
		"DC_TOKEN=" + box.Secret(sandbox.TokenDC),
	}}
}

// TestEveryRecipeRunsAsItStandsOnThePage follows the page from top to bottom with
// the real program, against the sandbox.
func TestEveryRecipeRunsAsItStandsOnThePage(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"bash", "git"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("there is no %s here, which the recipes use", program)
		}
	}
	blocks, err := readBlocks(readPage(t, scripting))
	if err != nil {
		t.Fatal(err)
	}
	s, ran := newShellSession(t), 0
	for _, b := range blocks {
		if b.leftOut != "" {
			continue
		}
		ran++
		printed, exit, err := s.run(t.Context(), b.text)
		switch {
		case err != nil || exit != b.exit:
			t.Fatalf("%s:%d: exits with %d (%v), and the page says %d\n%s\n%s", scripting, b.line, exit, err, b.exit, b.text, printed)
		case b.hasPrints && !b.pattern().MatchString(printed):
			t.Errorf("%s:%d prints\n%s\nand the page says\n%s", scripting, b.line, printed, b.prints)
		}
		for _, name := range []string{"BB_TOKEN", "DC_TOKEN", "OLD_PASSWORD"} {
			for _, pair := range s.env {
				if value, ok := strings.CutPrefix(pair, name+"="); ok && !strings.Contains(b.text, "git credential fill") && strings.Contains(printed, value) {
					t.Errorf("%s:%d prints the secret %s", scripting, b.line, name)
				}
			}
		}
	}
	if ran < 15 {
		t.Errorf("only %d blocks were run", ran)
	}
}

func TestBlocksAreReadWithTheirEndsAndTheirOutput(t *testing.T) {
	t.Parallel()
	page := "text\n```sh exit=3\nfalse\n```\nand\n```text\na … c\n```\n```sh norun it needs a server\nx\n```\n```yaml\ny: 1\n```\n"
	got, err := readBlocks(page)
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if got[0].exit != 3 || got[0].text != "false\n" || !got[0].pattern().MatchString("\na b\nb c\n") || got[0].pattern().MatchString("a b") {
		t.Errorf("%+v", got[0])
	}
	if got[1].leftOut != "it needs a server" || got[1].hasPrints {
		t.Errorf("%+v", got[1])
	}
	for _, bad := range []string{"```sh norun\nx\n```\n", "```sh exit=x\n```\n", "```sh\nno end\n"} {
		if got, err := readBlocks(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, got)
		}
	}
}
