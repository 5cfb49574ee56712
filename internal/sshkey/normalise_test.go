package sshkey

import (
	"crypto/elliptic"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"

	"bbconnect/model"
)

// damages is what mail programs, browsers, spreadsheets, terminals and YAML
// files do to a key.
var damages = map[string]func(string) string{
	"nothing":                    func(s string) string { return s },
	"a byte order mark":          func(s string) string { return "\ufeff" + s },
	"UTF-16 with a mark":         asUTF16,
	"CRLF":                       func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
	"CR":                         func(s string) string { return strings.ReplaceAll(s, "\n", "\r") },
	"blank lines between":        func(s string) string { return strings.ReplaceAll(s, "\n", "\n\n") },
	"indentation":                func(s string) string { return "    " + strings.ReplaceAll(s, "\n", "\n    ") },
	"tabs":                       func(s string) string { return "\t" + strings.ReplaceAll(s, "\n", "\n\t") },
	"one line with blanks":       func(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "\n", " ") },
	`literal \n`:                 func(s string) string { return strings.ReplaceAll(s, "\n", `\n`) },
	`literal \r\n in quotes`:     func(s string) string { return `"` + strings.ReplaceAll(s, "\n", `\r\n`) + `"` },
	`literal \\n`:                func(s string) string { return strings.ReplaceAll(s, "\n", `\\n`) },
	"a JSON string":              func(s string) string { b, _ := json.Marshal(map[string]string{"key": s}); return string(b) },
	"single quotes":              func(s string) string { return "'" + strings.TrimSpace(s) + "'" },
	"curly quotes":               func(s string) string { return "\u201c" + s + "\u201d" },
	"no newline at the end":      func(s string) string { return strings.TrimSuffix(s, "\n") },
	"blanks at line ends":        func(s string) string { return strings.ReplaceAll(s, "\n", "   \n") },
	"hard blanks":                func(s string) string { return strings.ReplaceAll(s, "\n", "\u00a0\n\u00a0") },
	"quoted mail":                func(s string) string { return "> " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n> ") },
	"a YAML block":               func(s string) string { return "key: |\n  " + strings.ReplaceAll(s, "\n", "\n  ") + "\nother: 1\n" },
	"a shell prompt around":      func(s string) string { return "$ cat key\n" + s + "$ \n" },
	"prettified dashes":          func(s string) string { return strings.ReplaceAll(s, "-----", "\u2014\u2014-") },
	"shell continuation lines":   func(s string) string { return strings.ReplaceAll(s, "\n", "\\\n") },
	"lines broken in the middle": breakLines,
}

func asUTF16(s string) string {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

// breakLines is a narrow terminal that broke long lines for good.
func breakLines(s string) string {
	var out strings.Builder
	for line := range strings.Lines(s) {
		if len(line) > 50 && !strings.Contains(line, "KEY") && !strings.Contains(line, ":") {
			line = line[:45] + "\n" + line[45:]
		}
		out.WriteString(line)
	}
	return out.String()
}

func TestAPastedKeyComesOutByteForByteAsItWas(t *testing.T) {
	t.Parallel()
	r, e, d := newRSA(t, 2048), newECDSA(t, elliptic.P256()), newEd25519(t)
	keys := map[string]string{
		"PKCS#1":            asPKCS1(t, r),
		"SEC 1":             asSEC1(t, e),
		"PKCS#8":            asPKCS8(t, r),
		"PKCS#8 encrypted":  asEncryptedPKCS8(t, r, "pass", nil),
		"OpenSSH RSA":       wrapAt70(asOpenSSH(t, r, "")),
		"OpenSSH ECDSA":     wrapAt70(asOpenSSH(t, e, "")),
		"OpenSSH Ed25519":   wrapAt70(asOpenSSH(t, d, "")),
		"OpenSSH encrypted": wrapAt70(asOpenSSH(t, r, "pass")),
	}
	for form, key := range keys {
		for name, damage := range damages {
			damaged := damage(key)
			got, changed := Normalise(secret(damaged))
			if got.Reveal() != key {
				t.Errorf("%s, %s: not mended", form, name)
			}
			if changed != (damaged != key) {
				t.Errorf("%s, %s: changed = %v", form, name, changed)
			}
		}
	}
}

// wrapAt70 breaks a key's lines where ssh-keygen does; Go's encoder has 64.
func wrapAt70(key string) string {
	lines := strings.Split(strings.TrimSpace(key), "\n")
	last := len(lines) - 1
	body := rewrap([]string{strings.Join(lines[1:last], ""), ""}, 70)
	return lines[0] + "\n" + strings.Join(body, "\n") + "\n" + lines[last] + "\n"
}

func TestNormalisingTwiceChangesNothingMore(t *testing.T) {
	t.Parallel()
	key := asSEC1(t, newECDSA(t, elliptic.P384()))
	for name, damage := range damages {
		once, _ := Normalise(secret(damage(key)))
		if twice, changed := Normalise(once); changed || !twice.Equal(once) {
			t.Errorf("%s: the second time changed it again", name)
		}
	}
}

// What is between the marks need not be a key: people paste the wrong thing, and
// a second look must find what the first one has left.
func TestHostileTextBetweenTheMarksComesToRest(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a header without a value at the end":   strings.Repeat("Ab3/", 16) + "\nDEK-Info:",
		"headers without values":                "a: b: c:\n" + strings.Repeat("Ab3/", 16),
		"letters that a line break tears":       "x" + strings.Repeat("\u00e9", 200),
		"wider letters that a line break tears": "xy" + strings.Repeat("\u20ac\U0001f600", 200),
		"bytes that are not UTF-8":              strings.Repeat("\xc2n\x81^\xbf\x87\xa1\x82p\xfa", 40),
		"bytes with colons and quotes":          strings.Repeat("\xe7:\"\xfd'`\x96 \xb9]:&\xa0\x95\xc6", 30),
		"nothing":                               "",
		"only a colon":                          ":",
		"dashes and words":                      "--- BEGIN x -- END y --- ",
		"marks of quoted mail":                  "> > | : >\n>a:\n| b",
	} {
		for _, label := range []string{"EC PRIVATE" + " KEY", "OPENSSH PRIVATE" + " KEY"} {
			text := "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n"
			once, changed := Normalise(secret(text))
			if changed != (once.Reveal() != text) {
				t.Errorf("%s: changed is %v", name, changed)
			}
			if twice, again := Normalise(once); again || !twice.Equal(once) {
				t.Errorf("%s: the second time changed it again", name)
			}
		}
	}
}

