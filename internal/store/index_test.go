package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/disk"
	"bbconnect/internal/document"
	"bbconnect/model"
)

// indexedStore keeps an index however few connectors there are, and believes
// that every file has long settled.
func indexedStore(t testing.TB) *Store {
	t.Helper()
	home := t.TempDir()
	s := Open(disk.Folders{Data: filepath.Join(home, "data"), State: filepath.Join(home, "state"), Config: filepath.Join(home, "config")})
	s.worth, s.slack = 1, 0
	s.now = func() time.Time { return time.Now().Add(time.Hour) }
	return s
}

// withoutIndex is another look at the same files, by a store that has no index
// and makes none.
func withoutIndex(t *testing.T, s *Store) *Store {
	t.Helper()
	bare := Open(s.folders)
	bare.folders.State, bare.worth = t.TempDir(), 1<<30
	if tests, err := os.ReadFile(s.testsPath()); err == nil {
		if err := os.WriteFile(bare.testsPath(), tests, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return bare
}

// fillValue sets every field there is, so that one that is not written is missed.
func fillValue(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d é", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Struct:
		for i := range v.NumField() {
			fillValue(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fillValue(v.Index(i), n)
		}
	default:
		panic("a connector has a field of a kind the index does not know: " + v.Kind().String())
	}
}

func TestTheIndexKeepsEveryFieldOfAConnector(t *testing.T) {
	t.Parallel()
	var c model.Connector
	n := 0
	fillValue(reflect.ValueOf(&c).Elem(), &n)
	for _, c := range []model.Connector{c, {}, {Tags: []model.Tag{{Key: "solo"}}}} {
		w := indexWriter{}
		w.connector(c)
		r := indexReader{rest: string(w.data)}
		if got := r.connector(); !reflect.DeepEqual(got, c) || r.err != nil || r.rest != "" {
			t.Errorf("wrote %+v\nread  %+v %v", c, got, r.err)
		}
	}
}

func TestNumbersComeBackWhateverTheirSize(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 1, -1, 63, -64, 1 << 40, -1 << 62, 1<<63 - 1, -1 << 63} {
		w := indexWriter{}
		w.signed(n)
		w.number(uint64(n))
		r := indexReader{rest: string(w.data)}
		if a, b := r.signed(), r.number(); a != n || b != uint64(n) || r.err != nil {
			t.Errorf("%d came back as %d and %d, %v", n, a, b, r.err)
		}
	}
}

func TestWhatIsCutShortIsAnErrorAndEmpty(t *testing.T) {
	t.Parallel()
	w := indexWriter{}
	w.connector(connector("whole", model.Scope{Org: "o", Project: "p"}))
	for n := range len(w.data) {
		r := indexReader{rest: string(w.data[:n])}
		r.connector()
		if r.err == nil {
			t.Fatalf("%d of %d bytes were enough", n, len(w.data))
		}
	}
}

func FuzzParseIndex(f *testing.F) {
	x := index{written: 1, tests: indexedTests{edge: "x\n", body: "\x00"}, entries: []indexed{{path: "a", revision: "r", body: "b"}}}
	f.Add(x.bytes())
	f.Add([]byte(indexMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		if x, err := parseIndex(data); err == nil && !bytes.Equal(x.bytes(), data) {
			t.Error("it was read as something else")
		}
	})
}

func FuzzParseRows(f *testing.F) {
	f.Add(rowsBytes("s", fileMark{}, int64(time.Hour), []string{"m"}, [][]byte{[]byte("row")}))
	f.Add([]byte(rowsMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		if k, err := parseRows(data, "s", fileMark{}); err == nil && len(k.marks) != len(k.rows) {
			t.Error("marks and rows differ")
		}
	})
}

func TestAnIndexIsMadeUsedAndMayBeDeleted(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	for i := range 20 {
		put(t, s, connector(fmt.Sprintf("c%02d", i), model.Scope{}))
	}
	first := mustList(t, s)
	if x := s.loadIndex(); len(x.entries) != 20 {
		t.Fatalf("the index holds %d", len(x.entries))
	}
	if got := mustList(t, s); !reflect.DeepEqual(got, first) {
		t.Errorf("from the index: %+v", got)
	}
	scan, err := s.scan(t.Context())
	if err != nil || slices.ContainsFunc(scan.rows, func(r scannedRow) bool { return r.fresh != nil }) {
		t.Errorf("files were read although nothing had changed: %v", err)
	}
	if err := os.RemoveAll(s.folders.State); err != nil {
		t.Fatal(err)
	}
	if got := mustList(t, s); !reflect.DeepEqual(got, first) {
		t.Errorf("without the index: %+v", got)
	}
	if err := os.Remove(filepath.Join(s.connectorsDir(), "c07.yaml")); err != nil {
		t.Fatal(err)
	}
	if got := mustList(t, s); len(got) != 19 {
		t.Errorf("a deleted file is still listed: %d", len(got))
	}
}

func TestTheConnectorsForTheRulesAreThoseOfTheListReadAndFromTheIndex(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	for range 2 { // read, and then from the index
		want := mustList(t, s)
		got, err := s.Connectors(t.Context())
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d connectors, %v; want %d", len(got), err, len(want))
		}
		for i := range want {
			if !reflect.DeepEqual(got[i], want[i].Connector) {
				t.Errorf("%d is %v, want %v", i, got[i], want[i].Connector)
			}
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Connectors(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func mustList(t *testing.T, s *Store) []model.Saved {
	t.Helper()
	list, damaged, err := s.List(t.Context())
	if err != nil || len(damaged) > 0 {
		t.Fatal(err, damaged)
	}
	return list
}

func TestAChangedFileIsReadAnewHoweverItWasChanged(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	put(t, s, connector("ledger", model.Scope{}))
	before := mustList(t, s)
	path := filepath.Join(s.connectorsDir(), "ledger.yaml")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The same size, and the time set back: only the inode's own time tells.
	changed := bytes.Replace(data, []byte("name: "), []byte("name: X"), 1)
	changed = bytes.Replace(changed, []byte(before[0].Connector.Name), []byte(before[0].Connector.Name[:len(before[0].Connector.Name)-1]), 1)
	if len(changed) != len(data) {
		t.Fatalf("the change has another size: %d and %d", len(changed), len(data))
	}
	if err := os.WriteFile(path, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	if m, _ := markOf(path); m.changed != 0 {
		if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
	}
	if got := mustList(t, s); got[0].Revision == before[0].Revision {
		t.Errorf("still %+v", got[0])
	}
}

func TestAFileThatWasJustWrittenIsNotBelieved(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	s.now = time.Now
	put(t, s, connector("ledger", model.Scope{}))
	mustList(t, s)
	scan, err := s.scan(t.Context())
	if err != nil || scan.rows[0].fresh == nil {
		t.Errorf("a file younger than the clock's step was taken from the index: %v", err)
	}
	s.now = func() time.Time { return time.Now().Add(time.Minute) }
	mustList(t, s)
	if scan, err = s.scan(t.Context()); err != nil || scan.rows[0].fresh != nil {
		t.Errorf("a file that has settled was read again: %v", err)
	}
}

func TestADamagedOrForeignIndexIsMadeAnew(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	for i := range 5 {
		put(t, s, connector(fmt.Sprintf("c%d", i), model.Scope{}))
	}
	want := mustList(t, s)
	good, err := os.ReadFile(s.indexPath())
	if err != nil {
		t.Fatal(err)
	}
	foreign := index{written: time.Now().UnixNano()}.bytes()
	for name, data := range map[string][]byte{
		"empty": {}, "cut short": good[:len(good)/2], "one bit": flipped(good, len(good)/2), "zeros": make([]byte, len(good)),
		"another program's": bytes.Replace(foreign, []byte(programMark()), []byte(strings.Repeat("z", len(programMark()))), 1), "too long": append(slices.Clone(good), 'x'),
	} {
		if err := os.WriteFile(s.indexPath(), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := mustList(t, s); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", name, got)
		}
		if x := s.loadIndex(); len(x.entries) != 5 {
			t.Errorf("%s: it was not made anew", name)
		}
	}
}

func flipped(data []byte, at int) []byte {
	out := slices.Clone(data)
	out[at] ^= 1
	return out
}

func TestAFewConnectorsHaveNoIndex(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	s.worth = indexWorth
	put(t, s, connector("ledger", model.Scope{}))
	mustList(t, s)
	if _, err := os.Stat(s.indexPath()); err == nil {
		t.Error("there is one")
	}
}

func TestTheLastTestsComeFromTheIndexAndWhatWasAddedSince(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	for i := range 3 {
		put(t, s, connector(fmt.Sprintf("c%d", i), model.Scope{}))
	}
	record := func(key string, v model.Verdict, at int) {
		t.Helper()
		if err := s.RecordTest(t.Context(), key, model.TestRecord{Verdict: v, At: time.Unix(int64(at), 0), Code: "net.dns", What: "There is none."}); err != nil {
			t.Fatal(err)
		}
	}
	compare := func(when string) {
		t.Helper()
		got := mustList(t, s)
		want := s.lastTests()
		for _, c := range got {
			if !reflect.DeepEqual(c.LastTest, want[c.Connector.Key()]) {
				t.Errorf("%s: %s has %+v, want %+v", when, c.Connector.ID, c.LastTest, want[c.Connector.Key()])
			}
		}
	}
	record("c0", model.VerdictPass, 1)
	put(t, s, connector("c3", model.Scope{}))
	compare("read for the first time")
	if s.loadIndex().tests.mark.size == 0 {
		t.Fatal("the index holds no tests")
	}
	compare("from the index")
	record("c1", model.VerdictFail, 2)
	record("c0", model.VerdictFail, 3)
	compare("with lines added")
	if err := s.Delete(t.Context(), "c1", ""); err != nil {
		t.Fatal(err)
	}
	compare("with one gone")
	if err := compactAlways(s); err != nil {
		t.Fatal(err)
	}
	compare("written anew")
	if err := os.Remove(s.testsPath()); err != nil {
		t.Fatal(err)
	}
	compare("without the file")
}

// compactAlways writes tests.jsonl anew as compact does when it is worth it.
func compactAlways(s *Store) error {
	data, err := os.ReadFile(s.testsPath())
	if err != nil {
		return err
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	slices.Reverse(lines[1:])
	return disk.WriteFile(s.testsPath(), bytes.Join(lines, nil))
}

// plainRows renders a connector by everything Rows promises to notice.
func plainRows(s *Store) Renderer {
	return func(ctx context.Context) (func(model.Saved) ([]byte, error), error) {
		secrets, err := s.Secrets(ctx)
		return func(c model.Saved) ([]byte, error) {
			return fmt.Appendf(nil, "%+v %s %+v %d", c.Connector, c.Revision, c.LastTest, len(secrets)), nil
		}, err
	}
}

func TestRowsAreWhatRenderingEveryConnectorNowWouldGive(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	dice := rand.New(rand.NewPCG(1, 2))
	pick := func() string { return fmt.Sprintf("c%d", dice.IntN(6)) }
	for step := range 150 {
		switch dice.IntN(6) {
		case 0, 1:
			_ = s.Delete(t.Context(), pick(), "")
			c := connector(pick(), model.Scope{})
			c.Description = fmt.Sprint(step)
			_, _ = s.Save(t.Context(), c, "")
		case 2:
			_ = s.Delete(t.Context(), pick(), "")
		case 3:
			_ = s.RecordTest(t.Context(), pick(), model.TestRecord{Verdict: model.VerdictPass, At: time.Unix(int64(step), 0)})
		case 4:
			name := model.SecretName(fmt.Sprintf("account/s%d", step))
			if err := s.PutSecret(t.Context(), model.SecretInfo{Name: name, Type: model.SecretText, Where: model.WhereKeyring}); err != nil {
				t.Fatal(err)
			}
		case 5:
			data, err := document.Encode(connector(pick(), model.Scope{}))
			if err != nil {
				t.Fatal(err)
			}
			_ = os.WriteFile(filepath.Join(s.connectorsDir(), pick()+extension), append(data, fmt.Sprintf("# %d\n", step)...), 0o600)
		}
		got, gotDamaged, err := s.Rows(t.Context(), "day", plainRows(s))
		if err != nil {
			t.Fatal(err)
		}
		list, damaged, err := s.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		fresh, _, err := withoutIndex(t, s).List(t.Context())
		if err != nil || !reflect.DeepEqual(fresh, list) {
			t.Fatalf("step %d: the index lists\n%+v\nthe files\n%+v", step, list, fresh)
		}
		draw, _ := plainRows(s)(t.Context())
		for i, c := range list {
			want, _ := draw(c)
			if i >= len(got) || !bytes.Equal(got[i], want) {
				t.Fatalf("step %d, row %d:\n%s\nwant\n%s", step, i, got[i], want)
			}
		}
		if len(got) != len(list) || len(gotDamaged) != len(damaged) {
			t.Fatalf("step %d: %d rows of %d", step, len(got), len(list))
		}
	}
}

func TestRowsAreMadeAnewUnderAnotherStamp(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	put(t, s, connector("ledger", model.Scope{}))
	drawn := 0
	render := func(context.Context) (func(model.Saved) ([]byte, error), error) {
		return func(model.Saved) ([]byte, error) { drawn++; return []byte("row"), nil }, nil
	}
	for _, day := range []string{"monday", "monday", "tuesday", "tuesday"} {
		if rows, _, err := s.Rows(t.Context(), day, render); err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
	}
	if drawn != 2 {
		t.Errorf("%d rows were drawn", drawn)
	}
	if err := os.Remove(s.rowsPath("rows")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Rows(t.Context(), "tuesday", render); err != nil || drawn != 3 {
		t.Error(drawn, err)
	}
}

func TestRowsStopWhereOneCannotBeDrawn(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	put(t, s, connector("ledger", model.Scope{}))
	_, _, err := s.Rows(t.Context(), "", func(context.Context) (func(model.Saved) ([]byte, error), error) {
		return nil, ErrNotFound
	})
	if err == nil {
		t.Error("no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Rows(ctx, "", plainRows(s)); err == nil {
		t.Error("a cancelled look went on")
	}
}

func TestRowsOfSeveralCallersAreKeptApartAndThoseOfLastTimeComeFirst(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	put(t, s, connector("ledger", model.Scope{}))
	named := func(text string) Renderer {
		return func(context.Context) (func(model.Saved) ([]byte, error), error) {
			return func(c model.Saved) ([]byte, error) { return []byte(text + c.Connector.ID), nil }, nil
		}
	}
	look := func(name string) (before, now []string) {
		t.Helper()
		rows, _, err := s.RowsIn(t.Context(), name, "", named(name+" "), func(rows [][]byte) {
			for _, row := range rows {
				before = append(before, string(row))
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			now = append(now, string(row))
		}
		return before, now
	}
	for _, name := range []string{"one", "two"} {
		if before, now := look(name); before != nil || !slices.Equal(now, []string{name + " ledger"}) {
			t.Errorf("%s: first %q, then %q", name, before, now)
		}
	}
	put(t, s, connector("Added", model.Scope{}))
	before, now := look("one")
	if !slices.Equal(before, []string{"one ledger"}) || len(now) != 2 {
		t.Errorf("first %q, then %q", before, now)
	}
	if before, now = look("one"); !slices.Equal(before, now) || len(now) != 2 {
		t.Errorf("unchanged: first %q, then %q", before, now)
	}
}

func TestRowsOfOtherSecretsAreShownMeanwhileAndNotUsedAgain(t *testing.T) {
	t.Parallel()
	s := indexedStore(t)
	put(t, s, connector("ledger", model.Scope{}))
	look := func() (before, now string) {
		t.Helper()
		rows, _, err := s.RowsIn(t.Context(), "x", "", plainRows(s), func(rows [][]byte) { before = string(bytes.Join(rows, nil)) })
		if err != nil {
			t.Fatal(err)
		}
		return before, string(bytes.Join(rows, nil))
	}
	_, first := look()
	if err := s.PutSecret(t.Context(), model.SecretInfo{Name: "account/new", Type: model.SecretText, Where: model.WhereKeyring}); err != nil {
		t.Fatal(err)
	}
	before, now := look()
	if before != first || now == first || !strings.HasSuffix(now, " 1") {
		t.Errorf("first %q; then, meanwhile %q, and %q", first, before, now)
	}
}
