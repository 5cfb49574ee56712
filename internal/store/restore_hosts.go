package store

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"bbconnect/internal/disk"
	"bbconnect/model"
)

// hostLine is one accepted key: for which hosts, and the key with its type.
type hostLine struct {
	hosts []string
	kind  string
	key   string
}

// hostLineOf reads a line of known_hosts; ok is false for comments and blank
// lines. A line with a marker or with hashed hosts stands for itself alone.
func hostLineOf(line string) (h hostLine, ok bool) {
	fields := strings.Fields(line)
	if len(fields) < 3 || strings.HasPrefix(fields[0], "#") {
		return h, false
	}
	if strings.HasPrefix(fields[0], "@") || strings.HasPrefix(fields[0], "|") {
		return hostLine{hosts: []string{fields[0] + fields[1]}, kind: fields[1], key: strings.Join(fields[1:], " ")}, true
	}
	return hostLine{hosts: strings.Split(fields[0], ","), kind: fields[1], key: fields[2]}, true
}

// hostKeys adds the keys of hosts that are not known here. A host whose key of the
// same type is another one here is a difference: what was accepted here counts,
// unless it is to be replaced.
func (r *restoring) hostKeys(context.Context) error {
	now, err := read(r.s.hostsPath(), maxList)
	if err != nil {
		return err
	}
	text := string(now)
	if text == "" {
		text = hostsComment
	} else if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	before := text
	for line := range strings.Lines(string(r.b.HostKeys)) {
		line = strings.TrimSpace(line)
		fresh, ok := hostLineOf(line)
		if !ok || strings.ContainsFunc(line, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
			continue
		}
		state := hostState(text, fresh)
		if !r.note(model.RestoreHostKey, strings.Join(fresh.hosts, ","), state) {
			continue
		}
		if state == model.RestoreDiffers {
			text = withoutKind(text, fresh)
		}
		text += line + "\n"
	}
	if text != before {
		r.files = append(r.files, disk.File{Path: r.s.hostsPath(), Data: []byte(text)})
	}
	return nil
}

// hostState is how a key stands to those in a text of known_hosts.
func hostState(text string, fresh hostLine) model.RestoreState {
	missing := slices.Clone(fresh.hosts)
	for line := range strings.Lines(text) {
		old, ok := hostLineOf(line)
		if !ok || old.kind != fresh.kind {
			continue
		}
		shared := func(h string) bool { return slices.Contains(old.hosts, h) }
		if slices.ContainsFunc(fresh.hosts, shared) && old.key != fresh.key {
			return model.RestoreDiffers
		}
		missing = slices.DeleteFunc(missing, shared)
	}
	if len(missing) == 0 {
		return model.RestoreSame
	}
	return model.RestoreNew
}

// withoutKind takes the hosts' keys of one type out of a text.
func withoutKind(text string, fresh hostLine) string {
	var out bytes.Buffer
	for line := range strings.Lines(text) {
		if old, ok := hostLineOf(line); ok && old.kind == fresh.kind {
			line = withoutHosts(strings.TrimRight(line, "\r\n"), fresh.hosts)
		}
		out.WriteString(line)
	}
	return out.String()
}
