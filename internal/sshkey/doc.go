// Package sshkey reads the private keys people paste into the wizard and says
// whether Harness can use them.
//
// Harness wants a key in the traditional PEM form, the one that begins with
// BEGIN RSA PRIVATE KEY or BEGIN EC PRIVATE KEY ("The SSH Connection Type
// requires an SSH Key in PEM format. OpenSSH keys are not supported."). Today's
// ssh-keygen writes another form unless it is told -m PEM, PuTTY a third one,
// and openssl a fourth, so most keys arrive in a form that has to be changed
// first. The package
//
//   - mends what copying did to a key (Normalise),
//   - recognises its form and reads it (Inspect),
//   - says what is wrong with it and what to do (Findings, Inspector),
//   - writes it in the form Harness wants (Convert),
//   - makes a new one (Generate) and shows its public half (Public).
//
// Nothing here reads or writes a file, starts a program or keeps a key. No
// error and no finding repeats any part of what was pasted.
package sshkey
