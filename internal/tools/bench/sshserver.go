package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sshServer is OpenSSH's sshd on loopback. It lets the user git in with one key
// and runs git-upload-pack for them, as Bitbucket's restricted shell does.
type sshServer struct {
	address    string
	ssh        string
	key        string
	knownHosts string

	cmd  *exec.Cmd
	logs string
}

// startSSHServer starts sshd for the user git. A connector's SSH user is always
// git, whom most machines do not have: so sshd runs with an /etc/passwd of its
// own, in a mount namespace of its own, which takes Linux and root.
func (b *bench) startSSHServer(ctx context.Context, git string) (*sshServer, error) {
	programs := map[string]string{"sshd": "/usr/sbin/sshd", "ssh": "ssh", "ssh-keygen": "ssh-keygen", "unshare": "unshare"}
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		path, err := exec.LookPath(programs[name])
		if err != nil {
			return nil, missing{name + " is not installed"}
		}
		programs[name] = path
	}
	if os.Getuid() != 0 {
		return nil, missing{"only root can give sshd a user git of its own"}
	}
	root, err := b.makeRepository(ctx, git)
	if err != nil {
		return nil, err
	}
	s := &sshServer{ssh: programs["ssh"], key: filepath.Join(b.dir, "key"), logs: filepath.Join(b.dir, "sshd.log")}
	config, err := b.sshSettings(ctx, programs["ssh-keygen"], root, s.key)
	if err != nil {
		return nil, err
	}
	// The line for git is the first, so that it wins over one the machine has.
	others, err := os.ReadFile("/etc/passwd")
	if err != nil {
		return nil, missing{"this system has no /etc/passwd"}
	}
	users, err := b.write("passwd", "git:x:0:0::"+b.dir+":/bin/sh\n"+string(others))
	if err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, programs["unshare"], "-m", "mount", "--bind", users, "/etc/passwd").CombinedOutput(); err != nil {
		return nil, missing{"this machine does not let sshd have a user git of its own: " + strings.TrimSpace(string(out))}
	}
	return s, s.start(ctx, b, programs, users, config)
}

// sshSettings makes the host's key and the client's, and sshd's settings.
func (b *bench) sshSettings(ctx context.Context, keygen, root, key string) (config string, err error) {
	host := filepath.Join(b.dir, "host")
	for _, args := range [][]string{{"-t", "ed25519", "-f", host}, {"-t", "rsa", "-b", "3072", "-m", "PEM", "-f", key}} {
		if out, err := exec.CommandContext(ctx, keygen, append(args, "-q", "-N", "", "-C", "bench")...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("ssh-keygen: %w\n%s", err, out)
		}
	}
	force, err := b.write("force", "#!/bin/sh\ncd '"+root+"/scm' || exit 1\n"+
		"case \"$SSH_ORIGINAL_COMMAND\" in\n\"git-upload-pack '/PAY/ledger.git'\") exec git-upload-pack ./PAY/ledger.git ;;\nesac\n"+
		"echo 'Shell access is disabled' >&2\nexit 1\n")
	if err == nil {
		err = os.Chmod(force, 0o700)
	}
	if err != nil {
		return "", err
	}
	return b.write("sshd_config", strings.Join([]string{
		"HostKey " + host, "AuthorizedKeysFile " + key + ".pub", "StrictModes no", "UsePAM no", "PermitRootLogin yes",
		"PasswordAuthentication no", "KbdInteractiveAuthentication no", "ForceCommand " + force, "AcceptEnv GIT_PROTOCOL",
		"ListenAddress 127.0.0.1", "PidFile none", "MaxStartups 100", "",
	}, "\n"))
}

// start runs sshd on a free port and waits until it listens.
func (s *sshServer) start(ctx context.Context, b *bench, programs map[string]string, users, config string) error {
	// sshd wants the folder of its privilege separation.
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
		return missing{"sshd's folder cannot be made: " + err.Error()}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.address = l.Addr().String()
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	_ = l.Close()
	hostKey, err := os.ReadFile(filepath.Join(b.dir, "host.pub"))
	if err != nil {
		return err
	}
	if s.knownHosts, err = b.write("known_hosts", "[127.0.0.1]:"+port+" "+string(hostKey)); err != nil {
		return err
	}
	s.cmd = exec.CommandContext(ctx, programs["unshare"], "-m", "sh", "-c",
		`mount --bind "$1" /etc/passwd && exec "$2" -D -f "$3" -p "$4" -E "$5"`, "sh", users, programs["sshd"], config, port, s.logs)
	var said bytes.Buffer
	s.cmd.Stderr = &said
	if err := s.cmd.Start(); err != nil {
		return err
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		conn, err := net.DialTimeout("tcp", s.address, time.Second)
		if err == nil {
			return conn.Close()
		}
		if time.Now().After(deadline) {
			s.close()
			return errors.New("sshd does not listen: " + said.String() + s.said())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// repository is the clone address.
func (s *sshServer) repository() string { return "ssh://git@" + s.address + "/PAY/ledger.git" }

// said is what sshd wrote.
func (s *sshServer) said() string {
	text, _ := os.ReadFile(s.logs)
	return string(text)
}

func (s *sshServer) close() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}
