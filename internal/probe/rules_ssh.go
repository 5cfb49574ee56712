package probe

import (
	"strings"

	"bbconnect/model"
)

// sshKeyRules are about our own key: nothing was sent.
var sshKeyRules = []rule{
	{
		// Settings reference, "Authentication": PEM, not OpenSSH; ssh-keygen(1) -m.
		name: "the key is not in PEM format", code: "ssh.key-format", field: model.QSSHKey, at: checkGit,
		when: that(func(f *facts) bool { return f.ssh.keyFormat != "" }),
		what: "The SSH key cannot be used.",
		why:  "{key} Harness wants an RSA or ECDSA key in PEM format.",
		fix:  "Convert it (bbconnect secret key convert), or make a new one (ssh-keygen -t rsa -m PEM).",
	},
	{
		name: "the passphrase is missing or wrong", code: "ssh.key-passphrase", field: model.QSSHPassphrase, at: checkGit,
		when: that(func(f *facts) bool { return f.ssh.keyPassphrase != "" }),
		what: "The SSH key cannot be opened.",
		why:  "{key}",
		fix:  "Enter the passphrase the key was made with.",
	},
}

// sshReachRules are about connections to Cloud that did not come about; they
// say more than the rows every connection shares.
var sshReachRules = []rule{
	{
		// community.atlassian.com, "Upcoming change to Bitbucket Cloud SSH access"
		// (ba-p/3234032): bitbucket.org serves HTTPS alone since 2026-11-12.
		name: "SSH to bitbucket.org has ended", code: "ssh.host-moved", field: model.QURL,
		when:  all(onGit(faulty(faultRefused, faultClosed, faultTimeout, faultNotSSH)), overSSH, onHost("bitbucket.org")),
		what:  "{host} no longer takes git over SSH.",
		why:   "Bitbucket moved it to ssh.bitbucket.org on November 12, 2026.",
		fix:   "Use ssh.bitbucket.org, or HTTP when the connector has API access: Harness finds the REST API only for bitbucket.org.",
		mends: mendSSHHost,
	},
	{
		// support.atlassian.com, "Configure SSH and two-step verification": SSH over
		// port 443 at altssh.bitbucket.org.
		name: "the port of SSH is closed", code: "ssh.port-blocked", field: model.QURL,
		when:  all(onGit(faulty(faultRefused, faultClosed, faultTimeout)), overSSH, cloud),
		what:  "{host} does not answer on the port of SSH.",
		why:   "Many networks close port 22.",
		fix:   "Use altssh.bitbucket.org on port 443, or HTTP.",
		mends: mendAltSSH,
	},
}

// sshRules are about SSH itself and about what Bitbucket prints over it.
var sshRules = []rule{
	{
		name: "the host key is not known", code: "ssh.host-key-unknown", at: checkTLS,
		when: onGit(faulty(faultHostNew)),
		what: "The SSH key of {host} is not known here.",
		why:  "Nobody on this machine has connected to it yet.",
		fix:  "Compare the fingerprint with the one the administrator names, then accept it.",
	},
	{
		// bitbucket.org/blog/ssh-host-key-changes; argo-cd#13604.
		name: "the host key is another one", code: "ssh.host-key-changed", at: checkTLS,
		when: onGit(faulty(faultHostOther)),
		what: "{host} shows another SSH key than expected.",
		why:  "{detail} Either it was renewed, or somebody sits in between.",
		fix:  "Ask the administrator. If it was renewed, remove the old one with ssh-keygen -R, then accept the new one.",
	},
	{
		// Atlassian KB 1026057701 (BSERV-13013).
		name: "no common algorithm", code: "ssh.algorithm", at: checkTLS,
		when: onGit(faulty(faultAlgorithm)),
		what: "{host} and this program have no SSH algorithm in common.",
		why:  "The server is old and offers only what is no longer safe.",
		fix:  "Ask its administrator to update it, or use HTTP.",
	},
	{
		name: "the key is refused", code: "ssh.key-rejected", field: model.QSSHKey, at: checkGit,
		when: onGit(or(faulty(faultKeyRefused), says("key type or key length requirements"))),
		what: "{host} did not accept the SSH key.",
		why:  "Its public half is not in the account, or was removed, or is too short for the server. {said}",
		fix:  "Add the public half under Personal settings, SSH keys, or to the repository's access keys.",
	},
	{
		name: "something else answers on the port of SSH", code: "server.not-bitbucket", field: model.QURL,
		when: onGit(faulty(faultNotSSH)), at: checkTLS,
		what: "{host} does not speak SSH on this port.",
		why:  "Another server listens there. Data Center has 7999 for SSH.",
		fix:  "Check the port.",
	},
	{
		// Bitbucket's own words: "conq: repository access denied. access via a
		// deployment key is read-only."
		name: "the access key may only read", code: "ssh.deploy-key-read-only", field: model.QSSHKey,
		when: onGit(says("deployment key is read-only")),
		what: "The SSH key is an access key that may only read.",
		why:  "It was added to the repository, not to an account. {said}",
		fix:  "Add the public half to an account that may write.",
	},
	{
		name: "the access key is of another repository", code: "ssh.deploy-key-other-repo", field: model.QSSHKey,
		when: onGit(says("deployment key is not associated")),
		what: "The SSH key is an access key of another repository.",
		why:  "{said}",
		fix:  "Add its public half to {repo} too, or to an account that sees every repository.",
	},
}

// mendSSHHost offers the new host of Cloud's SSH.
func mendSSHHost(f *facts, _ answer) []model.Mend {
	return mendURL(strings.Replace(f.req.Connector.URL, "bitbucket.org", "ssh.bitbucket.org", 1), "use ssh.bitbucket.org")
}

// mendAltSSH offers Cloud's SSH on port 443.
func mendAltSSH(f *facts, _ answer) []model.Mend {
	path := strings.TrimPrefix(f.to.sshPath(), "/")
	if f.to.URLType == model.URLAccount {
		path = strings.TrimSuffix(f.to.owner+"/", "//")
	}
	return mendURL("ssh://git@altssh.bitbucket.org:443/"+path, "use altssh.bitbucket.org on port 443")
}
