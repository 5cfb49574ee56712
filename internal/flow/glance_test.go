package flow

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"bbconnect/model"
)

func savedLedger() (model.Saved, model.SecretInfo) {
	c := model.Connector{
		Name: "Payments ledger", ID: "ledger", URL: "https://bitbucket.org/acme/ledger.git", URLType: model.URLRepo, ConnectionType: model.HTTP,
		PasswordRef: "account.t", API: model.APIAccess{Method: model.APIEmailAndToken, TokenRef: "account.t"},
		Tags: []model.Tag{{Key: "team", Value: "payments"}}, Scope: model.Scope{Org: "o"},
	}
	info := model.SecretInfo{Name: "account/t", Kind: model.KindAPIToken, Where: model.WhereKeyring, Expires: testNow.AddDate(0, 0, 90).Truncate(24 * time.Hour)}
	test := &model.TestRecord{Verdict: model.VerdictFail, At: testNow.Add(-time.Hour), Code: "cred.rejected", What: "It was refused – twice."}
	return model.Saved{Connector: c, Revision: "r1", LastTest: test}, info
}

func TestAGlanceIsWrittenAndReadBackWhole(t *testing.T) {
	t.Parallel()
	s, info := savedLedger()
	full := GlanceOf(s, model.World{Secrets: []model.SecretInfo{info}})
	s.LastTest, s.Connector.API = nil, model.APIAccess{}
	plain := GlanceOf(s, model.World{})
	old := plain
	old.AppPassword, old.Expires = true, time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, g := range []Glance{full, plain, old, {}} {
		var got Glance
		if !readGlance(&got, string(appendGlance(nil, g))) || !reflect.DeepEqual(got, g) {
			t.Errorf("written %+v\nread    %+v", g, got)
		}
	}
	if full.PointsTo != "acme/ledger" || full.Method != model.APIEmailAndToken || plain.Method != model.APIOff || full.Tags != "team:payments" || full.Key != "o/ledger" {
		t.Errorf("glances %+v %+v", full, plain)
	}
}

// Every field is filled with something of its own, so that a field that is added
// and not written shows.
func TestNoFieldOfAGlanceIsForgotten(t *testing.T) {
	t.Parallel()
	var g, got Glance
	n := 0
	var fill func(v reflect.Value)
	fill = func(v reflect.Value) {
		for i := range v.NumField() {
			n++
			switch f := v.Field(i); {
			case f.Type() == reflect.TypeFor[time.Time]():
				f.Set(reflect.ValueOf(time.Unix(int64(n), 0).UTC()))
			case f.Kind() == reflect.String:
				f.SetString(fmt.Sprint("text ", n))
			case f.Kind() == reflect.Bool:
				f.SetBool(true)
			case f.Kind() == reflect.Struct:
				fill(f)
			default:
				t.Fatalf("a field of kind %s", f.Kind())
			}
		}
	}
	fill(reflect.ValueOf(&g).Elem())
	if !readGlance(&got, string(appendGlance(nil, g))) || !reflect.DeepEqual(got, g) {
		t.Errorf("written %+v\nread    %+v", g, got)
	}
}

