package sandbox

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// agent is how the sandbox's git introduces itself.
const agent = "agent=bitbucket-sandbox/1"

// noObject is the object name of nothing.
const noObject = "0000000000000000000000000000000000000000"

// uploadPack and receivePack are git's two services.
const (
	uploadPack  = "git-upload-pack"
	receivePack = "git-receive-pack"
)

// protocolVersion reads Git-Protocol, or GIT_PROTOCOL over SSH: colon-separated
// key=value pairs. Pushing knows no version 2.
func protocolVersion(service, header string) int {
	for part := range strings.SplitSeq(header, ":") {
		switch {
		case part == "version=2" && service == uploadPack:
			return 2
		case part == "version=1":
			return 1
		}
	}
	return 0
}

// advertise writes what a server says first: capabilities in version 2, every
// ref in versions 0 and 1.
func advertise(w io.Writer, c *content, service string, version int) error {
	buffered := bufio.NewWriterSize(w, 64<<10)
	p := &packetWriter{w: buffered}
	if version == 2 {
		for _, capability := range []string{"version 2", agent, "ls-refs=unborn", "fetch", "server-option", "object-format=sha1"} {
			p.line("%s\n", capability)
		}
	} else {
		advertiseRefs(p, c, service, version)
	}
	p.flush()
	return errors.Join(p.err, buffered.Flush())
}

// advertiseRefs writes the refs; the first line carries the capabilities.
func advertiseRefs(p *packetWriter, c *content, service string, version int) {
	if version == 1 {
		p.line("version 1\n")
	}
	capabilities := "side-band-64k symref=HEAD:refs/heads/" + mainBranch + " object-format=sha1 " + agent
	if service == receivePack {
		capabilities = "report-status delete-refs object-format=sha1 " + agent
	}
	suffix := "\x00" + capabilities
	line := func(id, name string) {
		p.text(id, " ", name, suffix, "\n")
		suffix = ""
	}
	if len(c.references()) == 0 {
		line(noObject, "capabilities^{}")
	}
	if head := c.head(); head != "" && service == uploadPack {
		line(head, "HEAD")
	}
	for _, r := range c.references() {
		line(r.id, r.name)
		if r.peeled != "" && service == uploadPack {
			line(r.peeled, r.name+"^{}")
		}
	}
}

// errorPacket is how a git server refuses inside a 200, or over SSH.
func errorPacket(w io.Writer, text string) error {
	p := &packetWriter{w: w}
	p.line("ERR %s", text)
	return p.err
}

// serveV2 answers one version 2 command; io.EOF or a lone flush is the end of
// the conversation and returned as io.EOF.
func serveV2(r io.Reader, w io.Writer, c *content) error {
	head, args, err := readCommand(r)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(w, 64<<10)
	p := &packetWriter{w: buffered}
	switch command := strings.TrimPrefix(head[0], "command="); command {
	case "ls-refs":
		listRefs(p, c, args)
	case "fetch":
		fetchV2(p, c, args)
	default:
		p.line("ERR unknown command %q", command)
	}
	return errors.Join(p.err, buffered.Flush())
}

// readCommand reads a version 2 request: the command and its capabilities, a
// delimiter, its arguments, a flush.
func readCommand(r io.Reader) (head, args []string, err error) {
	into := &head
	for {
		body, kind, err := readPacket(r)
		switch {
		case err != nil:
			return nil, nil, err
		case kind == packetDelim:
			into = &args
		case kind == packetFlush && len(head) == 0:
			return nil, nil, io.EOF
		case kind == packetFlush:
			return head, args, nil
		default:
			*into = append(*into, strings.TrimSuffix(string(body), "\n"))
		}
	}
}

// listRefs answers ls-refs with its three options and its prefixes.
func listRefs(p *packetWriter, c *content, args []string) {
	var prefixes []string
	for _, a := range args {
		if prefix, ok := strings.CutPrefix(a, "ref-prefix "); ok {
			prefixes = append(prefixes, prefix)
		}
	}
	wanted := func(name string) bool {
		return len(prefixes) == 0 || slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	}
	symrefs, peel, unborn := slices.Contains(args, "symrefs"), slices.Contains(args, "peel"), slices.Contains(args, "unborn")
	if head := c.head(); wanted("HEAD") && (head != "" || unborn) {
		text := fmt.Sprintf("%s HEAD", cmp.Or(head, "unborn"))
		if symrefs {
			text += " symref-target:refs/heads/" + mainBranch
		}
		p.line("%s\n", text)
	}
	for _, ref := range c.references() {
		if !wanted(ref.name) {
			continue
		}
		if peel && ref.peeled != "" {
			p.text(ref.id, " ", ref.name, " peeled:", ref.peeled, "\n")
			continue
		}
		p.text(ref.id, " ", ref.name, "\n")
	}
	p.flush()
}

// fetchV2 answers fetch: the whole pack once the client is done, before that
// that nothing is common.
func fetchV2(p *packetWriter, c *content, args []string) {
	if !slices.Contains(args, "done") {
		p.line("acknowledgments\n")
		p.line("NAK\n")
		p.flush()
		return
	}
	p.line("packfile\n")
	sideband(p, c.pack())
	p.flush()
}

// sideband sends bytes on band 1.
func sideband(p *packetWriter, data []byte) {
	for chunk := range slices.Chunk(data, maxPacket-5) {
		p.data(append([]byte{1}, chunk...))
	}
}

// serveV0 answers what a version 0 or 1 client says after the refs: nothing
// (ls-remote), or what it wants and has.
func serveV0(r io.Reader, w io.Writer, c *content) error {
	p := &packetWriter{w: w}
	wants, bands, done, haves := 0, false, false, false
	for !done {
		body, kind, err := readPacket(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		text := strings.TrimSuffix(string(body), "\n")
		switch {
		case kind == packetFlush && wants == 0:
			return nil
		case kind == packetFlush && haves:
			p.line("NAK\n")
		case kind == packetFlush:
			haves = true
		case strings.HasPrefix(text, "want "):
			wants++
			bands = bands || strings.Contains(text, "side-band-64k")
		case text == "done":
			done = true
		}
		if p.err != nil {
			return p.err
		}
	}
	p.line("NAK\n")
	if !bands {
		p.raw(c.pack())
		return p.err
	}
	sideband(p, c.pack())
	p.flush()
	return p.err
}
