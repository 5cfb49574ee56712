package document

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"bbconnect/model"
)

// swap is payments with one piece of text replaced, which must be there.
func swap(t *testing.T, old, replacement string) string {
	t.Helper()
	if !strings.Contains(payments, old) {
		t.Fatalf("payments does not contain %q", old)
	}
	return strings.Replace(payments, old, replacement, 1)
}

func TestDecodeReadsEveryField(t *testing.T) {
	t.Parallel()
	want := model.Connector{
		Name: "Payments", ID: "payments", Description: "Clones the ledger", Scope: model.Scope{Org: "default"},
		Tags: []model.Tag{{Key: "team", Value: "payments"}, {Key: "env", Value: "prod"}},
		URL:  "https://bitbucket.org/acme/", TestRepository: "ledger.git", URLType: model.URLAccount, ConnectionType: model.HTTP,
		Username: model.Login{Plain: "jdoe"}, PasswordRef: "org.bb_token",
		API:  model.APIAccess{Method: model.APIUsernameToken, Username: model.Login{Plain: "jdoe"}, TokenRef: "org.bb_token"},
		Mode: model.ModeDelegate, Selectors: []string{"eu-1", "eu-2"},
	}
	c, findings, err := Decode([]byte(payments))
	if err != nil || !reflect.DeepEqual(c, want) {
		t.Fatalf("err %v\ngot  %#v\nwant %#v", err, c, want)
	}
	if len(findings) != 1 || findings[0].Code != "document.unknown-key" || findings[0].Severity != model.SeverityWarning {
		t.Fatalf("findings: %+v", findings)
	}
}

func TestADocumentThatCannotBeUsedNamesTheLineAndTheField(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, old, new string
		code           string
		line           int
		field          model.QuestionID
	}{
		{"not YAML", "type: Account", "type: [Account", "document.syntax", 0, ""},
		{"no connector", "connector:", "pipeline:", "document.not-connector", 4, ""},
		{"another provider", "type: Bitbucket", "type: Github", "document.not-bitbucket", 5, ""},
		{"a list for a text", "name: Payments", "name: [a]", "document.type", 5, model.QName},
		{"a text for tags", "    team: payments\n    env: \"prod\"   # not staging\n", "    oops\n", "document.type", 11, model.QTags},
		{"a text for a flag", "executeOnDelegate: true", "executeOnDelegate: maybe", "document.type", 36, model.QMode},
		{"a mapping for a list", "      - eu-1   # near the office\n      - eu-2\n", "      eu: 1\n", "document.type", 34, model.QDelegateTags},
		{"a text for a mapping", "    apiAccess:\n", "    apiAccess: on\n    more:\n", "document.type", 28, ""},
		{"a key twice", "  identifier: payments\n", "  identifier: payments\n  name: again\n", "document.duplicate-key", 7, model.QName},
		{"a tag twice", "    team: payments\n", "    team: payments\n    team: other\n", "document.duplicate-key", 12, ""},
		{"no such protocol", "type: Http", "type: Ftp", "document.value", 22, model.QConnectionType},
		{"no such credential", "type: UsernamePassword", "type: Kerberos", "document.value", 24, model.QConnectionType},
		{"binary", "name: Payments", "name: !!binary aGVsbG8=", "document.type", 5, model.QName},
		{"a newer form", "# the end", "x-bbconnect: {version: 2}", "store.newer", 38, ""},
		{"a form that is none", "# the end", "x-bbconnect: {version: new}", "document.type", 38, ""},
		{"no content at all", payments, "# nothing\n", "document.empty", 0, ""},
		{"several", "# the end", "---\nconnector: {}", "document.several", 0, ""},
	}
	for _, tt := range tests {
		_, _, err := Decode([]byte(swap(t, tt.old, tt.new)))
		var p *model.Problem
		if !errors.As(err, &p) {
			t.Errorf("%s: got %v", tt.name, err)
			continue
		}
		if p.Code != tt.code || p.Field != tt.field || p.Fix == "" || p.Why == "" {
			t.Errorf("%s: got %+v", tt.name, p)
		}
		if tt.line > 0 && !strings.HasPrefix(p.What, fmt.Sprintf("Line %d: ", tt.line)) {
			t.Errorf("%s: want line %d in %q", tt.name, tt.line, p.What)
		}
	}
}

