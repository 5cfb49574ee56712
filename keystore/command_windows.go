package keystore

import (
	"context"
	"os/exec"
	"syscall"
)

const (
	shellName       = "cmd"
	dollarIsSpecial = false
)

// createNoWindow keeps a console window from flashing up.
const createNoWindow = 0x08000000

// shell hands the line to cmd as it stands: with /s, cmd takes off the outer
// quotes and nothing else, where Go's own quoting would be read differently.
func shell(ctx context.Context, line string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, shellName)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		CmdLine:       shellName + ` /d /s /c "` + line + `"`,
		CreationFlags: createNoWindow,
	}
	return cmd
}
