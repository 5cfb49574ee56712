package model

import (
	"regexp"
	"testing"
)

// Every pattern is compiled here, so that one that cannot be is found without
// the input that asks for it.
func TestEveryPatternCanBeCompiledAndIsCompiledOnce(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]func() *regexp.Regexp{
		"headerName": headerName, "bearerForm": bearerForm, "basicForm": basicForm, "settingForm": settingForm,
		"tokenBody": tokenBody, "jsonWeb": jsonWeb, "olderServer": olderServer, "olderBody": olderBody, "olderApp": olderApp,
		"emailForm": emailForm, "publicKey": publicKey, "masked": masked, "delegateForm": delegateForm,
		"schemeForm": schemeForm, "schemeSlip": schemeSlip, "helperForm": helperForm, "windowsPath": windowsPath,
		"hostBehind": hostBehind, "gitURL": gitURL, "pathWord": pathWord, "braced": braced,
		"ansiSequence": ansiSequence, "markdownLink": markdownLink, "bareAddress": bareAddress, "blanks": blanks,
	} {
		if first, second := p(), p(); first == nil || first != second {
			t.Errorf("%s is compiled again each time", name)
		}
	}
}

func TestAHostNameIsLabelsWithPointsBetweenThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"bitbucket.org": true, "localhost": true, "git_1.corp": true, "bücher.example": true, "例え.jp": true, "a-b.c": true, "1.2.3.4": true, "x²": true,
		"": false, ".": false, "a.": false, ".a": false, "a..b": false, "-a": false, "a-": false, "a.-b": false, "a b": false, "a/b": false,
		"a:1": false, "a\n": false, "a\xff": false, "a\u0301": false, "a\u200b": false,
	} {
		if got := isHostName(text); got != want {
			t.Errorf("isHostName(%q) = %t", text, got)
		}
	}
}

// FuzzHostName holds isHostName against the expression it stands for.
func FuzzHostName(f *testing.F) {
	for _, s := range []string{"bitbucket.org", "a-b.c_d", "-a.b-", "bücher.example", "a\xff", "a\n"} {
		f.Add(s)
	}
	form := regexp.MustCompile(`^[\p{L}\p{N}_]([\p{L}\p{N}_-]*[\p{L}\p{N}_])?(\.[\p{L}\p{N}_]([\p{L}\p{N}_-]*[\p{L}\p{N}_])?)*$`)
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := isHostName(text), form.MatchString(text); got != want {
			t.Errorf("isHostName(%q) = %t, the expression says %t", text, got, want)
		}
	})
}
