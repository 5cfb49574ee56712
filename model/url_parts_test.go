package model

import (
	"slices"
	"strings"
	"testing"
)

func TestAnAddressHasAllItsParts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		want Address
	}{
		{cloudRepo, Address{
			Product: Cloud, Transport: HTTP, URLType: URLRepo, Host: "bitbucket.org", Workspace: "ws", Repo: "repo",
			URL: cloudRepo, API: "https://api.bitbucket.org/2.0",
		}},
		{"https://bitbucket.org/", Address{
			Product: Cloud, Transport: HTTP, URLType: URLAccount, Host: "bitbucket.org",
			URL: "https://bitbucket.org", API: "https://api.bitbucket.org/2.0",
		}},
		{"git@ssh.bitbucket.org:ws/", Address{
			Product: Cloud, Transport: SSH, URLType: URLAccount, Host: "ssh.bitbucket.org", Workspace: "ws", scp: true,
			URL: "git@ssh.bitbucket.org:ws/", API: "https://ssh.bitbucket.org/rest/api/1.0",
		}},
		{"ssh://git@altssh.bitbucket.org:443/ws/repo", Address{
			Product: Cloud, Transport: SSH, URLType: URLRepo, Host: "altssh.bitbucket.org", Port: 443, Workspace: "ws", Repo: "repo",
			URL: "ssh://git@altssh.bitbucket.org:443/ws/repo.git", API: "https://altssh.bitbucket.org/rest/api/1.0",
		}},
		{"https://corp.com:8443/bitbucket/users/jdoe/repos/dots", Address{
			Product: DataCenter, Transport: HTTP, URLType: URLRepo, Host: "corp.com", Port: 8443, Context: "/bitbucket",
			Project: "~jdoe", Repo: "dots",
			URL: "https://corp.com:8443/bitbucket/scm/~jdoe/dots.git", API: "https://corp.com:8443/bitbucket/rest/api/1.0",
		}},
		{"http://bb.corp.com:7990/scm/", Address{
			Product: DataCenter, Transport: HTTP, URLType: URLAccount, Host: "bb.corp.com", Port: 7990, plain: true,
			URL: "http://bb.corp.com:7990/scm/", API: "http://bb.corp.com:7990/rest/api/1.0",
		}},
		{"git@bb.corp.com/PAY/ledger", Address{
			Product: DataCenter, Transport: SSH, URLType: URLRepo, Host: "bb.corp.com", Port: 7999, Project: "PAY", Repo: "ledger",
			URL: serverSSH, API: "https://bb.corp.com/rest/api/1.0",
		}},
		{"https://bb.corp.com/projects/PAY", Address{
			Product: DataCenter, Transport: HTTP, URLType: URLAccount, Host: "bb.corp.com",
			URL: serverHome, API: "https://bb.corp.com/rest/api/1.0",
		}},
		{"nonsense", Address{}},
		{"https://github.com/a/b", Address{}},
	} {
		got := ReadURL(tc.text, URLContext{}).Address
		if got != tc.want {
			t.Errorf("%q\n got %+v\nwant %+v", tc.text, got, tc.want)
		}
		if got.IsZero() != (tc.want.URL == "") {
			t.Errorf("%q: IsZero is %v", tc.text, got.IsZero())
		}
	}
}

func TestTextIsSplitLikeAShellWould(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		want []string
	}{
		{"", []string{""}},
		{"one", []string{"one"}},
		{"  two   words ", []string{"two", "words"}},
		{`git -c "a=b c" x`, []string{"git", "-c", "a=b c", "x"}},
		{`a='b c' d`, []string{"a=b c", "d"}},
		{"don't split on that", []string{"don't", "split", "on", "that"}},
		{`"never closed x`, []string{"never closed x"}},
		{`""`, []string{""}},
		{"`a`", []string{"a"}},
	} {
		if got := shellWords(tc.text); !slices.Equal(got, tc.want) {
			t.Errorf("%q: %q, want %q", tc.text, got, tc.want)
		}
	}
}

