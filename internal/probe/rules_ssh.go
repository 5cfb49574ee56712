package probe

import "bbconnect/model"

// sshKeyRules are about our own key: nothing was sent. Their codes are those
// the form has for the same key, which explain better than one for all.
var sshKeyRules = []rule{
	{
		name: "the public half of the key", code: keyPublic, field: model.QSSHKey, at: checkGit,
		when: keyIn(keyPublic),
		what: "The SSH key cannot be used.",
		why:  "{key} Harness needs the private half; the public one belongs into Bitbucket.",
		fix:  "Paste the file of the same name without .pub.",
	},
	{
		// PuTTY manual, "Using PuTTYgen", Conversions.
		name: "a PuTTY key", code: keyPuTTY, field: model.QSSHKey, at: checkGit,
		when: keyIn(keyPuTTY),
		what: "The SSH key cannot be used.",
		why:  "{key} Harness wants an RSA or ECDSA key in PEM format.",
		fix:  "Export it with PuTTYgen (Conversions, Export OpenSSH key), then convert that (bbconnect secret key convert).",
	},
	{
		// Settings reference, "Authentication": PEM, not OpenSSH; ssh-keygen(1) -m.
		name: "a key in OpenSSH's own format", code: keyOpenSSH, field: model.QSSHKey, at: checkGit,
		when: keyIn(keyOpenSSH),
		what: "The SSH key cannot be used.",
		why:  "{key} Harness wants an RSA or ECDSA key in PEM format.",
		fix:  "Convert it (bbconnect secret key convert), or by hand: ssh-keygen -p -m PEM -f KEYFILE.",
	},
	{
		// JSch, the library Harness names in its errors, cannot open what openssl
		// encrypts today.
		name: "an encrypted PKCS#8 key", code: keyPKCS8, field: model.QSSHKey, at: checkGit,
		when: keyIn(keyPKCS8),
		what: "The SSH key cannot be used.",
		why:  "{key} Harness wants an RSA or ECDSA key in the traditional PEM format.",
		fix:  "Convert it (bbconnect secret key convert), or by hand: ssh-keygen -p -m PEM -f KEYFILE.",
	},
	{
		// ssh-keygen -m PEM still writes OpenSSH's own format for Ed25519.
		name: "an Ed25519 key", code: keyEd25519, field: model.QSSHKey, at: checkGit,
		when: keyIn(keyEd25519),
		what: "The SSH key cannot be used.",
		why:  "{key}",
		fix:  "Make an RSA key (ssh-keygen -t rsa -b 3072 -m PEM) and add its public half in Bitbucket.",
	},
	{
		// support.atlassian.com, "Supported SSH key formats".
		name: "the key is too weak", code: keyWeak, field: model.QSSHKey, at: checkGit,
		when: keyIn(keyWeak),
		what: "The SSH key is too weak.",
		why:  "{key}",
		fix:  "Make an RSA key (ssh-keygen -t rsa -b 3072 -m PEM) and add its public half in Bitbucket.",
	},
	{
		name: "the key is damaged or none", code: keyFormat, field: model.QSSHKey, at: checkGit,
		when: keyIn(keyFormat),
		what: "The SSH key cannot be used.",
		why:  "{key} Harness wants an RSA or ECDSA key in PEM format.",
		fix:  "Paste the whole file, from BEGIN to END, or make a new key (ssh-keygen -t rsa -b 3072 -m PEM).",
	},
	{
		name: "the passphrase is missing or wrong", code: keyPassphrase, field: model.QSSHPassphrase, at: checkGit,
		when: keyIn(keyPassphrase),
		what: "The SSH key cannot be opened.",
		why:  "{key}",
		fix:  "Enter the passphrase the key was made with.",
	},
}

// keyIn is met by a key in that trouble.
func keyIn(code string) condition {
	return that(func(f *facts) bool { return f.ssh.key.code == code })
}

// misplacedSSH is met where Data Center's SSH is somewhere else.
var misplacedSSH = that(func(f *facts) bool { _, _, _, ok := f.place(); return ok })

