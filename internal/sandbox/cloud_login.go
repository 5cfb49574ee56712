package sandbox

import (
	"net/http"
	"strings"
)

// cloudLogin decides who a REST request is made by, or refuses it.
//
// An API token wants the Atlassian account's email as user name, or Bearer
// since 2026-08-18; an access token wants Bearer. A Basic pair is told the
// specific reason, Bearer one text for every cause.
func (s *Sandbox) cloudLogin(l login) (identity, *Answer) {
	switch l.style {
	case "none":
		return identity{}, nil
	case "malformed":
		return identity{}, emptyAnswer(http.StatusBadRequest)
	case "bearer":
		return s.cloudBearer(l)
	}
	return s.cloudBasic(l)
}

// cloudBearer takes API tokens and access tokens.
func (s *Sandbox) cloudBearer(l login) (identity, *Answer) {
	c := s.find(Cloud, l.secret)
	usable := c != nil && !c.Expired && len(c.Scopes) > 0
	if !usable || c.Kind == KindAppPassword || c.Kind == KindPassword {
		return identity{}, cloudError(http.StatusUnauthorized, textTokenInvalid)
	}
	return s.as(c), nil
}

// cloudBasic takes email and API token, and nothing else.
func (s *Sandbox) cloudBasic(l login) (identity, *Answer) {
	c := s.find(Cloud, l.secret)
	switch {
	case c == nil || c.Expired:
		return identity{}, cloudUnauthorized(textAnswer(0, textLoginFailed))
	case c.Kind == KindPassword:
		return identity{}, cloudUnauthorized(textAnswer(0, textPasswordREST))
	case c.Kind == KindAppPassword:
		return identity{}, cloudUnauthorized(emptyAnswer(0))
	case c.Kind != KindAPIToken:
		return identity{}, cloudUnauthorized(textAnswer(0, textLoginFailed))
	case !strings.EqualFold(l.name, c.Email):
		return identity{}, cloudUnauthorized(emptyAnswer(0))
	case len(c.Scopes) == 0:
		return identity{}, noScopes()
	}
	return s.as(c), nil
}

// as is the identity a credential gives.
func (s *Sandbox) as(c *credential) identity {
	if c.Owner == "" {
		return identity{cred: c}
	}
	return identity{user: s.world.person(c.Product, c.Owner), cred: c}
}

// cloudGitLogin decides who git is, or refuses it. An API token goes with the
// Bitbucket user name or the fixed x-bitbucket-api-token-auth, an access token
// with x-token-auth; an app password is 410 whoever sends it.
func (s *Sandbox) cloudGitLogin(l login) (identity, *Answer) {
	if l.style == "none" {
		return identity{}, nil
	}
	refuse := func(text string) (identity, *Answer) {
		return identity{}, cloudUnauthorized(textAnswer(0, text))
	}
	c := s.find(Cloud, l.secret)
	if l.style != "basic" || c == nil {
		return refuse(textInvalidCredentials)
	}
	switch {
	case c.Kind == KindAppPassword:
		return identity{}, textAnswer(http.StatusGone, textAppPassword)
	case c.Kind == KindPassword:
		return refuse(textPasswordGit)
	case c.Expired:
		return refuse(textInvalidCredentials)
	case c.Kind == KindAPIToken && l.name != nameAPIToken && !strings.EqualFold(l.name, c.Owner):
		return refuse(textInvalidCredentials)
	case c.Kind != KindAPIToken && l.name != nameAccessToken:
		return refuse(textInvalidCredentials)
	case len(c.Scopes) == 0:
		return refuse(textNoScopes)
	}
	return s.as(c), nil
}

// credentialType is the X-Credential-Type of a credential.
func credentialType(kind TokenKind) string {
	switch kind {
	case KindAPIToken:
		return "api_token"
	case KindRepositoryToken:
		return "repo_access_token"
	case KindProjectToken:
		return "project_access_token"
	case KindWorkspaceToken:
		return "workspace_access_token"
	}
	return "unknown"
}

// describe puts the headers on an answer that reveal the credential: its kind,
// the scopes it has and the scopes the call wants (always by their legacy
// names). They are sent at every status.
func describe(a *Answer, who identity, accepted []string) *Answer {
	if who.anonymous() {
		return a
	}
	return a.with("X-Credential-Type", credentialType(who.cred.Kind)).
		with("X-Oauth-Scopes", strings.Join(who.cred.Scopes, ", ")).
		with("X-Accepted-Oauth-Scopes", strings.Join(accepted, ", ")).
		with("X-Token-Id", who.cred.id)
}
