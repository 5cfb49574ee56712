package machine

import (
	"context"
	"os/exec"
	"strings"
	"time"
	"unicode"
)

// versionTime bounds the wait for a program that is asked for its version.
const versionTime = 3 * time.Second

// maxVersion is how much of a version's line is kept, in characters.
const maxVersion = 100

// Version is what a program says of itself: the first line that git --version
// prints, or ssh -V, which writes it to standard error. "" where the program is not
// there, says nothing, or takes too long.
func Version(ctx context.Context, program string, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, versionTime)
	defer cancel()
	path, err := exec.LookPath(program)
	if err != nil {
		return ""
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 || ctx.Err() != nil {
		return ""
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(out[:min(len(out), 4096)])), "\n")
	line = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, line)
	if runes := []rune(line); len(runes) > maxVersion {
		return string(runes[:maxVersion]) + "…"
	}
	return line
}
