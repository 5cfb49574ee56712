package store

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/disk"
	"bbconnect/model"
)

// certificate makes a self-signed authority in PEM.
func certificate(t *testing.T, name string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func authorityStore(t *testing.T) (*Store, string) {
	t.Helper()
	dir := t.TempDir()
	return Open(disk.Folders{Data: filepath.Join(dir, "data"), State: filepath.Join(dir, "state"), Config: filepath.Join(dir, "config")}), dir
}

func TestATrustedAuthorityIsKeptForItsHostAlone(t *testing.T) {
	t.Parallel()
	s, _ := authorityStore(t)
	root := certificate(t, "Acme Root")
	if err := s.SaveSettings(t.Context(), model.Settings{Theme: "dark"}); err != nil {
		t.Fatal(err)
	}
	if err := s.TrustAuthority(t.Context(), model.Authority{Host: "git.acme-corp.com", PEM: root}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Theme != "dark" || len(got.CAFiles) != 1 {
		t.Errorf("settings became %+v", got)
	}
	data, err := os.ReadFile(got.CAFiles["git.acme-corp.com"])
	if err != nil || string(data) != root {
		t.Errorf("the file holds %q, %v", data, err)
	}
}

func TestTrustingTwiceKeepsBothAndRepeatsNone(t *testing.T) {
	t.Parallel()
	s, dir := authorityStore(t)
	first, second := certificate(t, "Old Root"), certificate(t, "New Root")
	own := filepath.Join(dir, "own.pem")
	if err := os.WriteFile(own, []byte(strings.TrimSpace(first)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveSettings(t.Context(), model.Settings{CAFiles: map[string]string{"h": own}}); err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{second, second, first} {
		if err := s.TrustAuthority(t.Context(), model.Authority{Host: "h", PEM: root}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(got.CAFiles["h"])
	if err != nil || string(data) != first+second {
		t.Errorf("the bundle is %q, %v", data, err)
	}
	if kept, _ := os.ReadFile(own); string(kept) != strings.TrimSpace(first) {
		t.Error("the person's own file was changed")
	}
}

func TestWhatIsNoCertificateIsNotTrusted(t *testing.T) {
	t.Parallel()
	s, _ := authorityStore(t)
	good := certificate(t, "Root")
	for name, a := range map[string]model.Authority{
		"no PEM":      {Host: "h", PEM: "MIIB"},
		"another PEM": {Host: "h", PEM: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"},
		"no host":     {Host: "../..", PEM: good},
	} {
		err := s.TrustAuthority(t.Context(), a)
		if p, ok := model.AsProblem(err); !ok || p.Code != "tls.unknown-ca" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got, _ := s.Settings(t.Context()); len(got.CAFiles) != 0 {
		t.Errorf("settings became %+v", got)
	}
}

func TestAnAuthoritysFileIsNamedAfterItsHostAndStaysInItsFolder(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"git.acme-corp.com": "ca-git.acme-corp.com.pem", "GIT": "ca-git.pem", "::1": "ca-__1.pem",
		"../../etc/passwd": "ca-....etcpasswd.pem", "..": "", "": "",
	} {
		if got := authorityFile(host); got != want {
			t.Errorf("%q: %q, want %q", host, got, want)
		}
	}
}

func TestEveryCertificateOfAChainIsKeptAndNothingElse(t *testing.T) {
	t.Parallel()
	s, _ := authorityStore(t)
	first, second := certificate(t, "Issuing CA"), certificate(t, "Root CA")
	other := string(pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: []byte("canary")}))
	if err := s.TrustAuthority(t.Context(), model.Authority{Host: "h", PEM: other}); err == nil {
		t.Error("a text without a certificate was kept")
	}
	if err := s.TrustAuthority(t.Context(), model.Authority{Host: "h", PEM: other + first + second + first}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(got.CAFiles["h"]); err != nil || string(data) != first+second {
		t.Errorf("the file holds %q, %v", data, err)
	}
}
