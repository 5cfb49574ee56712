package probe

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Git's pkt-line format (gitprotocol-common): four hex digits of length,
// themselves included, then the payload; 0000 is a flush, 0001 a delimiter,
// 0002 the end of a response.
const (
	maxPacket = 65520
	zeroID    = "0000000000000000000000000000000000000000"
)

// errNotGit says that a stream is no pkt-line stream.
var errNotGit = errors.New("not a git answer")

// readPacket reads one packet. flush is true for the special packets, whose
// payload is empty. io.EOF means that the stream ended between packets.
func readPacket(r io.Reader) (payload string, flush bool, err error) {
	var head [4]byte
	if n, err := io.ReadFull(r, head[:]); err != nil {
		if n == 0 && errors.Is(err, io.EOF) {
			return "", false, io.EOF
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return "", false, fmt.Errorf("%w: it ends inside a length", errNotGit)
		}
		return "", false, err
	}
	size, err := strconv.ParseUint(string(head[:]), 16, 16)
	if err != nil {
		return "", false, fmt.Errorf("%w: no packet length", errNotGit)
	}
	switch {
	case size < 3:
		return "", true, nil
	case size < 4 || size > maxPacket:
		return "", false, fmt.Errorf("%w: packet length %d", errNotGit, size)
	}
	body := make([]byte, size-4)
	if _, err := io.ReadFull(r, body); err != nil {
		return "", false, fmt.Errorf("%w: it ends inside a packet", errNotGit)
	}
	return string(body), false, nil
}

// advert is what the beginning of git's advertisement says.
type advert struct {
	// ok means that a service announced itself: access is proven.
	ok bool
	// version is 0, 1 or 2.
	version int
	// empty means that the repository has no refs; version 2 does not tell.
	empty bool
	// refusal is the server's ERR line, uncleaned.
	refusal string
}

// readAdvert reads as little of an advertisement as proves access: the
// service line, where there is one, and the first line behind it. The refs of
// an old protocol are not read, so its cost does not grow with them.
func readAdvert(r io.Reader, overHTTP bool) (advert, error) {
	in := bufio.NewReaderSize(r, 4096)
	announced := !overHTTP
	for range 4 {
		line, flush, err := readPacket(in)
		switch {
		case errors.Is(err, io.EOF):
			return advert{}, fmt.Errorf("%w: it is empty", errNotGit)
		case err != nil:
			return advert{}, err
		case flush:
			continue
		}
		text := strings.TrimSuffix(line, "\n")
		if message, ok := strings.CutPrefix(text, "ERR "); ok {
			return advert{refusal: message}, nil
		}
		switch {
		case strings.HasPrefix(text, "# service="):
			if text != "# service=git-upload-pack" {
				return advert{}, fmt.Errorf("%w: another service", errNotGit)
			}
			announced = true
		case text == "version 2" && (announced || overHTTP):
			// Some servers leave the service line out in version 2, as the
			// protocol allows.
			return advert{ok: true, version: 2}, nil
		case !announced:
			return advert{}, fmt.Errorf("%w: no service line", errNotGit)
		case text == "version 1":
			// The refs follow, as in version 0.
		default:
			return readFirstRef(text)
		}
	}
	return advert{}, fmt.Errorf("%w: no refs and no capabilities", errNotGit)
}

// readFirstRef takes apart "<id> <name>\0<capabilities>".
func readFirstRef(text string) (advert, error) {
	ref, _, _ := strings.Cut(text, "\x00")
	id, name, ok := strings.Cut(ref, " ")
	if !ok || (len(id) != 40 && len(id) != 64) || strings.Trim(id, "0123456789abcdef") != "" {
		return advert{}, fmt.Errorf("%w: no object id", errNotGit)
	}
	return advert{ok: true, empty: strings.HasPrefix(id, zeroID) && name == "capabilities^{}"}, nil
}
