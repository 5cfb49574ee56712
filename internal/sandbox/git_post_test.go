package sandbox

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
)

// post sends one git POST to the public Data Center repository.
func post(t *testing.T, s *Sandbox, path string, body []byte, headers ...string) response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.DataCenterURL()+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.Secret(TokenDC))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	got, err := client(s).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{got, string(text)}
}

// zipped compresses as git does for long requests.
func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGitPostsAreAnsweredPlainAndCompressed(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	const repo = "/scm/PAY/handbook.git/"
	list := command("ls-refs", "symrefs", "ref-prefix HEAD")
	rows := []struct {
		name    string
		path    string
		body    []byte
		headers []string
		status  int
		want    string
	}{
		{"ls-refs", repo + uploadPack, []byte(list), []string{"Git-Protocol", "version=2"}, 200, "HEAD symref-target:refs/heads/main\n0000"},
		{"ls-refs, compressed", repo + uploadPack, zipped(t, list), []string{"Git-Protocol", "version=2", "Content-Encoding", "gzip"}, 200, "HEAD symref-target:refs/heads/main\n0000"},
		{"not compressed at all", repo + uploadPack, []byte(list), []string{"Git-Protocol", "version=2", "Content-Encoding", "gzip"}, 400, "unreadable"},
		{"no packet", repo + uploadPack, []byte("hello"), nil, 400, "malformed"},
		{"nothing", repo + uploadPack, nil, []string{"Git-Protocol", "version=2"}, 400, "malformed"},
		{"a push", repo + receivePack, []byte("0000"), nil, 403, "takes no pushes"},
	}
	for _, row := range rows {
		got := post(t, s, row.path, row.body, row.headers...)
		if got.StatusCode != row.status || !strings.Contains(got.body, row.want) {
			t.Errorf("%s: %d %q", row.name, got.StatusCode, got.body)
		}
		if kind := got.Header.Get("Content-Type"); row.status == 200 && kind != "application/x-git-upload-pack-result" {
			t.Errorf("%s: content type %q", row.name, kind)
		}
	}
}

func TestDumbGitAndWrongMethodsAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	base := s.DataCenterURL() + "/scm/PAY/handbook.git/"
	rows := []struct {
		path   string
		status int
	}{
		{"info/refs", 403},
		{"info/refs?service=git-upload-archive", 403},
		{"git-upload-pack", 405},
	}
	for _, row := range rows {
		if got := get(t, s, base+row.path, ""); got.StatusCode != row.status {
			t.Errorf("%s: %d", row.path, got.StatusCode)
		}
	}
}

func TestGitAnswersAreNeverCached(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	for _, url := range []string{s.DataCenterURL() + "/scm/PAY/handbook.git", s.DataCenterURL() + "/scm/PAY/nothing.git", s.CloudURL() + "/acme/website.git"} {
		got := get(t, s, url+"/info/refs?service=git-upload-pack", "")
		if strings.Contains(url, "nothing") {
			got = get(t, s, url+"/info/refs?service=git-upload-pack", spell(t, s, "bearer dc-token"))
		}
		if got.StatusCode != 200 || !strings.Contains(got.Header.Get("Cache-Control"), "no-cache") || got.Header.Get("Pragma") != "no-cache" {
			t.Errorf("%s: %d %v", url, got.StatusCode, got.Header)
		}
	}
}

func TestDataCenterGitRefusesInPlainTextWithItsChallenge(t *testing.T) {
	t.Parallel()
	s := start(t, Options{})
	const url = "https://git.acme-corp.com/scm/PAY/ledger.git/info/refs?service=git-upload-pack"
	rows := []struct {
		login     string
		status    int
		challenge string
	}{
		{"", 401, `Basic realm="Atlassian Bitbucket"`},
		{"jdoe nonsense", 401, `Basic realm="Atlassian Bitbucket"`},
		{"bearer nonsense", 401, `Basic realm="Atlassian Bitbucket"`},
		{"bearer dc-token-unlicensed", 401, ""},
	}
	for _, row := range rows {
		got := get(t, s, url, spell(t, s, row.login))
		if got.StatusCode != row.status || got.Header.Get("WWW-Authenticate") != row.challenge || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("%q: %d %v", row.login, got.StatusCode, got.Header)
		}
	}
}

func TestBranchesAreListedInBothProducts(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Refs: 3})
	dc := get(t, s, s.DataCenterURL()+"/rest/api/1.0/projects/PAY/repos/ledger/branches?limit=2&start=1", spell(t, s, "bearer dc-token"))
	if list := strings.Join(names(t, dc.body, "displayId"), " "); list != "feature/PAY-000001 feature/PAY-000002" {
		t.Errorf("%q", list)
	}
	cloud := get(t, s, cloudRepo1+"/refs/branches?pagelen=2&page=2", spell(t, s, emailLogin))
	if list := strings.Join(names(t, cloud.body, "name"), " "); list != "feature/PAY-000002 feature/PAY-000003" {
		t.Errorf("%q", list)
	}
}
