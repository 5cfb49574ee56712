// Package house holds no code, only the tests that keep the house rules: which
// room may import what, how long a file and a function may grow, that exported
// names are explained, that tests do not sleep.
//
// The rules are read from the source itself, so nothing has to be registered to
// be checked. A failure names the place, the rule and what to do. To change a
// rule, change it in the tables of rooms_test.go together with the table in
// ARCHITECTURE.md: that is a decision about the house, not a detail of a change.
package house
