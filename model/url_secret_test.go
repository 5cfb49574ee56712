package model

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
)

// fakeToken makes a token whose checksum matches. It is built at run time so
// that no scanner takes the source for a leak.
func fakeToken(prefix string, length int) string {
	body := strings.Repeat("canaryCANARY0123456789_-", length/24+1)
	body = prefix + body[:length-len(prefix)-9] + "="
	return body + fmt.Sprintf("%08X", crc32.ChecksumIEEE([]byte(body)))
}

func fakeAPIToken() string    { return fakeToken("ATA"+"TT3xFfGF0", 192) }
func fakeAccessToken() string { return fakeToken("ATC"+"TT3xFfGN0", 192) }

// fakeAppPassword has the 36 characters of an App Password.
func fakeAppPassword() string {
	body := "AT" + "BB" + "canaryCANARY012345678901"
	return body + fmt.Sprintf("%08X", crc32.ChecksumIEEE([]byte(body)))
}

// fakeServerToken has what Data Center's tokens may hold: / and + and =.
func fakeServerToken() string { return "BB" + "DC-" + "canaryCANARY/0123+456789canaryCANARY0123456=" }

func TestACredentialInAnAddressComesBackAlone(t *testing.T) {
	t.Parallel()
	api, access, server := fakeAPIToken(), fakeAccessToken(), fakeServerToken()
	for _, tc := range []struct{ text, secret, user, url, code string }{
		{"https://" + "jdoe:hunter2-pass@bitbucket.org/ws/repo.git", "hunter2-pass", "jdoe", cloudRepo, "url.secret-embedded"},
		{"https://" + "jdoe:p%40ss%2Fw@bitbucket.org/ws/repo.git", "p@ss/w", "jdoe", cloudRepo, "url.secret-embedded"},
		{"https://" + "jdoe:p@ss@bitbucket.org/ws/repo.git", "p@ss", "jdoe", cloudRepo, "url.secret-embedded"},
		{"https://x-token-auth:" + access + "@bitbucket.org/ws/repo.git", access, "x-token-auth", cloudRepo, "url.secret-embedded"},
		{"https://" + api + "@bitbucket.org/ws/repo.git", api, "", cloudRepo, "url.secret-embedded"},
		{"https://" + api + ":x-oauth-basic@bitbucket.org/ws/repo.git", api, "", cloudRepo, "url.secret-embedded"},
		{"git clone https://x-bitbucket-api-token-auth:" + api + "@bitbucket.org/ws/repo.git", api, UserAPIToken, cloudRepo, "url.secret-embedded"},
		{"jdoe:" + api + "@bitbucket.org/ws/repo.git", api, "jdoe", cloudRepo, "url.secret-embedded"},
		{"ssh://" + "git:hunter2-pass@bb.corp.com:7999/PAY/ledger.git", "hunter2-pass", "git", serverSSH, "url.secret-embedded"},
		{"https://x-token-auth:" + server + "@bb.corp.com/scm/PAY/ledger.git", server, "x-token-auth", serverRepo, "url.secret-unescaped"},
		{"https://" + server + "@bb.corp.com/scm/PAY/ledger.git", server, "", serverRepo, "url.secret-unescaped"},
		{"x-token-auth:" + server + "@bb.corp.com/scm/PAY/ledger.git", server, "x-token-auth", serverRepo, "url.secret-unescaped"},
		{"https://" + "jdoe:12/34@bb.corp.com:443/scm/PAY/ledger.git", "12/34", "jdoe", serverRepo, "url.secret-unescaped"},
		{"https://" + "jdoe:a?b#c@bb.corp.com/scm/PAY/ledger.git", "a?b#c", "jdoe", serverRepo, "url.secret-unescaped"},
		{"https://" + "jdoe:p@s/s@bb.corp.com/scm/PAY/ledger.git", "p@s/s", "jdoe", serverRepo, "url.secret-unescaped"},
		{"https://canary/0042@bb.corp.com/scm/PAY/ledger.git", "canary/0042", "", serverRepo, "url.secret-unescaped"},
		{"https://" + "jdoe:hunter2-pass@bb.corp.com/scm/PAY/ledger.git?by=x@y.com", "hunter2-pass", "jdoe", serverRepo, "url.secret-embedded"},
		{"https://jdoe:@bb.corp.com/scm/PAY/ledger.git", "", "", serverRepo, "url.user"},
		{"https://api.bitbucket.org/2.0/repositories/ws/repo?access_token=" + access, access, "", cloudRepo, "url.secret-embedded"},
		{"git -c http.extraHeader='Authorization: Bearer " + server + "' clone " + serverRepo, server, "", serverRepo, "url.secret-embedded"},
		{"git clone -c \"http.extraheader=Authorization: Bearer " + server + "\" " + serverRepo, server, "", serverRepo, "url.secret-embedded"},
		{api, api, "", "", "url.malformed"},
		{server, server, "", "", "url.malformed"},
		{"\"" + access + "\"", access, "", "", "url.malformed"},
		{"https://" + "jdoe:hunter2-pass@github.com/a/b", "hunter2-pass", "jdoe", "", "url.other-provider"},
		{"https://" + "jdoe:hunter2-pass@[::1]/scm/a/b", "hunter2-pass", "jdoe", "", "url.malformed"},
	} {
		if tc.secret == "" {
			got := ReadURL(tc.text, URLContext{})
			if _, ok := got.Findings.Code(tc.code); !ok || !got.Secret.IsZero() || got.SecretUser != "jdoe" {
				t.Errorf("%q: a user without a password is no secret: %s", tc.text, codes(got.Findings))
			}
			continue
		}
		shown := strings.NewReplacer(tc.secret, "CANARY").Replace(tc.text)
		got := ReadURL(tc.text, URLContext{})
		if got.Secret.Reveal() != tc.secret || got.SecretUser != tc.user || got.URL != tc.url {
			t.Errorf("%q: user %q, URL %q, secret right: %v", shown, got.SecretUser, got.URL, got.Secret.Reveal() == tc.secret)
		}
		if _, ok := got.Findings.Code(tc.code); !ok {
			t.Errorf("%q: %s", shown, codes(got.Findings))
		}
		assertNowhere(t, got, tc.secret)
	}
}

