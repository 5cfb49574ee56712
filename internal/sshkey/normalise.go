package sshkey

import (
	"strings"
	"unicode/utf16"

	"bbconnect/model"
)

// maxText bounds what is looked at, in bytes. An RSA key of 16384 bits, the
// largest that ssh-keygen makes, takes about 13 kB.
const maxText = 32 << 10

// maxCleanings bounds how often a text is cleaned until nothing changes any more.
// A real key is clean after the first round and known to be after the second.
const maxCleanings = 4

// Normalise undoes what copying does to a private key: a byte order mark,
// UTF-16, CR and CRLF, blank lines, indentation, quote marks, lines joined by
// blanks, newlines written as \n, dashes prettified by a word processor, other
// text before and after. What comes out is, byte for byte, the file the key was
// copied from; changed tells whether that differs from what went in.
//
// Exactly one private key must be in the text. Anything else (a public key, a
// PuTTY file, two keys, a part of a key, text that keeps changing each time it is
// cleaned) is returned as it came. Normalise does not look inside the key, and
// doing it twice changes nothing more.
func Normalise(text model.Secret) (clean model.Secret, changed bool) {
	if text.Len() > maxText {
		return text, false
	}
	raw := text.Reveal()
	last := raw
	for range maxCleanings {
		next, ok := tidy(last)
		if !ok {
			return text, false
		}
		if next == last {
			return model.NewSecret(next), next != raw
		}
		last = next
	}
	return text, false
}

// tidy finds the one private key in a text and writes it out plainly. What it
// writes from hostile bytes can read differently the next time: a letter of
// several bytes is torn by a line break, a header without a value takes the line
// after it.
func tidy(text string) (clean string, ok bool) {
	soft := soften(text)
	if strings.Contains(soft, "PuTTY-User-Key-File-") {
		return "", false
	}
	blocks, _ := findBlocks(soft)
	private := privateBlocks(blocks)
	if len(private) != 1 || formatOf(private[0].label) == FormatUnknown {
		return "", false
	}
	return private[0].write(), true
}

