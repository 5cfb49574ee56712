package cmd

import (
	"strings"
	"testing"
)

func TestAnErrorIsToldWithoutTheCredentialInIt(t *testing.T) {
	t.Parallel()
	cloud, server := token("Zq9"), "BB"+"DC-"+strings.Repeat("MDEyMzQ1", 5)+"Nz"
	web := "ey" + "JhbGciOiJSUzI1NiJ9." + strings.Repeat("eyJzdWIi", 6) + "." + strings.Repeat("c2ln", 20)
	foreign := "gh" + "p_" + strings.Repeat("a1B2", 9)
	for _, secret := range []string{cloud, cloud + "=", server, foreign, web} {
		for _, form := range []string{
			"There is no connector %.", "%", "There is no connector payments/%.", "There is no connector payments/ledger/%.",
			`open "%": no such file`, "open /home/jdoe/%: no such file", "https://jdoe:%@bitbucket.org/acme/", "account.%: nothing", "one\n% two\nthree",
		} {
			said := withhold(strings.ReplaceAll(form, "%", secret))
			if part, found := leaks(said, strings.TrimSuffix(secret, "=")); found {
				t.Errorf("%q with a secret becomes %q, which has %q", form, said, part)
			}
			if !strings.Contains(said, withheld) {
				t.Errorf("%q does not say that something was left out: %q", form, said)
			}
		}
	}
}

func TestAnErrorWithoutACredentialIsToldAsItIs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "There is no connector Payments.", "There is no connector payments/ledger/A_connector_with_a_long_name_of_its_own.",
		"API tokens begin with AT" + "ATT3x, access tokens with AT" + "CTT3x.", "open /home/jdoe/.config/bbconnect/connectors/Payments.yaml: permission denied",
		"3 connectors have the id x.\nName one of a/x, b/x, c/d/x.", "https://bitbucket.org/acme/ledger.git", "jdoe@acme-corp.com",
		"The keystore said:   two  blanks", "SHA256:" + strings.Repeat("46OS", 10) + "abc",
	} {
		if got := withhold(text); got != text {
			t.Errorf("%q is told as %q", text, got)
		}
	}
}

func FuzzNoCredentialComesThroughAnErrorWhateverStandsAroundIt(f *testing.F) {
	f.Add("There is no connector ", ".")
	f.Add("https://jdoe:", "@bitbucket.org/acme/")
	f.Add("account.", "")
	f.Add("\"", "\"")
	f.Fuzz(func(t *testing.T, before, after string) {
		secret := token("Zq9")
		// The credential is a word of its own, or one between signs that part words.
		said := withhold(before + " " + secret + " " + after + "\n/" + secret + "/\n(" + secret + ")\n" + secret + ":" + after)
		if part, found := leaks(said, secret); found && !strings.Contains(before+after, part) {
			t.Errorf("%q is left of %q and %q: %q", part, before, after, said)
		}
		if again := withhold(said); again != said {
			t.Errorf("a second time changes %q to %q", said, again)
		}
	})
}
