package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// savedConnectors is the number at which the commands on saved connectors are
// measured.
const savedConnectors = 10_000

// saved measures what is done with one or all of many saved connectors, against
// rclone with as many remotes. It fails where the list depends on what only
// makes it fast.
func (b *bench) saved(ctx context.Context) ([]row, error) {
	home, err := b.save("saved", savedConnectors, func(i int) string {
		return fmt.Sprintf(httpDocument, fmt.Sprintf("https://git.example.com/scm/PAY/service-%04d.git", i), "jdoe")
	})
	if err != nil {
		return nil, err
	}
	env := b.environment("HOME="+home, "BBCONNECT_HOME="+home, tokenVariable+"=bench")
	ours := func(args ...string) command {
		return command{argv: append([]string{b.program}, args...), env: env, dir: home}
	}
	list := ours("list", "--json")
	if err := sameWithoutState(ctx, list, home); err != nil {
		return nil, err
	}
	rclone, _ := exec.LookPath("rclone")
	config, err := b.write("rclone.conf", remotes(savedConnectors))
	if err != nil {
		return nil, err
	}
	if rclone == "" {
		b.table.left = append(b.table.left, leftOut{"rclone with as many remotes", "rclone is not installed"})
	}
	theirs := func(args ...string) command {
		return command{argv: append([]string{rclone, "--config", config}, args...), env: env, dir: home}
	}
	var rows []row
	for i, c := range []struct {
		what   string
		ours   command
		peer   string
		theirs command
		aim    aim
	}{
		{"list --json", list, "rclone listremotes", theirs("listremotes"), atMost(60)},
		{"show of one", ours("show", "service0777"), "rclone config show", theirs("config", "show", "service0777"), atMost(20)},
		{
			"saving one", ours("edit", "service0777", "--yes", "--no-test", "--keystore", "ask",
				"--secret", "credentials.password=env:"+tokenVariable, "--set", "overview.description=changed"),
			"rclone config update", theirs("config", "update", "service0777", "user=changed", "--non-interactive"), atMost(60),
		},
	} {
		commands := []timed{c.ours}
		if rclone != "" {
			commands = append(commands, c.theirs)
		}
		times, err := inTurn(ctx, b.half(), commands...)
		if err != nil {
			return rows, err
		}
		r := row{name: fmt.Sprintf("%d connectors: %s", savedConnectors, c.what), ours: medianMS(times[0]), aim: c.aim}
		if rclone != "" {
			r.peer, r.theirs = c.peer, medianMS(times[1])
		}
		rows = append(rows, r)
		if i == 0 {
			if rows, err = b.listMemory(ctx, rows, c.ours, c.theirs, rclone != ""); err != nil {
				return rows, err
			}
		}
	}
	return rows, nil
}

// listMemory adds the memory that listing takes, after it was run a few times.
func (b *bench) listMemory(ctx context.Context, rows []row, ours, theirs command, compared bool) ([]row, error) {
	_, most, err := ours.output(ctx)
	if err != nil {
		return rows, err
	}
	r := row{name: fmt.Sprintf("%d connectors: list --json, memory", savedConnectors), ours: quantity{most, "MB"}, aim: atMost(50)}
	if compared {
		_, peers, err := theirs.output(ctx)
		if err != nil {
			return rows, err
		}
		r.peer, r.theirs = "rclone listremotes", quantity{peers, "MB"}
	}
	if most == 0 {
		b.table.left = append(b.table.left, leftOut{r.name, "this system does not tell it"})
		return rows, nil
	}
	return append(rows, r), nil
}

// output runs the command and returns what it wrote and the most memory it
// held, in MB.
func (c command) output(ctx context.Context) ([]byte, float64, error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	cmd.Env, cmd.Dir = c.env, c.dir
	var said, out bytes.Buffer
	cmd.Stderr = &said
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, 0, err
	}
	if err := cmd.Start(); err != nil {
		return nil, 0, err
	}
	// A program that writes its answer has done its work: while it waits for room it
	// is asked how much it took.
	most := 0.0
	for err == nil {
		_, err = io.CopyN(&out, pipe, 16<<10)
		most = max(most, peak(cmd.Process.Pid))
	}
	if err = cmd.Wait(); err != nil {
		return nil, 0, fmt.Errorf("%s: %w\n%s", c.argv[0], err, said.Bytes())
	}
	return out.Bytes(), most, nil
}

// highWater is VmHWM of a process's status, in MB; 0 where it does not say.
func highWater(status string) float64 {
	for line := range strings.Lines(status) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kb); n == 1 {
			return kb * 1024 / 1e6
		}
	}
	return 0
}

// sameWithoutState fails where the list is another one, or empty, after the
// files that make it fast were deleted.
func sameWithoutState(ctx context.Context, list command, home string) error {
	var lists [3][]byte
	for i := range lists {
		if i == 2 {
			for _, name := range []string{"index.bin", "rows.bin"} {
				if err := os.Remove(filepath.Join(home, "state", name)); err != nil && !errors.Is(err, os.ErrNotExist) {
					return err
				}
			}
		}
		out, _, err := list.output(ctx)
		if err != nil {
			return err
		}
		lists[i] = out
	}
	if len(bytes.TrimSpace(lists[0])) < 3 {
		return errors.New("the list is empty")
	}
	if !bytes.Equal(lists[0], lists[1]) || !bytes.Equal(lists[1], lists[2]) {
		return errors.New("the list is another one without the files that make it fast")
	}
	return nil
}

// remotes are rclone's settings with so many remotes.
func remotes(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "[service%04d]\ntype = webdav\nurl = https://git.example.com/scm/PAY/service-%04d.git\nvendor = other\nuser = jdoe\n\n", i, i)
	}
	return text.String()
}