func TestAMisspeltKeyIsNamedTogetherWithTheOneThatWasMeant(t *testing.T) {
	t.Parallel()
	tests := []struct{ old, new, key, fix string }{
		{"passwordRef:", "passwordref:", "passwordref", "Write passwordRef"},
		{"passwordRef:", "password_ref:", "password_ref", "Write passwordRef"},
		{"passwordRef:", "pasword:", "pasword", "Remove it"},
		{"passwordRef:", "password:", "password", "Write passwordRef"},
		{"validationRepo:", "validationRepos:", "validationRepos", "Write validationRepo"},
		{"executeOnDelegate:", "executeOnDelegates:", "executeOnDelegates", "Write executeOnDelegate"},
		{"  identifier: payments", "  identifer: payments", "identifer", "Write identifier"},
		{"  description: ", "  url: ", "url", "It belongs in connector.spec, as url"},
		{"futureKey:", "<<:", "<<", "Remove it"},
	}
	for _, tt := range tests {
		_, findings, err := Decode([]byte(swap(t, tt.old, tt.new)))
		if err != nil {
			t.Errorf("%s: %v", tt.key, err)
		}
		found := false
		for _, f := range findings {
			found = found || f.Code == "document.unknown-key" && strings.Contains(f.Message, " "+tt.key+" ") && strings.HasPrefix(f.Fix, tt.fix)
		}
		if !found {
			t.Errorf("%s: findings %+v", tt.key, findings)
		}
	}
}

func TestKnownMistakesAreMendedAndSaid(t *testing.T) {
	t.Parallel()
	want := decoded(t, payments)
	for name, text := range map[string]string{
		"the wrong form of published examples": strings.Replace(swap(t, "type: UsernamePassword", "type: UsernameToken"), "passwordRef", "tokenRef", 1),
		"upper-case URL type":                  swap(t, "type: Account", "type: ACCOUNT"),
		"tags as a list":                       swap(t, "    team: payments\n    env: \"prod\"   # not staging\n", "    - team:payments\n    - env:prod\n"),
		"no type":                              swap(t, "  type: Bitbucket\n", ""),
		"no wrapper":                           strings.ReplaceAll(swap(t, "connector:\n", ""), "\n  ", "\n"),
	} {
		c, findings, err := Decode([]byte(text))
		if err != nil || !reflect.DeepEqual(c, want) {
			t.Errorf("%s: err %v, got %#v", name, err, c)
		}
		if f, ok := findings.Code("document.mended"); !ok || f.Severity != model.SeverityWarning || f.Fix == "" {
			t.Errorf("%s: findings %+v", name, findings)
		}
	}
}

func TestWhatHarnessTakesIsTakenWithoutAWord(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"type in another case":    swap(t, "type: Bitbucket", "type: BITBUCKET"),
		"empty values":            swap(t, "orgIdentifier: default", "orgIdentifier: default\n  projectIdentifier: \"\""),
		"null values":             swap(t, "orgIdentifier: default", "orgIdentifier: default\n  projectIdentifier: ~"),
		"quoted flag":             swap(t, "executeOnDelegate: true", "executeOnDelegate: \"true\""),
		"no flag":                 swap(t, "    executeOnDelegate: true\n", ""),
		"an answer of the server": "status: SUCCESS\ndata:\n  createdAt: 5\n  " + strings.ReplaceAll(payments, "\n", "\n  "),
	} {
		c, findings, err := Decode([]byte(text))
		if err != nil || !reflect.DeepEqual(c, decoded(t, payments)) || len(findings) > 1 {
			t.Errorf("%s: err %v, findings %+v, got %#v", name, err, findings, c)
		}
	}
}

