package probe

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh/knownhosts"

	"bbconnect/model"
)

// sshWords are the names in braces that rows about SSH use: {place} and
// {otherplace} where Data Center's SSH is instead and what to do about it,
// {version} how the server names its software, {altapi} where Harness looks for
// the REST API of Cloud's host on port 443, {moved} and {blocked} what to do
// about hosts and ports of Cloud, {gitforgets} that git here
// still has the old key, {stale} the
// one with a revoked key, {forget} how to remove that, {bits} our key's size.
func (f *facts) sshWords() []string {
	stale := f.ssh.stale
	if stale == "" {
		stale = knownhosts.Normalize(f.to.sshAddress())
	}
	altAPI, _, _ := model.HarnessAPI("ssh://git@" + altSSHAddress + "/workspace/repo.git")
	moved := "Use ssh.bitbucket.org. API access is off, so the new host costs nothing."
	blocked := "Use altssh.bitbucket.org on port 443 where Harness is behind the same firewall, or HTTP."
	if f.req.Connector.API.On() {
		moved = "Use ssh.bitbucket.org with API access off, or HTTP with a token, which serves API access too."
		blocked = "Use altssh.bitbucket.org on port 443 with API access off, or HTTP with a token, which serves API access too."
	}
	place, other := f.placeWords()
	return []string{
		"{place}", place, "{otherplace}", other, "{version}", f.ssh.version, "{altapi}", altAPI, "{moved}", moved, "{blocked}", blocked,
		"{gitforgets}", f.gitForgets(), "{stale}", clean(stale), "{forget}", "Remove the old key: ssh-keygen -R '" + clean(stale) + "'.",
		"{bits}", strconv.Itoa(f.ssh.bits),
	}
}

// placeWords say where Data Center's SSH is to be looked for, and what to do.
func (f *facts) placeWords() (place, other string) {
	host, port, guess, ok := f.place()
	if !ok {
		return "", ""
	}
	address := clean(net.JoinHostPort(host, strconv.Itoa(port)))
	if guess {
		return "Data Center usually has port 7999 for SSH; that is a guess, since its REST API does not tell.", "Try " + address + "."
	}
	return "The server's REST API names " + address + " for SSH (rest/ssh/latest/settings).", "Use " + address + "."
}

// sshHelp adds to a problem what only SSH's facts tell: the key to accept, and
// the page where keys are kept.
func (f *facts) sshHelp(r rule, p *model.Problem) {
	switch {
	case r.code == "ssh.host-key-unknown", r.code == "ssh.host-key-changed" && r.severity == fails:
		p.HostKey = f.ssh.host
		p.Commands = append(p.Commands, forgetting(f.ssh.host)...)
	case !f.overHTTP() && p.Page == "" && (strings.HasPrefix(r.code, "key.") || slices.Contains([]string{
		keyFormat, keyPassphrase, "ssh.key-rejected", "ssh.deploy-key-read-only", "ssh.deploy-key-other-repo",
	}, r.code)):
		p.Page = f.keysPage()
	}
}

// gitForgets says that the old key stands in a file that is not ours to change.
func (f *facts) gitForgets() string {
	if len(forgetting(f.ssh.host)) == 0 {
		return ""
	}
	return "git on this machine refuses it until the old one is removed there too."
}

// forgetting are the commands that remove the old keys of an address from files
// that are only read here, one a file; ~/.ssh/known_hosts is the one ssh-keygen
// means where none is named (ssh-keygen(1), -R and -f).
func forgetting(k *model.HostKey) []string {
	if k == nil {
		return nil
	}
	host, port, err := net.SplitHostPort(k.Address)
	name := k.Address
	if err == nil {
		name = knownhosts.Normalize(net.JoinHostPort(host, port))
	}
	var out []string
	for _, known := range k.Known {
		if known.File == "" {
			continue
		}
		command := "ssh-keygen -R " + word(clean(name))
		if home, ok := strings.CutPrefix(known.File, "~/"); ok && home != ".ssh/known_hosts" {
			command += " -f ~/" + word(clean(home))
		} else if !ok {
			command += " -f " + word(clean(known.File))
		}
		if !slices.Contains(out, command) {
			out = append(out, command)
		}
	}
	return out
}

// keysPage is where an account's SSH keys are kept.
func (f *facts) keysPage() string {
	if f.isCloud() {
		return model.PageSSHKeys
	}
	root, ok := strings.CutSuffix(f.to.rest, "/rest/api/1.0")
	if !ok {
		return ""
	}
	if f.contextFound {
		root = strings.TrimSuffix(root, f.to.Context) + f.context
	}
	return root + "/plugins/servlet/ssh/account/keys"
}

// mendSSHHost offers the host SSH moved to. HTTP is only spoken of: the answers
// of an SSH connector hold no token, so no one of them changed makes it sign in.
// Where API access is on, the next test says that it has to be switched off.
func mendSSHHost(f *facts, _ answer) []model.Mend {
	return mendURL(strings.Replace(f.req.Connector.URL, "bitbucket.org", cloudSSHHost, 1), "use ssh.bitbucket.org")
}

// mendAltSSH offers Cloud's SSH on port 443.
func mendAltSSH(f *facts, _ answer) []model.Mend {
	path := strings.TrimPrefix(f.to.sshPath(), "/")
	if f.to.URLType == model.URLAccount {
		path = strings.TrimSuffix(f.to.owner+"/", "//")
	}
	return mendURL("ssh://git@"+altSSHAddress+"/"+path, "use altssh.bitbucket.org on port 443")
}

// otherUser reports an address that names another user than git for SSH.
func otherUser(address string) bool {
	u, err := url.Parse(address)
	if err == nil && u.Scheme == "ssh" {
		return u.User != nil && u.User.Username() != model.UserSSH
	}
	user, rest, ok := strings.Cut(address, "@")
	return ok && strings.Contains(rest, ":") && !strings.ContainsAny(user, ":/") && user != model.UserSSH
}
