package model

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// olderServerTokenFake is a Data Center token from before the BBDC prefix.
// "A part is missing" was said of a token that has every character.
func TestWhatIsWrongWithATokenIsNotItsLengthWhereThatIsRight(t *testing.T) {
	t.Parallel()
	whole := fakeAPIToken()
	other := whole[:len(whole)-1] + map[bool]string{true: "0", false: "1"}[!strings.HasSuffix(whole, "0")]
	for value, says := range map[string]string{other: "some of them are others", whole[:60]: "a part is missing"} {
		f, found := RecogniseCredential(NewSecret(value), QPassword).Findings.Code("token.clipped")
		if !found || !strings.Contains(f.Message, says) {
			t.Errorf("%d characters: %q", len(value), f.Message)
		}
	}
}

func olderServerTokenFake() string {
	return base64.StdEncoding.EncodeToString([]byte("123456789012:" + "canaryCANARY01234567"))
}

func TestACredentialIsRecognisedByItsShape(t *testing.T) {
	t.Parallel()
	api, access, app, server := fakeAPIToken(), fakeAccessToken(), fakeAppPassword(), fakeServerToken()
	oauth := "ey" + "JhbGciOiJub25l." + "Y2FuYXJ5Y2FuYXJ5" + ".c2lnbmF0dXJl"
	for name, tc := range map[string]struct {
		pasted  string
		kind    CredentialKind
		checked bool
		codes   string
	}{
		"API token":          {api, KindAPIToken, true, ""},
		"access token":       {access, KindAccessToken, true, ""},
		"App Password":       {app, KindAppPassword, true, ""},
		"Data Center token":  {server, KindHTTPAccessToken, false, ""},
		"older server token": {olderServerTokenFake(), KindHTTPAccessToken, false, ""},
		"older app password": {"canary0123456789abcd", KindUnknown, false, ""},
		"password":           {"correct horse", KindUnknown, false, ""},
		"nothing":            {"", KindUnknown, false, ""},
		"OAuth token":        {oauth, KindAccessToken, false, "W token.kind-mismatch"},
		"clipped at 128":     {api[:128], KindAPIToken, false, "W token.clipped"},
		"last letter lost":   {api[:191], KindAPIToken, false, "W token.clipped"},
		"one letter changed": {strings.Replace(api, "canary", "canarz", 1), KindAPIToken, false, "W token.clipped"},
		"app password cut":   {app[:30], KindAppPassword, false, "W token.clipped"},
		"server token cut":   {server[:30], KindHTTPAccessToken, false, "W token.clipped"},
		"pasted twice":       {api + api, KindAPIToken, true, "W token.clipped"},
		"server token twice": {server + server, KindHTTPAccessToken, false, "W token.clipped"},
		"GitHub":             {"gh" + "p_" + "canaryCANARY0123456789canaryCANARY01", KindUnknown, false, "E token.other-vendor"},
		"GitLab":             {"glp" + "at-" + "canaryCANARY01234567", KindUnknown, false, "E token.other-vendor"},
		"Harness":            {"pa" + "t.account.tokenid.canaryCANARY0123", KindUnknown, false, "E token.other-vendor"},
		"no Harness key":     {"pat.metheny.group-1978", KindUnknown, false, ""},
		"email":              {"jdoe@acme-corp.com", KindUnknown, false, "E password.invalid"},
		"address":            {"https://bitbucket.org/ws/repo.git", KindUnknown, false, "E password.invalid"},
		"masked":             {"••••••••", KindUnknown, false, "E password.invalid"},
		"blanks":             {" \n\t", KindUnknown, false, "E password.invalid"},
		"private key":        {"-----BEGIN RSA " + "PRIVATE KEY-----\ncanary\n-----END RSA " + "PRIVATE KEY-----\n", KindSSHKey, false, "E token.kind-mismatch"},
		"public key":         {"ssh-rsa AAAAB3NzaC1yc2Ecanary jdoe@host", KindUnknown, false, "E token.kind-mismatch"},
	} {
		got := RecogniseCredential(NewSecret(tc.pasted), QPassword)
		if got.Kind != tc.kind || got.Checked != tc.checked || codes(got.Findings) != tc.codes {
			t.Errorf("%s: %s, checked %v, %s", name, got.Kind, got.Checked, codes(got.Findings))
		}
		for _, f := range got.Findings {
			if f.Field != QPassword || f.Suggestion != "" || f.Fix == "" {
				t.Errorf("%s: %+v", name, f)
			}
		}
		assertNothingOf(t, name, tc.pasted, got)
	}
	if f := RecogniseCredential(NewSecret("jdoe@acme-corp.com"), QAPIToken).Findings; codes(f) != "E token.invalid" || f[0].Field != QAPIToken {
		t.Errorf("in the API token's place: %+v", f)
	}
}

