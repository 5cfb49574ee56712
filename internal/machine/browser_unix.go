//go:build unix

package machine

import "syscall"

// ownSession keeps ctrl+c in this terminal from ending the browser.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
