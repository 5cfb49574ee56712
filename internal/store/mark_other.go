//go:build !linux

package store

import "os"

// markOf looks at a file, following links as reading it would.
func markOf(path string) (fileMark, bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return fileMark{}, false
	}
	m := fileMark{size: info.Size(), modified: info.ModTime().UnixNano()}
	m.changed, m.number = inode(info)
	return m, true
}