// assertNothingOf fails when eight characters in a row of a value are printed.
func assertNothingOf(t *testing.T, name, value string, got Recognised) {
	t.Helper()
	text, err := json.Marshal(got.Findings)
	if err != nil {
		t.Fatal(err)
	}
	printed := string(text) + got.Note + fmt.Sprintf("%v %+v", got, got)
	if strings.HasPrefix(value, "https://") || strings.Contains(value, "KEY-----") || strings.Contains(value, "•") {
		return // there is nothing secret in its beginning
	}
	for i := 0; i+8 <= len(value); i++ {
		if part := value[i : i+8]; strings.TrimSpace(part) == part && strings.Contains(printed, part) {
			t.Errorf("%s: part %d of the value is printed", name, i)
			return
		}
	}
}

func TestWhatComesAlongWithATokenIsTakenAway(t *testing.T) {
	t.Parallel()
	api, server := fakeAPIToken(), fakeServerToken()
	for _, tc := range []struct{ pasted, want, login string }{
		{"  " + api + "\r\n", api, ""},
		{"\"" + api + "\"", api, ""},
		{"'" + api + "'", api, ""},
		{"`" + server + "`", server, ""},
		{"“" + api + "”", api, ""},
		{"<" + api + ">", api, ""},
		{"\ufeff" + api + "\u200b", api, ""},
		{api[:100] + "\n" + api[100:], api, ""},
		{api[:60] + "\r\n  " + api[60:], api, ""},
		{"Bearer " + api, api, ""},
		{"bearer  " + server, server, ""},
		{"Authorization: Bearer " + api, api, ""},
		{"authorization:bearer " + api, api, ""},
		{"Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("jdoe@acme.com:"+api)), api, "jdoe@acme.com"},
		{"Basic " + base64.StdEncoding.EncodeToString([]byte("jdoe:hunter2")), "hunter2", "jdoe"},
		{"Basic " + base64.URLEncoding.EncodeToString([]byte("jdoe:???>>>")), "???>>>", "jdoe"},
		{"Basic A", "Basic A", ""},
		{"Authorization: " + api, api, ""},
		{strings.ReplaceAll(api, "=", "%3D"), api, ""},
		{strings.ReplaceAll(api, "=", `\=`), api, ""},
		{"x-token-auth:" + api, api, "x-token-auth"},
		{"jdoe@acme.com:" + api, api, "jdoe@acme.com"},
		{"export BB_TOKEN=" + api, api, ""},
		{"BB_TOKEN=\"" + server + "\"", server, ""},
		{"token: " + api, api, ""},
		{"correct horse battery", "correct horse battery", ""},
		{"per%41cent", "per%41cent", ""},
		{`back\slash`, `back\slash`, ""},
		{" lead and trail ", "lead and trail", ""},
	} {
		got := RecogniseCredential(NewSecret(tc.pasted), QPassword)
		if got.Clean.Reveal() != tc.want || got.Login != tc.login {
			t.Errorf("%d characters beginning %.8q: %d left, login %q", len(tc.pasted), tc.pasted, got.Clean.Len(), got.Login)
		}
		again := RecogniseCredential(got.Clean, QPassword)
		if !again.Clean.Equal(got.Clean) || again.Kind != got.Kind {
			t.Errorf("%.8q: cleaning twice changes it", tc.pasted)
		}
	}
}

func TestAnSSHKeyIsNotTouched(t *testing.T) {
	t.Parallel()
	key := "\n-----BEGIN EC " + "PRIVATE KEY-----\r\nab cd\r\n-----END EC " + "PRIVATE KEY-----\r\n"
	if got := RecogniseCredential(NewSecret(key), QAPIToken); got.Clean.Reveal() != key {
		t.Error("the key was changed")
	}
}

func TestNamesAreNotTakenForSecrets(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"bitbucket.org", "git.acme-corp.com", "a-rather-long-repository-name-2026", "PAY", "ATBBASH", "ledger.service.internal.example.com",
		"npm_packages", "pat.smith.repositories", "0123456789abcdef0123456789abcdef01234567",
	} {
		if looksSecret(name) {
			t.Errorf("%q is a name", name)
		}
	}
}

