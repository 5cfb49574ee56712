package sandbox

// The texts of sessions that are refused, word for word.
const (
	textKeyPolicy = "Your SSH key does not meet the key type or key length requirements set by your admin.\n"
	textConqGone  = "conq: repository does not exist.\n"
	textConqNo    = "conq: repository access denied.\n"
)

// hostKeyScenarios are about the key the server shows.
func hostKeyScenarios() []Scenario {
	return []Scenario{
		{
			Name: "host-key-changed", Title: "The SSH host key is not the known one",
			Source: "argoproj/argo-cd#13604",
			Shows:  []Showing{cloudSSHShows("ssh.host-key-changed"), dcSSHShows("ssh.host-key-changed")},
			faults: faults{otherHostKey: true},
		},
		{
			Name: "host-key-unknown", Title: "Nobody here has connected to the Data Center's SSH yet",
			Source: "sshd(8), SSH_KNOWN_HOSTS FILE FORMAT",
			Shows:  []Showing{dcSSHShows("ssh.host-key-unknown")},
			faults: faults{known: knownNothing},
		},
		{
			Name: "host-key-not-published", Title: "Bitbucket Cloud shows a host key that Atlassian does not publish",
			Source: "bitbucket.org/site/ssh",
			Shows:  []Showing{cloudSSHShows("ssh.host-key-changed")},
			faults: faults{known: knownNothing},
		},
		{
			Name: "host-key-revoked", Title: "known_hosts has the host key as revoked",
			Source: "bitbucket.org/blog/ssh-host-key-changes",
			Shows:  []Showing{cloudSSHShows("ssh.host-key-changed"), dcSSHShows("ssh.host-key-changed")},
			faults: faults{known: knownRevoked},
		},
	}
}

// sshScenarios are about the key that logs in, and what it may.
func sshScenarios() []Scenario {
	both := func(code string) []Showing { return []Showing{cloudSSHShows(code), dcSSHShows(code)} }
	return []Scenario{
		{
			Name: "ssh-key-rejected", Title: "No SSH key is accepted",
			Source: "ssh: Permission denied (publickey).",
			Shows:  both("ssh.key-rejected"),
			faults: faults{rejectKeys: true},
		},
		{
			Name: "ssh-key-too-short", Title: "The administrator wants longer SSH keys",
			Source: "confluence.atlassian.com, SSH key type and length",
			Shows:  []Showing{dcSSHShows("ssh.key-rejected")},
			faults: faults{sshSays: textKeyPolicy},
		},
		{
			Name: "ssh-algorithm", Title: "The SSH server takes only signatures that are switched off today",
			Source: "Atlassian KB 1026057701: no mutual signature algorithm",
			Shows:  both("ssh.algorithm"),
			faults: faults{oldAlgorithms: true},
		},
		{
			Name: "ssh-old-exchange", Title: "The SSH server knows only a key exchange that is switched off today",
			Source: "BSERV-13013",
			Shows:  []Showing{dcSSHShows("ssh.algorithm")},
			faults: faults{oldExchange: true},
		},
	}
}

