package model

import (
	"fmt"
	"slices"
	"strings"
)

// Limits the Harness server sets on what it calls an entity (harness-core,
// NGEntityNameValidator, EntityIdentifierValidator, Connector.tags).
const (
	maxNameLength = 128
	maxIDLength   = 128
	maxTags       = 128
)

// reservedIDs are the words Harness keeps for its own expressions; the match
// is exact and case-sensitive (entity-identifier-reference in Harness's docs).
var reservedIDs = []string{
	"or", "and", "eq", "ne", "lt", "gt", "le", "ge", "div", "mod", "not",
	"null", "true", "false", "new", "var", "return", "step", "parallel",
	"stepGroup", "org", "account", "class", "shellScriptProvisioner",
	"status", "liteEngineTask", "harnessSecretManager",
}

// windowsNames cannot be file names on Windows, whatever their case or
// extension; a connector's id is its file's name.
var windowsNames = []string{
	"con", "prn", "aux", "nul",
	"com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
}

// IDFromName is the id Harness's own form derives from a name: trimmed, digits,
// hyphens and dollar signs dropped from the front, everything outside letters,
// digits, underscore, dollar and blank dropped, runs of blanks turned into one
// underscore (uicore, InputWithIdentifier). The result may be empty or reserved;
// the id's own rules say so.
func IDFromName(name string) string {
	id := strings.TrimSpace(name)
	id = strings.TrimLeft(id, "0123456789-$")
	id = strings.Map(func(r rune) rune {
		if isIDRune(r) || r == '$' || r == ' ' {
			return r
		}
		return -1
	}, id)
	return blanks().ReplaceAllString(id, "_")
}

var blanks = pattern(` +`)

func isIDRune(r rune) bool {
	return r == '_' || (r >= '0' && r <= '9') || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')
}

// nameFindings checks a connector's name: the characters of Harness's form,
// 1 to 128 of them, unique among the connectors of its scope (settings document,
// Overview).
func nameFindings(name string, scope Scope, editing string, w World) Findings {
	name = strings.TrimSpace(name)
	if name == "" {
		return fieldError(QName, "name.required", "A connector needs a name.", "Type a name such as Payments Bitbucket.")
	}
	if n := len([]rune(name)); n > maxNameLength {
		return fieldError(QName, "name.invalid",
			fmt.Sprintf("The name has %d characters; Harness takes %d.", n, maxNameLength), "Shorten it.")
	}
	if clean := cleanName(name); clean != name {
		f := fieldError(QName, "name.invalid",
			"Harness takes letters, digits, blanks and . _ - in a name, and no blank in front.",
			"Leave the other characters out.")
		f[0].Suggestion = clean
		if clean == strings.ReplaceAll(name, "/", "") {
			// Harness's server takes slashes, so that a saved name may have them.
			f[0].Severity = SeverityWarning
		}
		return f
	}
	for i := range w.Connectors {
		c := &w.Connectors[i]
		if c.Scope == scope && strings.EqualFold(c.Name, name) && c.Key() != editing {
			return fieldError(QName, "name.taken",
				fmt.Sprintf("There is a connector named %s already (%s).", c.Name, c.Key()), "Choose another name.")
		}
	}
	return nil
}

// cleanName keeps what Harness's form accepts in a name.
func cleanName(name string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if isIDRune(r) || r == ' ' || r == '.' || r == '-' {
			return r
		}
		return -1
	}, name))
}

