package model

import (
	"slices"
	"testing"
	"time"
)

func TestAnAddressIsDescribedByProductHostAndWhatItNames(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"https://git.acme-corp.com/projects/PAY/repos/ledger/browse": {
			"Data Center   git.acme-corp.com   project PAY   repository ledger",
			"Harness will call https://git.acme-corp.com/rest/api/1.0",
		},
		"https://bitbucket.org/acme/ledger.git": {
			"Cloud   bitbucket.org   workspace acme   repository ledger",
			"Harness will call https://api.bitbucket.org/2.0",
		},
		"https://corp.example/bitbucket/scm/PAY/ledger.git": {
			"Data Center   corp.example   context path /bitbucket   project PAY   repository ledger",
			"Harness will call https://corp.example/bitbucket/rest/api/1.0",
		},
		"": nil,
	} {
		if got := Describe(ReadURL(text, URLContext{}).Address); !slices.Equal(got, want) {
			t.Errorf("Describe(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestAnAppPasswordIsKnownByItsRecordedKindOrTheAPIMethod(t *testing.T) {
	t.Parallel()
	secrets := []SecretInfo{{Name: "account/old", Kind: KindAppPassword}, {Name: "account/new", Kind: KindAPIToken}}
	w := World{Secrets: secrets}
	at := func(url string, ref SecretRef, m APIMethod) Connector {
		return Connector{URL: url, ConnectionType: HTTP, PasswordRef: ref, API: APIAccess{Method: m}}
	}
	for name, c := range map[string]struct {
		connector Connector
		want      bool
	}{
		"recorded as one":               {at("https://bitbucket.org/acme/", "account.old", APIOff), true},
		"by the method":                 {at("https://bitbucket.org/acme/", "account.new", APIUsernameToken), true},
		"an API token":                  {at("https://bitbucket.org/acme/", "account.new", APIEmailAndToken), false},
		"Data Center has none":          {at("https://git.example.com/scm/", "account.old", APIUsernameToken), false},
		"a secret that nobody recorded": {at("https://bitbucket.org/acme/", "account.gone", APIOff), false},
	} {
		if got := UsesAppPassword(c.connector, w); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestAnOutlineSaysWhatEachQuestionByItselfSays(t *testing.T) {
	t.Parallel()
	end := time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)
	w := World{Secrets: []SecretInfo{
		{Name: "account/old", Kind: KindAppPassword},
		{Name: "account/new", Kind: KindAPIToken, Expires: end},
		{Name: "account/later", Expires: end.AddDate(0, 1, 0)},
	}}
	for _, url := range []string{"https://bitbucket.org/acme/ledger.git", "https://git.example.com/scm/PAY/l.git", "git@bitbucket.org:acme/l.git", "", "nonsense"} {
		for _, ref := range []SecretRef{"account.old", "account.new", "account.gone", "malformed", ""} {
			for _, m := range []APIMethod{APIOff, APIUsernameToken, APIAccessToken} {
				for _, kind := range []URLType{URLAccount, URLRepo} {
					c := Connector{URL: url, URLType: kind, ConnectionType: HTTP, PasswordRef: ref, API: APIAccess{Method: m, TokenRef: "account.later"}}
					got, want := OutlineOf(c, w), Outline{
						PointsTo: PointsTo(c), Product: ReadURL(url, URLContext{}).Product, Credential: CredentialOf(c, w),
						AppPassword: UsesAppPassword(c, w), Expires: ExpiryOf(c, w),
					}
					if got != want {
						t.Errorf("%+v\nis outlined as %+v\nand is %+v", c, got, want)
					}
				}
			}
		}
	}
}
