// Package flow holds the jobs of the product: the world a draft is judged in,
// testing, saving, deleting, and looking after secrets. Screens and command
// line run the very same jobs.
//
// The package does no I/O of its own. It declares the ports it needs, small
// ones: a Library of saved things, places that keep secret values, a Tester.
// The command line plugs in the real ones, tests plug in ten-line fakes. Every
// job either happens whole or leaves what was there.
package flow
