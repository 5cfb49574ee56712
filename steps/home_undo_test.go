package steps

import (
	"testing"

	"bbconnect/model"
)

func TestADeletedConnectorComesBackWithZ(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, withLedger, func(p *person) {
		p.presses("z").sees("There is nothing to take back.")
		p.presses("n").sees("● Overview").presses("esc", "esc")
	})
	inFrontOfHome(t, fleet(3), func(p *person) {
		p.presses("d", "y").sees("2 connectors")
		p.presses("z").sees("Bring Service 00 back", "Its document comes back as it was.").looksLike("undo")
		p.presses("n").sees("2 connectors").presses("z", "y").sees("Service 00 is back.", "3 connectors")
		if len(p.at.library.changes) != 0 {
			t.Errorf("%+v", p.at.library.changes)
		}
	})
}

func TestEachKindOfChangeHasItsQuestion(t *testing.T) {
	t.Parallel()
	for what, want := range map[model.ChangeKind]string{
		model.ChangeMade: "Take back that Payments was made", model.ChangeEdited: "Take back the last change to Payments", model.ChangeDeleted: "Bring Payments back",
	} {
		if got := undoTitle(model.Change{Name: "Payments", What: what}); got != want {
			t.Errorf("%s: %q", what, got)
		}
	}
}