func TestLoginsFitTheCredential(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind             CredentialKind
		product          Product
		name             string
		codes, suggested string
	}{
		{KindAPIToken, Cloud, "jdoe", "", ""},
		{KindAPIToken, Cloud, "", "", ""},
		{KindAPIToken, Cloud, UserAPIToken, "", ""},
		{KindAPIToken, Cloud, "jdoe@acme.com", "E username.is-email", UserAPIToken},
		{KindAppPassword, Cloud, "jdoe@acme.com", "E username.is-email", ""},
		{KindAPIToken, Cloud, UserAccessToken, "E username.x-token-auth", UserAPIToken},
		{KindAccessToken, Cloud, UserAccessToken, "", ""},
		{KindAccessToken, Cloud, "jdoe", "E username.x-token-auth", UserAccessToken},
		{KindAccessToken, Cloud, "jdoe@acme.com", "E username.x-token-auth", UserAccessToken},
		{KindHTTPAccessToken, DataCenter, "jdoe", "", ""},
		{KindHTTPAccessToken, DataCenter, UserAccessToken, "", ""},
		{KindHTTPAccessToken, DataCenter, "jdoe@acme.com", "W username.is-email", ""},
		{KindUnknown, Cloud, UserAccessToken, "", ""},
		{KindAPIToken, Cloud, "j doe", "E username.invalid", UserAPIToken},
		{KindAPIToken, Cloud, "jdoe:x", "E username.invalid", UserAPIToken},
	} {
		got := CheckLogin(tc.kind, tc.product, tc.name, QUsername)
		if codes(got) != tc.codes || (len(got) > 0 && (got[0].Suggestion != tc.suggested || got[0].Field != QUsername)) {
			t.Errorf("%s on %s as %q: %+v", tc.kind, tc.product, tc.name, got)
		}
		if s := tc.suggested; s != "" && len(CheckLogin(tc.kind, tc.product, s, QUsername)) != 0 {
			t.Errorf("the suggestion %q is refused itself", s)
		}
	}
}

func TestGitIsGivenTheLoginThatWorks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind       CredentialKind
		product    Product
		name, want string
	}{
		{KindAPIToken, Cloud, "", UserAPIToken},
		{KindAPIToken, Cloud, "jdoe", "jdoe"},
		{KindAccessToken, Cloud, "", UserAccessToken},
		{KindAccessToken, Cloud, "jdoe", UserAccessToken},
		{KindAppPassword, Cloud, "", ""},
		{KindHTTPAccessToken, DataCenter, "", ""},
		{KindHTTPAccessToken, DataCenter, "jdoe", "jdoe"},
	} {
		if got := GitLogin(tc.kind, tc.product, tc.name); got != tc.want {
			t.Errorf("GitLogin(%s, %s, %q) = %q", tc.kind, tc.product, tc.name, got)
		}
	}
}

