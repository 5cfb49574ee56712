// Package termguard keeps the terminal quiet while the program starts.
//
// The terminal library asks the terminal for its background colour from a
// package init, before main runs: every command on a terminal, even one that
// only prints a version, would write a query and wait up to five seconds for
// an answer that ssh sessions and git hooks never give. The library does not
// ask a terminal of type "dumb".
//
// So this package says TERM=dumb while packages are initialised, and main's
// first statement gives the true value back. It works because Go initialises
// packages whose imports are ready in the order of their import paths: this
// one imports os alone, and its path sorts before the library's. Import
// nothing else here, and do not rename the module to something that sorts
// after "github.com/muesli/termenv". Whoever wants the background colour asks
// later, with a deadline of their own.
package termguard