// sshReachRules are about connections over SSH that did not come about; they
// say more than the rows every connection shares.
var sshReachRules = []rule{
	{
		// community.atlassian.com, "Upcoming change to Bitbucket Cloud SSH access"
		// (ba-p/3234032): bitbucket.org serves HTTPS alone since 2026-11-12.
		name: "SSH to bitbucket.org has ended", code: "ssh.host-moved", field: model.QURL,
		when:  all(onGit(faulty(faultRefused, faultClosed, faultTimeout, faultNotSSH)), overSSH, onHost("bitbucket.org")),
		what:  "{host} no longer takes git over SSH.",
		why:   "Bitbucket moved it to ssh.bitbucket.org on November 12, 2026. Harness finds the REST API only for bitbucket.org.",
		fix:   "{moved}",
		mends: mendSSHHost,
	},
	{
		// support.atlassian.com, "Use SSH over port 443": altssh.bitbucket.org.
		name: "the port of SSH is closed", code: "ssh.port-blocked", field: model.QURL,
		when:  all(onGit(faulty(faultRefused, faultClosed, faultTimeout, faultNoRoute)), overSSH, cloud, that(func(f *facts) bool { return f.ssh.otherPort })),
		what:  "This network blocks port 22: {host} does not answer.",
		why:   "Bitbucket's SSH answers on port 443 of altssh.bitbucket.org. Harness takes that host for a Data Center and looks for its REST API at {altapi}, so API access does not work with it.",
		fix:   "{blocked}",
		mends: mendAltSSH,
	},
	{
		// developer.atlassian.com, Bitbucket Data Center, "Get SSH settings": enabled.
		name: "SSH is switched off at the server", code: "net.refused", field: model.QURL,
		when: all(onGit(func(answer) bool { return true }), dataCenter, overSSH, that(func(f *facts) bool { return f.ssh.stated.off && f.misplaced() })),
		what: "SSH is switched off at {host}.",
		why:  "Its REST API says so (rest/ssh/latest/settings).",
		fix:  "Use HTTP, or ask the administrator to switch SSH on.",
	},
	{
		name: "SSH is refused, and listens elsewhere", code: "net.refused", field: model.QURL,
		when: all(onGit(faulty(faultRefused, faultClosed, faultNoRoute)), misplacedSSH),
		what: "{host} refused the connection.", why: "{place}", fix: "{otherplace}", mends: mendPlace,
	},
	{
		name: "SSH is silent, and listens elsewhere", code: "net.timeout", field: model.QURL,
		when: all(onGit(faulty(faultTimeout)), misplacedSSH),
		what: "{host} did not answer in time.", why: "{place}", fix: "{otherplace}", mends: mendPlace,
	},
	{
		name: "another service listens, and SSH elsewhere", code: "server.not-bitbucket", field: model.QURL,
		when: all(onGit(faulty(faultNotSSH)), misplacedSSH), at: checkTLS,
		what: "{host} does not speak SSH on this port.", why: "{place}", fix: "{otherplace}", mends: mendPlace,
	},
	{
		// Data Center's own SSH server says SSH-2.0-SSHD-UNKNOWN or APACHE-SSHD.
		name: "the machine's own SSH server answers", code: "server.not-bitbucket", field: model.QURL,
		when: all(onGit(faulty(faultKeyRefused)), that((*facts).ownDaemon), misplacedSSH), at: checkGit,
		what: "The machine's own SSH server answers at {host}, not Bitbucket's.",
		why:  "It calls itself {version} and did not accept the key. {place}", fix: "{otherplace}", mends: mendPlace,
	},
	{
		name: "nothing is found, and SSH listens elsewhere", code: "repo.not-found-or-no-access", field: model.QURL,
		when: all(onGit(func(a answer) bool { return !a.dead() }), not(that((*facts).gitOK)), misplacedSSH),
		what: "{host} has no {repo}.", why: "{place} {said}", fix: "{otherplace}", mends: mendPlace,
	},
}

