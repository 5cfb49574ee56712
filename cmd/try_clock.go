package cmd

import "time"

// clockVariable stops the clock of a try run, for pictures of the screens: times,
// ages, certificates, tokens and host keys are then the same in every run, and
// nothing takes any time. No other command reads it, since a clock that is set
// from outside decides which certificates are valid.
const clockVariable = "BBCONNECT_CLOCK"

// stoppedSeed is what tokens and host keys are drawn from while the clock stands.
const stoppedSeed = 1

// stopClock stops the clock where the environment says so, and returns the seed
// of the sandbox: 0 draws at random.
func (a *app) stopClock() (seed uint64, err error) {
	text := a.getenv(clockVariable)
	if text == "" {
		return 0, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, usage("Write it as 2026-11-23T09:30:00Z, or leave it out.", "%s is no moment.", clockVariable)
	}
	a.now = func() time.Time { return at }
	return stoppedSeed, nil
}
