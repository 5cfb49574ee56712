package model

import (
	"slices"
	"testing"
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
