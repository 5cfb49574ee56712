package sandbox

import (
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Git's wire format: every packet is four hex digits of its length, these four
// included, and the payload. Lengths 0 and 1 carry no payload and mean the end
// of a message and the end of one of its sections.

// maxPacket is the longest packet git allows, its length digits included.
const maxPacket = 65520

// packetKind tells data from the two marks.
type packetKind int

const (
	packetData packetKind = iota
	packetFlush
	packetDelim
)

// errPacket is a packet that is none.
var errPacket = errors.New("sandbox: malformed pkt-line")

// packetWriter writes packets and keeps the first error.
type packetWriter struct {
	w   io.Writer
	err error
}

// line writes one packet of text.
func (p *packetWriter) line(format string, args ...any) {
	p.text(fmt.Sprintf(format, args...))
}

// text writes one packet of strings, at most maxPacket-4 bytes of them. A
// listing writes a hundred thousand, so nothing is formatted or copied.
func (p *packetWriter) text(parts ...string) {
	length := 4
	for _, part := range parts {
		length += len(part)
	}
	const digits = "0123456789abcdef"
	p.raw([]byte{digits[length>>12&15], digits[length>>8&15], digits[length>>4&15], digits[length&15]})
	for _, part := range parts {
		if p.err == nil {
			_, p.err = io.WriteString(p.w, part)
		}
	}
}

// data writes one packet of bytes, at most maxPacket-4 of them.
func (p *packetWriter) data(b []byte) { p.text(string(b)) }

// raw writes bytes that are no packet.
func (p *packetWriter) raw(b []byte) {
	if p.err == nil {
		_, p.err = p.w.Write(b)
	}
}

// flush writes the end of a message.
func (p *packetWriter) flush() { p.raw([]byte("0000")) }

// readPacket reads one packet; io.EOF before its first byte is the end.
func readPacket(r io.Reader) ([]byte, packetKind, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, 0, err
	}
	n, err := strconv.ParseUint(string(head[:]), 16, 16)
	switch {
	case err != nil || n > maxPacket || n == 2 || n == 3:
		return nil, 0, errPacket
	case n == 0:
		return nil, packetFlush, nil
	case n == 1:
		return nil, packetDelim, nil
	}
	body := make([]byte, n-4)
	_, err = io.ReadFull(r, body)
	return body, packetData, err
}
