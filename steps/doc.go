// Package steps holds the screens of the product: Home, the wizard's pages from
// Overview to Test, and the hand-over after saving. A screen binds the kit of
// package ui to a draft and calls the jobs of package flow; it knows no file, no
// keyring and no network.
//
// The draft is the memory and forms are disposable: every page builds its form
// from the draft by asking model.Questions, and writes each answer back as it
// is typed. Going back and forth therefore loses nothing and changes nothing.
package steps
