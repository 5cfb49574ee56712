package sandbox

import (
	"bytes"
	"compress/zlib"
	"crypto/sha1" // git names objects by their SHA-1; nothing is protected by it
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// mainBranch is the default branch of every seeded repository.
const mainBranch = "main"

// object is one git object. The type codes are those of a pack file.
type object struct {
	kind string
	code byte
	data []byte
}

// sum is the object's name.
func (o object) sum() [sha1.Size]byte {
	return sha1.Sum(fmt.Appendf(nil, "%s %d\x00%s", o.kind, len(o.data), o.data))
}

// id is the object's name in hex.
func (o object) id() string {
	sum := o.sum()
	return hex.EncodeToString(sum[:])
}

// reference is one ref; peeled is what an annotated tag points to.
type reference struct {
	name   string
	id     string
	peeled string
}

// content is what is in a repository: one commit with one file, made when it
// is first asked for, and refs that all point there.
type content struct {
	repo  *repository
	extra int
	once  sync.Once
	refs  []reference
	list  []object
}

// newContent promises a repository's content with some more branches.
func newContent(r *repository, extra int) *content { return &content{repo: r, extra: extra} }

// references are sorted by name, without HEAD; none in an empty repository.
func (c *content) references() []reference {
	c.once.Do(c.build)
	return c.refs
}

// objects are all objects of the repository.
func (c *content) objects() []object {
	c.once.Do(c.build)
	return c.list
}

// head is the commit HEAD points to; empty in an empty repository.
func (c *content) head() string {
	i := slices.IndexFunc(c.references(), func(r reference) bool { return r.name == "refs/heads/"+mainBranch })
	if i < 0 {
		return ""
	}
	return c.refs[i].id
}

// build makes the objects and refs.
func (c *content) build() {
	if c.repo.empty {
		return
	}
	const who = "Jane Doe <jdoe@acme-corp.com> 1767225600 +0000"
	blob := object{"blob", 3, []byte("# " + c.repo.name + "\n")}
	sum := blob.sum()
	tree := object{"tree", 2, append([]byte("100644 README.md\x00"), sum[:]...)}
	commit := object{"commit", 1, fmt.Appendf(nil, "tree %s\nauthor %s\ncommitter %s\n\nBegin\n", tree.id(), who, who)}
	tag := object{"tag", 4, fmt.Appendf(nil, "object %s\ntype commit\ntag v1.0.0\ntagger %s\n\nFirst release\n", commit.id(), who)}
	c.list = []object{commit, tree, blob, tag}
	at := commit.id()
	c.refs = []reference{
		{name: "refs/heads/develop", id: at},
		{name: "refs/heads/" + mainBranch, id: at},
		{name: "refs/tags/v1.0.0", id: tag.id(), peeled: at},
	}
	for i := range c.extra {
		c.refs = append(c.refs, reference{name: fmt.Sprintf("refs/heads/feature/PAY-%06d", i+1), id: at})
	}
	slices.SortFunc(c.refs, func(a, b reference) int { return strings.Compare(a.name, b.name) })
}

// pack is a pack file with every object of the repository.
func (c *content) pack() []byte {
	var b bytes.Buffer
	b.WriteString("PACK")
	for _, n := range []int{2, len(c.objects())} {
		_ = binary.Write(&b, binary.BigEndian, uint32(n))
	}
	for _, o := range c.objects() {
		writePacked(&b, o)
	}
	sum := sha1.Sum(b.Bytes())
	return append(b.Bytes(), sum[:]...)
}

// writePacked writes one object: type and size in a variable length integer
// whose first byte has room for four bits of the size, then the zlib stream.
func writePacked(b *bytes.Buffer, o object) {
	size := len(o.data)
	first := o.code<<4 | byte(size&15)
	for size >>= 4; size > 0; size >>= 7 {
		b.WriteByte(first | 0x80)
		first = byte(size & 127)
	}
	b.WriteByte(first)
	z := zlib.NewWriter(b)
	_, _ = io.Copy(z, bytes.NewReader(o.data)) // a bytes.Buffer takes everything
	_ = z.Close()
}
