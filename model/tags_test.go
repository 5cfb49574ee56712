package model

import (
	"slices"
	"testing"
)

func TestTagsAreReadFromOneLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]Tag{
		"":                     nil,
		" , ":                  nil,
		"team:payments,prod":   {{"team", "payments"}, {"prod", ""}},
		" a : 1 , b ":          {{"a", "1"}, {"b", ""}},
		"link:https://x.y:8/z": {{"link", "https://x.y:8/z"}},
		":v":                   {{"", "v"}},
		`a\,b:c\,d`:            {{"a,b", "c,d"}},
		`a\:b:c`:               {{"a:b", "c"}},
		`a:\ b\ `:              {{"a", " b "}},
		`a:c\\d`:               {{"a", `c\d`}},
		`a:end\`:               {{"a", `end\`}},
	} {
		if got := ParseTags(text); !slices.Equal(got, want) {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func FuzzTagsComeBackAsTheyWere(f *testing.F) {
	for _, seed := range [][4]string{{"a", "1", "b", ""}, {"a,b", "c:d", ":", ","}, {" a ", "\t", `\`, `\\`}, {"é", "\n x", "a:b", ` `}} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, key, value, key2, value2 string) {
		if key == "" || key2 == "" {
			return
		}
		// The round trip is by characters: what is no UTF-8 is not kept.
		tags := []Tag{{string([]rune(key)), string([]rune(value))}, {string([]rune(key2)), string([]rune(value2))}}
		if got := ParseTags(FormatTags(tags)); !slices.Equal(got, tags) {
			t.Errorf("%q became %q by way of %q", tags, got, FormatTags(tags))
		}
	})
}
