//go:build !windows

package keystore

import (
	"context"
	"os/exec"
	"syscall"
)

const (
	shellName       = "sh"
	dollarIsSpecial = true
)

// shell runs the line in a session of its own. It then has no terminal to ask
// on, where it would fight with the screen, and ending it ends everything it
// has started.
func shell(ctx context.Context, line string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, shellName, "-c", line)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}
