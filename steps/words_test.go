package steps

import (
	"testing"

	"bbconnect/model"
)

func TestTheHelpThatF1OpensDoesNotSendToF1(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.types("Payments").presses("ctrl+n").pastes("https://bitbucket.org/acme/ledger.git").presses("ctrl+n")
		p.resizes(120, 40).sees("f1 lists the fourteen scopes", "optional").resizes(80, 24).presses("f1").sees("The fourteen scopes of the token").doesNotSee("f1 lists")
	})
}

func TestTheExampleOfAnAddressFitsTheURLTypeThatIsShown(t *testing.T) {
	t.Parallel()
	for kind, want := range map[model.URLType]string{model.URLRepo: "https://bitbucket.org/acme/ledger.git", model.URLAccount: "https://bitbucket.org/acme/"} {
		q, ok := model.FindQuestion(model.QURL, model.NewDraft().With(model.QURLType, string(kind)), model.World{})
		if !ok || q.Example != want {
			t.Errorf("%s: %q, want %q", kind, q.Example, want)
		}
	}
}

func TestWhereThingsAreOnlyTriedNobodyIsPromisedADraft(t *testing.T) {
	t.Parallel()
	inTheWizard(t, nil, func(p *person) {
		p.types("Payments").presses("ctrl+c").sees("kept as a draft for next time").presses("esc")
		p.wizard().Offer([]Sample{{Field: model.QName, Label: "x", Value: model.NewSecret("x")}})
		p.presses("ctrl+c").sees("gone at the end").doesNotSee("next time")
	})
}

func TestACardNamesItsOwnKeyForACAFile(t *testing.T) {
	t.Parallel()
	named := func(r *model.TestResult) {
		unknownAuthority(r)
		r.Problem.Fix = "Accept it, or name the authority's PEM file (--ca-file)."
	}
	inTheWizard(t, scripted(ending(named)), func(p *person) {
		p.fillsUpToTest().presses("enter").sees("PEM file (f).", "f name a CA file").doesNotSee("--ca-file")
	})
}
