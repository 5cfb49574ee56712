package document

import (
	"encoding/json"
	"math/rand"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"bbconnect/model"
)

func TestEveryConnectorSurvivesEncodingAndDecoding(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(1))
	for range 400 {
		c := anyConnector(r)
		text, err := Encode(c)
		if err != nil {
			t.Fatal(err)
		}
		got, findings, err := Decode(text)
		if err != nil || len(findings) > 0 {
			t.Fatalf("decoding: %v %v\n%s", err, findings, text)
		}
		if !reflect.DeepEqual(got, c) {
			t.Fatalf("got  %#v\nwant %#v\n%s", got, c, text)
		}
	}
}

func TestEveryConnectorSurvivesJSONWithoutItsLocalFacts(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(2))
	for range 300 {
		c := anyConnector(r)
		text, err := EncodeJSON(c)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(text) || strings.Contains(string(text), extrasKey) {
			t.Fatalf("not the JSON body of a connector:\n%s", text)
		}
		got, findings, err := Decode(text)
		if err != nil || len(findings) > 0 {
			t.Fatalf("decoding: %v %v\n%s", err, findings, text)
		}
		c.DelegateVersion, c.CAFile = "", ""
		if !reflect.DeepEqual(got, c) {
			t.Fatalf("got  %#v\nwant %#v\n%s", got, c, text)
		}
	}
}

func TestEncodeWritesTheCanonicalOrder(t *testing.T) {
	t.Parallel()
	c := model.Connector{
		Name: "My Bitbucket", ID: "My_Bitbucket", Scope: model.Scope{Org: "default"}, Tags: []model.Tag{{Key: "env", Value: "prod"}, {Key: "solo"}},
		URL: "https://bitbucket.org/ws/", URLType: model.URLAccount, TestRepository: "repo.git", ConnectionType: model.HTTP,
		Username: model.Login{Plain: "jdoe"}, PasswordRef: "account.bb_token",
		API:  model.APIAccess{Method: model.APIEmailAndToken, Email: model.Login{Plain: "me@corp.example"}, TokenRef: "account.bb_token"},
		Mode: model.ModePlatform, SecureConnect: true, DelegateVersion: "26.02.88600",
	}
	const want = `connector:
  name: My Bitbucket
  identifier: My_Bitbucket
  orgIdentifier: default
  tags:
    env: prod
    solo: ""
  type: Bitbucket
  spec:
    url: https://bitbucket.org/ws/
    validationRepo: repo.git
    type: Account
    authentication:
      type: Http
      spec:
        type: UsernamePassword
        spec:
          username: jdoe
          passwordRef: account.bb_token
    apiAccess:
      type: EmailAndApiToken
      spec:
        email: me@corp.example
        tokenRef: account.bb_token
    executeOnDelegate: false
    proxy: true
x-bbconnect:
  version: 1
  delegateVersion: "26.02.88600"
`
	got, err := Encode(c)
	if err != nil || string(got) != want {
		t.Fatalf("err %v, got:\n%s", err, got)
	}
}

func TestSecureConnectIsWrittenOnlyWhereItMeansSomething(t *testing.T) {
	t.Parallel()
	for _, c := range []model.Connector{
		{ConnectionType: model.SSH, Mode: model.ModePlatform, SecureConnect: true},
		{ConnectionType: model.HTTP, Mode: model.ModeDelegate, SecureConnect: true},
	} {
		if text, err := Encode(c); err != nil || strings.Contains(string(text), "proxy") {
			t.Errorf("%v %v: err %v\n%s", c.ConnectionType, c.Mode, err, text)
		}
	}
}

func TestTextThatIsNoUTF8IsRefusedNotEncoded(t *testing.T) {
	t.Parallel()
	if _, err := Encode(model.Connector{Name: "\xff"}); err == nil {
		t.Fatal("a name that is not UTF-8 was written")
	}
}

// FuzzText holds the quoting against readers that share nothing with it: the
// YAML library's resolver, and the JSON library.
func FuzzText(f *testing.F) {
	for _, text := range []string{"", "a", "true", "~", "0x1", "1e3", "2026-11-22", "a: b", "a #b", "- a", "\x00", "\u0085", "\ufeff", "'", "\"", "\\", "a\nb", "\ta", "<<", "=", "12:30", "?", "😀", "\u2028"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := model.Connector{Name: text, Description: text, Tags: []model.Tag{{Key: text, Value: text}}, Selectors: []string{text}}
		out, err := Encode(c)
		if err != nil {
			if utf8.ValidString(text) {
				t.Fatal(err)
			}
			return
		}
		asJSON, err := EncodeJSON(c)
		if err != nil {
			t.Fatal(err)
		}
		for name, read := range map[string]func(any) error{
			"YAML": func(v any) error { return yaml.Unmarshal(out, v) },
			"JSON": func(v any) error { return json.Unmarshal(asJSON, v) },
		} {
			var got struct {
				Connector struct {
					Name string
					Tags map[string]any
					Spec struct {
						Selectors []any `yaml:"delegateSelectors" json:"delegateSelectors"`
					}
				}
			}
			if err := read(&got); err != nil {
				t.Fatalf("%s: %v\n%s", name, err, out)
			}
			if got.Connector.Name != text || got.Connector.Tags[text] != text || got.Connector.Spec.Selectors[0] != text {
				t.Fatalf("%s of %q: got %+v\n%s", name, text, got, out)
			}
		}
	})
}

func TestPlainWordsAndAddressesNeedNoQuotes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Payments": true, "My Bitbucket": true, "https://bitbucket.org/acme/": true, "git@bitbucket.org:acme/": true, "account.bb_token": true,
		"me@acme.example": true, "_x": true, "ssh://git@h:7999/P/r.git": true,
		"": false, "on": false, "No": false, "NULL": false, "007": false, "1e3": false, "~jdoe/x.git": false, "26.02.88600": false, "-x": false,
		"a: b": false, "a:": false, "a #b": false, " a": false, "a ": false, "a\nb": false, "{a": false, "*a": false, "a\u200bb": false,
	} {
		if got := isPlain(text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}
