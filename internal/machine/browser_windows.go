package machine

import "syscall"

// ownSession keeps ctrl+c in this console from ending the browser.
func ownSession() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