// sshAccessScenarios are about what a key that was accepted may do.
func sshAccessScenarios() []Scenario {
	both := func(code string) []Showing { return []Showing{cloudSSHShows(code), dcSSHShows(code)} }
	return []Scenario{
		{
			Name: "deploy-key-read-only", Title: "The SSH key is a deploy key of the repository, read only: reading works",
			Source: "support.atlassian.com, Access keys",
			Shows:  both(""),
			faults: faults{deployKeyFor: "ledger"},
		},
		{
			Name: "deploy-key-denied", Title: "The SSH key is refused as a deploy key that may only read",
			Source: "conq: repository access denied. access via a deployment key is read-only.",
			Shows:  []Showing{cloudSSHShows("ssh.deploy-key-read-only")},
			faults: faults{sshSays: textDeployKeyRead},
		},
		{
			Name: "deploy-key-other-repo", Title: "The SSH key is a deploy key of another repository",
			Source: "repository access denied. deployment key is not associated with the requested repository.",
			Shows:  both("ssh.deploy-key-other-repo"),
			faults: faults{deployKeyFor: "gateway"},
		},
		{
			Name: "ssh-repo-gone", Title: "The repository does not exist, in the words of older servers",
			Source: "conq: repository does not exist.",
			Shows:  []Showing{cloudSSHShows("repo.not-found-or-no-access")},
			faults: faults{sshSays: textConqGone},
		},
		{
			Name: "ssh-access-denied", Title: "The SSH key's account may not read the repository",
			Source: "conq: repository access denied.",
			Shows:  []Showing{cloudSSHShows("permission.denied")},
			faults: faults{sshSays: textConqNo},
		},
		{
			Name: "ssh-unauthorized", Title: "The SSH key's account may not read the repository, in one word",
			Source: "Unauthorized",
			Shows:  []Showing{cloudSSHShows("permission.denied")},
			faults: faults{sshSays: textUnauthorized},
		},
		{
			Name: "ssh-banner", Title: "The SSH server greets with a long banner full of control characters: sound",
			Source: "RFC 4252, section 5.4",
			Shows:  both(""),
			faults: faults{banner: true},
		},
	}
}

// sshPortScenarios are about the way to the SSH server.
func sshPortScenarios() []Scenario {
	const oldHost = "git@bitbucket.org:acme/ledger.git"
	return []Scenario{
		{
			Name: "ssh-host-moved", Title: "bitbucket.org no longer answers SSH, ssh.bitbucket.org does",
			Source: "community.atlassian.com ba-p/3234032",
			Shows:  []Showing{cloudSSHShows("ssh.host-moved").at(oldHost), cloudSSHShows("")},
			faults: faults{closedPorts: []string{"bitbucket.org:22"}},
		},
		{
			Name: "ssh-host-silent", Title: "bitbucket.org drops SSH, ssh.bitbucket.org answers", Slow: true,
			Source: "community.atlassian.com ba-p/3234032",
			Shows:  []Showing{cloudSSHShows("ssh.host-moved").at(oldHost)},
			faults: faults{droppedPorts: []string{"bitbucket.org:22"}},
		},
		{
			Name: "ssh-port-blocked", Title: "Port 22 is blocked, altssh.bitbucket.org:443 is not",
			Source: "support.atlassian.com, Use SSH over port 443",
			Shows:  []Showing{cloudSSHShows("ssh.port-blocked"), cloudSSHShows("").at("ssh://git@altssh.bitbucket.org:443/acme/ledger.git")},
			faults: faults{closedPorts: []string{"bitbucket.org:22", "ssh.bitbucket.org:22"}},
		},
		{
			Name: "ssh-other-port", Title: "Data Center's SSH listens on 7998, and its settings say so",
			Source: "developer.atlassian.com, /rest/ssh/latest/settings",
			Shows:  []Showing{dcSSHShows("net.refused"), dcSSHShows("").at("ssh://git@" + DefaultDataCenterHost + ":7998/pay/ledger.git")},
			faults: faults{sshPort: 7998},
		},
		{
			Name: "ssh-disabled", Title: "Data Center's SSH is switched off, and its settings say so",
			Source: "developer.atlassian.com, /rest/ssh/latest/settings",
			Shows:  []Showing{dcSSHShows("net.refused")},
			faults: faults{sshDisabled: true},
		},
		{
			Name: "ssh-silent", Title: "The SSH port takes connections and says nothing", Slow: true,
			Source: "a firewall that lets the connection through and its content not",
			Shows:  []Showing{cloudSSHShows("net.timeout"), dcSSHShows("net.timeout")},
			faults: faults{silent: true},
		},
		{
			Name: "ssh-garbage", Title: "Something that is not SSH answers on the port of SSH",
			Source: "RFC 4253, section 4.2",
			Shows:  []Showing{dcSSHShows("server.not-bitbucket")},
			faults: faults{greeting: "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"},
		},
		{
			Name: "ssh-flood", Title: "The SSH port sends lines for ever and never its version", Slow: true,
			Source: "RFC 4253, section 4.2: lines before the version",
			Shows:  []Showing{dcSSHShows("server.not-bitbucket")},
			faults: faults{flood: true},
		},
	}
}
