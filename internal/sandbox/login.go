package sandbox

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// login is what a client sent to say who it is.
type login struct {
	style  string // "none", "basic", "bearer" or "malformed"
	name   string // Basic only
	secret string
}

// The user names that are not users.
const (
	nameAPIToken    = "x-bitbucket-api-token-auth" // git with an API token
	nameAccessToken = "x-token-auth"               // git with an access token
)

// readLogin reads the Authorization header.
func readLogin(r *http.Request) login {
	header := r.Header.Get("Authorization")
	if header == "" {
		return login{style: "none"}
	}
	scheme, rest, _ := strings.Cut(header, " ")
	switch strings.ToLower(scheme) {
	case "bearer":
		return login{style: "bearer", secret: strings.TrimSpace(rest)}
	case "basic":
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
		name, secret, ok := strings.Cut(string(raw), ":")
		if err == nil && ok {
			return login{style: "basic", name: name, secret: secret}
		}
	}
	return login{style: "malformed"}
}

// journalName is the login's user name where it is certainly no secret.
func (s *Sandbox) journalName(l login) string {
	if l.name == "" {
		return ""
	}
	known := []string{nameAPIToken, nameAccessToken}
	for _, p := range s.world.people {
		known = append(known, p.username, p.email)
	}
	if slices.Contains(known, l.name) {
		return l.name
	}
	return "other"
}

// redact takes every seeded secret out of a text and bounds its length.
func (s *Sandbox) redact(text string) string {
	for _, c := range s.world.credentials {
		text = strings.ReplaceAll(text, c.value(), "•••")
	}
	return strings.ToValidUTF8(text[:min(len(text), 200)], "")
}

// effective is a credential as the current scenario makes it: revoked, without
// scopes, with some of them missing.
func (s *Sandbox) effective(c *credential) *credential {
	f := s.faults()
	if c == nil || !f.revoked && !f.unscoped && len(f.missingScopes) == 0 {
		return c
	}
	changed := *c
	changed.Expired = c.Expired || f.revoked
	if f.unscoped && c.Kind == KindAPIToken {
		changed.Scopes = nil
	}
	changed.Scopes = slices.DeleteFunc(slices.Clone(changed.Scopes), func(scope string) bool {
		return slices.Contains(f.missingScopes, scope)
	})
	return &changed
}

// find looks a secret up and applies the scenario to what it finds.
func (s *Sandbox) find(product Product, secret string) *credential {
	return s.effective(s.world.credential(product, secret))
}

// legacyImplied are the legacy scopes that contain others; admin and delete
// contain nothing.
func legacyImplied() map[string][]string {
	return map[string][]string{
		"repository:write":  {"repository"},
		"pullrequest":       {"repository"},
		"pullrequest:write": {"pullrequest", "repository", "repository:write"},
		"project":           {"repository"},
	}
}

// holds reports whether a credential has every scope of a call. For API tokens
// write does not contain read; for access tokens it does.
func (c *credential) holds(granular, legacy []string) bool {
	if c.Kind == KindAPIToken {
		return containsAll(c.Scopes, granular)
	}
	granted := slices.Clone(c.Scopes)
	for _, scope := range c.Scopes {
		granted = append(granted, legacyImplied()[scope]...)
	}
	return containsAll(granted, legacy)
}

// containsAll reports whether every wanted entry is in have.
func containsAll(have, wanted []string) bool {
	for _, w := range wanted {
		if !slices.Contains(have, w) {
			return false
		}
	}
	return true
}
