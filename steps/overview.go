package steps

import (
	"bbconnect/model"
)

// newOverview is the page of name, id, description, tags and scope.
func newOverview(z *Wizard, focus model.QuestionID) page {
	p := newFormPage(z, model.StepOverview, focus)
	p.head = func(int) []string {
		if z.welcome == "" {
			return nil
		}
		return []string{" " + z.env.Theme.Dim.Render(z.welcome), ""}
	}
	return p
}

// newConnectivity is the page of how Harness reaches Bitbucket.
func newConnectivity(z *Wizard, focus model.QuestionID) page {
	return newFormPage(z, model.StepConnectivity, focus)
}
