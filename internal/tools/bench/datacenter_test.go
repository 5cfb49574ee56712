package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// asked is the answer of a handler to one request.
func asked(t *testing.T, h http.Handler, path string, who account) (*httptest.ResponseRecorder, object) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	if who.user != "" {
		r.SetBasicAuth(who.user, who.password)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var body object
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("%s: %v in %q", path, err, w.Body)
	}
	return w, body
}

func TestTheRESTAPIAnswersAsADataCenterDoes(t *testing.T) {
	t.Parallel()
	right := account{"jdoe", "right"}
	h := dataCenter(right)
	const base = "/rest/api/1.0"
	for _, c := range []struct {
		path   string
		who    account
		status int
		named  string
		has    string
	}{
		{base + "/application-properties", account{}, 200, "", "version"},
		{base + "/application-properties", right, 200, "jdoe", "version"},
		{base + "/application-properties", account{"jdoe", "wrong"}, 401, "", "errors"},
		{base + "/application-properties", account{"other", "right"}, 401, "", "errors"},
		{base + "/projects/PAY/repos/ledger", right, 200, "jdoe", "slug"},
		{base + "/projects/PAY/repos/ledger", account{}, 401, "", "errors"},
		{base + "/projects/PAY/repos/ledger/webhooks?limit=1", right, 200, "jdoe", "values"},
		{base + "/projects/PAY/repos/ledger/webhooks?limit=1", account{}, 401, "", "errors"},
		{base + "/repos?limit=1&permission=REPO_READ", right, 200, "jdoe", "values"},
		{base + "/users", right, 404, "jdoe", "errors"},
	} {
		w, body := asked(t, h, c.path, c.who)
		if w.Code != c.status || w.Header().Get("X-Ausername") != c.named || body[c.has] == nil {
			t.Errorf("%s for %q: %d, X-Ausername %q, %v", c.path, c.who.user, w.Code, w.Header().Get("X-Ausername"), body)
		}
		if w.Header().Get("X-Arequestid") == "" {
			t.Errorf("%s: no header of Bitbucket's own", c.path)
		}
		if (w.Header().Get("WWW-Authenticate") != "") != (c.status == http.StatusUnauthorized) {
			t.Errorf("%s for %q: %d with WWW-Authenticate %q", c.path, c.who.user, w.Code, w.Header().Get("WWW-Authenticate"))
		}
	}
}

func TestARepositoryIsTheOneThatWasAskedFor(t *testing.T) {
	t.Parallel()
	right := account{"jdoe", "right"}
	_, body := asked(t, dataCenter(right), "/rest/api/1.0/projects/OPS/repos/tools", right)
	project, _ := body["project"].(object)
	if body["slug"] != "tools" || project["key"] != "OPS" || body["public"] != false {
		t.Errorf("the repository is %v", body)
	}
}

func TestAnAnswerFromMemoryIsTheOneFromBehind(t *testing.T) {
	t.Parallel()
	calls := 0
	h := record(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		w.Header().Set("Content-Type", "text/"+r.URL.RawQuery)
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write([]byte(r.URL.RawQuery + r.Header.Get("Git-Protocol")))
	}))
	for range 3 {
		for _, query := range []string{"a", "b"} {
			for _, protocol := range []string{"", "version=2"} {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/any?"+query, nil)
				r.Header.Set("Git-Protocol", protocol)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != http.StatusTeapot || w.Body.String() != query+protocol || w.Header().Get("Content-Type") != "text/"+query {
					t.Errorf("%s %s: %d %q %v", query, protocol, w.Code, w.Body, w.Header())
				}
			}
		}
	}
	if calls != 4 {
		t.Errorf("it was asked %d times, want 4", calls)
	}
}
