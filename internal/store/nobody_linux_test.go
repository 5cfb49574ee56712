package store

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// asSomebodyPermissionsBind runs work as a user whom the permissions of files
// bind, and gives that user the folder. Root is not bound, so for root that is
// the user nobody, on this one thread: the thread ends with the work and takes
// the change with it (setfsuid(2)).
func asSomebodyPermissionsBind(t *testing.T, folder string, work func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		work()
		return
	}
	const nobody = 65534
	if err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, nobody, nobody)
	}); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked
		if err := syscall.Setfsuid(nobody); err != nil {
			t.Error(err)
			return
		}
		work()
	}()
	<-done
}
