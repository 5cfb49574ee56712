package document

import (
	"encoding/json"
	"math/rand"
	"reflect"
	"strings"
	"testing"

	"bbconnect/model"
)

func TestEveryConnectorSurvivesEncodingAndDecoding(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(1))
	for range 3000 {
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
	for range 2000 {
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