func TestWhatIsUnseenIsDropped(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a\x00b":              "ab",
		"\x1b[1;31mred\x1b[m": "red",
		"a\u00a0b":            "a b",
		"a\tb\r\nc":           "a b  c",
		"\u202eabc\u202c":     "abc",
		"\ufeffabc":           "abc",
		"bad\xff":             "bad",
		"bü":                  "bü",
	} {
		if got := plainText(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestOnlyHarmlessGitSettingsPass(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]bool{
		"http.sslVerify=false":       true,
		"user.name=x":                true,
		"credential.helper=store":    true,
		"core.sshCommand=evil":       false,
		"CORE.fsmonitor=evil":        false,
		"protocol.ext.allow=always":  false,
		"remote.origin.uploadpack=x": false,
		"alias.x=!evil":              false,
	} {
		if got := (&urlReader{}).safeSetting(setting); got != want {
			t.Errorf("%s: %v", setting, got)
		}
	}
}

func TestEditsBetweenHostsAreCounted(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"a", "", 1},
		{"", "abc", 3},
		{"kitten", "sitting", 3},
		{"bitbucket.org", "bitbucket.org", 0},
		{"bitbuckct.org", "bitbucket.org", 1},
		{"bitbukcet.org", "bitbucket.org", 2},
		{"bitbuket.org", "bitbucket.org", 1},
		{"bitbuсket.org", "bitbucket.org", 1},
		{"github.com", "bitbucket.org", 9},
	} {
		if got := editDistance(tc.a, tc.b); got != tc.want {
			t.Errorf("%q to %q: %d, want %d", tc.a, tc.b, got, tc.want)
		}
		if editDistance(tc.a, tc.b) != editDistance(tc.b, tc.a) {
			t.Errorf("%q and %q: not the same both ways", tc.a, tc.b)
		}
	}
}

func TestSelfHostedNamesAreNotTakenForOtherProviders(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"gitlab.acme.com", "github.acme.com", "git.acme.com", "bitbucket.github.company.net", "atlassian.acme.net"} {
		if name := otherProvider(host); name != "" {
			t.Errorf("%s is not %s", host, name)
		}
	}
}

func TestPortsHaveBounds(t *testing.T) {
	t.Parallel()
	for port, ok := range map[string]bool{
		"1": true, "65535": true, "07990": true, "": true,
		"0": false, "65536": false, "+80": false, "-1": false, "99999999999999999999": false,
	} {
		got := ReadURL("https://bb.corp.com:"+port+"/scm/PAY/ledger.git", URLContext{})
		if (got.URL != "" && !got.Findings.HasErrors()) != ok {
			t.Errorf("port %q: %q %s", port, got.URL, codes(got.Findings))
		}
	}
}

// TestFindingsAreWrittenCalmly keeps to the tone of the product: no pleading,
// no blame, no exclamation, one or two sentences that end.
func TestFindingsAreWrittenCalmly(t *testing.T) {
	t.Parallel()
	var all []string
	for code, m := range mendings {
		if m.message == "" || m.fix == "" {
			t.Errorf("%s says nothing", code)
		}
		all = append(all, m.message, m.fix)
	}
	for _, text := range []string{"", "hello", "ext::x", "-x", "https://github.com/a/b", "git@bitbucket.org:a/b.git", "http://bitbucket.com/a/b", "https://[::1]/"} {
		for _, f := range ReadURL(text, URLContext{URLType: URLAccount, ConnectionType: SSH, APIOn: true}).Findings {
			all = append(all, f.Message, f.Fix)
		}
	}
	for _, s := range all {
		lower := strings.ToLower(s)
		if strings.Contains(lower, "please") || strings.Contains(lower, "oops") || strings.Contains(s, "!") || strings.Contains(lower, "failed to") {
			t.Errorf("not calm: %q", s)
		}
		if !strings.HasSuffix(s, ".") || strings.ToUpper(s[:1]) != s[:1] && !strings.HasPrefix(s, "altssh") {
			t.Errorf("not a sentence: %q", s)
		}
	}
}
