package ui

import (
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
)

func TestACommandIsBrokenOnlyWhereAShellJoinsItAgain(t *testing.T) {
	t.Parallel()
	for command, want := range map[string][]string{
		"git ls-remote":             {"     git ls-remote"},
		"curl -sS 'a b  c' example": {`     curl -sS 'a b  c' \`, `       example`},
		"curl https://git.acme-corp.com/rest/api": {
			`     curl \`, `       https://git.acme-co\`, `rp.com/rest/api`,
		},
		"curl https://acme-corp.com/api":    {`     curl \`, ` https://acme-corp.com/api`},
		"echo 'abcdefghijklmnopqrstuvwxyz'": {`     echo \`, `       'abcdefghijklmnopqr'\`, `'stuvwxyz'`},
		`echo "abcdefghijklmnopqrstuvwxyz"`: {`     echo \`, `       "abcdefghijklmnopqr\`, `stuvwxyz"`},
	} {
		if got := commandLines(command, 28); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s\n%s\nwant\n%s", command, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// randomCommand prints its words, quoted in every way a shell knows.
func randomCommand(r *rand.Rand) string {
	bag := []string{"a", "git", "https://", "日本", "-", "é", "%{http_code}", "x/y", "="}
	text := func(more ...string) string {
		var b strings.Builder
		for range r.IntN(14) {
			b.WriteString(append(bag, more...)[r.IntN(len(bag)+len(more))])
		}
		return b.String()
	}
	words := []string{"printf '<%s>'"}
	for range 1 + r.IntN(5) {
		var word strings.Builder
		for range 1 + r.IntN(4) {
			switch r.IntN(3) {
			case 0:
				word.WriteString("'" + text(" ", `\`, `"`) + "'")
			case 1:
				word.WriteString(`"` + text(" ", `\\`, `\"`, "'") + `"`)
			default:
				word.WriteString(text(`\ `, `\'`, `\"`, `\\`))
			}
		}
		words = append(words, word.String())
	}
	return strings.Join(words, " ")
}

func TestWhatIsDrawnOfACommandIsStillThatCommand(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no POSIX shell on this machine to ask what it makes of a broken command")
	}
	r := rand.New(rand.NewPCG(3, 9))
	var whole, broken strings.Builder
	for range 300 {
		command, width := randomCommand(r), commandLeast+r.IntN(60)
		lines := commandLines(command, width)
		for _, l := range lines {
			if textWidth(l) > width {
				t.Errorf("%d columns of %d: %q", textWidth(l), width, l)
			}
		}
		whole.WriteString(command + "\necho\n")
		broken.WriteString(strings.Join(lines, "\n") + "\necho\n")
	}
	says := func(script string) []string {
		c := exec.CommandContext(t.Context(), shell)
		c.Stdin = strings.NewReader(script)
		out, err := c.Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(string(out), "\n")
	}
	want, got := says(whole.String()), says(broken.String())
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("command %d says %q, broken %q", i, want[i], got[min(i, len(got)-1)])
		}
	}
}

func TestTheBestKeyStaysInTheLineOfKeysHoweverLongItIs(t *testing.T) {
	t.Parallel()
	keys := []Key{{Keys: []string{"enter"}, Does: strings.Repeat("long ", 30)}, {Keys: []string{"r"}, Does: "again"}}
	tail := []Key{{Keys: []string{"?"}, Does: "keys"}}
	got := footerLine(plain(), keys, tail, 60)
	if !strings.HasPrefix(got, " enter long") || !strings.HasSuffix(got, "? keys") || textWidth(got) > 60 {
		t.Errorf("%q", got)
	}
}
