package cmd

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"bbconnect/internal/disk"
	"bbconnect/internal/flow"
	"bbconnect/model"
)

// The log has files of a megabyte, three of them together.
const (
	logSize  = 1 << 20
	logFiles = 3
)

// runLog is the log of a run: what was called, what was asked over the network,
// what was written, and the codes of what went wrong. No value of a flag, no
// argument, no header and no body is in it.
type runLog struct {
	*slog.Logger
	file  *disk.Log
	scrub *scrubber
	begun time.Time
	now   func() time.Time
}

// logPath is where the log of this installation is.
func logPath(folders disk.Folders) string {
	return filepath.Join(folders.State, "log", "bbconnect.log")
}

// startLog begins the log where --verbose or BBCONNECT_LOG asks for one. That it
// cannot be written is said and is no reason to end. What try does is a play, and
// the shell's questions for completions are nobody's.
func (a *app) startLog(c *cobra.Command) {
	if a.log != nil || strings.HasPrefix(c.Name(), "__") || c.Name() == "try" {
		return
	}
	env := a.getenv("BBCONNECT_LOG")
	if !a.logging && !a.verbose && (env == "" || env == "0") {
		return
	}
	folders, err := disk.UserFolders(a.getenv)
	if err != nil {
		return // whatever is done next says so
	}
	file, err := disk.OpenLog(logPath(folders), logSize, logFiles)
	if err != nil {
		a.tell(a.errOut, signWarn, "No log is written: "+clean(err.Error())+".")
		return
	}
	scrub := &scrubber{to: file}
	handler := slog.NewTextHandler(scrub, &slog.HandlerOptions{ReplaceAttr: func(groups []string, at slog.Attr) slog.Attr {
		if len(groups) == 0 && at.Key == slog.TimeKey {
			return slog.String(slog.TimeKey, a.now().UTC().Format("2006-01-02T15:04:05.000Z"))
		}
		return at
	}})
	a.log = &runLog{Logger: slog.New(handler), file: file, scrub: scrub, begun: a.now(), now: a.now}
	a.logPorts()
}

// logPorts has everything that reaches out of the program tell the log.
func (a *app) logPorts() {
	log, tester, places, reach := a.log, a.tester, a.places, a.reach
	a.tester = func(a *app, f testFlags) flow.Tester { return loggedTester{tester(a, f), log} }
	a.places = func(a *app) flow.Keystores { return loggedKeystores{places(a), log} }
	a.reach = func(a *app) flow.Reacher { return loggedReacher{reach(a), log} }
}

// command tells what was called: the command, the names of its flags and how
// many arguments.
func (l *runLog) command(ctx context.Context, c *cobra.Command, line, args []string) {
	if l == nil {
		return
	}
	flags := flagNames(c, line)
	l.LogAttrs(ctx, slog.LevelInfo, "command",
		slog.String("command", c.CommandPath()), slog.String("flags", strings.Join(flags, " ")), slog.Int("args", len(args)),
		slog.String("version", buildVersion()), slog.String("go", runtime.Version()), slog.String("os", runtime.GOOS+"/"+runtime.GOARCH))
}

// flagNames are the names of the flags on a command line, without their values. A
// word counts only where the command has a flag of that name.
func flagNames(c *cobra.Command, line []string) []string {
	var names []string
	for _, word := range line {
		name, long := strings.CutPrefix(word, "--")
		name, _, _ = strings.Cut(name, "=")
		flag := c.Flags().Lookup(name)
		if short, ok := strings.CutPrefix(word, "-"); !long && ok && len(short) > 0 {
			flag = c.Flags().ShorthandLookup(short[:1])
		} else if !long {
			continue
		}
		if flag != nil && flag.Changed && !slices.Contains(names, flag.Name) {
			names = append(names, flag.Name)
		}
	}
	slices.Sort(names)
	return names
}

// ended tells how a command ended.
func (l *runLog) ended(ctx context.Context, err error) {
	if l == nil {
		return
	}
	level, attrs := slog.LevelInfo, []slog.Attr{slog.Int("exit", exitCode(err)), slog.Duration("took", l.now().Sub(l.begun))}
	if err != nil {
		code, _, _, _ := describeError(err)
		level, attrs = slog.LevelWarn, append(attrs, slog.String("code", code))
	}
	l.LogAttrs(ctx, level, "end", attrs...)
}

// close ends the log.
func (l *runLog) close() {
	if l != nil {
		_ = l.file.Close() // nobody can do anything about it
	}
}

// logger is the log as other rooms take it: nil for none.
func (l *runLog) logger() *slog.Logger {
	if l == nil {
		return nil
	}
	return l.Logger
}

// did tells of one thing that was done, how long it took, and the code of what went
// wrong. Nothing of the error's text is told: it may quote a server or a path.
func (l *runLog) did(ctx context.Context, what string, begun time.Time, err error, attrs ...slog.Attr) {
	level := slog.LevelInfo
	attrs = append(attrs, slog.Duration("took", l.now().Sub(begun)))
	if err != nil {
		level, attrs = slog.LevelWarn, append(attrs, slog.String("code", codeOf(err)))
	}
	l.LogAttrs(ctx, level, what, attrs...)
}

// codeOf names an error for the log.
func codeOf(err error) string {
	code, _, _, _ := describeError(err)
	return code
}

// scrubber is the last door before the log's file: it takes out every value that
// passed through this run, and every word that looks like a credential. A line
// that cannot be written is dropped.
type scrubber struct {
	to io.Writer

	mu     sync.Mutex
	values map[string]bool
}

// shortestScrubbed is the length below which a value is no secret that could be
// told from ordinary text.
const shortestScrubbed = 6

// learn remembers values that must not be in the log: as they are, line by line,
// and as the log would quote them.
func (s *scrubber) learn(values ...model.Secret) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.values == nil {
		s.values = map[string]bool{}
	}
	for _, v := range values {
		for line := range strings.Lines(v.Reveal()) {
			line = strings.TrimSpace(line)
			if len(line) < shortestScrubbed {
				continue
			}
			s.values[line] = true
			quoted := strconv.Quote(line)
			s.values[quoted[1:len(quoted)-1]] = true
		}
	}
}

// Write takes one line of the log. It never fails: a log is not worth a command.
func (s *scrubber) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := line
	for v := range s.values {
		if bytes.Contains(out, []byte(v)) {
			out = bytes.ReplaceAll(out, []byte(v), []byte(withheld))
		}
	}
	text := withhold(strings.TrimRight(string(out), "\n")) + "\n"
	_, _ = s.to.Write([]byte(text))
	return len(line), nil
}
