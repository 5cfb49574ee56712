// Command bench measures what a person waits for, on the program as it is
// installed: a start, the wizard's first frame, a key's way to the screen, Home
// with a thousand connectors, a search of ten and of a hundred thousand, list, show
// and save among ten thousand, and a live test as a whole process. Each is set
// against what one could use instead, run by run in turn, so that whatever else the
// machine does weighs on both alike and the ratio says more than the milliseconds.
//
//	go run ./bench -program ../../bin/bbconnect
//
// The floor of the screens is the program in the folder bare: the same terminal
// libraries and one text field. The live test is set against git ls-remote on
// the same loopback server: git's own http-backend behind a password with as much
// of a Data Center's REST API as a test asks for, at once and as late as a
// distant server, and OpenSSH's sshd. Many connectors are set against xargs with
// git ls-remote of the same repositories, and a thousand of them on a server that
// takes its time against the time of its answers alone.
//
// The table has a row per measurement with the medians, the ratio and the aim.
// A missed aim is a line to read, not an error: a busy machine misses some. What
// this machine cannot measure is left out by name and reason. It exits 1 where
// something does not work at all, and where a promise breaks that does not
// depend on speed: bbconnect --version asks the terminal nothing, and a live test
// with the right password costs one git request with it, none that is refused, and
// at most one more without it.
package main
