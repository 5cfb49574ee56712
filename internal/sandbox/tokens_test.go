package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEveryTokenHasTheShapeOfItsKind(t *testing.T) {
	t.Parallel()
	// The expressions are those secret scanners use, with the marks apart so
	// that this file is not found by them.
	api := regexp.MustCompile(`^AT` + `ATT3xFfGF0[A-Za-z0-9_-]{171}=[0-9A-F]{8}$`)
	access := regexp.MustCompile(`^AT` + `CTT3xFfGN0[A-Za-z0-9+/=_-]+=[A-Za-z0-9]{8}$`)
	app := regexp.MustCompile(`^AT` + `BB[A-Za-z0-9]{32}$`)
	dc := regexp.MustCompile(`^(BB` + `DC-)?[A-Za-z0-9+/]{44}$`)
	for _, seed := range []uint64{0, 1, 2, 3} {
		s := start(t, Options{Seed: seed})
		for _, token := range s.Tokens() {
			secret := token.Secret()
			var shape *regexp.Regexp
			switch token.Kind {
			case KindAPIToken:
				shape = api
			case KindRepositoryToken, KindProjectToken, KindWorkspaceToken:
				shape = access
			case KindAppPassword:
				shape = app
			case KindHTTPToken:
				shape = dc
			case KindPassword:
				continue
			}
			if !shape.MatchString(secret) {
				t.Errorf("%s has the wrong shape (%d characters)", token.Name, len(secret))
			}
			if token.Product == Cloud {
				body, sum := secret[:len(secret)-8], secret[len(secret)-8:]
				if fmt.Sprintf("%08X", crc32.ChecksumIEEE([]byte(body))) != sum {
					t.Errorf("%s does not end in its checksum", token.Name)
				}
				if token.Kind != KindAppPassword && len(secret) != 192 {
					t.Errorf("%s has %d characters", token.Name, len(secret))
				}
			}
		}
	}
}

func TestDataCenterTokensDecodeToDigitsColonAndBytesAndNeedEscaping(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Seed: 9})
	for _, token := range s.Tokens() {
		if token.Kind != KindHTTPToken {
			continue
		}
		text := strings.TrimPrefix(token.Secret(), "BB"+"DC-")
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(raw) != 33 || !regexp.MustCompile(`^\d{12}:`).Match(raw) {
			t.Errorf("%s: %v, %d bytes", token.Name, err, len(raw))
		}
		if !strings.ContainsAny(text, "+/") {
			t.Errorf("%s would survive an unescaped URL", token.Name)
		}
	}
	if token, _ := s.Token(TokenDCOld); strings.HasPrefix(token.Secret(), "BB"+"DC") {
		t.Error("the older form has the newer prefix")
	}
}

func TestTokensAndHostKeysAreTheSameForTheSameSeedOnly(t *testing.T) {
	t.Parallel()
	a, b, c, d := start(t, Options{Seed: 7}), start(t, Options{Seed: 7}), start(t, Options{Seed: 8}), start(t, Options{})
	for _, token := range a.Tokens() {
		secret := token.Secret()
		if secret != b.Secret(token.Name) {
			t.Errorf("%s differs between runs of one seed", token.Name)
		}
		if secret == c.Secret(token.Name) || secret == d.Secret(token.Name) {
			t.Errorf("%s is the same for different seeds", token.Name)
		}
	}
	for _, product := range []Product{Cloud, DataCenter} {
		if a.HostFingerprint(product) != b.HostFingerprint(product) || a.HostFingerprint(product) == c.HostFingerprint(product) {
			t.Errorf("%s: host keys do not follow the seed", product)
		}
	}
	if a.HostFingerprint(Cloud) == a.HostFingerprint(DataCenter) {
		t.Error("both products share a host key")
	}
}

func TestAuthoritiesOfCertificatesFollowSeedAndClock(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)
	made := func(seed uint64, now time.Time) string {
		s := start(t, Options{Seed: seed, Now: func() time.Time { return now }})
		return string(s.CAPEM())
	}
	first := made(7, at)
	if made(7, at) != first {
		t.Error("one seed at one moment has two authorities")
	}
	random := made(0, at)
	if made(8, at) == first || made(7, at.AddDate(0, 1, 0)) == first || made(0, at) == random {
		t.Error("another seed or moment has the same authority")
	}
}

func TestTokensAreNamedOnceAndTold(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	seen, values := map[TokenName]bool{}, map[string]bool{}
	for _, token := range s.Tokens() {
		if seen[token.Name] || values[token.Secret()] || token.Title == "" || token.Secret() == "" {
			t.Errorf("%s is doubled or untold", token.Name)
		}
		seen[token.Name], values[token.Secret()] = true, true
	}
	if _, known := s.Token("nothing"); known || s.Secret("nothing") != "" || (Token{}).Secret() != "" {
		t.Error("a token that is none has a value")
	}
	if n := len(AllScopes()); n != 14 || len(slices.Compact(slices.Sorted(slices.Values(AllScopes())))) != 14 {
		t.Errorf("%d scopes", n)
	}
}

func TestNoWayOfPrintingShowsASecret(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, token := range s.Tokens() {
		asJSON, err := json.Marshal(token)
		if err != nil {
			t.Fatal(err)
		}
		inside := struct {
			T Token
			p *Token
		}{token, &token}
		texts := []string{string(asJSON), fmt.Sprint(token), fmt.Sprintf("%+v", token), fmt.Sprintf("%#v", token), fmt.Sprintf("%q", token), fmt.Sprintf("%+v", inside), fmt.Sprintf("%+v %#v", []Token{token}, inside)}
		for _, text := range texts {
			if strings.Contains(text, token.Secret()) {
				t.Errorf("%s shows itself in %q", token.Name, text[:40])
			}
		}
	}
}
