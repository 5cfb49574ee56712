package document

import (
	"math/rand"
	"slices"
	"strings"
	"testing"

	"bbconnect/model"
)

func TestTheKeyThatWasMeantIsFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key             string
		here            place
		near, elsewhere string
	}{
		{"Name", infoPlace(), "name", ""},
		{"org_identifier", infoPlace(), "orgIdentifier", ""},
		{"projectidentifer", infoPlace(), "projectIdentifier", ""},
		{"discription", infoPlace(), "description", ""},
		{"tag", infoPlace(), "tags", ""},
		{"validation-repo", specPlace(), "validationRepo", ""},
		{"delegateSelector", specPlace(), "delegateSelectors", ""},
		{"executeOnDelagate", specPlace(), "executeOnDelegate", ""},
		{"apiaccess", specPlace(), "apiAccess", ""},
		{"passwordref", passwordPlace(), "passwordRef", ""},
		{"userNameRef", passwordPlace(), "usernameRef", ""},
		{"sshkey", sshPlace(), "sshKeyRef", ""},
		{"token", apiSpecPlace(model.APIAccessToken), "tokenRef", ""},
		{"url", infoPlace(), "url", "connector.spec"},
		{"identifier", specPlace(), "identifier", "connector"},
		{"sshKeyRef", passwordPlace(), "sshKeyRef", "connector.spec.authentication.spec"},
		{"email", apiSpecPlace(model.APIUsernameToken), "", ""},
		{"deligateVersion", extrasPlace(), "delegateVersion", ""},
		{"cafile", extrasPlace(), "caFile", ""},
		{"something", specPlace(), "", ""},
		{"x", specPlace(), "", ""},
		{"", specPlace(), "", ""},
		{strings.Repeat("url", 1000), specPlace(), "", ""},
	}
	for _, tt := range tests {
		if near, elsewhere := meant(tt.key, tt.here); near != tt.near || elsewhere != tt.elsewhere {
			t.Errorf("%.20s in %s: got %q in %q, want %q in %q", tt.key, tt.here.path, near, elsewhere, tt.near, tt.elsewhere)
		}
	}
}

func TestEveryKnownKeyIsItsOwnNearest(t *testing.T) {
	t.Parallel()
	for _, p := range allPlaces() {
		for _, key := range p.keys {
			if near, elsewhere := meant(strings.ToUpper(key), p); near != key || elsewhere != "" {
				t.Errorf("%s in %s: got %q in %q", strings.ToUpper(key), p.path, near, elsewhere)
			}
		}
	}
}

func TestDistanceIsADistance(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(9))
	word := func() string {
		var w strings.Builder
		for range r.Intn(7) {
			w.WriteByte("abc"[r.Intn(3)])
		}
		return w.String()
	}
	for range 3000 {
		a, b, c := word(), word(), word()
		ab := distance(a, b)
		if ab != distance(b, a) || (ab == 0) != (a == b) || ab > max(len(a), len(b)) {
			t.Fatalf("%q %q: %d", a, b, ab)
		}
		if distance(a, c) > ab+distance(b, c) {
			t.Fatalf("%q %q %q: the way round is shorter", a, b, c)
		}
	}
	for _, tt := range []struct {
		a, b string
		want int
	}{{"kitten", "sitting", 3}, {"tags", "tag", 1}, {"", "abc", 3}} {
		if got := distance(tt.a, tt.b); got != tt.want {
			t.Errorf("%s %s: got %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

// Findings and problems send people to the field that mends them, so each key
// that has a question must lead to the right one of the two credentials.
func TestKeysLeadToTheirQuestions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		place place
		key   string
		want  model.QuestionID
	}{
		{infoPlace(), "name", model.QName},
		{infoPlace(), "identifier", model.QID},
		{infoPlace(), "description", model.QDescription},
		{infoPlace(), "orgIdentifier", model.QOrg},
		{infoPlace(), "projectIdentifier", model.QProject},
		{infoPlace(), "tags", model.QTags},
		{infoPlace(), "type", ""},
		{infoPlace(), "spec", ""},
		{specPlace(), "url", model.QURL},
		{specPlace(), "type", model.QURLType},
		{specPlace(), "validationRepo", model.QTestRepository},
		{specPlace(), "delegateSelectors", model.QDelegateTags},
		{specPlace(), "executeOnDelegate", model.QMode},
		{specPlace(), "proxy", model.QSecureConnect},
		{authPlace(), "type", model.QConnectionType},
		{httpPlace(), "type", model.QConnectionType},
		{sshPlace(), "sshKeyRef", model.QSecret},
		{passwordPlace(), "username", model.QUsername},
		{passwordPlace(), "usernameRef", model.QUsernameSecret},
		{passwordPlace(), "passwordRef", model.QSecret},
		{apiPlace(), "type", model.QAPIMethod},
		{apiSpecPlace(""), "username", model.QAPIUsername},
		{apiSpecPlace(""), "usernameRef", model.QAPIUsernameSecret},
		{apiSpecPlace(""), "email", model.QAPIEmail},
		{apiSpecPlace(""), "emailRef", model.QAPIEmailSecret},
		{apiSpecPlace(""), "tokenRef", model.QAPISecret},
		{extrasPlace(), "delegateVersion", model.QDelegateVersion},
		{extrasPlace(), "caFile", ""},
		{extrasPlace(), "unknown", ""},
	}
	for _, tt := range tests {
		if got := question(tt.place, tt.key); got != tt.want {
			t.Errorf("%s.%s: got %q, want %q", tt.place.path, tt.key, got, tt.want)
		}
	}
}

func TestWhatTheServerFillsInIsAHintAndLeftOutOfExports(t *testing.T) {
	t.Parallel()
	for _, key := range infoPlace().server {
		text := swap(t, "  identifier: payments\n", "  identifier: payments\n  "+key+": abc\n")
		_, findings, err := Decode([]byte(text))
		f, ok := findings.Code("document.metadata")
		if err != nil || !ok || f.Severity != model.SeverityHint || !strings.Contains(f.Message, key) {
			t.Errorf("%s: err %v, findings %+v", key, err, findings)
		}
		out, err := Export([]byte(text), FormatHarness)
		if err != nil || strings.Contains(string(out), key) {
			t.Errorf("%s: err %v, got\n%s", key, err, out)
		}
	}
}

func TestTheMethodOfAPIAccessDecidesWhichKeysBelongToIt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		method  model.APIMethod
		strange string
	}{
		{model.APIAccessToken, "username"}, {model.APIEmailAndToken, "username"}, {model.APIUsernameToken, "email"}, {model.APIOAuth, "emailRef"},
	} {
		text := swap(t, "      type: UsernameToken\n      spec:\n        username: jdoe\n", "      type: "+string(tt.method)+"\n      spec:\n        "+tt.strange+": jdoe\n")
		_, findings, err := Decode([]byte(text))
		named := slices.ContainsFunc(findings, func(f model.Finding) bool {
			return f.Code == "document.unknown-key" && strings.Contains(f.Message, " "+tt.strange+" ")
		})
		if err != nil || !named {
			t.Errorf("%s with %s: err %v, findings %+v", tt.method, tt.strange, err, findings)
		}
	}
}
