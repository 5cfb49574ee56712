package sandbox

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"testing"
)

func TestPatternsMatchSegmentBySegment(t *testing.T) {
	t.Parallel()
	rows := []struct {
		pattern, path string
		vars          map[string]string
		ok            bool
	}{
		{"/2.0/user", "/2.0/user", map[string]string{}, true},
		{"/2.0/user", "/2.0/user/", map[string]string{}, true},
		{"/2.0/user", "/2.0/users", nil, false},
		{"/2.0/user", "/2.0/user/emails", nil, false},
		{"/a/{x}/b/{y}", "/a/1/b/2", map[string]string{"x": "1", "y": "2"}, true},
		{"/a/{x}", "/a/", nil, false},
		{"/a/{x}/b", "/a//b", nil, false},
		{"/a/{x}", "/a/~jdoe", map[string]string{"x": "~jdoe"}, true},
	}
	for _, row := range rows {
		vars, ok := match(row.pattern, row.path)
		if ok != row.ok || ok && !maps.Equal(vars, row.vars) {
			t.Errorf("%s on %s: %v %t", row.pattern, row.path, vars, ok)
		}
	}
}

func TestHostsLoseTheirPortAndCase(t *testing.T) {
	t.Parallel()
	rows := map[string]string{"API.bitbucket.org": "api.bitbucket.org", "localhost:80": "localhost", "[::1]:443": "::1", "[::1]": "::1", "127.0.0.1:7": "127.0.0.1", "": ""}
	for host, want := range rows {
		if got := hostOnly(host); got != want {
			t.Errorf("%q became %q", host, got)
		}
	}
}

func TestContextPathsAreCleaned(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"": "", "/": "", "bitbucket": "/bitbucket", "/bitbucket/": "/bitbucket", "/a/b": "/a/b"} {
		if got := cleanContext(path); got != want {
			t.Errorf("%q became %q", path, got)
		}
	}
}

func TestAuthorizationHeadersAreReadAsServersDo(t *testing.T) {
	t.Parallel()
	rows := []struct {
		header string
		want   login
	}{
		{"", login{style: "none"}},
		{"Bearer abc", login{style: "bearer", secret: "abc"}},
		{"bearer  abc ", login{style: "bearer", secret: "abc"}},
		{"Basic YTpiOmM=", login{style: "basic", name: "a", secret: "b:c"}},
		{"basic OmI=", login{style: "basic", secret: "b"}},
		{"Basic YQ==", login{style: "malformed"}},
		{"Basic", login{style: "malformed"}},
		{"Negotiate abc", login{style: "malformed"}},
	}
	for _, row := range rows {
		r := &http.Request{Header: http.Header{"Authorization": {row.header}}}
		if row.header == "" {
			r.Header = http.Header{}
		}
		if got := readLogin(r); got != row.want {
			t.Errorf("%q: %+v", row.header, got)
		}
	}
}

func TestATokenNeverGivesMoreThanItsOwner(t *testing.T) {
	t.Parallel()
	w := seedWorld(newRandom(1), 0)
	for _, c := range w.credentials {
		for _, r := range w.repositories {
			if r.product != c.Product {
				continue
			}
			who := identity{cred: c}
			if c.Owner != "" {
				who.user = w.person(c.Product, c.Owner)
				if who.user == nil {
					t.Fatalf("%s belongs to nobody", c.Name)
				}
			}
			got := who.on(r)
			if who.user != nil && got > max(r.access[c.Owner], noAccess) && !(r.public && got == canRead) {
				t.Errorf("%s gives %s on %s to %s", c.Name, permissionName(got), r.fullName(), c.Owner)
			}
			if got > c.most && !(r.public && got == canRead) {
				t.Errorf("%s gives %s on %s, more than the token has", c.Name, permissionName(got), r.fullName())
			}
			if got > noAccess && who.user == nil && !c.covers(r) && !r.public {
				t.Errorf("%s reaches %s", c.Name, r.fullName())
			}
		}
	}
	if (identity{}).on(w.repository(Cloud, "acme", "ledger")) != noAccess || (identity{}).on(w.repository(Cloud, "acme", "website")) != canRead {
		t.Error("nobody may read what is private, or not what is public")
	}
}

func TestTheSeededWorldHangsTogether(t *testing.T) {
	t.Parallel()
	w := seedWorld(newRandom(1), 0)
	seen := map[string]bool{}
	for _, r := range w.repositories {
		id := string(r.product) + " " + strings.ToLower(r.fullName())
		if seen[id] {
			t.Errorf("%s is there twice", id)
		}
		seen[id] = true
		owner, key := r.owner, r.project
		if r.product == DataCenter {
			owner, key = "", r.owner
		}
		if w.project(r.product, owner, key) == nil {
			t.Errorf("%s is in no project", id)
		}
		if r.product == Cloud && w.workspace(r.owner) == nil {
			t.Errorf("%s is in no workspace", id)
		}
		for name := range r.access {
			if w.person(r.product, name) == nil {
				t.Errorf("%s is open to nobody called %s", id, name)
			}
		}
		if to, slug, moved := strings.Cut(r.movedTo, "/"); moved && w.repository(r.product, to, slug) == nil {
			t.Errorf("%s moved to nowhere", id)
		}
		if (len(r.content.references()) == 0) != r.empty {
			t.Errorf("%s: %d refs", id, len(r.content.references()))
		}
	}
}

func TestStartFailsBeforeItListens(t *testing.T) {
	t.Parallel()
	if _, err := Start(t.Context(), Options{AuthorizedKeys: []Key{{User: "jdoe", Line: "nonsense"}}}); err == nil || !strings.Contains(err.Error(), "authorised key") {
		t.Errorf("a key that is none: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, err := Start(ctx, Options{})
	if err != nil {
		t.Fatalf("a context that is already over: %v", err)
	}
	<-s.done // closes by itself
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}
