package probe

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" // known_hosts hashes host names with it (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)
	"encoding/base64"
	"fmt"
	"net"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"bbconnect/model"
)

// cloudKeys are the host keys Atlassian publishes for Bitbucket Cloud
// (https://bitbucket.org/site/ssh; bitbucket.org/blog/ssh-host-key-changes), as
// ssh-keygen -l prints them. The keys before June 20, 2023 are revoked and are
// not among them.
var cloudKeys = []struct{ keyType, fingerprint string }{
	{ssh.KeyAlgoED25519, "SHA256:ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM"},
	{ssh.KeyAlgoECDSA256, "SHA256:FC73VB6C4OQLSCrjEayhMp9UMxS97caD/Yyi2bhW/J0"},
	{ssh.KeyAlgoRSA, "SHA256:46OSHA1Rmj8E8ERTC6xkNcmGOw9oFxYr0WF6zWW8l1E"},
}

// oldCloudKeys are the fingerprints Atlassian revoked on June 20, 2023, after
// a private key had been exposed (bitbucket.org/blog/ssh-host-key-changes).
var oldCloudKeys = []string{
	"SHA256:zzXQOXSRBEiUtuE8AikJYKwbHaxvSc0ojez9YXaGp1A", // RSA
	"SHA256:RezPkAnH1sowiJM0NQXH90IohWdzHc3fAisEp7L3O3o", // DSA
}

// cloudHosts are where those keys are accepted.
var cloudHosts = []string{"bitbucket.org:22", "ssh.bitbucket.org:22", "altssh.bitbucket.org:443"}

// hostKeys knows which keys one SSH server may show.
type hostKeys struct {
	address string
	// want are the keys known for this address, revoked those that must not be;
	// stands says of each wanted one where it stands.
	want, revoked []ssh.PublicKey
	stands        []model.KnownKey
	// types are those of the expected keys, the known ones first.
	types    []string
	accepted map[string]bool
	// published says that keys are published for this host.
	published bool
	// known are all the keys of the files, with the names they are known under.
	known []knownKey
	// stale is the name known_hosts still has one of Cloud's revoked keys under,
	// authority says that it has a certificate authority for this address.
	stale     string
	authority bool
}

// knownKey is a key of known_hosts with its names as they stand there.
type knownKey struct {
	names []string
	key   ssh.PublicKey
}

// maxKnown bounds how many keys are kept for finding one under another name.
const maxKnown = 10_000

// newHostKeys gathers what is known of the target's SSH server.
func newHostKeys(to target, files []KnownHosts, accept []string) hostKeys {
	h := hostKeys{address: to.sshAddress(), accepted: map[string]bool{}}
	for _, file := range files {
		h.read(file)
	}
	for _, k := range h.want {
		h.types = append(h.types, k.Type())
	}
	if slices.Contains(cloudHosts, h.address) {
		h.published = true
		for _, k := range cloudKeys {
			h.accepted[k.fingerprint] = true
			h.types = append(h.types, k.keyType)
		}
	}
	for _, fingerprint := range accept {
		h.accepted[strings.TrimRight(fingerprint, "=")] = true
	}
	return h
}

// KnownHosts is the content of one known_hosts file.
type KnownHosts struct {
	// File is its path as people are told; "" for keys that were accepted in this
	// program, which stand in no file of theirs.
	File string
	Data []byte
}

// read takes the lines about this address out of a known_hosts file. A line
// that cannot be read is passed over, as OpenSSH does. Certificate authorities
// are only noted: Bitbucket shows plain keys.
func (h *hostKeys) read(file KnownHosts) {
	row := 0
	for line := range bytes.Lines(file.Data) {
		row++
		marker, hosts, key, _, _, err := ssh.ParseKnownHosts(line)
		if err != nil {
			continue
		}
		if marker == "" {
			h.note(hosts, key)
		}
		if !matches(hosts, h.address) {
			continue
		}
		switch marker {
		case "":
			h.want = append(h.want, key)
			stands := model.KnownKey{Type: key.Type(), Fingerprint: ssh.FingerprintSHA256(key)}
			if file.File != "" {
				stands.File, stands.Row = file.File, row
			}
			h.stands = append(h.stands, stands)
		case "cert-authority":
			h.authority = true
		case "revoked":
			h.revoked = append(h.revoked, key)
		}
	}
}

// note remembers a key under its names, and whether it is a revoked one that
// stands under a name of Cloud's.
func (h *hostKeys) note(names []string, key ssh.PublicKey) {
	if len(h.known) < maxKnown {
		h.known = append(h.known, knownKey{names, key})
	}
	if !slices.Contains(cloudHosts, h.address) || !slices.Contains(oldCloudKeys, ssh.FingerprintSHA256(key)) {
		return
	}
	for _, address := range append([]string{h.address}, cloudHosts...) {
		if h.stale == "" && matches(names, address) {
			h.stale = knownhosts.Normalize(address)
		}
	}
}

