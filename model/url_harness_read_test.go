package model

import (
	"strings"
	"testing"
)

func TestWhatHarnessMisreadsIsNamed(t *testing.T) {
	t.Parallel()
	const cloudAPI = "https://api.bitbucket.org/2.0"
	for _, tc := range []struct {
		url, testRepo string
		urlType       URLType
		fault         HarnessFault
		api, slug     string
		mended        string
	}{
		{"https://bitbucket.org/ws/repo.git", "", URLRepo, "", cloudAPI, "ws/repo", ""},
		{"https://user@bitbucket.org/ws/repo.git", "", URLRepo, "", cloudAPI, "ws/repo", ""},
		{"git@bitbucket.org:ws/repo.git", "", URLRepo, "", cloudAPI, "ws/repo", ""},
		{"https://bitbucket.org/ws", "repo.git", URLAccount, "", cloudAPI, "ws/repo", ""},
		{"https://bitbucket.org", "/ws/repo.git", URLAccount, "", cloudAPI, "ws/repo", ""},
		{"https://bitbucket.org/ws", "", URLAccount, "", cloudAPI, "", ""},
		{"https://bb.corp.com:8443/scm/PRJ/repo.git", "", URLRepo, "", "https://bb.corp.com:8443/rest/api/1.0", "PRJ/repo", ""},
		{"https://corp.com/bitbucket/scm/PRJ/repo.git", "", URLRepo, "", "https://corp.com/bitbucket/rest/api/1.0", "PRJ/repo", ""},
		{"https://bb.corp.com/scm/~jdoe/repo.git", "", URLRepo, "", "https://bb.corp.com/rest/api/1.0", "~jdoe/repo", ""},
		{"https://bb.corp.com/scm/", "PRJ/repo.git", URLAccount, "", "https://bb.corp.com/rest/api/1.0", "PRJ/repo", ""},
		{"ssh://git@bb.corp.com:7999/prj/repo.git", "", URLRepo, "", "https://bb.corp.com/rest/api/1.0", "prj/repo", ""},

		{"git@bb.corp.com/PRJ/repo.git", "", URLRepo, HarnessRejects, "", "", "ssh://git@bb.corp.com:7999/PRJ/repo.git"},
		{"HTTPS://bitbucket.org/ws/repo.git", "", URLRepo, HarnessRejects, "", "", "https://bitbucket.org/ws/repo.git"},
		{"bitbucket.org/ws/repo.git", "", URLRepo, HarnessRejects, "", "", "https://bitbucket.org/ws/repo.git"},
		{"git@bitbucket.org/", "", URLAccount, HarnessRejects, "", "", "ssh://git@bitbucket.org/"},
		{"git@ssh.bitbucket.org:ws/repo.git", "", URLRepo, HarnessElsewhere, "https://ssh.bitbucket.org/rest/api/1.0", "ws/repo", ""},
		{"ssh://git@altssh.bitbucket.org:443/ws/repo.git", "", URLRepo, HarnessElsewhere, "https://altssh.bitbucket.org/rest/api/1.0", "ws/repo", ""},
		{"https://altssh.bitbucket.org/ws/repo.git", "", URLRepo, HarnessElsewhere, "https://altssh.bitbucket.org/rest/api/1.0", "ws/repo", "https://bitbucket.org/ws/repo.git"},
		{"https://bb.corp.com:8443/PRJ/repo.git", "", URLRepo, HarnessDropsPort, "https://bb.corp.com/rest/api/1.0", "PRJ/repo", "https://bb.corp.com:8443/scm/PRJ/repo.git"},
		{"https://bb.corp.com:8443", "PRJ/repo.git", URLAccount, HarnessDropsPort, "https://bb.corp.com/rest/api/1.0", "PRJ/repo", "https://bb.corp.com:8443/scm/"},
		{"https://corp.com/bitbucket/projects/PRJ/repos/repo/browse", "", URLRepo, HarnessDropsPath, "https://corp.com/rest/api/1.0", "bitbucket/projects/PRJ/repos/repo/browse", "https://corp.com/bitbucket/scm/PRJ/repo.git"},
		{"ssh://git@bb.corp.com:7999/scm/prj/repo.git", "", URLRepo, HarnessTakesSSHPort, "https://bb.corp.com:7999/rest/api/1.0", "prj/repo", "ssh://git@bb.corp.com:7999/prj/repo.git"},
		{"https://bb.corp.com/scm/DESC/PRJ/repo.git", "", URLRepo, HarnessWrongRepository, "https://bb.corp.com/rest/api/1.0", "DESC/PRJ/repo", "https://bb.corp.com/scm/PRJ/repo.git"},
		{"https://bb.corp.com/projects/PRJ/repos/repo/browse", "", URLRepo, HarnessWrongRepository, "https://bb.corp.com/rest/api/1.0", "projects/PRJ/repos/repo/browse", "https://bb.corp.com/scm/PRJ/repo.git"},
		{"https://bitbucket.org/ws/repo/src/main/", "", URLRepo, HarnessWrongRepository, cloudAPI, "ws/repo/src/main", "https://bitbucket.org/ws/repo.git"},
		{"https://corp.com/tools/bitbucket/scm/PRJ/repo.git", "", URLRepo, HarnessWrongRepository, "https://corp.com/tools/bitbucket/rest/api/1.0", "tools/bitbucket/scm/PRJ/repo", ""},
		{"https://bb.corp.com/PRJ/repo.git", "", URLRepo, HarnessWantsSCM, "https://bb.corp.com/rest/api/1.0", "PRJ/repo", "https://bb.corp.com/scm/PRJ/repo.git"},
		{"", "", URLRepo, HarnessRejects, "", "", ""},
	} {
		got := ReadAsHarness(Connector{URL: tc.url, URLType: tc.urlType, TestRepository: tc.testRepo})
		want := HarnessReading{Fault: tc.fault, API: tc.api, Repository: tc.slug, Mended: tc.mended}
		if got != want {
			t.Errorf("%q %s:\n got %+v\nwant %+v", tc.url, tc.urlType, got, want)
		}
	}
}

