package probe

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"bbconnect/model"
)

// publishedKeys are the public keys of https://bitbucket.org/site/ssh.
var publishedKeys = []string{
	"AAAAC3NzaC1lZDI1NTE5AAAAIIazEu89wgQZ4bqs3d63QSMzYVa0MuJ2e2gKTKqu+UUO",
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBPIQmuzMBuKdWeF4+a2sjSSpBK0iqitSQ+5BM9KhpexuGt20JpTVM7u5BDZngncgrqDMbWdxMWWOGtZ9UgbqgZE=",
	"AAAAB3NzaC1yc2EAAAADAQABAAABgQDQeJzhupRu0u0cdegZIa8e86EG2qOCsIsD1Xw0xSeiPDlCr7kq97NLmMbpKTX6Esc30NuoqEEHCuc7yWtwp8dI76EEEB1VqY9QJq6vk+aySyboD5QF61I/1WeTwu+deCbgKMGbUijeXhtfbxSxm6JwGrXrhBdofTsbKRUsrN1WoNgUa8uqN1Vx6WAJw1JHPhglEGGHea6QICwJOAr/6mrui/oB7pkaWKHj3z7d1IC4KWLtY47elvjbaTlkN04Kc/5LFEirorGYVbt15kAUlqGM65pk6ZBxtaO3+30LVlORZkxOh+LKL/BvbZ/iRNhItLqNyieoQj/uh/7Iv4uyH/cV/0b4WDSd3DptigWq84lJubb9t/DnZlrJazxyDCulTmKdOR7vs9gMTo+uoIrPSb8ScTtvw65+odKAlBj59dhnVp9zd7QUojOpXlL62Aw56U4oO+FALuevvMjiWeavKhJqlR7i5n9srYcrNV7ttmDw7kf/97P5zauIhxcjX+xHv4M=",
}

func sshTarget(t *testing.T, address string) target {
	t.Helper()
	to, ok := targetOf(model.Connector{URL: address, URLType: model.URLRepo, ConnectionType: model.SSH})
	if !ok {
		t.Fatalf("%s is not understood", address)
	}
	return to
}

func TestThePublishedKeysOfCloudAreAcceptedUnderAllItsNames(t *testing.T) {
	t.Parallel()
	for i, encoded := range publishedKeys {
		blob, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			t.Fatal(err)
		}
		key, err := ssh.ParsePublicKey(blob)
		if err != nil {
			t.Fatal(err)
		}
		if key.Type() != cloudKeys[i].keyType || ssh.FingerprintSHA256(key) != cloudKeys[i].fingerprint {
			t.Errorf("key %d is %s %s, the table says %+v", i, key.Type(), ssh.FingerprintSHA256(key), cloudKeys[i])
		}
		for _, address := range []string{"git@bitbucket.org:a/b.git", "git@ssh.bitbucket.org:a/b.git", "ssh://git@altssh.bitbucket.org:443/a/b.git"} {
			stale := []byte(knownhosts.Line([]string{"bitbucket.org", "ssh.bitbucket.org", "[altssh.bitbucket.org]:443"}, ecdsaHostKey(t).PublicKey()))
			if f := newHostKeys(sshTarget(t, address), listed(stale), nil).judge(key); f.kind != noFault {
				t.Errorf("%s: %s", address, f.kind)
			}
		}
		if f := newHostKeys(sshTarget(t, "ssh://git@git.acme-corp.com:7999/a/b.git"), nil, nil).judge(key); f.kind != faultHostNew {
			t.Errorf("Cloud's key is accepted for another host: %s", f.kind)
		}
	}
}

func TestKnownHostsAreReadAsOpenSSHDoes(t *testing.T) {
	t.Parallel()
	key, other := ecdsaHostKey(t).PublicKey(), ecdsaHostKey(t).PublicKey()
	const address = "ssh://git@Git.Acme-Corp.com:7999/a/b.git"
	line := func(host string, k ssh.PublicKey) string {
		return host + " " + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k))) + "\n"
	}
	const name = "[git.acme-corp.com]:7999"
	for what, c := range map[string]struct {
		files []string
		want  faultKind
	}{
		"its line":                  {[]string{line(name, key)}, noFault},
		"upper case":                {[]string{line(strings.ToUpper(name), key)}, noFault},
		"the second of a list":      {[]string{line("a,"+name+",b", key)}, noFault},
		"a wildcard":                {[]string{line("[*.acme-corp.com]:7999", key)}, noFault},
		"a question mark":           {[]string{line("[git.acme-corp.co?]:7999", key)}, noFault},
		"a negated name":            {[]string{line("[*.acme-corp.com]:7999,!"+name, key)}, faultHostNew},
		"hashed":                    {[]string{line(knownhosts.HashHostname(name), key)}, noFault},
		"hashed, another name":      {[]string{line(knownhosts.HashHostname("[x]:7999"), key)}, faultHostNew},
		"another port":              {[]string{line("git.acme-corp.com", key)}, faultHostNew},
		"another host":              {[]string{line("[git.acme-corp.org]:7999", key)}, faultHostNew},
		"another key":               {[]string{line(name, other)}, faultHostOther},
		"another key and its own":   {[]string{line(name, other), line(name, key)}, noFault},
		"revoked in a second file":  {[]string{line(name, key), "@revoked " + line("*", key)}, faultHostOld},
		"an authority":              {[]string{"@cert-authority " + line("*", key)}, faultHostNew},
		"nonsense, comments, blank": {[]string{"# x\n\n!!\n" + name + " ssh-rsa !!!\n|1|x " + line("", key) + line(name, key)}, noFault},
		"damaged hashes":            {[]string{line("|1|?|?", key) + line("|2|a|b", key) + line("|1|YQ==|?", key)}, faultHostNew},
		"nothing":                   {nil, faultHostNew},
	} {
		var files [][]byte
		for _, f := range c.files {
			files = append(files, []byte(f))
		}
		if got := newHostKeys(sshTarget(t, address), listed(files...), nil).judge(key); got.kind != c.want {
			t.Errorf("%s: %q, want %q", what, got.kind, c.want)
		}
	}
}

