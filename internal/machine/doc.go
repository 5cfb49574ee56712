// Package machine knows what is around the program: the git checkout it was
// started in, a browser to show a page in, and the terminal's clipboard.
//
// Each of them may be missing, as over ssh or in a container, and that is normal
// use. Nothing here blocks for long, reads a secret, or passes one on: remotes
// come without the passwords people leave in them.
package machine
