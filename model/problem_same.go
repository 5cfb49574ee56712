package model

import (
	"slices"
	"strings"
)

// Covers reports whether a problem says all that another one does: git and the
// REST API tell of one fault each in its own words. They are one where they have
// the same code and the same remedy, and where one names what is missing while
// the other only says that something is, as Bitbucket does over git.
func (p *Problem) Covers(o *Problem) bool {
	if p.Field != o.Field || !slices.Equal(p.Mends, o.Mends) || !slices.Equal(p.Commands, o.Commands) || p.HostKey != o.HostKey || p.Authority != o.Authority {
		return false
	}
	return p.Code == o.Code || o.Code == "repo.not-found-or-no-access" && strings.HasSuffix(p.Code, ".not-found")
}

// Beside is the remedy without how long to wait, for faces that count the time
// themselves; Fix begins with that sentence where the server asked for a time.
func (p *Problem) Beside() string {
	if p.WaitSeconds <= 0 || !strings.HasPrefix(p.Fix, "Wait ") {
		return p.Fix
	}
	_, rest, _ := strings.Cut(p.Fix, ". ")
	return rest
}
