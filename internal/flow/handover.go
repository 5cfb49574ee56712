package flow

import (
	"fmt"
	"reflect"
	"slices"

	"bbconnect/model"
)

// HandOverStep is one thing to create in Harness.
type HandOverStep struct {
	// Text is the whole instruction on one line.
	Text string
	// Copy is the part worth copying: the secret's id, or the export command.
	Copy string
}

// HandOver lists what to create in Harness so that the saved document works
// there, in the order Harness needs: text and file secrets, the SSH credential
// that points to them, then the document (contract, decided 12).
func HandOver(c model.Connector, secrets []model.SecretInfo) []HandOverStep {
	var steps []HandOverStep
	for _, s := range handedOver(c, model.World{Secrets: secrets}) {
		steps = append(steps, s.step("Create the "+s.what+"."))
	}
	return append(steps, apply(c, "the document"))
}

// HandOverSaved lists what is left to do in Harness after a draft was saved as c,
// in a world as it was before. Of a connector that was edited that is what the edit
// changed: secrets that no saved connector used before, values that were replaced,
// and the document where it is another one. It is nothing where neither changed.
func HandOverSaved(d model.Draft, before model.World, c model.Connector, secrets []model.SecretInfo) []HandOverStep {
	if d.Base == nil {
		return HandOver(c, secrets)
	}
	replaced := map[model.SecretName]bool{}
	for _, w := range model.SecretWrites(d, before) {
		replaced[w.Info.Name] = !w.Value.IsZero()
	}
	there := map[model.SecretName]handedSecret{} // the base comes last: of what it uses, it counts
	for _, known := range append(slices.Clone(before.Connectors), *d.Base) {
		for _, s := range handedOver(known, before) {
			there[s.name] = s
		}
	}
	var steps []HandOverStep
	for _, s := range handedOver(c, model.World{Secrets: secrets}) {
		was, known := there[s.name]
		switch {
		case !known:
			steps = append(steps, s.step("Create the "+s.what+"."))
		case was.pointsTo != s.pointsTo:
			steps = append(steps, s.step("Change the "+s.what+"."))
		case s.pointsTo == "" && replaced[s.name]:
			steps = append(steps, s.step("Replace the value of the "+s.what+"."))
		}
	}
	if !reflect.DeepEqual(exported(*d.Base), exported(c)) {
		steps = append(steps, apply(c, "the changed document"))
	}
	return steps
}

// HandOverTitle stands above the steps of HandOverSaved.
func HandOverTitle(d model.Draft, steps []HandOverStep) string {
	switch {
	case len(steps) == 0:
		return "Nothing is left to do in Harness: neither the document nor a value changed."
	case d.Base != nil:
		return "To use the change in Harness, in this order:"
	}
	return "To use it in Harness, in this order:"
}

// exported is a connector without what its document is exported without.
func exported(c model.Connector) model.Connector {
	c.DelegateVersion, c.CAFile = "", ""
	return even(c)
}

// apply is the step that hands the document over.
func apply(c model.Connector, what string) HandOverStep {
	command := "bbconnect export " + c.Key() + " --format harness"
	return HandOverStep{Text: "Apply " + what + ": " + command, Copy: command}
}

// handedSecret is a secret as the person makes it in Harness: what it is, and, of an
// SSH credential, which secrets it points to; it has no value of its own.
type handedSecret struct {
	name     model.SecretName
	what     string
	pointsTo string
}

func (s handedSecret) step(text string) HandOverStep {
	_, id, _ := s.name.Split()
	return HandOverStep{Text: text, Copy: id}
}

// handedOver are the secrets of a connector in the order Harness needs.
func handedOver(c model.Connector, w model.World) []handedSecret {
	var out []handedSecret
	add := func(name model.SecretName, what, pointsTo string) {
		if name != "" && !slices.ContainsFunc(out, func(s handedSecret) bool { return s.name == name }) {
			out = append(out, handedSecret{name, what, pointsTo})
		}
	}
	for _, ref := range c.SecretRefs() {
		name, err := ref.Name(c.Scope)
		if err != nil {
			continue
		}
		if ref != c.SSHKeyRef {
			add(name, "text secret "+named(name), "")
			continue
		}
		pointsTo := "unknown"
		if info, known := w.SecretInfo(name); known {
			pointsTo = string(info.File) + " " + string(info.Passphrase)
			if info.Passphrase != "" {
				add(info.Passphrase, "text secret "+named(info.Passphrase)+" with the key's passphrase", "")
			}
			add(info.File, "file secret "+named(info.File)+" with the private key", "")
		}
		add(name, "SSH credential "+named(name)+": user name git, the key from that file secret", pointsTo)
	}
	return out
}

// named is a secret's id with the scope it must be created at.
func named(name model.SecretName) string {
	scope, id, _ := name.Split()
	switch scope.Kind() {
	case model.ScopeOrg:
		return fmt.Sprintf("%s in the organisation %s", id, scope.Org)
	case model.ScopeProject:
		return fmt.Sprintf("%s in the project %s of %s", id, scope.Project, scope.Org)
	}
	return id + " in the account"
}
