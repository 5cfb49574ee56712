package machine

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net"
	"strings"
	"time"

	"bbconnect/model"
)

// revokedKeys are the host keys that Bitbucket Cloud took back on 2023-06-20
// (bitbucket.org/blog/ssh-host-key-changes), by fingerprint.
var revokedKeys = map[string]string{
	"zzXQOXSRBEiUtuE8AikJYKwbHaxvSc0ojez9YXaGp1A": "RSA",
	"RezPkAnH1sowiJM0NQXH90IohWdzHc3fAisEp7L3O3o": "DSA",
}

// SSH looks at what known_hosts files say of Bitbucket Cloud, and whether an
// agent answers. Connectors use neither the agent nor its keys: the agent is
// told of because people's own git does.
func SSH(ctx context.Context, knownHosts [][]byte, getenv func(string) string) model.Check {
	l := newLook(LookSSH, "SSH host keys")
	lines, old := 0, ""
	for _, file := range knownHosts {
		n, revoked := readKnownHosts(file, revokedKeys)
		lines += n
		old = orWord(old, revoked)
	}
	l.check.Detail = fmt.Sprintf("%d known; %s, which connectors do not need", lines, agent(ctx, getenv("SSH_AUTH_SOCK")))
	if old != "" {
		l.warn(&model.Problem{
			Code: "ssh.host-key-changed", What: "known_hosts still has the " + old + " key that Bitbucket took back in June 2023.",
			Why:      "Whoever shows that key today is not Bitbucket.",
			Fix:      "Remove it.",
			Commands: []string{"ssh-keygen -R bitbucket.org"},
		})
	}
	return l.check
}

// readKnownHosts counts the keys of a file and says which kind of a revoked one
// it holds. A line that begins with @revoked guards against it, as it should.
func readKnownHosts(file []byte, taken map[string]string) (lines int, revoked string) {
	scanner := bufio.NewScanner(bytes.NewReader(file))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		fields := strings.Fields(scanner.Text())
		if len(fields) < 3 || strings.HasPrefix(fields[0], "#") || strings.HasPrefix(fields[0], "@") {
			continue
		}
		key, err := base64.StdEncoding.DecodeString(fields[2])
		if err != nil {
			continue
		}
		lines++
		sum := sha256.Sum256(key)
		if kind, ok := taken[base64.RawStdEncoding.EncodeToString(sum[:])]; ok {
			revoked = kind
		}
	}
	return lines, revoked
}

// agentPatience is how long an agent may take to accept a connection.
const agentPatience = time.Second

// agent says in words whether an SSH agent listens on a socket.
func agent(ctx context.Context, socket string) string {
	if socket == "" {
		return "no agent"
	}
	ctx, cancel := context.WithTimeout(ctx, agentPatience)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	switch {
	case err == nil:
		_ = conn.Close()
		return "an agent answers"
	case refusedAgent(err):
		return "the agent of SSH_AUTH_SOCK is gone"
	}
	return "the agent of SSH_AUTH_SOCK cannot be reached"
}