// elsewhere is another name known_hosts has this very key under, "" for none.
// Hashed names are tried with those that are likely: the host without its port,
// and on the ports of SSH.
func (h hostKeys) elsewhere(key ssh.PublicKey) string {
	host, _, err := net.SplitHostPort(h.address)
	if err != nil {
		host = h.address
	}
	likely := append([]string{host + ":22", net.JoinHostPort(host, "7999")}, cloudHosts...)
	for _, k := range h.known {
		if !bytes.Equal(k.key.Marshal(), key.Marshal()) {
			continue
		}
		for _, name := range k.names {
			if !strings.HasPrefix(name, "|") && !strings.ContainsAny(name, "*?!") {
				return clean(name)
			}
		}
		for _, address := range likely {
			if matches(k.names, address) {
				return clean(knownhosts.Normalize(address))
			}
		}
	}
	return ""
}

// matches follows sshd(8): patterns with * and ?, negated ones with !, and
// hashed names.
func matches(patterns []string, address string) bool {
	name := strings.ToLower(knownhosts.Normalize(address))
	found := false
	for _, p := range patterns {
		negated := strings.HasPrefix(p, "!")
		p = strings.TrimPrefix(p, "!")
		switch {
		case strings.HasPrefix(p, "|"):
			found = found || matchesHash(p, name)
		case !wildcard(strings.ToLower(p), name):
		case negated:
			return false
		default:
			found = true
		}
	}
	return found
}

// matchesHash compares with |1|salt|hash, an HMAC-SHA1 of the name.
func matchesHash(pattern, name string) bool {
	parts := strings.Split(pattern, "|")
	if len(parts) != 4 || parts[1] != "1" {
		return false
	}
	salt, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		return false
	}
	want, err := base64.StdEncoding.DecodeString(parts[3])
	if err != nil {
		return false
	}
	mac := hmac.New(sha1.New, salt)
	_, _ = mac.Write([]byte(name))
	return hmac.Equal(mac.Sum(nil), want)
}

// wildcard matches * and ? in time linear in both lengths for one star at a
// time.
func wildcard(pattern, name string) bool {
	p, n, star, mark := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			mark++
			p, n = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// algorithms puts the known keys' types first. Without that a server with
// several keys shows one we do not know, and looks like an impostor.
func (h hostKeys) algorithms() []string {
	var out []string
	add := func(names ...string) {
		for _, n := range names {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	all := []string{ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoRSA}
	for _, t := range append(slices.Clone(h.types), all...) {
		if t == ssh.KeyAlgoRSA {
			add(ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
		} else {
			add(t)
		}
	}
	return out
}

// judge says what is wrong with the key a server shows; nothing, when the
// fault's kind is empty.
func (h hostKeys) judge(key ssh.PublicKey) fault {
	same := func(k ssh.PublicKey) bool { return bytes.Equal(k.Marshal(), key.Marshal()) }
	fingerprint := ssh.FingerprintSHA256(key)
	mark := "It is " + key.Type() + " " + fingerprint + "."
	switch {
	case h.published && slices.Contains(oldCloudKeys, fingerprint):
		return fault{kind: faultHostOld, detail: mark + " That is the old key of Bitbucket Cloud, revoked on June 20, 2023 because it had leaked."}
	case slices.ContainsFunc(h.revoked, same):
		return fault{kind: faultHostOld, detail: mark + " known_hosts has it as revoked."}
	case h.accepted[fingerprint], slices.ContainsFunc(h.want, same):
		return fault{}
	case len(h.want) > 0 && h.published:
		return fault{kind: faultHostOther, detail: mark + h.before() + " It is none of those Atlassian publishes."}
	case len(h.want) > 0:
		return fault{kind: faultHostOther, detail: mark + h.before()}
	case h.published:
		return fault{kind: faultHostOther, detail: mark + " That is none of the keys Atlassian publishes."}
	}
	f := fault{kind: faultHostNew, detail: mark}
	if name := h.elsewhere(key); name != "" {
		f.detail += " The same key is known here as " + name + "."
	}
	if h.authority {
		f.detail += " known_hosts names a certificate authority for this host; Bitbucket shows no certificates, so that does not help."
	}
	return f
}

// before says which key the address had, and where that stands.
func (h hostKeys) before() string {
	k := h.stands[0]
	if k.File == "" {
		return " Known here is " + k.Type + " " + k.Fingerprint + "."
	}
	return fmt.Sprintf(" %s has %s %s in line %d.", clean(k.File), k.Type, k.Fingerprint, k.Row)
}

// offer describes a key for acceptance.
func (h hostKeys) offer(key ssh.PublicKey) *model.HostKey {
	host, port, err := net.SplitHostPort(h.address)
	address := h.address
	if err == nil {
		address = net.JoinHostPort(host, port)
	}
	return &model.HostKey{
		Address:     address,
		Type:        key.Type(),
		Fingerprint: ssh.FingerprintSHA256(key),
		Line:        knownhosts.Line([]string{knownhosts.Normalize(h.address)}, key),
		Known:       h.stands,
	}
}
