package store

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"

	"bbconnect/model"
)

const hostsComment = "# SSH host keys accepted in bbconnect, in the format of OpenSSH's known_hosts.\n"

func (s *Store) hostsPath() string { return filepath.Join(s.folders.Config, "known_hosts") }

// KnownHosts are the host keys accepted here, in the format of OpenSSH's
// known_hosts; nil when there are none. The person's own ~/.ssh/known_hosts is
// not the store's.
func (s *Store) KnownHosts(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return read(s.hostsPath(), maxList)
}

// AcceptHostKey adds the key's line. Other keys that were accepted for the same
// address go: a person is asked about a known address only when its key has
// changed, and the old key must not open the door any more.
func (s *Store) AcceptHostKey(ctx context.Context, k model.HostKey) error {
	line := strings.TrimSpace(k.Line)
	fields := strings.Fields(line)
	unfit := strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f })
	if unfit || len(fields) < 3 || strings.ContainsAny(fields[0][:1], "@#|,") {
		return &model.Problem{
			Code: "ssh.host-key-unknown", What: "The host key cannot be remembered.", Why: "It has no line of the form known_hosts takes.",
			Fix: "Give the key's fingerprint with --host-key instead.",
		}
	}
	return s.locked(ctx, s.hostsPath(), func() error {
		data, err := read(s.hostsPath(), maxList)
		if err != nil {
			return err
		}
		var out bytes.Buffer
		if len(data) == 0 {
			out.WriteString(hostsComment)
		}
		for old := range strings.Lines(string(data)) {
			out.WriteString(withoutHosts(strings.TrimRight(old, "\r\n"), strings.Split(fields[0], ",")))
		}
		out.WriteString(line + "\n")
		return write(s.hostsPath(), out.Bytes())
	})
}

// withoutHosts is a line of known_hosts, with its end, without the given hosts;
// "" when it is about no other. Comments and lines with markers stay.
func withoutHosts(line string, hosts []string) string {
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || strings.ContainsAny(trimmed[:1], "#@|") {
		return line + "\n"
	}
	named, rest, _ := strings.Cut(trimmed, " ")
	all := strings.Split(named, ",")
	kept := slices.DeleteFunc(slices.Clone(all), func(h string) bool { return slices.Contains(hosts, h) })
	switch len(kept) {
	case len(all):
		return line + "\n"
	case 0:
		return ""
	}
	return strings.Join(kept, ",") + " " + rest + "\n"
}
