//go:build unix && !linux

package store

import (
	"os"
	"testing"
)

// asSomebodyPermissionsBind runs work, unless that is done by root, whom
// permissions do not bind: only Linux lets one thread be somebody else.
func asSomebodyPermissionsBind(t *testing.T, _ string, work func()) {
	t.Helper()
	if os.Geteuid() == 0 {
		t.Skip("LEFT OUT: permissions do not bind root; TestAFolderThatCannotBeWrittenSaysWhatToDo covers the answer")
	}
	work()
}