func FuzzReadGlance(f *testing.F) {
	s, info := savedLedger()
	f.Add(string(appendGlance(nil, GlanceOf(s, model.World{Secrets: []model.SecretInfo{info}}))))
	f.Add("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
	f.Fuzz(func(t *testing.T, row string) {
		var g, again Glance
		if readGlance(&g, row) && (!readGlance(&again, string(appendGlance(nil, g))) || !reflect.DeepEqual(g, again)) {
			t.Errorf("%q is read as %+v, and that as %+v", row, g, again)
		}
	})
}

func TestWhatNeedsAttention(t *testing.T) {
	t.Parallel()
	in := func(days int) model.Outline { return model.Outline{Expires: testNow.AddDate(0, 0, days)} }
	for name, c := range map[string]struct {
		g                          Glance
		failed, expiring, attended bool
	}{
		"never tested":  {Glance{}, false, false, false},
		"passed":        {Glance{Verdict: model.VerdictPass}, false, false, false},
		"with a remark": {Glance{Verdict: model.VerdictWarn}, false, false, false},
		"failed":        {Glance{Verdict: model.VerdictFail}, true, false, true},
		"not reached":   {Glance{Verdict: model.VerdictUnreachable}, true, false, true},
		"App Password":  {Glance{Outline: model.Outline{AppPassword: true}}, false, false, true},
		"ended":         {Glance{Outline: in(-1)}, false, true, true},
		"ends today":    {Glance{Outline: in(0)}, false, true, true},
		"in 30 days":    {Glance{Outline: in(30)}, false, true, true},
		"in 31 days":    {Glance{Outline: in(31)}, false, false, false},
	} {
		if c.g.Failed() != c.failed || c.g.Expiring(testNow) != c.expiring || c.g.NeedsAttention(testNow) != c.attended {
			t.Errorf("%s: failed %v, expiring %v, attention %v", name, c.g.Failed(), c.g.Expiring(testNow), c.g.NeedsAttention(testNow))
		}
	}
}

func TestGlancesAreThoseOfLastTimeFirstAndThenWhatTheFilesSay(t *testing.T) {
	t.Parallel()
	h := newHouse()
	s, info := savedLedger()
	h.connectors[s.Connector.Key()] = s
	h.secrets[info.Name] = info
	want := GlanceOf(s, model.World{Secrets: []model.SecretInfo{info}})
	var early []Glances
	look := func() Glances {
		t.Helper()
		early = nil
		got, err := h.jobs().Glances(t.Context(), func(g Glances) { early = append(early, g) })
		if err != nil || len(got.All) != 1 || !reflect.DeepEqual(got.All[0], want) {
			t.Fatalf("%+v, %v; want %+v", got, err, want)
		}
		return got
	}
	if got := look(); len(early) != 1 || len(early[0].All) != 0 || got.Same {
		t.Errorf("the first time: %+v early, same %v", early, got.Same)
	}
	h.rows = [][]byte{appendGlance(nil, want)}
	if got := look(); len(early) != 1 || !early[0].Remembered || len(early[0].All) != 1 || !got.Same {
		t.Errorf("the second time: %+v early, same %v", early, got.Same)
	}
	h.rows = [][]byte{appendGlance(nil, want), appendGlance(nil, Glance{Name: "deleted since"})}
	if got := look(); len(early) != 1 || len(early[0].All) != 2 || got.Same {
		t.Errorf("after a change: %+v early, same %v", early, got.Same)
	}
	h.rows = [][]byte{[]byte("something else")}
	if got := look(); len(early) != 1 || len(early[0].All) != 0 || got.Same {
		t.Errorf("rows of another kind: %+v early, same %v", early, got.Same)
	}
	if got, err := h.jobs().Glances(t.Context(), nil); err != nil || len(got.All) != 1 {
		t.Errorf("without a listener: %+v, %v", got, err)
	}
}

func TestGlancesOfAPortThatBreaksAreItsError(t *testing.T) {
	t.Parallel()
	for at := 1; at <= 2; at++ {
		h := newHouse()
		s, _ := savedLedger()
		h.connectors[s.Connector.Key()] = s
		h.breakAt = at
		if _, err := h.jobs().Glances(t.Context(), nil); !errors.Is(err, errBreak) {
			t.Errorf("call %d broke: %v", at, err)
		}
	}
}

func BenchmarkTenThousandGlances(b *testing.B) {
	h := newHouse()
	s, info := savedLedger()
	h.secrets[info.Name] = info
	rows := make([][]byte, 10_000)
	draw, err := h.jobs().drawGlances(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("drawn", func(b *testing.B) {
		for b.Loop() {
			for i := range rows {
				rows[i], _ = draw(s)
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if all, err := readGlances(rows); err != nil || all[0].Name != s.Connector.Name {
				b.Fatal(err)
			}
		}
	})
}
