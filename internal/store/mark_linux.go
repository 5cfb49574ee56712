package store

import "syscall"

// markOf looks at a file, following links as reading it would. It asks the
// system itself: ten thousand os.FileInfo are as much work again.
func markOf(path string) (fileMark, bool) {
	var st syscall.Stat_t
	for {
		err := syscall.Stat(path, &st)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || st.Mode&syscall.S_IFMT != syscall.S_IFREG {
			return fileMark{}, false
		}
		break
	}
	return fileMark{size: st.Size, modified: syscall.TimespecToNsec(st.Mtim), changed: syscall.TimespecToNsec(st.Ctim), number: st.Ino}, true
}
