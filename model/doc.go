// Package model says what a Bitbucket connector is and which rules its
// fields obey. It holds the closed sets (URL type, connection type, scopes,
// API methods), the understanding of pasted addresses and credentials, the
// wizard's questions and route as data, and the values every face of the
// program renders: findings, problems and check results.
//
// The package is pure. It reads no file, no clock, no network and no
// terminal: whatever a rule must know beyond the draft comes in as a World.
// That is what lets the form, the plain prompts, the flags and the document
// reader ask the very same questions and get the very same answers.
package model
