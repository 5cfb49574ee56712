// Package sandbox is a Bitbucket on loopback: a Bitbucket Cloud and a
// Bitbucket Data Center that answer REST, git over HTTPS and git over SSH, with
// the status codes, headers and bodies the real services are known to send.
//
// It exists for three readers: `bbconnect try`, which lets a person walk the
// whole product without touching anything real; tests of the live test; and
// the pictures in the documentation.
//
// The package imports nothing of ours on purpose. A fake that shares code with
// the client it tests agrees with the client's mistakes; this one was written
// from what the services document and from answers recorded from them, and has
// its own token recogniser, its own pkt-line writer and its own URL rules.
//
// How it is laid out:
//
//   - world.go and seed.go hold the people, workspaces, projects and
//     repositories; tokens.go makes a credential of every kind at run time.
//   - cloud_*.go and datacenter_*.go answer REST; git_*.go, pktline.go and
//     pack.go answer git in pure Go, so no git binary is needed; sshd.go
//     carries the same git over SSH.
//   - scenarios.go is the table of things that can go wrong, and fault.go what
//     a scenario may change. Options.Fault scripts what no scenario covers.
//   - journal.go remembers what was asked, never with what secret.
//
// Everything listens on 127.0.0.1 with ports the system picks. Public names
// such as bitbucket.org reach it only through Sandbox.Dial, which refuses every
// name it does not serve: nothing real is ever contacted.
package sandbox
