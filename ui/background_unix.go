//go:build unix && !solaris && !aix

package ui

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// askFor is how long a terminal has to answer. Over a slow line the default
// shade is better than a late screen.
const askFor = 150 * time.Millisecond

// askBackground is OSC 11 (which colour is the background) followed by DA1
// (what are you). Every terminal answers the second, so a terminal that does
// not know the first is not waited for.
const askBackground = "\x1b]11;?\x07\x1b[c"

// errTypedAhead: somebody is typing already, and their keys come before the
// answer. They are left for the program; the shade is not worth one of them.
var errTypedAhead = errors.New("the terminal has keys waiting")

// deviceAnswer is the reply to DA1, which ends the conversation.
var deviceAnswer = regexp.MustCompile(`\x1b\[\?[0-9;]*c`)

// backgroundColour finds the colour in a reply such as
// "\x1b]11;rgb:ffff/ffff/ffff\x07".
var backgroundColour = regexp.MustCompile(`\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})`)

// backgroundIsLight asks the terminal for its background colour. It is false
// when there is no terminal, or none that answers.
func backgroundIsLight(term string) bool {
	if term == "dumb" || term == "linux" {
		return false
	}
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	defer func() { _ = tty.Close() }()
	reply, err := converse(int(tty.Fd()), askFor)
	if err != nil {
		return false
	}
	return lightReply(reply)
}

// converse sends the question and reads until the sentinel, in raw mode so that
// the answer is neither echoed nor held back for a newline.
func converse(fd int, limit time.Duration) ([]byte, error) {
	before, err := unix.IoctlGetTermios(fd, ioctlGetTermios)
	if err != nil {
		return nil, err
	}
	raw := *before
	raw.Lflag &^= unix.ECHO | unix.ICANON
	raw.Cc[unix.VMIN], raw.Cc[unix.VTIME] = 0, 0
	if err := unix.IoctlSetTermios(fd, ioctlSetTermios, &raw); err != nil {
		return nil, err
	}
	defer func() { _ = unix.IoctlSetTermios(fd, ioctlSetTermios, before) }()
	if ready, err := readable(fd, 0); err != nil || ready {
		return nil, errTypedAhead
	}
	if _, err := unix.Write(fd, []byte(askBackground)); err != nil {
		return nil, err
	}
	return readUntilSentinel(fd, time.Now().Add(limit))
}

func readUntilSentinel(fd int, deadline time.Time) ([]byte, error) {
	var reply []byte
	buf := make([]byte, 256)
	for len(reply) < 4096 {
		left := time.Until(deadline)
		if left <= 0 {
			return reply, os.ErrDeadlineExceeded
		}
		ready, err := readable(fd, left)
		if err != nil {
			return reply, err
		}
		if !ready {
			continue
		}
		n, err := unix.Read(fd, buf)
		if err != nil || n == 0 {
			return reply, err
		}
		if reply = append(reply, buf[:n]...); deviceAnswer.Match(reply) {
			return reply, nil
		}
	}
	return reply, nil
}

// readable waits until there is something to read, for no longer than a time.
func readable(fd int, within time.Duration) (bool, error) {
	var ready unix.FdSet
	ready.Set(fd)
	wait := unix.NsecToTimeval(within.Nanoseconds())
	n, err := unix.Select(fd+1, &ready, nil, nil, &wait)
	if errors.Is(err, unix.EINTR) {
		return false, nil
	}
	return n > 0, err
}

// lightReply judges the colour in a terminal's reply by its luminance.
func lightReply(reply []byte) bool {
	found := backgroundColour.FindSubmatch(bytes.ToLower(reply))
	if found == nil {
		return false
	}
	var channel [3]float64
	for i := range channel {
		digits := string(found[i+1])
		value, err := strconv.ParseUint(digits, 16, 32)
		full, err2 := strconv.ParseUint(strings.Repeat("f", len(digits)), 16, 32)
		if err != nil || err2 != nil {
			return false
		}
		channel[i] = float64(value) / float64(full)
	}
	return 0.2126*channel[0]+0.7152*channel[1]+0.0722*channel[2] > 0.5
}