func TestTextThatIsNotOnePrivateKeyIsLeftAlone(t *testing.T) {
	t.Parallel()
	e := newECDSA(t, elliptic.P256())
	key := asSEC1(t, e)
	for name, text := range map[string]string{
		"empty":           "",
		"a public key":    publicLine(t, e),
		"two keys":        key + asSEC1(t, newECDSA(t, elliptic.P256())),
		"no end":          key[:len(key)/2],
		"no beginning":    key[len(key)/2:],
		"a PuTTY file":    "PuTTY-User-Key-File-3: ssh-rsa\r\nEncryption: none\r\n",
		"an ssh.com file": strings.ReplaceAll(strings.ReplaceAll(key, "EC PRIVATE", " SSH2 ENCRYPTED PRIVATE"), "-----", "----"),
		"too long":        key + strings.Repeat(" ", maxText),
		"prose":           "BEGIN here, and END there --- not a key",
	} {
		if got, changed := Normalise(secret(text)); changed || got.Reveal() != text {
			t.Errorf("%s was changed", name)
		}
	}
}

func TestWhatOpensslWritesAroundAKeyIsDropped(t *testing.T) {
	t.Parallel()
	e := newECDSA(t, elliptic.P256())
	key := asSEC1(t, e)
	parameters := "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
	for name, text := range map[string]string{
		"parameters before":  parameters + key,
		"bag attributes":     "Bag Attributes\n    localKeyID: 01\n" + key,
		"public half beside": publicLine(t, e) + key,
		"a torn copy before": key[:len(key)/2] + "\n" + key,
	} {
		if got, changed := Normalise(secret(text)); !changed || got.Reveal() != key {
			t.Errorf("%s: not dropped", name)
		}
	}
}

func TestTheHeadersOfAnEncryptedKeySurviveEveryDamage(t *testing.T) {
	t.Parallel()
	// The body need not be a real key here: Normalise does not look inside.
	body := strings.Repeat(strings.Repeat("Ab3/", 16)+"\n", 6)
	key := "-----BEGIN RSA " + "PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0123456789ABCDEF\n\n" +
		body + "-----END RSA " + "PRIVATE KEY-----\n"
	for name, damage := range damages {
		if got, _ := Normalise(secret(damage(key))); got.Reveal() != key {
			t.Errorf("%s: not mended", name)
		}
	}
}

func FuzzNormaliseAndFindingsNeverPanicAndNeverTellWhatTheySaw(f *testing.F) {
	e := newECDSA(f, elliptic.P256())
	for _, seed := range []string{
		asSEC1(f, e), asPKCS8(f, e), asOpenSSH(f, e, ""), publicLine(f, e),
		asEncryptedPKCS8(f, e, "pass", nil), "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none", "-----BEGIN ", "\xff\xfe-",
	} {
		f.Add(seed, "")
		f.Add(damages["one line with blanks"](seed), "pass")
		f.Add(seed[:len(seed)*2/3], "x")
	}
	f.Fuzz(func(t *testing.T, text, pass string) {
		once, _ := Normalise(secret(text))
		if twice, changed := Normalise(once); changed || !twice.Equal(once) {
			t.Errorf("normalising %q twice differs from once", text)
		}
		fs := Findings(secret(text), secret(pass))
		info, err := Inspect(secret(text), secret(pass))
		if err == nil && info.Format == FormatUnknown {
			t.Error("an unknown form was read")
		}
		quoted := []string{}
		for _, x := range fs {
			quoted = append(quoted, x.Message, x.Fix, x.Suggestion)
		}
		if p, ok := model.AsProblem(err); ok {
			quoted = append(quoted, p.Error(), p.Why)
		}
		for _, word := range strings.Fields(text) {
			if len(word) >= 24 && strings.Contains(strings.Join(quoted, "\n"), word) {
				t.Errorf("a message repeats %q", word)
			}
		}
	})
}