func TestKnownTypesAreAskedForFirst(t *testing.T) {
	t.Parallel()
	rsa := []byte(knownhosts.Line([]string{"[git.acme-corp.com]:7999"}, hostSigner(t, rsaKey()).PublicKey()))
	got := newHostKeys(sshTarget(t, "ssh://git@git.acme-corp.com:7999/a/b.git"), listed(rsa), nil).algorithms()
	if got[0] != ssh.KeyAlgoRSASHA512 || got[1] != ssh.KeyAlgoRSASHA256 || !slices.Contains(got, ssh.KeyAlgoED25519) || slices.Contains(got, ssh.KeyAlgoRSA) {
		t.Errorf("algorithms %q", got)
	}
}

func TestAnOfferedKeyIsALineThatAcceptsIt(t *testing.T) {
	t.Parallel()
	to, key := sshTarget(t, "ssh://git@git.acme-corp.com:7999/a/b.git"), ecdsaHostKey(t).PublicKey()
	offer := newHostKeys(to, nil, nil).offer(key)
	if offer.Address != serverSSH || offer.Type != key.Type() || !strings.HasPrefix(offer.Fingerprint, "SHA256:") {
		t.Errorf("%+v", offer)
	}
	if f := newHostKeys(to, listed([]byte(offer.Line)), nil).judge(key); f.kind != noFault {
		t.Errorf("the offered line does not accept the key: %s", f.kind)
	}
	if f := newHostKeys(to, nil, []string{offer.Fingerprint + "="}).judge(key); f.kind != noFault {
		t.Errorf("the offered fingerprint does not accept the key: %s", f.kind)
	}
}

func TestPathsAreQuotedForTheShellBehindSSH(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"git@ssh.bitbucket.org:acme/ledger.git":             "'acme/ledger.git'",
		"ssh://git@git.acme-corp.com:7999/PAY/ledger.git":   "'/PAY/ledger.git'",
		"ssh://git@git.acme-corp.com:7999/~jdoe/ledger.git": "'~jdoe/ledger.git'",
	} {
		if got := shellQuote(sshTarget(t, address).sshPath()); got != want {
			t.Errorf("%s runs with %s, want %s", address, got, want)
		}
	}
	if got := shellQuote("a'; rm -rf !1"); got != `'a'\''; rm -rf '\!'1'` {
		t.Errorf("quoted as %s", got)
	}
}

func TestTheCommandIsGitsOwn(t *testing.T) {
	t.Parallel()
	var w *sshWorld
	req := serverRequest()
	serverOverSSH(&req)
	o := Options{Dial: silence(t)}
	sshServer(func(made *sshWorld) { w = made }, nil)(t, nil, &o)
	compare(t, New(o).Test(t.Context(), req, nil), model.VerdictPass, "")
	if got := w.ran(); len(got) != 1 || !strings.HasPrefix(got[0], "git-upload-pack '/") {
		t.Errorf("ran %q", got)
	}
}

func FuzzKnownHosts(f *testing.F) {
	f.Add("*.acme-corp.com,!x ssh-ed25519 AAAA", "[git.acme-corp.com]:7999")
	f.Add("|1|YQ==|YQ== ssh-rsa AAAA", "a")
	f.Add("***************a", "aaaaaaaaaaaaaaaaaaaaaaaa")
	f.Fuzz(func(t *testing.T, file, name string) {
		h := hostKeys{address: "git.acme-corp.com:7999"}
		h.read(KnownHosts{File: "x", Data: []byte(file)})
		if !wildcard("*", name) || !strings.ContainsAny(name, "*?") && !wildcard(name, name) {
			t.Fatalf("%q does not match itself", name)
		}
		if wildcard(file, name) && !strings.ContainsAny(file, "*?") && file != name {
			t.Fatalf("%q matches %q", file, name)
		}
	})
}
