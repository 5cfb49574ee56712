package model

import (
	"fmt"
	"slices"
	"strings"
)

// tagBlanks are dropped around the parts of a tag.
const tagBlanks = " \t\r\n"

// ParseTags reads the one-line form of tags: key:value,key. A value may hold
// colons; blanks around parts are dropped. A backslash keeps the comma, colon,
// blank or backslash behind it as a part of the text, since Harness takes any
// characters in tags.
func ParseTags(text string) []Tag {
	var tags []Tag
	for _, part := range splitEscaped(text, ',', -1) {
		pair := splitEscaped(part, ':', 2)
		tag := Tag{Key: unescapeTag(pair[0])}
		if len(pair) == 2 {
			tag.Value = unescapeTag(pair[1])
		}
		if tag.Key != "" || tag.Value != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}

// FormatTags writes tags as ParseTags reads them.
func FormatTags(tags []Tag) string {
	parts := make([]string, 0, len(tags))
	for _, t := range tags {
		part := escapeTag(t.Key, `\,:`)
		if t.Value != "" {
			part += ":" + escapeTag(t.Value, `\,`)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ",")
}

// splitEscaped cuts a text at every separator that has no backslash before it,
// into at most limit parts where limit is positive. Backslashes stay.
func splitEscaped(text string, separator byte, limit int) []string {
	var parts []string
	begin := 0
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			i++
		case text[i] == separator && len(parts)+1 != limit:
			parts = append(parts, text[begin:i])
			begin = i + 1
		}
	}
	return append(parts, text[begin:])
}

// escapeTag puts a backslash before the special characters, and before a blank
// at either end, which would be dropped otherwise.
func escapeTag(text, special string) string {
	var b strings.Builder
	for i, c := range text {
		edge := i == 0 || i == len(text)-1
		if strings.ContainsRune(special, c) || (edge && strings.ContainsRune(tagBlanks, c)) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// unescapeTag drops the blanks around a part and the backslashes in it. One at
// the very end stands for itself.
func unescapeTag(part string) string {
	part = strings.TrimLeft(part, tagBlanks)
	var b strings.Builder
	kept := 0 // nothing before it is dropped as a trailing blank
	for i := 0; i < len(part); i++ {
		escaped := part[i] == '\\' && i+1 < len(part)
		if escaped {
			i++
		}
		b.WriteByte(part[i])
		if escaped || !strings.ContainsRune(tagBlanks, rune(part[i])) {
			kept = b.Len()
		}
	}
	return b.String()[:kept]
}

// tagFindings checks tags: a key each, no key twice, 128 at most, and no
// expressions, which Harness does not resolve in tags.
func tagFindings(text string) Findings {
	tags := ParseTags(text)
	if len(tags) > maxTags {
		return fieldError(QTags, "tags.invalid", fmt.Sprintf("These are %d tags; Harness takes %d.", len(tags), maxTags), "Remove some.")
	}
	seen := map[string]bool{}
	for _, t := range tags {
		switch {
		case t.Key == "":
			return fieldError(QTags, "tags.invalid", fmt.Sprintf("The tag :%s has no name before the colon.", t.Value), "Write name:value.")
		case strings.Contains(t.Key+t.Value, "<+"):
			return fieldError(QTags, "tags.invalid", "Harness resolves no expressions (<+…>) in tags.", "Write the value itself.")
		case seen[t.Key]:
			f := fieldError(QTags, "tags.duplicate", fmt.Sprintf("The tag %s is there twice.", t.Key), "Keep one of them.")
			f[0].Suggestion = FormatTags(dropRepeated(tags))
			return f
		}
		seen[t.Key] = true
	}
	return nil
}

func dropRepeated(tags []Tag) []Tag {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(tags), func(t Tag) bool {
		again := seen[t.Key]
		seen[t.Key] = true
		return again
	})
}
