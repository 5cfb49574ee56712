package sandbox

import (
	"io"
	"slices"
	"strings"
)

// seedCredentials makes one credential of every kind. The order is part of
// what a seed fixes: append, never insert.
func seedCredentials(random io.Reader) []*credential {
	list := slices.Concat(seedAPITokens(random), seedAccessTokens(random), seedDataCenterTokens(random))
	for _, c := range list {
		c.id = letters(random, 12)
	}
	return list
}

// constant keeps a value where no printing reaches it.
func constant(value string) func() string { return func() string { return value } }

// withoutIssues are all scopes but those about issues.
func withoutIssues() []string {
	return slices.DeleteFunc(AllScopes(), func(scope string) bool { return strings.Contains(scope, ":issue:") })
}

func seedAPITokens(random io.Reader) []*credential {
	rows := []struct {
		name    TokenName
		title   string
		owner   string
		email   string
		scopes  []string
		expired bool
	}{
		{TokenAPI, "API token of jdoe with all fourteen scopes", "jdoe", "jdoe@acme-corp.com", AllScopes(), false},
		{TokenAPICI, "API token of acme-ci, who may only read", "acme-ci", "ci@acme-corp.com", AllScopes(), false},
		{TokenAPIReadOnly, "API token of jdoe that can read repositories and nothing else", "jdoe", "jdoe@acme-corp.com", []string{"read:repository:bitbucket"}, false},
		{TokenAPIWriteOnly, "API token of jdoe with write:repository but not read:repository", "jdoe", "jdoe@acme-corp.com", []string{"read:user:bitbucket", "read:workspace:bitbucket", "write:repository:bitbucket"}, false},
		{TokenAPINoScopes, "API token of jdoe made without scopes", "jdoe", "jdoe@acme-corp.com", nil, false},
		{TokenAPIExpired, "API token of jdoe that expired or was revoked", "jdoe", "jdoe@acme-corp.com", AllScopes(), true},
		{TokenAPIStranger, "API token of somebody outside the acme workspace", "mallory", "mallory@initech.example", AllScopes(), false},
		{TokenAPINoIssues, "API token of jdoe without the three issue scopes, which went with issues on 2026-08-20", "jdoe", "jdoe@acme-corp.com", withoutIssues(), false},
		{
			TokenAPIMinimum, "API token of jdoe with the three scopes a read-only test needs", "jdoe", "jdoe@acme-corp.com",
			[]string{"read:user:bitbucket", "read:workspace:bitbucket", "read:repository:bitbucket"},
			false,
		},
	}
	list := make([]*credential, len(rows))
	for i, r := range rows {
		list[i] = &credential{most: canAdmin, Token: Token{
			Name: r.name, Title: r.title, Product: Cloud, Kind: KindAPIToken, Owner: r.owner, Email: r.email,
			Scopes: r.scopes, Expired: r.expired, value: constant(longToken(random, "A", "GF0")),
		}}
	}
	return list
}

func seedAccessTokens(random io.Reader) []*credential {
	rows := []struct {
		name   TokenName
		title  string
		kind   TokenKind
		reach  string
		scopes []string
	}{
		{TokenRepository, "repository access token of acme/ledger", KindRepositoryToken, "acme/ledger", []string{"repository:write", "pullrequest:write", "webhook"}},
		{TokenRepositoryRead, "repository access token of acme/ledger, read only", KindRepositoryToken, "acme/ledger", []string{"repository"}},
		{TokenProject, "project access token of acme's project PAY", KindProjectToken, "acme/PAY", []string{"project", "repository:write", "pullrequest:write", "webhook"}},
		{TokenWorkspace, "workspace access token of acme", KindWorkspaceToken, "acme", []string{"account", "project", "repository:write", "pullrequest:write", "webhook"}},
	}
	var list []*credential
	for _, r := range rows {
		list = append(list, &credential{most: canAdmin, Token: Token{
			Name: r.name, Title: r.title, Product: Cloud, Kind: r.kind, Reach: r.reach, Scopes: r.scopes,
			value: constant(longToken(random, "C", "GN0")),
		}})
	}
	return append(list,
		&credential{Token: Token{
			Name: TokenAppPassword, Title: "app password of jdoe, refused since 2026-07-28", Product: Cloud, Kind: KindAppPassword,
			Owner: "jdoe", Email: "jdoe@acme-corp.com", value: constant(appPassword(random)),
		}},
		&credential{Token: Token{
			Name: TokenAccountPassword, Title: "account password of jdoe, refused since 2022-03-01", Product: Cloud, Kind: KindPassword,
			Owner: "jdoe", Email: "jdoe@acme-corp.com", value: constant("Correct-" + letters(random, 12)),
		}},
	)
}

func seedDataCenterTokens(random io.Reader) []*credential {
	rows := []struct {
		name    TokenName
		title   string
		owner   string
		reach   string
		prefix  string
		most    permission
		expired bool
	}{
		{TokenDC, "HTTP access token of jdoe, repository admin", "jdoe", "", "BBDC-", canAdmin, false},
		{TokenDCRead, "HTTP access token of jdoe, read only", "jdoe", "", "BBDC-", canRead, false},
		{TokenDCOld, "HTTP access token of jdoe in the older form without BBDC-", "jdoe", "", "", canWrite, false},
		{TokenDCExpired, "HTTP access token of jdoe that expired or was revoked", "jdoe", "", "BBDC-", canAdmin, true},
		{TokenDCCI, "HTTP access token of acme-ci, who may only read", "acme-ci", "", "BBDC-", canAdmin, false},
		{TokenDCUnlicensed, "HTTP access token of intern, who has no licence", "intern", "", "BBDC-", canAdmin, false},
		{TokenDCProject, "HTTP access token of project PAY, write", "", "PAY", "BBDC-", canWrite, false},
		{TokenDCRepository, "HTTP access token of PAY/ledger, admin", "", "PAY/ledger", "BBDC-", canAdmin, false},
		{TokenDCRepositoryRead, "HTTP access token of PAY/ledger, read only", "", "PAY/ledger", "BBDC-", canRead, false},
	}
	var list []*credential
	for _, r := range rows {
		list = append(list, &credential{most: r.most, Token: Token{
			Name: r.name, Title: r.title, Product: DataCenter, Kind: KindHTTPToken, Owner: r.owner,
			Reach: r.reach, Expired: r.expired, value: constant(httpToken(random, r.prefix)),
		}})
	}
	return append(list, &credential{most: canAdmin, Token: Token{
		Name: TokenDCAccountPassword, Title: "account password of jdoe at the Data Center", Product: DataCenter, Kind: KindPassword,
		Owner: "jdoe", value: constant("Staple-" + letters(random, 12)),
	}})
}
