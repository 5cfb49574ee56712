package model

import "strings"

// Describe says in one or two lines what an address means: the product, the
// host, what it names there, and the REST address Harness will call. Nothing
// for an address that was not understood.
func Describe(a Address) []string {
	if a.IsZero() {
		return nil
	}
	parts := []string{"Cloud"}
	if a.Product == DataCenter {
		parts = []string{"Data Center"}
	}
	parts = append(parts, a.Host)
	for _, p := range []struct{ label, value string }{
		{"context path", a.Context}, {"workspace", a.Workspace}, {"project", a.Project}, {"repository", a.Repo},
	} {
		if p.value != "" {
			parts = append(parts, p.label+" "+p.value)
		}
	}
	lines := []string{strings.Join(parts, "   ")}
	if a.API != "" {
		lines = append(lines, "Harness will call "+a.API)
	}
	return lines
}