func TestWrongValuesAreFindingsAndTheConnectorStillOpens(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, old, new, code string }{
		{"two usernames", "          username: jdoe\n          pass", "          username: jdoe\n          usernameRef: account.u\n          pass", "document.one-of"},
		{"no such URL type", "type: Account", "type: Workspace", "document.value"},
		{"no such API access", "type: UsernameToken", "type: Magic", "document.value"},
		{"a project without organisation", "orgIdentifier: default", "projectIdentifier: p", "org.required"},
	}
	for _, tt := range tests {
		c, findings, err := Decode([]byte(swap(t, tt.old, tt.new)))
		if f, ok := findings.Code(tt.code); err != nil || !ok || f.Severity != model.SeverityError || f.Field == "" || !strings.HasPrefix(f.Message, "Line ") {
			t.Errorf("%s: err %v, findings %+v", tt.name, err, findings)
		}
		if c.Name != "Payments" || c.TestRepository != "ledger.git" {
			t.Errorf("%s: got %+v", tt.name, c)
		}
	}
}

func TestOneBadDocumentDoesNotHideTheOthers(t *testing.T) {
	t.Parallel()
	text := "%YAML 1.2\n---\n" + payments + "---\n# only a comment\n---\nconnector: [\n--- \n" + payments + "...\n"
	entries, err := Read([]byte(text))
	if err != nil || len(entries) != 3 {
		t.Fatalf("err %v, %d entries", err, len(entries))
	}
	if entries[0].Problem != nil || entries[0].Line != 3 || entries[2].Problem != nil || entries[2].Connector.Name != "Payments" {
		t.Fatalf("got %+v", entries)
	}
	bad := entries[1].Problem
	line := 3 + strings.Count(payments, "\n") + 3
	if bad == nil || bad.Code != "document.syntax" || !strings.HasPrefix(bad.What, fmt.Sprintf("Line %d", line)) {
		t.Fatalf("want line %d, got %+v", line, bad)
	}
}

func TestListsOfConnectorsAreReadOneByOne(t *testing.T) {
	t.Parallel()
	body, err := EncodeJSON(decoded(t, payments))
	if err != nil {
		t.Fatal(err)
	}
	other := `{"connector": {"type": "Github", "name": "x"}}`
	for name, text := range map[string]string{
		"a page of the REST API": `{"status": "SUCCESS", "data": {"totalItems": 2, "content": [` + string(body) + "," + other + `]}}`,
		"a list":                 "[" + string(body) + "," + other + "]",
	} {
		entries, err := Read([]byte(text))
		if err != nil || len(entries) != 2 {
			t.Errorf("%s: err %v, %d entries", name, err, len(entries))
			continue
		}
		if entries[0].Problem != nil || !reflect.DeepEqual(entries[0].Connector, decoded(t, payments)) || entries[1].Problem.Code != "document.not-bitbucket" {
			t.Errorf("%s: got %+v", name, entries)
		}
		if again := decoded(t, string(entries[0].Text)); !reflect.DeepEqual(again, entries[0].Connector) {
			t.Errorf("%s: the text of an entry says %+v", name, again)
		}
	}
	for _, text := range []string{"[]", "- 1\n- a\n", "data: {content: []}", "data: {content: [5]}"} {
		if _, _, err := Decode([]byte(text)); err == nil {
			t.Errorf("%s was taken for a connector", text)
		}
	}
}

func TestTextOfWindowsToolsIsRead(t *testing.T) {
	t.Parallel()
	want := decoded(t, payments)
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		text := make([]byte, 2)
		order.PutUint16(text, 0xfeff)
		for _, u := range utf16.Encode([]rune(strings.ReplaceAll(payments, "\n", "\r\n"))) {
			pair := make([]byte, 2)
			order.PutUint16(pair, u)
			text = append(text, pair...)
		}
		if c, _, err := Decode(text); err != nil || !reflect.DeepEqual(c, want) {
			t.Errorf("%v: err %v, got %#v", order, err, c)
		}
	}
}