func TestEachProductTakesItsOwnKindsAndMethods(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, product := range []Product{Cloud, DataCenter} {
		for _, kind := range []CredentialKind{KindAPIToken, KindAccessToken, KindAppPassword, KindHTTPAccessToken, KindPassword} {
			_, unsupported := CheckKind(kind, product, now).Code("kind.unsupported")
			if listed := slices.Contains(KindsFor(product), kind); listed == unsupported {
				t.Errorf("%s on %s: listed %v, unsupported %v", kind, product, listed, unsupported)
			}
			methods := APIMethodsFor(product, kind)
			if slices.Contains(methods, APIEmailAndToken) != (product == Cloud) || methods[len(methods)-1] != APIOff ||
				!slices.Contains(methods, APIAccessToken) || slices.Contains(methods, APIUsernameToken) {
				t.Errorf("%s on %s: %v", kind, product, methods)
			}
		}
	}
	if KindsFor(Cloud)[0] != KindAPIToken || KindsFor("")[0] != KindAPIToken {
		t.Error("API tokens are recommended on Cloud")
	}
	if APIMethodsFor(Cloud, KindAccessToken)[0] != APIAccessToken || APIMethodsFor(Cloud, KindAPIToken)[0] != APIEmailAndToken {
		t.Error("the method that fits the credential comes first")
	}
	if codes(CheckKind("nonsense", Cloud, now)) != "E kind.invalid" || codes(CheckKind(KindAppPassword, Cloud, now)) != "E kind.app-password" {
		t.Error("kinds that do not exist, and App Passwords, are errors")
	}
	if len(CheckKind(KindSSHKey, DataCenter, now)) != 0 || len(CheckKind(KindUnknown, Cloud, now)) != 0 {
		t.Error("SSH keys and unknown credentials fit")
	}
}

func TestTheChosenKindIsComparedWithThePastedOne(t *testing.T) {
	t.Parallel()
	if f := CheckSameKind(KindAPIToken, KindAccessToken, QPassword); codes(f) != "E token.kind-mismatch" || f[0].Field != QPassword {
		t.Errorf("%+v", f)
	}
	for _, pair := range [][2]CredentialKind{{KindAPIToken, KindAPIToken}, {KindAPIToken, KindUnknown}, {"", KindAPIToken}, {KindUnknown, KindAPIToken}, {KindAPIToken, ""}} {
		if f := CheckSameKind(pair[0], pair[1], QPassword); f != nil {
			t.Errorf("%v: %+v", pair, f)
		}
	}
}

// FuzzRecogniseCredential plants a value in every surrounding and looks for it
// in everything that is shown.
func FuzzRecogniseCredential(f *testing.F) {
	for _, seed := range []string{"Bearer ", "Authorization: Basic eA==", "\"", "export A=", "user:", "%", "-----BEGIN PRIVATE KEY-----", "BBDC-", "ghp_", "\x00"} {
		f.Add(seed, "")
		f.Add("", seed)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		const canary = "CANARYcanary0042"
		got := RecogniseCredential(NewSecret(before+canary+after), QAPIToken)
		text, err := json.Marshal(got.Findings)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text)+got.Note, canary) {
			t.Fatalf("%q %q: the value is shown", before, after)
		}
		again := RecogniseCredential(got.Clean, QAPIToken)
		if again.Kind != got.Kind && got.Kind != KindUnknown {
			t.Fatalf("%q %q: %s, then %s", before, after, got.Kind, again.Kind)
		}
	})
}

