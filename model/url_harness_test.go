package model

import "testing"

func TestHarnessDerivesWhatItsOwnRulesSay(t *testing.T) {
	t.Parallel()
	const cloud = "https://api.bitbucket.org/"
	for _, tc := range []struct {
		url, base, slug string
		ok              bool
	}{
		{"https://bitbucket.org/ws/repo.git", cloud, "ws/repo", true},
		{"https://user@bitbucket.org/ws/repo.git", cloud, "ws/repo", true},
		{"git@bitbucket.org:ws/repo.git", cloud, "ws/repo", true},
		{"git@bitbucket.org:ws/", cloud, "ws", true},
		{"https://www.bitbucket.org/ws/repo", cloud, "ws/repo", true},
		{"https://api.bitbucket.org/ws/repo", cloud, "ws/repo", true},
		{"https://bitbucket.org", cloud, "", true},
		{"https://bitbucket.org/", cloud, "", true},
		{"https://bitbucket.org/ws/", cloud, "ws", true},
		{"  https://bitbucket.org/ws/repo.git ", cloud, "ws/repo", true},
		{"https://bitbucket.org/ws/repo.git/", cloud, "ws/repo", true},
		{"ssh://git@bitbucket.org/ws/repo.git", cloud, "ws/repo", true},
		{"ssh://git@altssh.bitbucket.org:443/ws/repo.git", "https://altssh.bitbucket.org/", "ws/repo", true},
		{"git@ssh.bitbucket.org:ws/repo.git", "https://ssh.bitbucket.org/", "ws/repo", true},
		{"https://staging.bitbucket.org/ws/repo.git", "https://staging.bitbucket.org/", "ws/repo", true},
		{"https://bitbucket.com/ws/repo.git", "https://bitbucket.com/", "ws/repo", true},
		{"https://bb.corp.com/scm/PRJ/repo.git", "https://bb.corp.com/", "PRJ/repo", true},
		{"https://bb.corp.com:8443/scm/PRJ/repo.git", "https://bb.corp.com:8443/", "PRJ/repo", true},
		{"https://bb.corp.com:8443/PRJ/repo.git", "https://bb.corp.com/", "PRJ/repo", true},
		{"http://bb.corp.com:7990/scm/PRJ/repo.git", "http://bb.corp.com:7990/", "PRJ/repo", true},
		{"https://corp.com/bitbucket/scm/PRJ/repo.git", "https://corp.com/bitbucket/", "PRJ/repo", true},
		{"https://corp.com:8443/bitbucket/scm/PRJ/repo.git", "https://corp.com:8443/bitbucket/", "PRJ/repo", true},
		{"https://bb.corp.com/scm/DESC/PRJ/repo.git", "https://bb.corp.com/", "DESC/PRJ/repo", true},
		{"https://bb.corp.com/scm/~jdoe/repo.git", "https://bb.corp.com/", "~jdoe/repo", true},
		{"https://bb.corp.com/projects/PRJ/repos/repo/browse", "https://bb.corp.com/", "projects/PRJ/repos/repo/browse", true},
		{"https://bitbucket.org/ws/repo/src/main/", cloud, "ws/repo/src/main", true},
		{"ssh://git@bb.corp.com:7999/prj/repo.git", "https://bb.corp.com/", "prj/repo", true},
		{"ssh://git@bb.corp.com:7999/scm/prj/repo.git", "https://bb.corp.com:7999/", "prj/repo", true},
		{"ssh://git@bb.corp.com:7999/", "https://bb.corp.com/", "", true},
		{"https://bb.corp.com/scm/", "https://bb.corp.com/", "", true},
		{"git@bb.corp.com/PRJ/repo.git", "", "", false},
		{"git@bb.corp.com/", "", "", false},
		{"git@bitbucket.org/", "", "", false},
		{"HTTPS://bitbucket.org/ws/repo.git", "", "", false},
		{"bitbucket.org/ws/repo.git", "", "", false},
		{"https://bitbucket.org/ws/re po.git", "", "", false},
		{"https://bitbucket.org/ws/%zz", "", "", false},
		{"", "", "", false},
		{"https://", "", "", false},
	} {
		base, slug, ok := HarnessAPI(tc.url)
		if base != tc.base || slug != tc.slug || ok != tc.ok {
			t.Errorf("HarnessAPI(%q) = %q, %q, %v; want %q, %q, %v", tc.url, base, slug, ok, tc.base, tc.slug, tc.ok)
		}
	}
}

func TestEveryUnderstoodHTTPAddressLeadsHarnessToTheTrueAPI(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"https://bitbucket.org/ws/repo", "bitbucket.org/ws", "https://altssh.bitbucket.org/ws/repo",
		"https://bb.corp.com:8443/PRJ/repo.git", "https://corp.com/bitbucket/projects/PRJ/repos/repo",
		"http://bb.corp.com:7990/users/jdoe/repos/dots", "https://bb.corp.com", "https://corp.com:8443/stash/dashboard",
	} {
		got := ReadURL(text, URLContext{})
		if got.API == "" || got.API != got.BitbucketAPI() {
			t.Errorf("%q: Harness derives %q, the API is at %q", text, got.API, got.BitbucketAPI())
		}
	}
}

func TestOverSSHTheDifferenceBetweenDerivedAndTrueAPIShows(t *testing.T) {
	t.Parallel()
	got := ReadURL("git@ssh.bitbucket.org:ws/repo.git", URLContext{})
	if got.API != "https://ssh.bitbucket.org/rest/api/1.0" || got.BitbucketAPI() != "https://api.bitbucket.org/2.0" {
		t.Errorf("derived %q, true %q", got.API, got.BitbucketAPI())
	}
	server := ReadURL("ssh://git@bb.corp.com:7999/P/r.git", URLContext{})
	if server.BitbucketAPI() != "https://bb.corp.com/rest/api/1.0" || server.API != server.BitbucketAPI() {
		t.Errorf("derived %q, guessed %q", server.API, server.BitbucketAPI())
	}
	if (Address{}).BitbucketAPI() != "" {
		t.Error("no address has an API")
	}
}
