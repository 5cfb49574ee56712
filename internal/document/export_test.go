package document

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"bbconnect/model"
)

// The checker below is Harness's published JSON schema for Bitbucket connectors
// (definitions ConnectorInfo, BitbucketConnector, BitbucketAuthentication,
// BitbucketHttpCredentials, BitbucketUsernamePassword, BitbucketSshCredentials,
// BitbucketApiAccess and its four kinds), written down on its own. It shares no
// code with the codec, so that the two cannot agree on a mistake.
type schema struct{ faults []string }

func (s *schema) fault(path, format string, args ...any) {
	s.faults = append(s.faults, path+": "+fmt.Sprintf(format, args...))
}

// object checks a mapping: the keys it must have and those it may have.
func (s *schema) object(path string, v any, must, may []string) map[string]any {
	m, ok := v.(map[string]any)
	if !ok {
		s.fault(path, "%T is no object", v)
		return map[string]any{}
	}
	for _, key := range must {
		if _, ok := m[key]; !ok {
			s.fault(path, "%s is required", key)
		}
	}
	for key := range m {
		if !slices.Contains(must, key) && !slices.Contains(may, key) {
			s.fault(path, "additional property %s", key)
		}
	}
	return m
}

func (s *schema) texts(path string, m map[string]any, keys ...string) {
	for _, key := range keys {
		if v, ok := m[key]; ok {
			if _, ok := v.(string); !ok {
				s.fault(path+"."+key, "%T is no string", v)
			}
		}
	}
}

func (s *schema) enum(path string, v any, values ...any) {
	if !slices.Contains(values, v) {
		s.fault(path, "%v is none of %v", v, values)
	}
}

func (s *schema) exactlyOne(path string, m map[string]any, a, b string) {
	_, hasA := m[a]
	_, hasB := m[b]
	if hasA == hasB {
		s.fault(path, "exactly one of %s and %s", a, b)
	}
}

func (s *schema) document(v any) {
	root := s.object("", v, []string{"connector"}, nil)
	info := s.object("connector", root["connector"], []string{"identifier", "name", "spec", "type"},
		[]string{"description", "orgIdentifier", "projectIdentifier", "tags"})
	s.texts("connector", info, "identifier", "name", "type", "description", "orgIdentifier", "projectIdentifier")
	s.enum("connector.type", info["type"], "Bitbucket")
	if tags, ok := info["tags"].(map[string]any); ok {
		for key := range tags {
			s.texts("connector.tags", tags, key)
		}
	} else if info["tags"] != nil {
		s.fault("connector.tags", "no object")
	}
	spec := s.object("spec", info["spec"], []string{"authentication", "type", "url"},
		[]string{"apiAccess", "delegateSelectors", "executeOnDelegate", "ignoreTestConnection", "proxy", "validationRepo"})
	s.texts("spec", spec, "url", "validationRepo")
	s.enum("spec.type", spec["type"], "Account", "Repo", "Project")
	for _, key := range []string{"executeOnDelegate", "ignoreTestConnection", "proxy"} {
		if v, ok := spec[key]; ok {
			s.enum("spec."+key, v, true, false)
		}
	}
	s.selectors(spec["delegateSelectors"])
	s.authentication(spec["authentication"])
	if api, ok := spec["apiAccess"]; ok {
		s.apiAccess(api)
	}
}

func (s *schema) selectors(v any) {
	if v == nil {
		return
	}
	list, ok := v.([]any)
	if !ok {
		s.fault("delegateSelectors", "%T is no list", v)
	}
	seen := map[any]bool{}
	for _, item := range list {
		if _, ok := item.(string); !ok || seen[item] {
			s.fault("delegateSelectors", "%v is no string or there twice", item)
		}
		seen[item] = true
	}
}

func (s *schema) authentication(v any) {
	auth := s.object("authentication", v, []string{"type", "spec"}, nil)
	switch auth["type"] {
	case "Ssh":
		s.texts("ssh", s.object("ssh", auth["spec"], []string{"sshKeyRef"}, nil), "sshKeyRef")
	case "Http":
		outer := s.object("http", auth["spec"], []string{"type", "spec"}, nil)
		s.enum("http.type", outer["type"], "UsernamePassword")
		inner := s.object("password", outer["spec"], []string{"passwordRef"}, []string{"username", "usernameRef"})
		s.texts("password", inner, "username", "usernameRef", "passwordRef")
		s.exactlyOne("password", inner, "username", "usernameRef")
	default:
		s.fault("authentication.type", "%v", auth["type"])
	}
}