func TestJSONIsReadWithEscapesTabsAndLines(t *testing.T) {
	t.Parallel()
	text := "{\n\t\"connector\": {\n\t\t\"name\": \"\\ud83d\\ude00\",\n\t\t\"type\": \"Bitbucket\",\n\t\t\"spec\": {\"url\": 5, \"type\": []}\n\t}\n}"
	c, _, err := Decode([]byte(text))
	p, ok := model.AsProblem(err)
	if !ok || p.Field != model.QURLType || !strings.HasPrefix(p.What, "Line 5: ") || c.Name != "😀" || c.URL != "5" {
		t.Fatalf("err %v, got %+v", err, c)
	}
}

func TestHostileTextIsBounded(t *testing.T) {
	t.Parallel()
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'm'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	for name, text := range map[string]string{
		"too large":     strings.Repeat(" ", MaxSize+1),
		"alias bomb":    bomb + "connector: *l\n",
		"alias cycle":   "connector: &c\n  spec: *c\n",
		"deep":          strings.Repeat("[", 9000),
		"deep JSON":     strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000),
		"many keys":     "connector:\n" + strings.Repeat(" a: 1\n", 100_000),
		"binary":        "\x00\xff\xfe",
		"unknown alias": "connector: *nobody",
	} {
		start := time.Now()
		_, findings, err := Decode([]byte(text))
		took := time.Since(start)
		if err == nil {
			t.Errorf("%s was taken", name)
		}
		// Each takes well under a second on an idle machine. What this catches is
		// work without bound, so a busy one, or the race detector, has a minute.
		if took > time.Minute || len(findings) > maxFindings {
			t.Errorf("%s took %v and %d findings", name, took, len(findings))
		}
	}
}

func TestManyUnknownKeysAreBoundedAndShownSafely(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("connector:\n  type: Bitbucket\n  \"\\e[31m" + strings.Repeat("x", 500) + "\": 1\n")
	for i := range 2000 {
		fmt.Fprintf(&text, "  k%d: 1\n", i)
	}
	_, findings, err := Decode([]byte(text.String()))
	if err != nil || len(findings) != maxFindings {
		t.Fatalf("err %v, %d findings", err, len(findings))
	}
	for _, f := range findings {
		if strings.ContainsAny(f.Message, "\x1b\n") || len(f.Message) > 250 {
			t.Errorf("unfit to print: %q", f.Message)
		}
	}
}

func TestNoValueOfAMisplacedSecretIsShown(t *testing.T) {
	t.Parallel()
	canary := "canary" + strings.Repeat("7", 20)
	for _, text := range []string{
		swap(t, "executeOnDelegate: true", "executeOnDelegate: "+canary),
		swap(t, "passwordRef: org.bb_token", "password: "+canary),
		swap(t, "passwordRef: org.bb_token", "passwordRef: ["+canary+"]"),
		swap(t, "type: UsernameToken", "type: "+canary),
		swap(t, "type: UsernamePassword", "type: "+canary),
	} {
		_, findings, err := Decode([]byte(text))
		if said := fmt.Sprint(findings, err); strings.Contains(said, canary) {
			t.Errorf("shown: %s", said)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(payments))
	f.Add([]byte(`{"connector":{"name":"x","type":"Bitbucket","spec":{"url":"u"}}}`))
	f.Add([]byte("a: &a [*a]\n---\nconnector: *a"))
	f.Add([]byte("\xff\xfea\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		entries, err := Read(text)
		if err != nil {
			return
		}
		for _, e := range entries {
			if e.Problem != nil {
				continue
			}
			c := e.Connector
			c.Name += "x"
			edited, err := Edit(e.Text, c)
			if err != nil {
				t.Fatalf("a document that was read cannot be edited: %v\n%q", err, e.Text)
			}
			got, _, err := Decode(edited)
			if err != nil || got.Name != c.Name {
				t.Fatalf("err %v: %q became %q", err, e.Text, edited)
			}
			for _, format := range []Format{FormatHarness, FormatJSON} {
				if _, err := Export(e.Text, format); err != nil {
					t.Fatalf("export: %v\n%q", err, e.Text)
				}
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for b.Loop() {
		if _, _, err := Decode([]byte(payments)); err != nil {
			b.Fatal(err)
		}
	}
}
