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

	dir  string
	cmd  *exec.Cmd
	logs string
}

// startSSHServer starts sshd for the user git; old leaves git with the protocol
// that begins with a list of all refs. A connector's SSH user is always
// git, whom most machines do not have: so sshd runs with an /etc/passwd of its
// own, in a mount namespace of its own, which takes Linux and root.
func (b *bench) startSSHServer(ctx context.Context, git string, old bool) (*sshServer, error) {
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
	root, err := b.makeRepositories(ctx, git)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(b.dir, "sshd-")
	if err != nil {
		return nil, err
	}
	s := &sshServer{ssh: programs["ssh"], dir: dir, key: filepath.Join(dir, "key"), logs: filepath.Join(dir, "sshd.log")}
	config, err := s.settings(ctx, programs["ssh-keygen"], root, old)
	if err != nil {
		return nil, err
	}
	// The line for git is the first, so that it wins over one the machine has.
	others, err := os.ReadFile("/etc/passwd")
	if err != nil {
		return nil, missing{"this system has no /etc/passwd"}
	}
	users, err := s.write("passwd", "git:x:0:0::"+dir+":/bin/sh\n"+string(others))
	if err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, programs["unshare"], "-m", "mount", "--bind", users, "/etc/passwd").CombinedOutput(); err != nil {
		return nil, missing{"this machine does not let sshd have a user git of its own: " + strings.TrimSpace(string(out))}
	}
	return s, s.start(ctx, programs, users, config)
}

// settings makes the host's key and the client's, and sshd's settings. Every
// repository is the same, but for the large one.
func (s *sshServer) settings(ctx context.Context, keygen, root string, old bool) (config string, err error) {
	host := filepath.Join(s.dir, "host")
	for _, args := range [][]string{{"-t", "ed25519", "-f", host}, {"-t", "rsa", "-b", "3072", "-m", "PEM", "-f", s.key}} {
		if out, err := exec.CommandContext(ctx, keygen, append(args, "-q", "-N", "", "-C", "bench")...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("ssh-keygen: %w\n%s", err, out)
		}
	}
	force, err := s.write("force", "#!/bin/sh\ncd '"+root+"/scm/PAY' || exit 1\n"+
		"case \"$SSH_ORIGINAL_COMMAND\" in\n"+
		"\"git-upload-pack '/PAY/"+largeOne+".git'\") exec git-upload-pack ./"+largeOne+".git ;;\n"+
		"\"git-upload-pack '/PAY/\"*) exec git-upload-pack ./ledger.git ;;\n"+
		"esac\necho 'Shell access is disabled' >&2\nexit 1\n")
	if err == nil {
		err = os.Chmod(force, 0o700)
	}
	if err != nil {
		return "", err
	}
	lines := []string{
		"HostKey " + host, "AuthorizedKeysFile " + s.key + ".pub", "StrictModes no", "UsePAM no", "PermitRootLogin yes",
		"PasswordAuthentication no", "KbdInteractiveAuthentication no", "ForceCommand " + force,
		"ListenAddress 127.0.0.1", "PidFile none", "MaxStartups 100", "",
	}
	if !old {
		lines = append(lines, "AcceptEnv GIT_PROTOCOL", "")
	}
	return s.write("sshd_config", strings.Join(lines, "\n"))
}

// write puts a file into the folder of this server.
func (s *sshServer) write(name, text string) (string, error) {
	path := filepath.Join(s.dir, name)
	return path, os.WriteFile(path, []byte(text), 0o600)
}

// start runs sshd on a free port and waits until it listens.
func (s *sshServer) start(ctx context.Context, programs map[string]string, users, config string) error {
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
	hostKey, err := os.ReadFile(filepath.Join(s.dir, "host.pub"))
	if err != nil {
		return err
	}
	if s.knownHosts, err = s.write("known_hosts", "[127.0.0.1]:"+port+" "+string(hostKey)); err != nil {
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

// repository is the clone address of a repository.
func (s *sshServer) repository(name string) string {
	return "ssh://git@" + s.address + "/PAY/" + name + ".git"
}

// command is the ssh that git is to use: it offers the one key alone.
func (s *sshServer) command() string {
	return strings.Join([]string{
		s.ssh, "-F", os.DevNull, "-i", s.key, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "UserKnownHostsFile=" + s.knownHosts,
	}, " ")
}

// said is what sshd wrote.
func (s *sshServer) said() string {
	text, _ := os.ReadFile(s.logs)
	return string(text)
}

func (s *sshServer) close() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}
