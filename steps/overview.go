package steps

import (
	"bbconnect/model"
	"bbconnect/ui"
)

// newOverview is the page of name, id, description, tags and scope.
func newOverview(z *Wizard, focus model.QuestionID) page {
	p := newFormPage(z, model.StepOverview, focus)
	p.head = func(w int) []string {
		if z.welcome == "" {
			return nil
		}
		var head []string
		for _, l := range ui.Wrap(z.welcome, w-2) {
			head = append(head, " "+z.env.Theme.Dim.Render(l))
		}
		return append(head, "")
	}
	return p
}

// newConnectivity is the page of how Harness reaches Bitbucket.
func newConnectivity(z *Wizard, focus model.QuestionID) page {
	return newFormPage(z, model.StepConnectivity, focus)
}