func (s *schema) apiAccess(v any) {
	api := s.object("apiAccess", v, []string{"type", "spec"}, nil)
	var inner map[string]any
	switch api["type"] {
	case "EmailAndApiToken":
		inner = s.object("email", api["spec"], []string{"tokenRef"}, []string{"email", "emailRef"})
		s.exactlyOne("email", inner, "email", "emailRef")
	case "AccessToken":
		inner = s.object("accessToken", api["spec"], []string{"tokenRef"}, nil)
	case "UsernameToken":
		inner = s.object("usernameToken", api["spec"], []string{"tokenRef"}, []string{"username", "usernameRef"})
		s.exactlyOne("usernameToken", inner, "username", "usernameRef")
	case "OAuth":
		inner = s.object("oauth", api["spec"], []string{"tokenRef", "refreshTokenRef"}, nil)
	default:
		s.fault("apiAccess.type", "%v", api["type"])
	}
	s.texts("apiAccess", inner, "email", "emailRef", "username", "usernameRef", "tokenRef", "refreshTokenRef")
}

// faultsOf reads an exported document without the codec and checks it.
func faultsOf(t *testing.T, text []byte, format Format) []string {
	t.Helper()
	var v any
	var err error
	if format == FormatJSON {
		err = json.Unmarshal(text, &v)
	} else {
		err = yaml.Unmarshal(text, &v)
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", format, err, text)
	}
	var s schema
	s.document(v)
	return s.faults
}

func TestExportedDocumentsAreWhatHarnesssSchemaAllows(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(4))
	for range 120 {
		c := anyConnector(r)
		text, err := Encode(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range []Format{FormatHarness, FormatJSON} {
			out, err := Export(text, format)
			if err != nil {
				t.Fatal(err)
			}
			if faults := faultsOf(t, out, format); len(faults) > 0 {
				t.Fatalf("%s: %q\n%s", format, faults, out)
			}
			c.DelegateVersion, c.CAFile = "", ""
			if got := decoded(t, string(out)); !reflect.DeepEqual(got, c) {
				t.Fatalf("got  %#v\nwant %#v\n%s", got, c, out)
			}
		}
	}
}

func TestExportMendsWhatTheSchemaRefuses(t *testing.T) {
	t.Parallel()
	text := `# from elsewhere
connector:
  accountIdentifier: abc # server
  uniqueId: u
  parentUniqueId: p
  harnessManaged: false
  name: 123
  identifier: x
  description: ""
  orgIdentifier: ""
  tags: [env:prod, solo]
  type: bitbucket
  spec:
    url: https://bitbucket.org/acme/repo.git
    type: REPO
    authentication:
      type: http
      spec:
        type: UsernameToken
        spec:
          username: 007
          tokenRef: account.t
    executeOnDelegate: "false"
    proxy: false
x-bbconnect: {version: 1, caFile: /tmp/ca.pem}
`
	for _, format := range []Format{FormatHarness, FormatJSON} {
		out, err := Export([]byte(text), format)
		if err != nil {
			t.Fatal(err)
		}
		if faults := faultsOf(t, out, format); len(faults) > 0 {
			t.Errorf("%s: %q\n%s", format, faults, out)
		}
		c := decoded(t, string(out))
		if c.Name != "123" || c.Username.Plain != "007" || c.PasswordRef != "account.t" || c.Mode != model.ModePlatform || c.CAFile != "" || len(c.Tags) != 2 {
			t.Errorf("got %+v\n%s", c, out)
		}
		if format == FormatHarness && !strings.HasPrefix(string(out), "# from elsewhere\nconnector:\n") {
			t.Errorf("the comment was lost:\n%s", out)
		}
	}
}

func TestExportKeepsCommentsAndUnknownKeys(t *testing.T) {
	t.Parallel()
	text := payments + "\nx-bbconnect:\n  version: 1\n  delegateVersion: \"26.02.88600\"\n"
	out, err := Export([]byte(text), FormatHarness)
	if err != nil || strings.TrimSpace(string(out)) != strings.TrimSpace(payments) {
		t.Fatalf("err %v, got\n%s", err, out)
	}
	out, err = Export([]byte(text), FormatJSON)
	if err != nil || !strings.Contains(string(out), `"kept": [`) {
		t.Fatalf("err %v, got\n%s", err, out)
	}
}

func TestExportTurnsJSONIntoYAML(t *testing.T) {
	t.Parallel()
	text, err := EncodeJSON(decoded(t, payments))
	if err != nil {
		t.Fatal(err)
	}
	out, err := Export(text, FormatHarness)
	want, _ := Encode(decoded(t, payments))
	if err != nil || string(out) != string(want) {
		t.Fatalf("err %v, got\n%s", err, out)
	}
}

func TestExportNamesTheFormatsThereAre(t *testing.T) {
	t.Parallel()
	_, err := Export([]byte(payments), "terraform")
	if p, ok := model.AsProblem(err); !ok || p.Code != "document.format" {
		t.Fatalf("got %v", err)
	}
}
