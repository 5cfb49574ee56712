package house_test

import (
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	fence = regexp.MustCompile("(?ms)^[ \t]*```.*?^[ \t]*```[ \t]*$")
	span  = regexp.MustCompile("`[^`\n]*`")
	// markdownLink is [text](target), with or without a title; a picture has a ! in
	// front, which does not matter here.
	markdownLink = regexp.MustCompile(`\]\(\s*<?([^)\s>]*)>?(?:\s+"[^"]*")?\s*\)`)
	htmlLink     = regexp.MustCompile(`(?:src|srcset|href)="([^"]*)"`)
	heading      = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *#*$`)
	notInAnchor  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	linkText     = regexp.MustCompile(`!?\[([^\]]*)\]\([^)]*\)`)
)

// links are the targets of a page's links and pictures, without those that stand
// in code.
func links(text string) []string {
	text = span.ReplaceAllString(fence.ReplaceAllString(text, ""), "")
	var out []string
	for _, pattern := range []*regexp.Regexp{markdownLink, htmlLink} {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			out = append(out, m[1])
		}
	}
	return out
}

// anchors are the names of a page's headings, as GitHub and GitLab make them:
// lower case, without punctuation, blanks as hyphens, numbered where they repeat.
func anchors(text string) []string {
	var out []string
	times := map[string]int{}
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		name := linkText.ReplaceAllString(m[1], "$1")
		name = strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(name), ""), " ", "-")
		if n := times[name]; n > 0 {
			out = append(out, fmt.Sprintf("%s-%d", name, n))
		} else {
			out = append(out, name)
		}
		times[name]++
	}
	return out
}

// brokenLink says why a link of a page leads nowhere, or nothing. read gives the
// text of a file of the project.
func brokenLink(page, target string, read func(string) (string, bool)) string {
	u, err := url.Parse(target)
	switch {
	case err != nil || target == "":
		return "is no address"
	case u.Scheme == "https" && u.Host != "":
		return ""
	case u.Scheme != "" || u.Host != "":
		return "is neither a file of the project nor an https address"
	case strings.HasPrefix(u.Path, "/"):
		return "begins at the root of a disk; write it from the page's own folder"
	}
	name := page
	if u.Path != "" {
		name = path.Join(path.Dir(page), u.Path)
	}
	text, there := read(name)
	if !there {
		return "leads to " + name + ", which is not in the project"
	}
	if u.Fragment != "" && !slices.Contains(anchors(text), u.Fragment) {
		return name + " has no heading #" + u.Fragment
	}
	return ""
}

// reader reads files of the project, each of which has to be one that is listed:
// a file system that ignores case would find others too.
func reader(t *testing.T, dir string) func(string) (string, bool) {
	all := files(t, dir)
	return func(name string) (string, bool) {
		if folder := strings.TrimSuffix(name, "/") + "/"; slices.ContainsFunc(all, func(f string) bool { return strings.HasPrefix(f, folder) }) {
			return "", true
		}
		if !slices.Contains(all, name) {
			return "", false
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(text), "\r\n", "\n"), true
	}
}

func TestEveryLinkOfADocumentLeadsSomewhere(t *testing.T) {
	t.Parallel()
	dir := root(t)
	read := reader(t, dir)
	checked := 0
	for _, page := range files(t, dir) {
		if !strings.HasSuffix(page, ".md") || strings.Contains(page, "testdata/") {
			continue
		}
		text, _ := read(page)
		for _, target := range links(text) {
			checked++
			if why := brokenLink(page, target, read); why != "" {
				t.Errorf("%s: the link %q %s", page, target, why)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d links were found", checked)
	}
}

func TestTheReadmeLeadsToEveryDocument(t *testing.T) {
	t.Parallel()
	dir := root(t)
	text, _ := reader(t, dir)("README.md")
	linked := links(text)
	for _, name := range files(t, dir) {
		if strings.HasPrefix(name, "docs/") && strings.HasSuffix(name, ".md") && !slices.Contains(linked, name) {
			t.Errorf("README.md has no link to %s", name)
		}
	}
}

func TestBrokenLinksAreFound(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"README.md":    "# The `net.dns` code, [again](docs/a.md)\n## Twice\n## Twice\n```\n## not one\n```\n",
		"docs/a.md":    "# Über uns\n",
		"docs/pic.svg": "",
	}
	read := func(name string) (string, bool) { text, ok := pages[name]; return text, ok }
	for _, c := range []struct {
		page, target string
		broken       bool
	}{
		{"README.md", "docs/a.md", false},
		{"README.md", "docs/pic.svg", false},
		{"README.md", "#the-netdns-code-again", false},
		{"README.md", "#twice-1", false},
		{"README.md", "#twice-2", true},
		{"README.md", "#not-one", true},
		{"docs/a.md", "../README.md#twice", false},
		{"docs/a.md", "#%C3%BCber-uns", false},
		{"docs/a.md", "README.md", true},
		{"README.md", "docs/b.md", true},
		{"README.md", "/docs/a.md", true},
		{"README.md", "https://support.atlassian.com/", false},
		{"README.md", "http://support.atlassian.com/", true},
		{"README.md", "//support.atlassian.com/", true},
		{"README.md", "https://[", true},
		{"README.md", "", true},
	} {
		if why := brokenLink(c.page, c.target, read); (why != "") != c.broken {
			t.Errorf("%s in %s: %q, broken is %v", c.target, c.page, why, c.broken)
		}
	}
}

func TestLinksAreReadFromTextAndNotFromCode(t *testing.T) {
	t.Parallel()
	text := "[a](a.md) ![b](b.png \"title\") <img src=\"c.svg\"><source srcset=\"d.svg\">\n`[e](e.md)`\n```sh\n[f](f.md)\n```\n[g](<g.md>)\n"
	want := []string{"a.md", "b.png", "g.md", "c.svg", "d.svg"}
	if got := links(text); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
