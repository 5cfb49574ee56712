package keystore

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Windows takes 2,560 bytes an item and the macOS keychain about 3,000, and a
// 4096-bit private key has 3,243. A value above the limit is therefore kept in
// parts of at most partSize bytes, items of their own, with a manifest in the
// place of the value:
//
//	account/key            bbconnect-parts/1 2 3243 SHA256 ID
//	account/key#ID#0       the first 2,000 bytes
//	account/key#ID#1       the rest
//
// Every write has a new ID. The manifest is written last, after the parts have
// been read back, and the parts of the old value are deleted after that; so at
// any moment the item holds the whole old value or the whole new one. A process
// that is killed in between leaves parts nobody refers to.
const (
	partSize = 2000
	maxParts = 1024
	marker   = "bbconnect-parts/"
	version  = marker + "1"
)

// errNotKept says that a write was reported as done and was not.
var errNotKept = errors.New("the value was not kept")

// errParts is wrapped by the errors of a value whose parts do not fit together.
var errParts = errors.New("the parts of the value do not fit together")

// session is the ring as one call sees it: no step is taken once the context
// has ended, so a call that was given up does not go on when it wakes.
type session struct {
	ctx     context.Context
	ring    Ring
	service string
	limit   int
}

func (s session) get(user string) (string, error) {
	if err := s.ctx.Err(); err != nil {
		return "", err
	}
	return s.ring.Get(s.service, user)
}

// put writes one item and reads it back, since a keyring whose question was
// dismissed reports success all the same. What is read back is the truth, also
// when the write reported an error.
func (s session) put(user, value string) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	err := s.ring.Set(s.service, user, value)
	got, readErr := s.get(user)
	switch {
	case readErr == nil && got == value:
		return nil
	case err != nil:
		return err
	case readErr != nil && !errors.Is(readErr, ErrNotFound):
		return readErr
	default:
		return errNotKept
	}
}

func (s session) drop(user string) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	if err := s.ring.Delete(s.service, user); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}

// read returns a value, whole. The parts of one that another process replaces
// at this moment are gone, and then the manifest is another one too.
func (s session) read(user string) (string, error) {
	for {
		stored, err := s.get(user)
		if err != nil || !strings.HasPrefix(stored, marker) {
			return stored, err
		}
		m, err := parseManifest(stored)
		if err != nil {
			return "", err
		}
		value, err := s.assemble(user, m)
		if !errors.Is(err, errParts) {
			return value, err
		}
		if again, changed := s.get(user); changed != nil || again == stored {
			return "", err
		}
	}
}

func (s session) assemble(user string, m manifest) (string, error) {
	var value strings.Builder
	for i := range m.count {
		part, err := s.get(m.part(user, i))
		if errors.Is(err, ErrNotFound) {
			return "", fmt.Errorf("%w: part %d of %d is missing", errParts, i+1, m.count)
		}
		if err != nil {
			return "", err
		}
		value.WriteString(part)
		if value.Len() > m.length {
			break
		}
	}
	if value.Len() != m.length || digest(value.String()) != m.sum {
		return "", fmt.Errorf("%w: they were changed", errParts)
	}
	return value.String(), nil
}

// write keeps a value in one item or in parts.
func (s session) write(user, value string) error {
	old, err := s.get(user)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	// A value that looks like a manifest goes into parts whatever its size.
	if (s.limit == 0 || len(value) <= s.limit) && !strings.HasPrefix(value, marker) {
		if err := s.put(user, value); err != nil {
			return err
		}
	} else if err := s.writeParts(user, value); err != nil {
		return err
	}
	// The new value is safe. Old parts that cannot be deleted do no harm to it.
	if m, err := parseManifest(old); err == nil {
		_ = s.dropParts(user, m)
	}
	return nil
}

func (s session) writeParts(user, value string) error {
	size := partSize
	if s.limit > 0 {
		size = min(size, s.limit)
	}
	m := manifest{
		count: (len(value) + size - 1) / size, length: len(value),
		sum: digest(value), id: strings.ToLower(rand.Text()[:12]),
	}
	for i := range m.count {
		part := value[i*size : min((i+1)*size, len(value))]
		if err := s.put(m.part(user, i), part); err != nil {
			return errors.Join(err, s.undo(user, m))
		}
	}
	if err := s.put(user, m.String()); err != nil {
		return errors.Join(err, s.undo(user, m))
	}
	return nil
}

// undo takes back the parts of a write that failed, also after its context has
// ended. It keeps them when the manifest is there after all, or may be.
func (s session) undo(user string, m manifest) error {
	s.ctx = context.WithoutCancel(s.ctx)
	if stored, err := s.get(user); err != nil && !errors.Is(err, ErrNotFound) || stored == m.String() {
		return nil
	}
	_ = s.dropParts(user, m)
	return nil
}

// remove deletes a value, its parts first: cut short, it leaves a value that
// says it is damaged and can be deleted again.
func (s session) remove(user string) error {
	stored, err := s.get(user)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if m, err := parseManifest(stored); err == nil {
		if err := s.dropParts(user, m); err != nil {
			return err
		}
	}
	if err := s.drop(user); err != nil {
		return err
	}
	switch _, err := s.get(user); {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	default:
		return errNotGone
	}
}

func (s session) dropParts(user string, m manifest) error {
	for i := range m.count {
		if err := s.drop(m.part(user, i)); err != nil {
			return err
		}
	}
	return nil
}

// manifest describes a value in parts.
type manifest struct {
	count, length int
	sum, id       string
}

func (m manifest) String() string {
	return fmt.Sprintf("%s %d %d %s %s", version, m.count, m.length, m.sum, m.id)
}

// part is the name of one part. No secret's own name holds a #.
func (m manifest) part(user string, i int) string {
	return user + "#" + m.id + "#" + strconv.Itoa(i)
}

// parseManifest reads exactly what String writes.
func parseManifest(text string) (manifest, error) {
	fields := strings.Split(text, " ")
	if len(fields) != 5 || fields[0] != version {
		return manifest{}, fmt.Errorf("%w: the list of parts cannot be read", errParts)
	}
	m := manifest{sum: fields[3], id: fields[4]}
	var errCount, errLength error
	m.count, errCount = strconv.Atoi(fields[1])
	m.length, errLength = strconv.Atoi(fields[2])
	if errCount != nil || errLength != nil || m.String() != text || !m.valid() {
		return manifest{}, fmt.Errorf("%w: the list of parts cannot be read", errParts)
	}
	return m, nil
}

func (m manifest) valid() bool {
	id := strings.Trim(m.id, "abcdefghijklmnopqrstuvwxyz234567") == "" && len(m.id) == 12
	sum := strings.Trim(m.sum, "0123456789abcdef") == "" && len(m.sum) == 2*sha256.Size
	return id && sum && 0 < m.count && m.count <= min(m.length, maxParts) && m.length <= MaxSize
}

func digest(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}