// sshRules are about SSH itself and about what Bitbucket prints over it.
var sshRules = []rule{
	{
		name: "the host key is not known", code: "ssh.host-key-unknown", at: checkTLS,
		when: onGit(faulty(faultHostNew)),
		what: "The SSH key of {host} is not known here.",
		why:  "{detail}",
		fix:  "Compare the fingerprint with the one the administrator names, then accept it.",
	},
	{
		// bitbucket.org/blog/ssh-host-key-changes.
		name: "the host key is a revoked one", code: "ssh.host-key-changed", at: checkTLS,
		when: onGit(faulty(faultHostOld)),
		what: "{host} shows a revoked SSH key.",
		why:  "{detail} Somebody may sit in between.",
		fix:  "Do not accept it. {forget}",
	},
	{
		// bitbucket.org/blog/ssh-host-key-changes; argo-cd#13604.
		name: "the host key is another one", code: "ssh.host-key-changed", at: checkTLS,
		when: onGit(faulty(faultHostOther)),
		what: "{host} shows another SSH key than expected.",
		why:  "{detail} Either it was renewed, or somebody sits in between.",
		fix:  "Ask the administrator. If it was renewed, accept the new one. {gitforgets}",
	},
	{
		// RFC 4253 §7.1; Atlassian KB 1026057701.
		name: "no common algorithm", code: "ssh.algorithm", at: checkTLS,
		when: onGit(faulty(faultAlgorithm)),
		what: "{host} and this program have no SSH algorithm in common.",
		why:  "{detail} The server is old and offers only what is no longer safe.",
		fix:  "Ask its administrator to update it, or use HTTP.",
	},
	{
		// BSERV-13013, Atlassian KB 1026057701: "no mutual signature algorithm" with
		// OpenSSH 8.8 and newer; RFC 8308 §3.1, server-sig-algs.
		name: "RSA signatures with SHA-1 only", code: "ssh.algorithm", at: checkGit, field: model.QSSHKey,
		when: onGit(faulty(faultOnlySHA1)),
		what: "{host} takes RSA signatures with SHA-1 only.",
		why:  "It does not say that it takes SHA-2 ones, and git's SSH refuses SHA-1 (ssh-rsa) since OpenSSH 8.8. The key itself was not judged.",
		fix:  "Use an ECDSA key (ssh-keygen -t ecdsa -m PEM), or ask the administrator to update the server.",
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
		// Both products sign everybody in as git and tell people apart by their key
		// (support.atlassian.com, "Set up SSH keys").
		name: "SSH as another user than git", code: "url.ssh-user", field: model.QURL, at: checkGit,
		when:  all(overSSH, that(func(f *facts) bool { return f.gitOK() && otherUser(f.req.Connector.URL) })),
		what:  "The address signs in as another user than git.",
		why:   "Bitbucket takes only git over SSH and tells people apart by their key. The test signed in as git; a build uses the address as it is.",
		fix:   "Use git in front of the host.",
		mends: func(f *facts, _ answer) []model.Mend { return mendURL(f.to.URL, "sign in as git") },
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
		name: "an access key on an account connector", code: "ssh.deploy-key-other-repo", field: model.QSSHKey,
		when: all(onGit(says("deployment key is not associated")), that(func(f *facts) bool { return f.to.URLType == model.URLAccount })),
		what: "The SSH key is one repository's access key, and the connector is for an account.",
		why:  "Such a key reaches the repositories it was added to and no others. {said}",
		fix:  "Use a key of an account that sees every repository of {owner}.",
	},
	{
		name: "the access key is of another repository", code: "ssh.deploy-key-other-repo", field: model.QSSHKey,
		when: onGit(says("deployment key is not associated")),
		what: "The SSH key is an access key of another repository.",
		why:  "{said}",
		fix:  "Add its public half to {repo} too, or to an account that sees every repository.",
	},
	{
		// What Bitbucket prints to a session that runs no git command: "authenticated
		// via ssh key. You can use git to connect to Bitbucket. Shell access is
		// disabled".
		name: "the key is taken, the command is not", code: "repo.not-found-or-no-access", field: model.QURL,
		when: onGit(both(says("shell access is disabled", "authenticated via ssh key", "authenticated via a deploy key"), func(a answer) bool { return !a.dead() })),
		what: "{host} accepts the SSH key but runs no git command for this address.",
		why:  "The path names nothing that git can read there. {said}",
		fix:  "Paste the clone address of the repository.",
	},
}

// sshWarnings do not fail a connector that works.
var sshWarnings = []rule{
	{
		// bitbucket.org/blog/ssh-host-key-changes.
		name: "known_hosts has a revoked key of Cloud", code: "ssh.host-key-changed", severity: warns, at: checkTLS,
		when: all(that(func(f *facts) bool { return f.gitOK() }), overSSH, that(func(f *facts) bool { return f.ssh.stale != "" })),
		what: "known_hosts still has the key of {stale} that was revoked on June 20, 2023.",
		why:  "The server shows a key that Atlassian publishes, so the connector works; git on this machine may warn of a changed key.",
		fix:  "{forget}",
	},
	{
		// confluence.atlassian.com, "Configuring restrictions for SSH keys": a Data
		// Center chooses its own minimum.
		name: "a short key that works", code: keyWeak, severity: warns, field: model.QSSHKey, at: checkGit,
		when: all(overSSH, that(func(f *facts) bool { return f.gitOK() && f.ssh.bits > 0 && f.ssh.bits < minBits })),
		what: "The SSH key is short.",
		why:  "It is an RSA key of {bits} bits. This server takes it, Bitbucket Cloud and stricter servers do not.",
		fix:  "Make a longer one when there is time (ssh-keygen -t rsa -b 3072 -m PEM).",
	},
}
