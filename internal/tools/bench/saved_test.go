package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAListThatDependsOnItsIndexIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, want string }{
		"the same":    {`echo "[a, b]"`, ""},
		"empty":       {`echo "[]"`, "empty"},
		"index alone": {`if test -e state/index.bin; then echo "[a, b]"; else echo "[a, c]"; fi`, "another one"},
		"rows alone":  {`if test -e state/rows.bin; then echo "[a, b]"; else echo "[a, c]"; fi`, "another one"},
		"fails":       {`echo no folder >&2; exit 4`, "no folder"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "state"), 0o700); err != nil {
				t.Fatal(err)
			}
			for _, file := range []string{"index.bin", "rows.bin"} {
				if err := os.WriteFile(filepath.Join(dir, "state", file), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			err := sameWithoutState(t.Context(), command{argv: []string{script(t, dir, "list", c.script)}, dir: dir, env: os.Environ()}, dir)
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("the error is %v, want one about %s", err, c.want)
			}
		})
	}
}

func TestTheRemotesAreAsManyAndNamedApart(t *testing.T) {
	t.Parallel()
	text := remotes(12)
	if strings.Count(text, "[service") != 12 || !strings.Contains(text, "[service0011]\ntype = webdav\n") {
		t.Errorf("the remotes are\n%s", text)
	}
}
