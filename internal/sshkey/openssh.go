package sshkey

import (
	"encoding/binary"
	"encoding/pem"
	"strings"

	"golang.org/x/crypto/ssh"

	"bbconnect/model"
)

// magic begins every key of OpenSSH's own form (PROTOCOL.key of OpenSSH).
const magic = "openssh-key-v1\x00"

// maxRounds bounds the key derivation. ssh-keygen uses 16 to 24 rounds unless
// told -a, and a round takes about six milliseconds.
const maxRounds = 256

// readOpenSSH reads the plain head of the key, which has its public half, and
// then the key itself where it can be of use.
func (e *examination) readOpenSSH(passphrase model.Secret) {
	b, _ := pem.Decode([]byte(e.text))
	if b == nil {
		e.problem = problemDamaged(nil)
		return
	}
	head, ok := readHead(b.Bytes)
	if !ok {
		e.problem = problemDamaged(nil)
		return
	}
	e.info.Encrypted = head.cipher != "none"
	public, err := ssh.ParsePublicKey(head.public)
	if err != nil {
		e.problem = problemDamaged(err)
		return
	}
	e.public = public
	switch algorithmOf(public.Type()) {
	case AlgorithmHardware, AlgorithmDSA:
		// Of no use whatever is inside, and x/crypto/ssh does not read them.
		e.problem = problemUnreadable()
	default:
		if head.rounds > maxRounds {
			e.problem = problemSlow()
			return
		}
		e.parse(passphrase)
	}
}

// openSSHHead is the part of an OpenSSH key that is never encrypted.
type openSSHHead struct {
	cipher string
	rounds uint32
	public []byte
}

func readHead(data []byte) (openSSHHead, bool) {
	rest, ok := strings.CutPrefix(string(data), magic)
	if !ok {
		return openSSHHead{}, false
	}
	r := wire{rest: []byte(rest), ok: true}
	head := openSSHHead{cipher: string(r.bytes())}
	kdf := string(r.bytes())
	options := wire{rest: r.bytes(), ok: true}
	if kdf == "bcrypt" {
		options.bytes() // the salt
		head.rounds = options.number()
	}
	count := r.number()
	head.public = r.bytes()
	return head, r.ok && options.ok && count == 1
}

// wire reads SSH's own encoding (RFC 4251, section 5). Once something is
// missing, ok is false and everything read is empty.
type wire struct {
	rest []byte
	ok   bool
}

func (w *wire) number() uint32 {
	if len(w.rest) < 4 {
		w.rest, w.ok = nil, false
		return 0
	}
	n := binary.BigEndian.Uint32(w.rest)
	w.rest = w.rest[4:]
	return n
}

func (w *wire) bytes() []byte {
	n := w.number()
	if uint64(n) > uint64(len(w.rest)) {
		w.rest, w.ok = nil, false
		return nil
	}
	out := w.rest[:n]
	w.rest = w.rest[n:]
	return out
}
