package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bbconnect/model"
)

// FuzzNoPathLeavesTheFolder holds the one rule that matters of paths: whatever
// the ids are, the file is refused or lies exactly where its scope says.
func FuzzNoPathLeavesTheFolder(f *testing.F) {
	for _, seed := range [][3]string{{"o", "p", "a"}, {"", "", "a"}, {"..", "", "a"}, {"o", "../..", "a"}, {"o", "p", "a/../../b"}, {"con", "", "x"}, {"", "p", "a"}} {
		f.Add(seed[0], seed[1], seed[2])
	}
	root := f.TempDir()
	s := Open(foldersIn(root))
	f.Fuzz(func(t *testing.T, org, project, id string) {
		scope := model.Scope{Org: org, Project: project}
		p, err := s.spotOf(scope, id)
		if err != nil {
			if problem, ok := model.AsProblem(err); !ok || problem.Field == "" || strings.ContainsAny(problem.What, "/\\\x00\x1b") {
				t.Fatalf("got %v", err)
			}
			return
		}
		rel, err := filepath.Rel(s.connectorsDir(), p.path)
		want := []string{id + extension}
		if org != "" {
			want = append([]string{org}, want...)
		}
		if project != "" {
			want = []string{org, project, id + extension}
		}
		if err != nil || rel != filepath.Join(want...) || !filepath.IsLocal(rel) || strings.Count(rel, string(filepath.Separator)) != len(want)-1 {
			t.Fatalf("%q %q %q: %q, err %v", org, project, id, rel, err)
		}
		if _, err := s.Get(t.Context(), p.key()); err == nil {
			t.Fatal("there is something in an empty store")
		}
	})
}

func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"a": true, "_": true, "A1_$": true, "console": true, "com": true, "com0": true, "com10": true, "lpt": true, "nulls": true, strings.Repeat("a", 128): true,
		"": false, "1": false, "$a": false, "a-b": false, "a.b": false, "a b": false, "a/b": false, `a\b`: false, "a:b": false, "ä": false, "a\n": false,
		"CON": false, "prn": false, "Aux": false, "nul": false, "COM1": false, "lPt9": false, strings.Repeat("a", 129): false,
	} {
		if got := fileName(name); got != want {
			t.Errorf("%q: got %v", name, got)
		}
	}
}

func TestAFolderInThePlaceOfAConnectorIsReported(t *testing.T) {
	t.Parallel()
	s, dir := fresh(t)
	put(t, s, connector("a", model.Scope{}))
	if err := os.MkdirAll(filepath.Join(dir, "data", "connectors", "b.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	list, damaged, err := s.List(t.Context())
	if err != nil || len(list) != 1 || len(damaged) != 1 || damaged[0].Problem.Code != "store.damaged" {
		t.Fatalf("err %v, list %v, damaged %v", err, list, damaged)
	}
	_, err = s.Save(t.Context(), connector("b", model.Scope{}), "")
	wantProblem(t, err, "store.damaged")
}

func TestAnOrganisationAndAConnectorMayShareAName(t *testing.T) {
	t.Parallel()
	s, _ := fresh(t)
	for _, c := range []model.Connector{connector("acme", model.Scope{}), connector("x", model.Scope{Org: "acme"}), connector("x", model.Scope{Org: "acme", Project: "acme"})} {
		put(t, s, c)
		if got, err := s.Get(t.Context(), c.Key()); err != nil || got.Connector.Key() != c.Key() {
			t.Errorf("%s: err %v, got %s", c.Key(), err, got.Connector.Key())
		}
	}
	if list, damaged, err := s.List(t.Context()); err != nil || len(list) != 3 || len(damaged) != 0 {
		t.Fatalf("err %v, %d listed, damaged %v", err, len(list), damaged)
	}
}

func TestWhatPeopleTypeIsPrintedSafely(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain": "plain", "a\x1b[31mb\n": "a[31mb", strings.Repeat("é", 200): strings.Repeat("é", 100) + "…",
	} {
		if got := printable(text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}
