package model_test

import (
	"fmt"
	"time"

	"bbconnect/model"
)

func ExampleReadURL() {
	got := model.ReadURL("https://git.acme-corp.com/projects/PAY/repos/ledger/browse?at=main", model.URLContext{})
	fmt.Println(got.Product, got.Project, got.Repo)
	fmt.Println(got.URL)
	fmt.Println(got.API)
	for _, f := range got.Findings {
		fmt.Println(f.Severity, f.Code)
	}
	// Output:
	// datacenter PAY ledger
	// https://git.acme-corp.com/scm/PAY/ledger.git
	// https://git.acme-corp.com/rest/api/1.0
	// warning url.web-page
}

func ExampleReadURL_secret() {
	got := model.ReadURL("git clone https://"+"jdoe:not-for-eyes@bitbucket.org/acme/ledger.git", model.URLContext{})
	fmt.Println(got.URL, got.SecretUser, got.Secret, got.Secret.Len())
	// Output:
	// https://bitbucket.org/acme/ledger.git jdoe ••• 12
}

func ExampleAddress_For() {
	a := model.ReadURL("https://bitbucket.org/acme/ledger.git", model.URLContext{}).Address
	ssh, _ := a.For(model.URLRepo, model.SSH)
	account, _ := a.For(model.URLAccount, model.HTTP)
	fmt.Println(ssh)
	fmt.Println(account, a.TestRepository())
	// Output:
	// git@ssh.bitbucket.org:acme/ledger.git
	// https://bitbucket.org/acme/ ledger.git
}

func ExampleHarnessAPI() {
	base, slug, ok := model.HarnessAPI("https://git.acme-corp.com:8443/PAY/ledger.git")
	fmt.Println(base, slug, ok, "(the port is lost)")
	// Output:
	// https://git.acme-corp.com/ PAY/ledger true (the port is lost)
}

func ExampleMissingScopes() {
	granted := model.ParseScopes("write:repository:bitbucket, read:user:bitbucket")
	for _, s := range model.MissingScopes(granted, model.NeedClone, model.NeedSignIn) {
		fmt.Println(s.Name, "–", s.For)
	}
	// Output:
	// read:repository:bitbucket – clone, read files and commits, set build statuses
	// read:workspace:bitbucket – list workspaces and their repositories
}

func ExampleExpiryFindings() {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	ends := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for _, f := range model.ExpiryFindings(ends, now, model.KindAPIToken, model.QExpires) {
		fmt.Println(f.Severity, f.Code, f.Message)
	}
	// Output:
	// warning token.expiring The token ends in 9 days, on 2026-12-01.
}
