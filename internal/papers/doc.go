// Package papers holds no code, only the tests of the documents: each page of
// docs is written from the program, or followed line by line against it, so that
// a page that has become untrue fails.
//
//   - docs/troubleshooting.md is written from what the program says: the problems
//     that the rules of the live test tell in their scenarios, the findings of
//     real answers, and the texts of problems as they stand in the source. Write
//     it anew with: go test ./internal/papers -run Troubleshooting -update.
//   - docs/settings.md has every question of the wizard, the codes it can say, the
//     scopes of the model and two documents that are sound.
//   - docs/scripting.md is run from top to bottom with the real program, which
//     reaches the sandbox through a proxy.
//   - A test or a target of make that a page names is there.
//
// Links between pages are checked in internal/house.
package papers