func TestAMendedAddressIsReadRightlyByHarnessAndKeepsItsTransport(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"git@bb.corp.com/PRJ/repo.git", "https://bb.corp.com:8443/PRJ/repo.git", "HTTP://bb.corp.com:7990/scm/PRJ/repo.git",
		"ssh://git@bb.corp.com:7999/scm/prj/repo.git", "https://bb.corp.com/scm/DESC/PRJ/repo.git", "https://bitbucket.org/ws/repo/src/main/",
	} {
		got := ReadAsHarness(Connector{URL: text, URLType: URLRepo})
		if got.Mended == "" {
			t.Errorf("%q is not mended: %+v", text, got)
			continue
		}
		if again := ReadAsHarness(Connector{URL: got.Mended, URLType: URLRepo}); again.Fault != "" {
			t.Errorf("%q is mended to %q, which Harness misreads: %+v", text, got.Mended, again)
		}
		ssh := strings.HasPrefix(text, "ssh") || strings.HasPrefix(text, "git@")
		if ssh != strings.HasPrefix(got.Mended, "ssh") {
			t.Errorf("%q is mended to another transport: %q", text, got.Mended)
		}
	}
}

func FuzzReadingAsHarnessNeverPanicsAndMendsOnlyWhatItThenReads(f *testing.F) {
	for _, seed := range []string{"https://bitbucket.org/a/b", "git@x/y", "ssh://git@h:1/scm/a/b", "", "https://h:1/a/b?x#y", "\x00"} {
		f.Add(seed, "a/b.git", true)
	}
	f.Fuzz(func(t *testing.T, text, testRepository string, account bool) {
		c := Connector{URL: text, URLType: URLRepo, TestRepository: testRepository}
		if account {
			c.URLType = URLAccount
		}
		got := ReadAsHarness(c)
		if !ReadURL(text, URLContext{}).Secret.IsZero() {
			if got != (HarnessReading{}) {
				t.Errorf("%q: %+v", text, got)
			}
			return
		}
		if got.Fault == HarnessRejects != (got.API == "") {
			t.Errorf("%q: %+v", text, got)
		}
		if got.Mended != "" {
			c.URL = got.Mended
			if again := ReadAsHarness(c); again.Fault != "" {
				t.Errorf("%q: mended to %q, which is misread: %+v", text, got.Mended, again)
			}
		}
	})
}

func TestNothingIsDerivedFromAnAddressWithACredential(t *testing.T) {
	t.Parallel()
	canary := "ATA" + "TT3" + strings.Repeat("Ca1ary", 5)
	for _, text := range []string{"https://user:" + canary + "@bitbucket.org/ws/repo.git", "https://user:" + canary + "@bb.corp.com:8443/PRJ/repo.git"} {
		if got := ReadAsHarness(Connector{URL: text, URLType: URLRepo}); got != (HarnessReading{}) {
			t.Error("a reading of an address with a credential may quote it")
		}
	}
}
