package ui

import (
	"testing"
)

func TestTheDetailsScreenLooksAsSketched(t *testing.T) {
	t.Parallel()
	for _, size := range sizes() {
		screen := detailsScreen()
		shell := open(screen, size[0], size[1])
		drive(shell, paste("https://git.acme-corp.com/projects/PAY/repos/ledger/browse?at=main"))
		within(t, shell.View(), size[0], size[1])
		golden(t, sizeName("details", size), shell.View())
	}
}
