package document

import (
	"bytes"
	"math/rand"
	"reflect"
	"strings"
	"testing"

	"bbconnect/model"
)

func TestEditChangesOnlyTheLinesThatDiffer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*model.Connector)
		// old lines become new lines in payments, and nothing else may change.
		old, new string
	}{
		{"nothing", func(*model.Connector) {}, "", ""},
		{"name", func(c *model.Connector) { c.Name = "Ledger" }, "name: Payments   # shown", "name: Ledger # shown"},
		{"quoted description", func(c *model.Connector) { c.Description = "Clones: all" }, "'Clones the ledger'", "'Clones: all'"},
		{"no description", func(c *model.Connector) { c.Description = "" }, "  description: 'Clones the ledger'\n", ""},
		{"a tag's value", func(c *model.Connector) { c.Tags[1].Value = "test" }, `env: "prod"   #`, `env: "test" #`},
		{
			"one more tag", func(c *model.Connector) { c.Tags = append(c.Tags, model.Tag{Key: "solo"}) },
			"    env: \"prod\"   # not staging\n", "    env: \"prod\"   # not staging\n    solo: \"\"\n",
		},
		{"one tag less", func(c *model.Connector) { c.Tags = c.Tags[1:] }, "    team: payments\n", ""},
		{"another secret", func(c *model.Connector) { c.PasswordRef = "org.other" }, "org.bb_token # rotated", "org.other # rotated"},
		{
			"username in a secret", func(c *model.Connector) { c.Username = model.Login{Ref: "org.user"} },
			"          username: jdoe\n          passwordRef", "          usernameRef: org.user\n          passwordRef",
		},
		{"one delegate more", func(c *model.Connector) { c.Selectors = append(c.Selectors, "eu-3") }, "      - eu-2\n", "      - eu-2\n      - eu-3\n"},
		{"platform", func(c *model.Connector) { c.Mode = model.ModePlatform }, "executeOnDelegate: true", "executeOnDelegate: false"},
		{
			"local facts", func(c *model.Connector) { c.DelegateVersion = "26.02.88600" },
			"# the end\n", "# the end\n\nx-bbconnect:\n  version: 1\n  delegateVersion: \"26.02.88600\"\n",
		},
		{"migration", func(c *model.Connector) {
			c.API = model.APIAccess{Method: model.APIEmailAndToken, Email: model.Login{Plain: "j@acme.example"}, TokenRef: "org.bb_token"}
		}, "      type: UsernameToken\n      spec:\n        username: jdoe\n", "      type: EmailAndApiToken\n      spec:\n        email: j@acme.example\n"},
		{
			"no API access", func(c *model.Connector) { c.API = model.APIAccess{} },
			"    apiAccess:\n      type: UsernameToken\n      spec:\n        username: jdoe\n        tokenRef: org.bb_token\n", "",
		},
	}
	for _, tt := range tests {
		for _, eol := range []string{"\n", "\r\n"} {
			text := strings.ReplaceAll(payments, "\n", eol)
			c := decoded(t, text)
			tt.change(&c)
			got, err := Edit([]byte(text), c)
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			want := strings.ReplaceAll(strings.Replace(payments, tt.old, tt.new, 1), "\n", eol)
			if string(got) != want {
				t.Errorf("%s (line end %q): got\n%s", tt.name, eol, got)
			}
		}
	}
}

func TestEditFromAnyConnectorToAnyOtherGivesTheOther(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(3))
	for range 150 {
		from, to := anyConnector(r), anyConnector(r)
		text, err := Encode(from)
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.Replace(text, []byte("  spec:\n    url"), []byte("\n  # kept\n  spec: # also kept\n    future: [1]\n    url"), 1)
		got, err := Edit(text, to)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if c := decoded(t, string(got)); !reflect.DeepEqual(c, to) {
			t.Fatalf("got  %#v\nwant %#v\n%s", c, to, got)
		}
		for _, keep := range []string{"# kept", "# also kept", "future: [1]"} {
			if !bytes.Contains(got, []byte(keep)) {
				t.Fatalf("%q was lost:\n%s\nfrom\n%s", keep, got, text)
			}
		}
	}
}

func TestEditOfAnUnchangedConnectorIsByteForByteTheSame(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		payments, "\ufeff" + payments, "---\n" + payments + "...\n",
		strings.Replace(payments, "type: Bitbucket", "type: bitbucket", 1),
		strings.Replace(payments, "type: Account", "type: ACCOUNT", 1),
		`{"connector": {"name":"x","identifier":"x",` + "\t" + `"type":"Bitbucket","spec":{"url":"https://bitbucket.org/a/b","type":"Repo"}}}`,
	} {
		got, err := Edit([]byte(text), decoded(t, text))
		if err != nil || string(got) != text {
			t.Errorf("err %v, got\n%s\nwant\n%s", err, got, text)
		}
	}
}

func TestEditKeepsJSONJSONAndItsUnknownKeys(t *testing.T) {
	t.Parallel()
	text := `{"connector": {"name":"x","identifier":"x","future":[1,null,true,2.5],"type":"Bitbucket","spec":{"url":"https://bitbucket.org/a/b","type":"Repo"}}}`
	c := decoded(t, text)
	c.Name = "<y>"
	got, err := Edit([]byte(text), c)
	if err != nil || !isJSON(got) {
		t.Fatalf("err %v, got\n%s", err, got)
	}
	if after := decoded(t, string(got)); after.Name != "<y>" || !strings.Contains(string(got), "future") || !strings.Contains(string(got), "<y>") {
		t.Fatalf("got\n%s", got)
	}
}

func TestEditWritesAliasesOutWhereItChangesThem(t *testing.T) {
	t.Parallel()
	text := strings.Replace(payments, "username: jdoe\n          pass", "username: &who jdoe\n          pass", 1)
	text = strings.Replace(text, "        username: jdoe\n        tokenRef", "        username: *who\n        tokenRef", 1)
	c := decoded(t, text)
	if c.API.Username.Plain != "jdoe" {
		t.Fatalf("the alias was not followed: %+v", c.API)
	}
	c.Username.Plain = "other"
	got, err := Edit([]byte(text), c)
	if err != nil {
		t.Fatal(err)
	}
	if after := decoded(t, string(got)); after.API.Username.Plain != "jdoe" || after.Username.Plain != "other" {
		t.Fatalf("got\n%s", got)
	}
}

func TestEditRefusesADocumentItCannotRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "connector: [", "a: b", payments + "\n---\n" + payments} {
		if _, err := Edit([]byte(text), model.Connector{}); err == nil {
			t.Errorf("%.20q was edited", text)
		}
	}
}
