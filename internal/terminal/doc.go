// Package terminal is the test kit that runs a program on a real terminal and
// reads its screen, as a person would.
//
// Start opens a pseudo terminal, starts the program in a clean environment and
// feeds everything it writes to a terminal emulator, whose answers to queries
// (colours, device attributes, cursor) go back to the program. A test then
// types, presses keys, pastes, resizes, and waits for what must appear:
//
//	s := terminal.Start(t, terminal.Config{Program: bin, Args: []string{"new"}})
//	s.WaitFor("Paste any Bitbucket address")
//	s.Paste("git clone https://bitbucket.org/acme/ledger.git")
//	s.Press("tab")
//	s.WaitFor("workspace acme")
//	s.Press("ctrl+c")
//	if code := s.Wait(); code != 130 { … }
//
// Waiting is driven by output, never by sleeping: each time the program writes,
// the condition is tried again, until the patience of the session ends. Wait
// for the first screen before pressing anything: until the program has switched
// its terminal to raw mode, the line discipline still translates keys.
//
// Only tests import this package. It needs a Unix; on Windows it is empty.
package terminal
