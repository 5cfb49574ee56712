package document

import (
	"slices"
	"strings"

	"bbconnect/model"
)

// extrasKey is the mapping beside the connector that holds what Harness has no
// field for, and extrasVersion the newest form of it this program knows.
const (
	extrasKey     = "x-bbconnect"
	extrasVersion = 1
)

// place is one mapping of a document: its path for people, the keys Harness
// knows in it in canonical order, and those of the server's own keys that may
// stand in it.
type place struct {
	path   string
	keys   []string
	server []string
}

// The places of a connector document.
func rootPlace() place {
	return place{keys: []string{"connector", extrasKey}, server: responseKeys()}
}

func infoPlace() place {
	return place{
		path: "connector",
		keys: []string{"name", "identifier", "description", "orgIdentifier", "projectIdentifier", "tags", "type", "spec"},
		// The server fills these in; they mean nothing in another account.
		server: []string{"accountIdentifier", "parentUniqueId", "uniqueId", "harnessManaged"},
	}
}

func specPlace() place {
	return place{path: "connector.spec", keys: []string{
		"url", "validationRepo", "type", "authentication", "apiAccess",
		"delegateSelectors", "executeOnDelegate", "proxy", "ignoreTestConnection",
	}}
}

func authPlace() place {
	return place{path: "connector.spec.authentication", keys: []string{"type", "spec"}}
}

func sshPlace() place {
	return place{path: "connector.spec.authentication.spec", keys: []string{"sshKeyRef"}}
}

func httpPlace() place {
	return place{path: "connector.spec.authentication.spec", keys: []string{"type", "spec"}}
}

func passwordPlace() place {
	return place{path: "connector.spec.authentication.spec.spec", keys: []string{"username", "usernameRef", "passwordRef"}}
}

func apiPlace() place {
	return place{path: "connector.spec.apiAccess", keys: []string{"type", "spec"}}
}

// apiSpecPlace is what each method of API access may hold; a method that is not
// known may hold any of it.
func apiSpecPlace(method model.APIMethod) place {
	p := place{path: "connector.spec.apiAccess.spec"}
	switch method {
	case model.APIEmailAndToken:
		p.keys = []string{"email", "emailRef", "tokenRef"}
	case model.APIAccessToken:
		p.keys = []string{"tokenRef"}
	case model.APIUsernameToken:
		p.keys = []string{"username", "usernameRef", "tokenRef"}
	case model.APIOAuth:
		p.keys = []string{"tokenRef", "refreshTokenRef"}
	default:
		p.keys = []string{"username", "usernameRef", "email", "emailRef", "tokenRef", "refreshTokenRef"}
	}
	return p
}

func extrasPlace() place {
	return place{path: extrasKey, keys: []string{"version", "delegateVersion", "caFile"}}
}

// responseKeys stand beside "connector" in what Harness's REST API answers.
func responseKeys() []string {
	return []string{
		"createdAt", "lastModifiedAt", "status", "activityDetails", "harnessManaged", "gitDetails",
		"entityValidityDetails", "governanceMetadata", "isFavorite", "favorite",
	}
}

func allPlaces() []place {
	return []place{
		rootPlace(), infoPlace(), specPlace(), authPlace(), httpPlace(), sshPlace(),
		passwordPlace(), apiPlace(), apiSpecPlace(""), extrasPlace(),
	}
}

// meant finds the key a misspelt one probably stands for: the nearest in its
// own mapping, else the same key in another mapping, whose path is then
// returned too. Both are "" when nothing is near.
func meant(key string, here place) (near, elsewhere string) {
	const longest = 40
	if len(key) > longest {
		return "", ""
	}
	folded := foldKey(key)
	best := 3
	for _, known := range here.keys {
		d := distance(folded, foldKey(known))
		if d < best && d*3 <= max(len(key), 3) {
			near, best = known, d
		}
	}
	if near != "" {
		return near, ""
	}
	for _, p := range allPlaces() {
		if p.path == here.path {
			continue
		}
		i := slices.IndexFunc(p.keys, func(k string) bool { return foldKey(k) == folded })
		if i >= 0 {
			return p.keys[i], p.path
		}
	}
	// A value where Harness wants a reference to one: password for passwordRef.
	for _, known := range here.keys {
		if foldKey(known) == folded+"ref" {
			return known, ""
		}
	}
	return "", ""
}

// foldKey makes keys comparable that differ in case, underscores and hyphens.
func foldKey(key string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '_' || r == '-' || r == ' ':
			return -1
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, key)
}

// distance is the number of letters to insert, drop or change between two short
// keys (Levenshtein), in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// question is the wizard's question behind a key, "" where none asks for it.
func question(p place, key string) model.QuestionID {
	api := strings.HasPrefix(p.path, "connector.spec.apiAccess")
	switch key {
	case "name":
		return model.QName
	case "identifier":
		return model.QID
	case "description":
		return model.QDescription
	case "orgIdentifier":
		return model.QOrg
	case "projectIdentifier":
		return model.QProject
	case "tags":
		return model.QTags
	case "url":
		return model.QURL
	case "validationRepo":
		return model.QTestRepository
	case "authentication":
		return model.QConnectionType
	case "passwordRef", "sshKeyRef":
		return model.QSecret
	case "username":
		return choose(api, model.QAPIUsername, model.QUsername)
	case "usernameRef":
		return choose(api, model.QAPIUsernameSecret, model.QUsernameSecret)
	case "apiAccess":
		return model.QAPIMethod
	case "email":
		return model.QAPIEmail
	case "emailRef":
		return model.QAPIEmailSecret
	case "tokenRef", "refreshTokenRef":
		return model.QAPISecret
	case "delegateSelectors":
		return model.QDelegateTags
	case "executeOnDelegate":
		return model.QMode
	case "proxy":
		return model.QSecureConnect
	case "delegateVersion":
		return model.QDelegateVersion
	case "type":
		return typeQuestion(p)
	}
	return ""
}

func typeQuestion(p place) model.QuestionID {
	switch p.path {
	case specPlace().path:
		return model.QURLType
	case authPlace().path, httpPlace().path:
		return model.QConnectionType
	case apiPlace().path:
		return model.QAPIMethod
	}
	return ""
}

func choose(first bool, a, b model.QuestionID) model.QuestionID {
	if first {
		return a
	}
	return b
}
