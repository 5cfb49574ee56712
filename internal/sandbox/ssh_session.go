package sandbox

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/ssh"
)

// The texts of git over SSH, word for word.
const (
	textShell         = "authenticated via ssh key.\n\nYou can use git to connect to Bitbucket. Shell access is disabled\n"
	textDeployKeyRead = "conq: repository access denied. access via a deployment key is read-only.\n"
	textDeployKeyElse = "repository access denied. deployment key is not associated with the requested repository.\n"
	textUnauthorized  = "Unauthorized\n"
)

// sshSession is one session of an accepted connection.
type sshSession struct {
	server   *sshServer
	channel  ssh.Channel
	grant    grantedKey
	via      Channel
	protocol string // GIT_PROTOCOL
}

// session answers a session's requests until it ran its one command.
func (s *Sandbox) session(session *sshSession, requests <-chan *ssh.Request) {
	defer func() { _ = session.channel.Close() }()
	for request := range requests {
		switch request.Type {
		case "env":
			var pair struct{ Name, Value string }
			if ssh.Unmarshal(request.Payload, &pair) == nil && pair.Name == "GIT_PROTOCOL" {
				session.protocol = pair.Value
			}
			reply(request, true)
		case "exec":
			var command struct{ Line string }
			ok := ssh.Unmarshal(request.Payload, &command) == nil
			reply(request, ok)
			if ok {
				s.finish(session, s.exec(session, command.Line))
			}
			return
		case "shell":
			reply(request, true)
			_, _ = io.WriteString(session.channel, textShell)
			s.journal.add(Request{Channel: session.via, Method: "shell", Host: string(session.server.product), Login: "key", As: session.grant.User})
			s.finish(session, 0)
			return
		default:
			reply(request, false)
		}
	}
}

// reply answers a request that wants one.
func reply(request *ssh.Request, ok bool) {
	if request.WantReply {
		_ = request.Reply(ok, nil)
	}
}

// finish sends the exit status.
func (s *Sandbox) finish(session *sshSession, status int) {
	_, _ = session.channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(status)}))
}

// exec runs one command and returns its exit status.
func (s *Sandbox) exec(session *sshSession, line string) int {
	verb, path := splitCommand(line)
	entry := Request{Channel: session.via, Method: verb, Host: string(session.server.product), Path: s.redact(path), Login: "key", As: session.keyName()}
	repo, refusal := s.admit(session, verb, path)
	if refusal != "" {
		entry.Status = 1
		s.journal.add(entry)
		return session.refuse(refusal)
	}
	s.journal.add(entry)
	if repo == nil { // host_key_info
		_, _ = session.channel.Write(ssh.MarshalAuthorizedKey(session.server.known[0].PublicKey()))
		return 0
	}
	version := protocolVersion(verb, session.protocol)
	if err := advertise(session.channel, repo.content, verb, version); err != nil {
		return 0 // the client left, which is its right
	}
	if verb == receivePack {
		return session.declinePush()
	}
	if version != 2 {
		return exitStatus(serveV0(session.channel, session.channel, repo.content))
	}
	for {
		if err := serveV2(session.channel, session.channel, repo.content); err != nil {
			return exitStatus(err)
		}
	}
}

// declinePush waits for what the client makes of the refs: nothing, when it
// only asked whether it may push; anything else is refused.
func (session *sshSession) declinePush() int {
	if _, kind, err := readPacket(session.channel); err != nil || kind == packetFlush {
		return 0
	}
	return session.refuse("The sandbox takes no pushes\n")
}

// exitStatus is 0 for a conversation that ended as it should.
func exitStatus(err error) int {
	if err == nil || errors.Is(err, io.EOF) {
		return 0
	}
	return 128
}

// admit decides whether a command may run on a repository; refusal is what to
// say when not. No repository and no refusal is host_key_info.
func (s *Sandbox) admit(session *sshSession, verb, path string) (repo *repository, refusal string) {
	product := session.server.product
	switch {
	case verb == "host_key_info" && product == Cloud:
		return nil, ""
	case verb != uploadPack && verb != receivePack:
		return nil, textUnauthorized
	case s.faults().sshSays != "":
		return nil, s.faults().sshSays
	}
	owner, slug, ok := strings.Cut(strings.TrimSuffix(strings.Trim(path, "/"), ".git"), "/")
	grant := session.grant
	if f := s.faults().deployKeyFor; f != "" {
		grant = grantedKey{Key: Key{DeployFor: owner + "/" + f}}
	}
	if !ok {
		return nil, missingOverSSH(product)
	}
	if grant.DeployFor != "" {
		return s.admitDeployKey(product, grant, verb, owner, slug)
	}
	who := identity{user: s.world.person(product, grant.User), cred: &credential{most: canAdmin}}
	repo = s.visible(product, owner, slug, who)
	switch {
	case who.user == nil || repo == nil || s.movedTo(repo) != "":
		return nil, missingOverSSH(product)
	case verb == receivePack && who.on(repo) < canWrite:
		return nil, textUnauthorized
	}
	return repo, ""
}

// admitDeployKey lets a deploy key read the one repository it belongs to.
func (s *Sandbox) admitDeployKey(product Product, grant grantedKey, verb, owner, slug string) (*repository, string) {
	repo := s.world.repository(product, owner, slug)
	switch {
	case repo == nil || s.hiddenOwner(repo.owner) || s.hiddenRepository(repo):
		return nil, missingOverSSH(product)
	case !strings.EqualFold(grant.DeployFor, repo.fullName()):
		return nil, textDeployKeyElse
	case verb == receivePack && !grant.Writable:
		return nil, textDeployKeyRead
	}
	return repo, ""
}

// missingOverSSH is the text for what is missing or out of reach. Cloud writes
// it as an error message, Data Center as a packet.
func missingOverSSH(product Product) string {
	if product == DataCenter {
		return dcNoRepository
	}
	return textNoAccess + "\n"
}

// refuse says why and returns the exit status.
func (session *sshSession) refuse(text string) int {
	if session.server.product == DataCenter && text == dcNoRepository {
		_ = errorPacket(session.channel, text)
	} else {
		_, _ = fmt.Fprint(session.channel.Stderr(), text)
	}
	return 1
}

// keyName is how the journal calls the key's owner.
func (session *sshSession) keyName() string {
	if session.grant.DeployFor != "" {
		return "deploy key of " + session.grant.DeployFor
	}
	return session.grant.User
}

// splitCommand takes `git-upload-pack '/acme/ledger.git'` apart, undoing the
// quotes git puts around the path ('\” is a quote inside them).
func splitCommand(line string) (verb, path string) {
	verb, path, _ = strings.Cut(strings.TrimSpace(line), " ")
	path = strings.TrimSpace(path)
	if inner, quoted := strings.CutPrefix(path, "'"); quoted {
		path = strings.ReplaceAll(strings.TrimSuffix(inner, "'"), `'\''`, "'")
	}
	return verb, path
}
