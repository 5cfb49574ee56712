package probe

import "slices"

// allRules is the table of causes, read from the top: what is nearer to the
// wire comes first, then what a server says in so many words, then what only
// both channels together tell, then warnings. Every row is met by a scenario of
// the tests, which fail for a row that none meets.
func allRules() []rule {
	return slices.Concat(
		sshKeyRules, sshReachRules, netRules, tlsRules, sshRules, serverRules, saidRules, blockedRules, placeRules, credentialRules, refusalRules,
		harnessRules, lastRules, publicRules, sshWarnings, warningRules, harnessWarnings, reachRules,
	)
}
