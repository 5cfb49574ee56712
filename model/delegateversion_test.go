package model

import (
	"slices"
	"strings"
	"testing"
)

func TestDelegateVersionsAreReadInEveryShape(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		want DelegateVersion
		ok   bool
	}{
		{"26.01.88201", DelegateVersion{26, 1, 88201}, true},
		{" 26.02.88600\n", DelegateVersion{26, 2, 88600}, true},
		{"26.1.88201", DelegateVersion{26, 1, 88201}, true},
		{"22.12.77617-000", DelegateVersion{22, 12, 77617}, true},
		{"26.02.88600.minimal", DelegateVersion{26, 2, 88600}, true},
		{"26.02.88600-000.minimal", DelegateVersion{26, 2, 88600}, true},
		{"v25.08.86600", DelegateVersion{25, 8, 86600}, true},
		{"26.10.100000", DelegateVersion{26, 10, 100000}, true},
		{"", DelegateVersion{}, false},
		{"26.13.88201", DelegateVersion{}, false},
		{"26.00.88201", DelegateVersion{}, false},
		{"1.0.88201", DelegateVersion{}, false},
		{"26.01", DelegateVersion{}, false},
		{"26.01.88201.extra", DelegateVersion{}, false},
		{"latest", DelegateVersion{}, false},
		{"26.01.99999999999999999999", DelegateVersion{}, false},
	} {
		got, ok := ParseDelegateVersion(tc.text)
		if got != tc.want || ok != tc.ok {
			t.Errorf("%q: %v, %v", tc.text, got, ok)
		}
	}
}

func TestDelegateVersionsAreComparedAsNumbers(t *testing.T) {
	t.Parallel()
	order := []string{"9.01.99999", "25.08.86600", "25.11.87202", "26.01.88200", "26.01.88201", "26.02.999", "26.02.88600", "26.10.88600", "26.10.100000"}
	var versions []DelegateVersion
	for _, text := range order[1:] {
		v, ok := ParseDelegateVersion(text)
		if !ok {
			t.Fatal(text)
		}
		versions = append(versions, v)
		if again, ok := ParseDelegateVersion(v.String()); !ok && v.Build > 999 || ok && again != v {
			t.Errorf("%q is written %q", text, v)
		}
	}
	if !slices.IsSortedFunc(versions, DelegateVersion.Compare) {
		t.Errorf("%v", versions)
	}
	if versions[0].Compare(versions[0]) != 0 || versions[1].Compare(versions[0]) <= 0 {
		t.Error("compare is no order")
	}
}

func TestADelegateTooOldForTheMethodIsTold(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		version string
		method  APIMethod
		kind    CredentialKind
		want    string
	}{
		{"26.01.88200", APIEmailAndToken, KindAPIToken, "E api.delegate-version"},
		{"25.11.99999", APIEmailAndToken, KindAPIToken, "E api.delegate-version"},
		{"26.01.88201", APIEmailAndToken, KindAPIToken, "W api.delegate-version"},
		{"26.02.88599", APIEmailAndToken, KindAPIToken, "W api.delegate-version"},
		{"26.02.88600", APIEmailAndToken, KindAPIToken, ""},
		{"26.10.90000.minimal", APIEmailAndToken, KindAPIToken, ""},
		{"", APIEmailAndToken, KindAPIToken, "H api.delegate-version"},
		{" ", APIEmailAndToken, KindAPIToken, "H api.delegate-version"},
		{"latest", APIEmailAndToken, KindAPIToken, "E delegateversion.invalid"},
		{"latest", APIOff, KindAPIToken, "E delegateversion.invalid"},
		{"20.01.10000", APIOff, KindAPIToken, ""},
		{"", APIOff, KindAPIToken, ""},
		{"20.01.10000", APIAccessToken, KindAccessToken, ""},
		{"26.02.88600", APIAccessToken, KindAccessToken, "W token.repo-level"},
		{"", APIAccessToken, KindAccessToken, "H token.repo-level"},
		{"26.02.88600", APIAccessToken, KindUnknown, "W token.repo-level"},
		{"26.02.88600", APIAccessToken, KindAPIToken, ""},
	} {
		got := DelegateVersionFindings(tc.version, Cloud, tc.method, tc.kind)
		if codes(got) != tc.want {
			t.Errorf("%q with %s and %s: %s, want %s", tc.version, tc.method, tc.kind, codes(got), tc.want)
		}
	}
	if got := DelegateVersionFindings("26.02.88600", DataCenter, APIAccessToken, KindHTTPAccessToken); got != nil {
		t.Errorf("Data Center knows nothing of this: %+v", got)
	}
}

func TestTheDocumentedMinimumsHaveTheirSource(t *testing.T) {
	t.Parallel()
	all := DelegateMinimums()
	if len(all) != 2 || all[0].Version.String() != "26.01.88201" || all[1].Version.String() != "26.02.88600" {
		t.Fatalf("%+v", all)
	}
	for _, m := range all {
		if m.What == "" || !strings.Contains(m.Source, "developer.harness.io") {
			t.Errorf("%+v", m)
		}
	}
	all[0].Version = DelegateVersion{}
	if DelegateMinimums()[0].Version == (DelegateVersion{}) {
		t.Error("a caller changed the table")
	}
}

func FuzzDelegateVersion(f *testing.F) {
	for _, seed := range []string{"26.01.88201", "26.02.88600-000.minimal", "", "v1", "26.99.1", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, ok := ParseDelegateVersion(text)
		if again, ok2 := ParseDelegateVersion(v.String()); ok && (!ok2 || again != v) {
			t.Fatalf("%q is %s, which reads as %s", text, v, again)
		}
		DelegateVersionFindings(text, Cloud, APIEmailAndToken, KindAPIToken)
	})
}
