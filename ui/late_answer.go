package ui

import (
	"bytes"
	"os"
)

// lateAnswer is how the answer to the question for the background begins.
var lateAnswer = []byte("\x1b]11;")

// lateAnswerLimit bounds how much is taken for one answer, in bytes: the longest
// is "rgba:ffff/ffff/ffff/ffff" and its end.
const lateAnswerLimit = 64

// quietInput is the terminal as the program reads it, without a late answer to
// the question for the background. Over a slow line the answer comes after the
// program has stopped waiting for it; unfiltered it would be typed into the
// field in focus.
type quietInput struct {
	*os.File
	// left is how much of an answer may still follow, 0 outside of one.
	left int
}

// Read reads keys.
func (q *quietInput) Read(p []byte) (int, error) {
	n, err := q.File.Read(p)
	return q.drop(p[:n]), err
}

// drop takes answers out of what was read, in place, and returns what is left
// of its length. An answer ends with BEL or ST; one that does not end in time
// was none, and the rest is kept.
func (q *quietInput) drop(data []byte) int {
	kept := 0
	for i := 0; i < len(data); {
		if q.left == 0 {
			if bytes.HasPrefix(data[i:], lateAnswer) {
				q.left = lateAnswerLimit
				i += len(lateAnswer)
				continue
			}
			data[kept] = data[i]
			kept++
			i++
			continue
		}
		q.left--
		switch c := data[i]; {
		case c == '\a':
			q.left = 0
		case c == '\\' && i > 0 && data[i-1] == '\x1b':
			q.left = 0
		}
		i++
	}
	return kept
}
