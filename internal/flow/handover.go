package flow

import (
	"fmt"

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
	w := model.World{Secrets: secrets}
	var steps []HandOverStep
	seen := map[model.SecretName]bool{}
	add := func(name model.SecretName, text string) {
		if name == "" || seen[name] {
			return
		}
		seen[name] = true
		_, id, _ := name.Split()
		steps = append(steps, HandOverStep{Text: text, Copy: id})
	}
	for _, ref := range c.SecretRefs() {
		name, err := ref.Name(c.Scope)
		if err != nil {
			continue
		}
		info, known := w.SecretInfo(name)
		if ref != c.SSHKeyRef {
			add(name, "Create the text secret "+named(name)+".")
			continue
		}
		if known {
			if info.Passphrase != "" {
				add(info.Passphrase, "Create the text secret "+named(info.Passphrase)+" with the key's passphrase.")
			}
			add(info.File, "Create the file secret "+named(info.File)+" with the private key.")
		}
		add(name, "Create the SSH credential "+named(name)+": user name git, the key from that file secret.")
	}
	command := "bbconnect export " + c.Key() + " --format harness"
	return append(steps, HandOverStep{Text: "Apply the document: " + command, Copy: command})
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
