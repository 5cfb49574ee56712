package sandbox

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	mathrand "math/rand/v2"
	"strings"
)

// TokenName names one seeded credential.
type TokenName string

// The seeded credentials. Cloud first, then Data Center.
const (
	TokenAPI               TokenName = "api-token"
	TokenAPICI             TokenName = "api-token-ci"
	TokenAPIReadOnly       TokenName = "api-token-read-only"
	TokenAPIWriteOnly      TokenName = "api-token-write-only"
	TokenAPINoScopes       TokenName = "api-token-without-scopes"
	TokenAPIExpired        TokenName = "api-token-expired"
	TokenAPIStranger       TokenName = "api-token-stranger"
	TokenAPINoIssues       TokenName = "api-token-without-issues"
	TokenAPIMinimum        TokenName = "api-token-minimum"
	TokenRepository        TokenName = "repository-token"
	TokenRepositoryRead    TokenName = "repository-token-read-only"
	TokenProject           TokenName = "project-token"
	TokenWorkspace         TokenName = "workspace-token"
	TokenAppPassword       TokenName = "app-password"
	TokenAccountPassword   TokenName = "account-password"
	TokenDC                TokenName = "dc-token"
	TokenDCRead            TokenName = "dc-token-read-only"
	TokenDCOld             TokenName = "dc-token-old-form"
	TokenDCExpired         TokenName = "dc-token-expired"
	TokenDCCI              TokenName = "dc-token-ci"
	TokenDCUnlicensed      TokenName = "dc-token-unlicensed"
	TokenDCProject         TokenName = "dc-project-token"
	TokenDCRepository      TokenName = "dc-repository-token"
	TokenDCRepositoryRead  TokenName = "dc-repository-token-read-only"
	TokenDCAccountPassword TokenName = "dc-account-password"
)

// TokenKind is what a credential is.
type TokenKind string

// The kinds of credential both products know.
const (
	KindAPIToken        TokenKind = "api-token"
	KindRepositoryToken TokenKind = "repository-access-token"
	KindProjectToken    TokenKind = "project-access-token"
	KindWorkspaceToken  TokenKind = "workspace-access-token"
	KindAppPassword     TokenKind = "app-password"
	KindPassword        TokenKind = "password"
	KindHTTPToken       TokenKind = "http-access-token" // Data Center, of a user, project or repository
)

// Token is one seeded credential, for `try` to show which one to paste. It
// prints without its value; Secret reveals it.
type Token struct {
	Name    TokenName
	Title   string // one line for people
	Product Product
	Kind    TokenKind
	// Owner and Email are the user's; empty for tokens of a repository,
	// project or workspace.
	Owner string
	Email string
	// Scopes are Cloud's, granular for API tokens and legacy for access tokens.
	Scopes []string
	// Reach is what an access token was made in: "acme", "PAY",
	// "acme/ledger"; empty for a user's credential.
	Reach string
	// Expired is set where the service refuses it as expired or revoked.
	Expired bool

	value func() string // a function, so that no way of printing shows it
}

// Secret is the credential itself.
func (t Token) Secret() string {
	if t.value == nil {
		return ""
	}
	return t.value()
}

// String names the token and never shows its value.
func (t Token) String() string { return fmt.Sprintf("%s (%s)", t.Name, t.Title) }

// GoString is String, for %#v.
func (t Token) GoString() string { return t.String() }

// Tokens lists every seeded credential, Cloud first.
func (s *Sandbox) Tokens() []Token {
	list := make([]Token, len(s.world.credentials))
	for i, c := range s.world.credentials {
		list[i] = c.Token
	}
	return list
}

// Token finds a seeded credential by its name.
func (s *Sandbox) Token(name TokenName) (Token, bool) {
	for _, c := range s.world.credentials {
		if c.Name == name {
			return c.Token, true
		}
	}
	return Token{}, false
}

// Secret is the value of a seeded credential; empty for a name that is none.
func (s *Sandbox) Secret(name TokenName) string {
	t, _ := s.Token(name)
	return t.Secret()
}

// credential is a Token with what the server knows about it.
type credential struct {
	Token
	id   string     // X-Token-Id
	most permission // what it may do at most, whoever owns it
}

// covers reports whether an access token was made in, or above, a repository.
func (c *credential) covers(r *repository) bool {
	switch c.Kind {
	case KindRepositoryToken:
		return strings.EqualFold(c.Reach, r.fullName())
	case KindProjectToken:
		return strings.EqualFold(c.Reach, r.owner+"/"+r.project)
	case KindWorkspaceToken:
		return strings.EqualFold(c.Reach, r.owner)
	case KindHTTPToken:
		return c.Owner == "" && (strings.EqualFold(c.Reach, r.owner) || strings.EqualFold(c.Reach, r.fullName()))
	}
	return false
}

// AllScopes are the fourteen scopes an API token for a connector is asked to
// have. All but read:me end in ":bitbucket".
func AllScopes() []string {
	return []string{
		"read:me", "read:issue:bitbucket", "read:project:bitbucket", "read:pullrequest:bitbucket",
		"read:repository:bitbucket", "read:user:bitbucket", "read:webhook:bitbucket", "read:workspace:bitbucket",
		"write:webhook:bitbucket", "write:issue:bitbucket", "write:repository:bitbucket", "write:pullrequest:bitbucket",
		"delete:issue:bitbucket", "delete:webhook:bitbucket",
	}
}

// newRandom is where tokens and host keys come from: the same bytes for the
// same seed, the system's randomness for 0.
func newRandom(seed uint64) io.Reader {
	if seed == 0 {
		return rand.Reader
	}
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	return mathrand.NewChaCha8(key)
}

// alphabet is what the bodies of Atlassian tokens are made of.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// letters draws n characters of the alphabet.
func letters(random io.Reader, n int) string {
	raw := make([]byte, n)
	mustRead(random, raw)
	for i, b := range raw {
		raw[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(raw)
}

// mustRead fills a buffer; neither source can fail, crypto/rand crashes the
// program itself if it ever does.
func mustRead(random io.Reader, buffer []byte) { _, _ = io.ReadFull(random, buffer) }

// withChecksum appends what every "AT…" credential ends with: the CRC-32 (IEEE)
// of all bytes before it, as eight upper-case hex digits.
func withChecksum(text string) string {
	return text + fmt.Sprintf("%08X", crc32.ChecksumIEEE([]byte(text)))
}

// longToken builds the 192 characters of an API token or access token. The
// prefix is put together here so that no file holds what a scanner looks for.
func longToken(random io.Reader, third, mark string) string {
	prefix := "AT" + third + "TT3xFf" + mark
	return withChecksum(prefix + letters(random, 192-len(prefix)-9) + "=")
}

// appPassword builds the 36 characters of an app password.
func appPassword(random io.Reader) string { return withChecksum("AT" + "BB" + letters(random, 24)) }

// httpToken builds a Data Center HTTP access token: 44 base64 characters of
// twelve digits, a colon and twenty random bytes, since 7.x behind "BBDC-".
// It always holds a "+" or "/", because that is what breaks unescaped URLs.
func httpToken(random io.Reader, prefix string) string {
	digits, secret := make([]byte, 12), make([]byte, 20)
	for {
		mustRead(random, digits)
		mustRead(random, secret)
		for i, b := range digits {
			digits[i] = '0' + b%10
		}
		text := base64.StdEncoding.EncodeToString(append(append(digits[:12:12], ':'), secret...))
		if strings.ContainsAny(text, "+/") {
			return prefix + text
		}
	}
}
