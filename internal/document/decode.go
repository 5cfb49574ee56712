package document

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"bbconnect/model"
)

// connector reads the tree. The problem is the first thing that keeps the
// document from being used.
func (t *tree) connector() (model.Connector, model.Findings, *model.Problem) {
	var c model.Connector
	if t.problem != nil {
		return c, t.findings, t.problem
	}
	root, ok := t.object(t.root, rootPlace())
	info := get(t.root, "connector")
	if !ok || info == nil {
		t.fail("document.not-connector", t.at(t.root), "", "This is no connector document.",
			"It has no connector: at its top level.", "Give the YAML that Harness shows for a connector.")
		return c, t.findings, t.problem
	}
	t.extras(root.at(extrasKey), &c)
	if top, ok := t.object(info, infoPlace()); ok && t.bitbucket(top) {
		t.info(top, &c)
	}
	return c, t.findings, t.problem
}

// bitbucket refuses the connectors of other providers before anything else is
// said about them.
func (t *tree) bitbucket(top object) bool {
	kind := top.text("type")
	if strings.EqualFold(kind, "Bitbucket") {
		return true
	}
	what := fmt.Sprintf("The connector's type is %s, not Bitbucket.", show(kind))
	if kind == "" {
		what = "The connector has neither a type nor a spec."
	}
	t.fail("document.not-bitbucket", t.at(top.node), "", what,
		"This program sets up Bitbucket connectors only.", "Leave this document out.")
	return false
}

func (t *tree) info(top object, c *model.Connector) {
	c.Name, c.ID = top.text("name"), top.text("identifier")
	c.Description = top.text("description")
	c.Scope = model.Scope{Org: top.text("orgIdentifier"), Project: top.text("projectIdentifier")}
	if c.Scope.Project != "" && c.Scope.Org == "" {
		t.find(model.Finding{
			Code: "org.required", Severity: model.SeverityError, Field: model.QOrg,
			Message: fmt.Sprintf("Line %d: The document names a project and no organisation.", t.at(top.at("projectIdentifier"))),
			Fix:     "Add orgIdentifier, or remove projectIdentifier.",
		})
	}
	c.Tags = t.tags(top.at("tags"))
	if spec, ok := t.object(top.at("spec"), specPlace()); ok {
		t.spec(spec, c)
	}
}

func (t *tree) spec(spec object, c *model.Connector) {
	c.URL, c.TestRepository = spec.text("url"), spec.text("validationRepo")
	c.URLType = model.URLType(spec.oneOf("type", string(model.URLAccount), string(model.URLRepo)))
	t.authentication(spec.at("authentication"), c)
	t.apiAccess(spec.at("apiAccess"), c)
	c.Selectors = t.texts(spec, "delegateSelectors")
	c.Mode = model.ModePlatform
	// Harness takes a connector that does not say otherwise through a delegate.
	if spec.flag("executeOnDelegate", true) {
		c.Mode = model.ModeDelegate
	}
	c.SecureConnect = spec.flag("proxy", false)
	c.IgnoreTest = spec.flag("ignoreTestConnection", false)
}

func (t *tree) authentication(n *yaml.Node, c *model.Connector) {
	auth, ok := t.object(n, authPlace())
	if !ok {
		return
	}
	switch kind := auth.text("type"); {
	case strings.EqualFold(kind, "Ssh"):
		c.ConnectionType = model.SSH
		if inner, ok := t.object(auth.at("spec"), sshPlace()); ok {
			c.SSHKeyRef = model.SecretRef(inner.text("sshKeyRef"))
		}
	case strings.EqualFold(kind, "Http"):
		c.ConnectionType = model.HTTP
		t.password(auth.at("spec"), c)
	case kind != "":
		auth.unknownValue("type", "Http", "Ssh")
	}
}

func (t *tree) password(n *yaml.Node, c *model.Connector) {
	outer, ok := t.object(n, httpPlace())
	if !ok {
		return
	}
	if kind := outer.text("type"); kind != "UsernamePassword" && kind != "" {
		outer.unknownValue("type", "UsernamePassword")
		return
	}
	if inner, ok := t.object(outer.at("spec"), passwordPlace()); ok {
		c.Username = inner.login("username", "usernameRef")
		c.PasswordRef = model.SecretRef(inner.text("passwordRef"))
	}
}

func (t *tree) apiAccess(n *yaml.Node, c *model.Connector) {
	api, ok := t.object(n, apiPlace())
	if !ok {
		return
	}
	method := api.oneOf("type", string(model.APIEmailAndToken), string(model.APIAccessToken), string(model.APIUsernameToken), string(model.APIOAuth))
	c.API.Method = model.APIMethod(method)
	inner, ok := t.object(api.at("spec"), apiSpecPlace(c.API.Method))
	if !ok {
		return
	}
	c.API.Username = inner.login("username", "usernameRef")
	c.API.Email = inner.login("email", "emailRef")
	c.API.TokenRef = model.SecretRef(inner.text("tokenRef"))
	c.API.RefreshTokenRef = model.SecretRef(inner.text("refreshTokenRef"))
}

// tags keeps the order of the document; a tag without a value is "".
func (t *tree) tags(n *yaml.Node) []model.Tag {
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		t.wrongType(n, infoPlace(), "tags", "a mapping")
		return nil
	}
	top := object{t: t, node: n, place: place{path: "connector.tags"}}
	if !top.noRepeats() {
		return nil
	}
	var out []model.Tag
	for i := 0; i+1 < len(n.Content); i += 2 {
		if v := n.Content[i+1]; v.Kind != yaml.ScalarNode {
			t.wrongType(v, infoPlace(), "tags", "one text for each tag")
			continue
		}
		out = append(out, model.Tag{Key: n.Content[i].Value, Value: scalar(n.Content[i+1])})
	}
	return out
}

// texts reads a list of texts; a single text counts as a list of one.
func (t *tree) texts(spec object, key string) []string {
	n := spec.at(key)
	switch {
	case isNull(n):
		return nil
	case n.Kind == yaml.ScalarNode && n.Value != "":
		return []string{n.Value}
	case n.Kind != yaml.SequenceNode:
		t.wrongType(n, spec.place, key, "a list")
		return nil
	}
	var out []string
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode || isNull(item) {
			t.wrongType(item, spec.place, key, "a list of texts")
			return nil
		}
		if !slices.Contains(out, item.Value) {
			out = append(out, item.Value)
		}
	}
	return out
}

// extras reads x-bbconnect and refuses a form that a newer program wrote.
func (t *tree) extras(n *yaml.Node, c *model.Connector) {
	if isNull(n) {
		return
	}
	if v := get(n, "version"); v != nil {
		version, err := strconv.Atoi(v.Value)
		switch {
		case err != nil || version < 1:
			t.wrongType(v, extrasPlace(), "version", "a number from 1")
			return
		case version > extrasVersion:
			t.fail("store.newer", t.at(v), "", fmt.Sprintf("The document was written by a newer bbconnect (version %d, this one knows %d).", version, extrasVersion),
				"Reading it with this one could lose what it does not know.", "Update bbconnect.")
			return
		}
	}
	if own, ok := t.object(n, extrasPlace()); ok {
		c.DelegateVersion, c.CAFile = own.text("delegateVersion"), own.text("caFile")
	}
}