func TestEveryLossFromATokenIsNoticed(t *testing.T) {
	t.Parallel()
	for _, token := range []string{fakeAPIToken(), fakeAccessToken(), fakeAppPassword()} {
		whole := RecogniseCredential(NewSecret(token), QPassword)
		if !whole.Checked || len(whole.Findings) > 0 {
			t.Fatalf("a whole token of %d characters is not taken for whole", len(token))
		}
		for cut := len(token) - 1; cut > 20; cut-- {
			if got := RecogniseCredential(NewSecret(token[:cut]), QPassword); got.Checked || codes(got.Findings) != "W token.clipped" {
				t.Errorf("cut to %d of %d characters: %s", cut, len(token), codes(got.Findings))
			}
		}
		for i := 7; i < len(token); i++ {
			other := byte('q')
			if token[i] == other {
				other = 'r'
			}
			changed := token[:i] + string(other) + token[i+1:]
			if got := RecogniseCredential(NewSecret(changed), QPassword); got.Checked {
				t.Errorf("a change at %d of %d goes unnoticed", i, len(token))
			}
		}
	}
}

func TestATokenPastedTwiceIsHalved(t *testing.T) {
	t.Parallel()
	for _, token := range []string{fakeAPIToken(), fakeAccessToken(), fakeAppPassword(), fakeServerToken()} {
		for _, between := range []string{"", "\n", " "} {
			got := RecogniseCredential(NewSecret(token+between+token), QAPIToken)
			if got.Clean.Reveal() != token || codes(got.Findings) != "W token.clipped" || got.Findings[0].Field != QAPIToken {
				t.Errorf("%.5s: %d characters left, %s", token, got.Clean.Len(), codes(got.Findings))
			}
			if again := RecogniseCredential(got.Clean, QAPIToken); len(again.Findings) != 0 {
				t.Errorf("%.5s: the half is not right either: %s", token, codes(again.Findings))
			}
		}
	}
}

func TestTheChecksumIsThatOfEverythingBeforeIt(t *testing.T) {
	t.Parallel()
	token := fakeAPIToken()
	lower := token[:len(token)-8] + strings.ToLower(token[len(token)-8:])
	if !checksumMatches(token) || !checksumMatches(lower) {
		t.Error("upper and lower case are both hexadecimal")
	}
	for _, short := range []string{"", "0", "12345678", "123456789012345"} {
		if checksumMatches(short) {
			t.Errorf("%q has no room for a checksum", short)
		}
	}
}

func TestWhatIsRecognisedIsNoted(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{
		fakeAPIToken():         "Atlassian API token, complete (checksum matches)",
		fakeAPIToken()[:100]:   "Atlassian API token",
		fakeAppPassword():      "Bitbucket App Password, complete (checksum matches)",
		fakeServerToken():      "Data Center HTTP access token",
		olderServerTokenFake(): "Data Center HTTP access token",
		"correct horse":        "",
	} {
		if got := RecogniseCredential(NewSecret(token), QPassword).Note; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestACutAt128CharactersIsNamedOnlyWhereTheTokenHasThatMany(t *testing.T) {
	t.Parallel()
	api := fakeAPIToken()
	for length, want := range map[int]bool{18: false, 127: false, 128: true, 129: false} {
		f, ok := RecogniseCredential(NewSecret(api[:length]), QPassword).Findings.Code("token.clipped")
		if !ok || strings.Contains(f.Fix, "128") != want || !strings.HasPrefix(f.Fix, "Copy the whole token again.") || strings.HasSuffix(f.Fix, " ") {
			t.Errorf("%d characters: %+v", length, f)
		}
	}
}

func TestBothDaysOfAppPasswordsAreSaidOnceTheyArePast(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]string{
		"2026-06-09": "stop working after June 9, 2026.", "2026-06-10": "stopped working on June 9, 2026.", "2026-07-28": AppPasswordsEnded,
	} {
		now, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if f := AppPasswordFinding(now, QKind); !strings.HasSuffix(f.Message, want) {
			t.Errorf("%s: %s", day, f.Message)
		}
	}
}
