package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/disk"
	"bbconnect/model"
)

// What is found of one connector is what a whole reading finds of it, whatever
// the file has become.
func TestTheLastTestOfOneIsThatOfAll(t *testing.T) {
	t.Parallel()
	line := func(key, verdict string) string {
		return fmt.Sprintf(`{"key":%q,"verdict":%q,"at":"2026-11-23T10:00:00Z"}`+"\n", key, verdict)
	}
	for name, text := range map[string]string{
		"no file":                      "",
		"only its version":             firstLine,
		"one each":                     firstLine + line("payments", "pass") + line("ledger", "fail"),
		"later lines win":              firstLine + line("payments", "pass") + line("ledger", "fail") + line("payments", "fail"),
		"deleted":                      firstLine + line("payments", "pass") + `{"key":"payments","gone":true}` + "\n",
		"deleted and made again":       firstLine + line("payments", "pass") + `{"key":"payments","gone":true}` + "\n" + line("payments", "warn"),
		"a name within another":        firstLine + line("org/payments", "fail") + line("payments2", "warn"),
		"a sentence with the name":     firstLine + `{"key":"ledger","verdict":"fail","at":"2026-11-23T10:00:00Z","what":"see \"payments\""}` + "\n",
		"another value of the name":    firstLine + `{"key":"ledger","verdict":"fail","at":"2026-11-23T10:00:00Z","what":"payments"}` + "\n",
		"another order of its members": firstLine + `{"verdict":"fail","key":"payments","at":"2026-11-23T10:00:00Z"}` + "\n" + line("ledger", "pass"),
		"indented by hand":             firstLine + `  { "key": "payments", "verdict": "warn", "at": "2026-11-23T10:00:00Z" }` + "\n",
		"cut short by a crash":         firstLine + line("payments", "pass") + `{"key":"payments","verd`,
		"cut short, then written on":   firstLine + line("ledger", "pass") + `{"key":"payments","verd` + "\n" + line("payments", "warn"),
		"no line feed at the end":      firstLine + strings.TrimSuffix(line("payments", "pass"), "\n"),
		"without a version":            line("payments", "pass") + line("ledger", "pass"),
		"of a newer program":           `{"version":99}` + "\n" + line("payments", "pass"),
		"nothing but a line feed":      "\n",
		"empty lines between":          firstLine + "\n\n" + line("payments", "pass") + "\n",
		"the key alone, and no object": firstLine + `"payments"` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := Open(disk.Folders{Config: dir, Data: dir, State: dir})
			if text != "" {
				if err := os.WriteFile(filepath.Join(dir, "tests.jsonl"), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			all := s.lastTests()
			for _, key := range []string{"payments", "ledger", "org/payments", "nobody"} {
				got, want := s.lastTest(key), all[key]
				if (got == nil) != (want == nil) || got != nil && *got != *want {
					t.Errorf("the last test of %s is %v, among all of them %v", key, got, want)
				}
			}
		})
	}
}

// BenchmarkLastTest is what every test of a saved connector pays once there are
// the results of a thousand others.
func BenchmarkLastTest(b *testing.B) {
	dir := b.TempDir()
	s := Open(disk.Folders{Config: dir, Data: dir, State: dir})
	for i := range 1000 {
		v := verdict{Key: fmt.Sprintf("service%04d", i), Verdict: model.VerdictPass, At: time.Unix(int64(i), 0).UTC()}
		if err := s.append(b.Context(), v); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if s.lastTest("service0999") == nil {
			b.Fatal("it is not found")
		}
	}
}
