//go:build !windows

package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bbconnect/internal/terminal"
)

// TestRealShellsCompleteWhatIsSaved loads the script in each shell on a real
// terminal, as its help says, types half a word and presses tab.
func TestRealShellsCompleteWhatIsSaved(t *testing.T) {
	t.Parallel()
	for _, shell := range []struct {
		name string
		args []string
		load []string
	}{
		// The package bash-completion is not loaded, as on a fresh server.
		{"bash", []string{"--noprofile", "--norc", "-i"}, []string{"PS1='> '", "source <(bbconnect completion bash)"}},
		{"zsh", []string{"-f", "-i"}, []string{"PS1='> '", "autoload -U compinit && compinit -u -D", "source <(bbconnect completion zsh)"}},
		{"fish", []string{"--no-config", "-i"}, []string{"set fish_greeting; function fish_prompt; echo '> '; end", "bbconnect completion fish | source"}},
	} {
		t.Run(shell.name, func(t *testing.T) {
			t.Parallel()
			program, err := exec.LookPath(shell.name)
			if err != nil {
				t.Skipf("LEFT OUT: %s is not installed, so its completion script was not loaded", shell.name)
			}
			s := terminal.Start(t, terminal.Config{
				Program: program, Args: shell.args, Home: completionHome(t), Cols: 100, Rows: 40,
				Env: []string{"PATH=" + os.Getenv("PATH"), "SHELL=" + program},
			})
			for _, line := range append(shell.load, "echo lo''aded") {
				s.Type(line + "\r")
			}
			s.WaitUntil("the script is loaded", func(screen string) bool { return strings.Contains("\n"+screen, "\nloaded") })
			for half, whole := range map[string]string{
				"bbconnect show Pay":                        "bbconnect show Payments",
				"bbconnect secret verify account.Pay":       "bbconnect secret verify account.Payments_token",
				"bbconnect new --set details.connectionT":   "bbconnect new --set details.connectionType=",
				"bbconnect new --set details.urlType=Acc":   "bbconnect new --set details.urlType=Account",
				"bbconnect new --set api.secret=account.Pa": "bbconnect new --set api.secret=account.Payments_token",
				"bbconnect try --scenario token-clip":       "bbconnect try --scenario token-clipped",
			} {
				s.Type(half)
				s.Type("\t")
				s.WaitUntil(half+" becomes "+whole, func(screen string) bool { return strings.Contains(screen, whole) })
				// What fish only suggests is not on the line: what is typed next would be there instead.
				s.Type("QQ")
				s.WaitUntil(whole+" is on the line", func(screen string) bool {
					return strings.Contains(screen, whole+" QQ") || strings.Contains(screen, whole+"QQ")
				})
				s.Press("ctrl+u")
				s.WaitGone(whole)
			}
		})
	}
}

// completionHome is a home with one saved connector.
func completionHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	p := newPlace(t)
	p.env["BBCONNECT_HOME"], p.env["BB_TOKEN"] = filepath.Join(home, "bbconnect"), token("kQ7")
	p.must("", payments()...)
	return home
}

func TestTheBashScriptStandsAloneAndReadsWordsWhole(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("LEFT OUT: bash is not installed, so its completion script was not run")
	}
	script := newPlace(t).must("", "completion", "bash").out
	if strings.Contains(script, "_get_comp_words_by_ref") {
		t.Error("it needs the package bash-completion")
	}
	for line, want := range map[string]string{
		"bbconnect new --set details.url=https://x":  "bbconnect|new|--set|details.url=https://x",
		"bbconnect new --set=api.method=off":         "bbconnect|new|--set=api.method=off",
		"bbconnect test --secret account.x= --json":  "bbconnect|test|--secret|account.x=|--json",
		"bbconnect  show   a:b":                      "bbconnect|show|a:b",
		"bbconnect secret set account.x --from env:": "bbconnect|secret|set|account.x|--from|env:",
	} {
		// What bash hands to a completion: the line cut at blanks, "=" and ":".
		cut := exec.CommandContext(t.Context(), bash, "-c", script+`
COMP_LINE="$1"
read -ra COMP_WORDS <<<"$(sed -E 's/([=:]+)/ \1 /g' <<<"$1")"
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
__bbconnect_words
(IFS='|'; echo "${words[*]}")
echo "$cur"`, "bash", line)
		out, err := cut.CombinedOutput()
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		last := want[strings.LastIndex(want, "|")+1:]
		if err != nil || len(lines) != 2 || lines[0] != want || lines[1] != last {
			t.Errorf("%q becomes %q: %v", line, lines, err)
		}
	}
}