// assertNowhere fails when a secret shows in anything that is printed.
func assertNowhere(t *testing.T, got PastedURL, secret string) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{string(text), fmt.Sprintf("%+v", got), fmt.Sprintf("%#v", got)} {
		if strings.Contains(printed, secret) {
			t.Errorf("the secret shows in %s", strings.ReplaceAll(printed, secret, "CANARY"))
		}
	}
}

func TestAnUnescapedSecretIsAnErrorThatSuggestsTheCleanAddress(t *testing.T) {
	t.Parallel()
	got := ReadURL("https://x-token-auth:"+fakeServerToken()+"@bb.corp.com/scm/PAY/ledger.git", URLContext{})
	f, _ := got.Findings.Code("url.secret-unescaped")
	if f.Severity != SeverityError || f.Suggestion != serverRepo || len(got.Findings) != 1 {
		t.Errorf("%+v", got.Findings)
	}
}

func TestAnAtSignInAPathIsNoLogin(t *testing.T) {
	t.Parallel()
	checkRows(t, URLContext{}, []urlRow{
		{"https://bb.corp.com:8443/projects/PAY/repos/ledger/browse/src/@types/x.ts", "https://bb.corp.com:8443/scm/PAY/ledger.git", "W web-page"},
		{"https://bb.corp.com/projects/PAY/repos/ledger/commits?until=jdoe@corp.com", serverRepo, "W web-page"},
		{"https://bitbucket.org/ws/repo/src/main/@scope/pkg", cloudRepo, "W web-page"},
	})
}

// FuzzReadURL holds what must be true of every text: no panic, an address that
// reads as itself, and no embedded secret anywhere but in Secret.
func FuzzReadURL(f *testing.F) {
	for _, seed := range []string{
		cloudRepo, "git@bb.corp.com:7999/PAY/ledger.git", "https://bb.corp.com/projects/PAY/repos/r/browse?at=x", "git@bb.corp.com/",
		"ssh://git@altssh.bitbucket.org:443/ws/repo.git", "HTTPS://a@BB.corp.com//x//y", "ext::x", "-x", "git clone -c a=b x.y/z",
		"https://" + "u:CANARYcanary0042@bb.corp.com/scm/P/r.git", "[x](https://bitbucket.org/ws/%7Bx%7D)", "u:CANARYcanary0042@h.de:1/@/x",
		"https://CANARYcanary0042@", "ssh://[::1]:1/x", "https:h/x", "a.b:c", "git@localhost:~u/r", "https://bitbucket.org/!api/2.0/", "git@a:1",
	} {
		f.Add(seed, false, false)
		f.Add(seed, true, true)
	}
	f.Fuzz(func(t *testing.T, text string, api, document bool) {
		got := ReadURL(text, URLContext{APIOn: api, Document: document})
		assertSettled(t, text, got)
		if strings.Contains(strings.ToUpper(text), "CANARY") {
			return // then it may stand where a project's name does
		}
		planted := "https://" + "jdoe:CANARYcanary0042@" + strings.TrimLeft(text, "@/:")
		again := ReadURL(planted, URLContext{APIOn: api, Document: document})
		assertSettled(t, planted, again)
		assertNowhere(t, again, "CANARYcanary0042")
	})
}

// assertSettled checks an address against itself: it reads as the same place
// and nothing about it needs mending.
func assertSettled(t *testing.T, text string, got PastedURL) {
	t.Helper()
	if got.Findings == nil {
		t.Fatalf("%q: findings are nil", text)
	}
	if got.URL == "" {
		if !got.Findings.HasErrors() || got.Address != (Address{}) {
			t.Fatalf("%q: nothing understood and no reason: %+v", text, got)
		}
		return
	}
	if strings.HasPrefix(got.URL, "-") || strings.ContainsFunc(got.URL, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
		t.Fatalf("%q: dangerous URL %q", text, got.URL)
	}
	if _, _, ok := HarnessAPI(got.URL); !ok || got.API == "" {
		t.Fatalf("%q: Harness refuses %q", text, got.URL)
	}
	again := ReadURL(got.URL, URLContext{Document: true})
	if again.Address != got.Address {
		t.Fatalf("%q: %q reads as %+v, not %+v", text, got.URL, again.Address, got.Address)
	}
	for _, f := range again.Findings {
		if _, mended := mendings[f.Code]; mended || f.Severity == SeverityError {
			t.Fatalf("%q: %q still needs %s", text, got.URL, f.Code)
		}
	}
	for _, f := range got.Findings {
		if _, mended := mendings[f.Code]; mended && f.Suggestion != got.URL {
			t.Fatalf("%q: %s suggests %q, not %q", text, f.Code, f.Suggestion, got.URL)
		}
	}
}
