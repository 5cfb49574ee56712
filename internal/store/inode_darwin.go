package store

import (
	"io/fs"
	"syscall"
)

// inode is when a file's inode last changed, in nanoseconds, and its number.
func inode(info fs.FileInfo) (changed int64, number uint64) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	return syscall.TimespecToNsec(st.Ctimespec), st.Ino
}