// idFindings checks a connector's id: the server's pattern, the reserved
// words, Windows's file names, uniqueness within its scope, and that a saved id
// stays what it was.
func idFindings(id string, scope Scope, d Draft, w World) Findings {
	if d.Base != nil && d.Base.ID != id {
		f := fieldError(QID, "id.locked", "The id of a saved connector cannot change: pipelines refer to it.",
			"Leave it, or duplicate the connector under a new id.")
		f[0].Suggestion = d.Base.ID
		return f
	}
	if fs := identifierFindings(id, QID, "id", "connector id"); fs != nil {
		fs[0].Suggestion = strings.ReplaceAll(fs[0].Suggestion, "$", "")
		return fs
	}
	if slices.Contains(reservedIDs, id) {
		return fieldError(QID, "id.reserved", fmt.Sprintf("Harness keeps the word %s for itself.", id),
			"Add something to it, such as "+id+"_connector.")
	}
	if slices.Contains(windowsNames, strings.ToLower(id)) {
		return fieldError(QID, "id.reserved", fmt.Sprintf("Windows cannot have a file named %s, and the connector's file is named after its id.", id),
			"Add something to it, such as "+id+"_connector.")
	}
	for i := range w.Connectors {
		c := &w.Connectors[i]
		if c.Scope == scope && strings.EqualFold(c.ID, id) && c.Key() != d.Editing {
			return fieldError(QID, "id.taken", fmt.Sprintf("The id %s belongs to the connector %s.", c.ID, c.Name),
				"Choose another id.")
		}
	}
	if strings.Contains(id, "$") {
		return Findings{{
			Code: "id.invalid", Severity: SeverityWarning, Field: QID,
			Message: "Harness's server takes $ in an id, its own form does not.", Fix: "Leave the $ out.",
			Suggestion: strings.ReplaceAll(id, "$", ""),
		}}
	}
	return nil
}

// identifierFindings checks the pattern that connector, organisation and
// project ids share: a letter or underscore, then letters, digits, underscore
// and dollar, 128 at most (EntityIdentifierValidator).
func identifierFindings(id string, field QuestionID, short, what string) Findings {
	if id == "" {
		return fieldError(field, short+".required", "The "+what+" is missing.", "Type it as it stands in Harness.")
	}
	clean := strings.Map(func(r rune) rune {
		if isIDRune(r) || r == '$' {
			return r
		}
		return -1
	}, id)
	clean = strings.TrimLeft(clean, "0123456789$")
	if clean == id && len(id) <= maxIDLength {
		return nil
	}
	f := fieldError(field, short+".invalid",
		fmt.Sprintf("This %s is not one: letters, digits and underscores, starting with a letter or underscore, %d at most.", what, maxIDLength),
		"Leave the other characters out.")
	if clean != "" && len(clean) <= maxIDLength {
		f[0].Suggestion = clean
	}
	return f
}

// scopeFindings checks the scope and the ids it needs, and that a saved
// connector stays where it is: Harness knows it by scope and id.
func (a *asker) scopeFindings() Findings {
	if base := a.d.Base; base != nil && !a.document && a.scope() != base.Scope {
		return lockedScope(a.scope(), base.Scope)
	}
	kind := ScopeKind(a.value(QScope))
	var fs Findings
	switch kind {
	case ScopeAccount:
	case ScopeOrg, ScopeProject:
		fs = identifierFindings(a.value(QOrg), QOrg, "org", "organisation id")
	default:
		return fieldError(QScope, "scope.invalid", fmt.Sprintf("%s is no scope.", clip(string(kind))), "Choose account, org or project.")
	}
	if kind == ScopeProject {
		fs = append(fs, identifierFindings(a.value(QProject), QProject, "project", "project id")...)
	}
	if a.d.Base != nil && !a.document {
		for i := range fs {
			fs[i].Suggestion = "" // it cannot be taken: the scope is locked
		}
	}
	return fs
}

// lockedScope names the first answer by which a saved connector would move.
func lockedScope(now, was Scope) Findings {
	field, code, keep := QScope, "scope.invalid", string(was.Kind())
	switch {
	case now.Kind() != was.Kind():
	case now.Org != was.Org:
		field, code, keep = QOrg, "org.invalid", was.Org
	default:
		field, code, keep = QProject, "project.invalid", was.Project
	}
	f := fieldError(field, code, "A saved connector cannot move to another scope: pipelines refer to it where it is.",
		"Leave it, or duplicate the connector there.")
	f[0].Suggestion = keep
	return f
}

// fieldError is one error finding about a field.
func fieldError(field QuestionID, code, message, fix string) Findings {
	return Findings{{Code: code, Severity: SeverityError, Field: field, Message: message, Fix: fix}}
}

// fieldWarning is one warning about a field.
func fieldWarning(field QuestionID, code, message, fix string) Findings {
	return Findings{{Code: code, Severity: SeverityWarning, Field: field, Message: message, Fix: fix}}
}

// fieldHint is one hint about a field.
func fieldHint(field QuestionID, code, message, fix string) Findings {
	return Findings{{Code: code, Severity: SeverityHint, Field: field, Message: message, Fix: fix}}
}