// soften makes a text plain: UTF-8 without a mark, ASCII blanks and dashes, no
// backslashes. PEM has none of what it replaces.
func soften(text string) string {
	text = decodeUTF16(text)
	text = strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u2028', '\u2029':
			return ' '
		case '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2015', '\u2212':
			return '-'
		case '\u201c', '\u201d':
			return '"'
		case '\u2018', '\u2019':
			return '\''
		}
		return r
	}, text)
	for _, escape := range []string{`\r`, `\n`, `\t`} {
		text = strings.ReplaceAll(text, escape, "\n")
	}
	return strings.ReplaceAll(text, `\`, " ")
}

// decodeUTF16 reads what PowerShell's > writes: UTF-16 with a byte order mark.
func decodeUTF16(text string) string {
	high, low := 0, 1
	switch {
	case strings.HasPrefix(text, "\xff\xfe"):
		high, low = 1, 0
	case strings.HasPrefix(text, "\xfe\xff"):
	default:
		return text
	}
	units := make([]uint16, 0, len(text)/2)
	for i := 2; i+1 < len(text); i += 2 {
		units = append(units, uint16(text[i+high])<<8|uint16(text[i+low]))
	}
	return string(utf16.Decode(units))
}

// block is one PEM block as found in a text: what stands after BEGIN, and
// everything up to its END line.
type block struct{ label, body string }

// findBlocks finds the PEM blocks of a text, however their lines were broken.
// torn reports a private key's BEGIN without its END, or the other way round.
func findBlocks(text string) (blocks []block, torn bool) {
	for {
		before, label, rest, ok := cutMark(text, "BEGIN ")
		torn = torn || endsPrivate(before)
		if !ok {
			return blocks, torn
		}
		body, endLabel, after, ended := cutMark(rest, "END ")
		_, _, _, nested := cutMark(body, "BEGIN ")
		if !ended || nested || endLabel != label {
			torn = torn || strings.Contains(label, "PRIVATE KEY")
			text = rest
			continue
		}
		blocks = append(blocks, block{label: label, body: body})
		text = after
	}
}

// endsPrivate reports whether a text holds the END line of a private key.
func endsPrivate(text string) bool {
	for {
		_, label, rest, ok := cutMark(text, "END ")
		if !ok {
			return false
		}
		if strings.Contains(label, "PRIVATE KEY") {
			return true
		}
		text = rest
	}
}

// cutMark cuts a text around its first "--- word label ---": what stands
// before the dashes, the label, and what follows the dashes after it.
func cutMark(text, word string) (before, label, after string, ok bool) {
	for from := 0; ; {
		i := strings.Index(text[from:], word)
		if i < 0 {
			return text, "", "", false
		}
		i += from
		head := strings.TrimRight(text[:i], " ")
		tail := text[i+len(word):]
		end := strings.IndexByte(tail, '-')
		if strings.HasSuffix(head, "-") && end > 0 && isLabel(tail[:end]) {
			label = strings.Join(strings.Fields(tail[:end]), " ")
			return strings.TrimRight(head, "-"), label, strings.TrimLeft(tail[end:], "-"), true
		}
		from = i + len(word)
	}
}

func isLabel(s string) bool {
	return len(s) < 64 && strings.TrimSpace(s) != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r != ' ' && (r < '0' || r > '9') && (r < 'A' || r > 'Z')
	})
}

func privateBlocks(blocks []block) []block {
	var out []block
	for _, b := range blocks {
		if strings.HasSuffix(b.label, "PRIVATE KEY") {
			out = append(out, b)
		}
	}
	return out
}

// write prints the block the way its own tools do.
func (b block) write() string {
	headers, lines := b.split()
	var out strings.Builder
	out.WriteString("-----BEGIN " + b.label + "-----\n")
	for _, h := range headers {
		out.WriteString(h + "\n")
	}
	if len(headers) > 0 {
		out.WriteByte('\n')
	}
	for _, l := range rewrap(lines, b.width()) {
		out.WriteString(l + "\n")
	}
	out.WriteString("-----END " + b.label + "-----\n")
	return out.String()
}

// width is the usual length of a line: 70 in OpenSSH's own form, 64 elsewhere.
func (b block) width() int {
	if formatOf(b.label) == FormatOpenSSH {
		return 70
	}
	return 64
}

// split separates the headers of an encrypted key (Proc-Type, DEK-Info; RFC
// 1421) from its base64, which never has a colon.
func (b block) split() (headers, lines []string) {
	words := strings.FieldsFunc(b.body, func(r rune) bool {
		return r == ' ' || r == '\n' || r == '\r' || r == '\t' || r == '\v' || r == '\f' || r == '"' || r == '\'' || r == '`'
	})
	for i := 0; i < len(words); i++ {
		name, value, colon := strings.Cut(words[i], ":")
		switch {
		case words[i] == ">" || words[i] == "|": // quoted mail, a table
		case !colon:
			lines = append(lines, words[i])
		case value == "" && i+1 < len(words):
			i++
			headers = append(headers, name+": "+words[i])
		default:
			headers = append(headers, name+": "+value)
		}
	}
	return headers, lines
}

// rewrap keeps lines that are all of one length, which is how every tool
// writes them, and breaks all others anew.
func rewrap(lines []string, width int) []string {
	if even(lines) {
		return lines
	}
	joined := strings.Join(lines, "")
	out := make([]string, 0, len(joined)/width+1)
	for len(joined) > width {
		out = append(out, joined[:width])
		joined = joined[width:]
	}
	return append(out, joined)
}

func even(lines []string) bool {
	if len(lines) == 0 {
		return true
	}
	width := len(lines[0])
	for i, l := range lines {
		last := i == len(lines)-1
		if len(l) > width || (!last && len(l) != width) {
			return false
		}
	}
	return width <= 76 && (len(lines) == 1 || width >= 32)
}
