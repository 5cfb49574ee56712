package main

import (
	"fmt"
	"strings"

	"bbconnect/internal/tools/screenshots/play"
)

// galleryName is the page with all pictures.
const galleryName = "README.md"

// gallery is the page that shows every picture, in the order of the scripts.
func gallery(scripts []play.Script) []byte {
	var b strings.Builder
	b.WriteString(`# Pictures

Made by ` + "`make screenshots`" + `: scripts (internal/tools/screenshots/scripts) play the
program against its own Bitbucket, with a clock that stands still. Each picture is
there in 80×24 and 120×40, dark and light, and as text. Do not edit this page.
`)
	for _, s := range scripts {
		if s.IsFilm() {
			fmt.Fprintf(&b, "\n## The %s\n\n<img src=%q width=\"720\" alt=\"The %s, from the first screen to the last\">\n", s.Name, s.Name+".gif", s.Name)
		}
		for _, p := range s.Pictures() {
			fmt.Fprintf(&b, `
## %s

<picture>
  <source media="(prefers-color-scheme: light)" srcset="%[2]s-80x24-light.svg">
  <img src="%[2]s-80x24-dark.svg" width="720" alt="%[3]s">
</picture>

80×24: [dark](%[2]s-80x24-dark.png), [light](%[2]s-80x24-light.png), [text](%[2]s-80x24.txt) ·
120×40: [dark](%[2]s-120x40-dark.png), [light](%[2]s-120x40-light.png), [text](%[2]s-120x40.txt)
`, heading(p.Shows), p.Name, strings.ReplaceAll(p.Shows, `"`, "&quot;"))
		}
	}
	return []byte(b.String())
}

// heading is the part of a description before its colon.
func heading(shows string) string {
	head, _, _ := strings.Cut(shows, ":")
	return head
}
