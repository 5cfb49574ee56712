package store

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"bbconnect/model"
)

// holdsNoSecret refuses a connector in which a credential stands where a name
// belongs. The rules of the fields say so earlier and better; this is the last
// door before the disk.
func holdsNoSecret(c model.Connector) error {
	if withoutCredentials(c.URL) != c.URL || withoutCredentials(c.TestRepository) != c.TestRepository {
		return &model.Problem{
			Code: "url.secret-embedded", What: "The address holds a credential.", Why: "Everybody who sees the connector would see it.",
			Fix: "Take it out of the address and keep it as the connector's secret.", Field: model.QURL,
		}
	}
	for _, shown := range shownTexts(c) {
		if _, value, _ := model.TakeCredential(shown.text); !value.IsZero() {
			return &model.Problem{
				Code: "token.misplaced", What: "A credential stands where a name or a description belongs.", Why: "Everybody who sees the connector would see it.",
				Fix: "Take it out, give it as the token, and revoke it if others have seen it.", Field: shown.field,
			}
		}
	}
	for _, ref := range c.SecretRefs() {
		if _, err := ref.Name(c.Scope); errors.Is(err, model.ErrRefMalformed) {
			return &model.Problem{
				Code: "ref.malformed", What: "One of the references to a secret is none.", Why: "It may be a secret that was typed in the place of its name.",
				Fix: "Write id, org.id or account.id.", Field: model.QSecret,
			}
		}
	}
	return nil
}

// shownText is the answer to a question that everybody sees.
type shownText struct {
	field model.QuestionID
	text  string
}

// shownTexts are the free texts of a connector besides its address.
func shownTexts(c model.Connector) []shownText {
	var tags []string
	for _, t := range c.Tags {
		tags = append(tags, t.Key, t.Value)
	}
	return []shownText{
		{model.QName, c.Name},
		{model.QDescription, c.Description},
		{model.QTags, strings.Join(tags, "\n")},
		{model.QTestRepository, c.TestRepository},
		{model.QUsername, c.Username.Plain},
		{model.QAPIUsername, c.API.Username.Plain},
		{model.QAPIEmail, c.API.Email.Plain},
		{model.QDelegateTags, strings.Join(c.Selectors, "\n")},
		{model.QDelegateVersion, c.DelegateVersion},
	}
}

// credentials matches what stands before the host of an address: a name, a
// colon and anything at all; or a name that no account has but tokens do.
func credentials() *regexp.Regexp {
	return regexp.MustCompile(`(?i)([a-z][a-z0-9+.-]*://)(?:([^\s/@:]*):[^\s/]*@|(?:AT(?:BB|[AC]TT)[A-Za-z0-9_=%-]{8,}|[^\s/@:]{41,})@)`)
}

// withoutCredentials takes passwords and tokens out of every address in a text;
// a plain user name stays.
func withoutCredentials(text string) string {
	if !strings.Contains(text, "@") || !strings.Contains(text, "://") {
		return text
	}
	pattern := credentials()
	return pattern.ReplaceAllStringFunc(text, func(found string) string {
		parts := pattern.FindStringSubmatch(found)
		if kept := parts[1] + parts[2] + "@"; parts[2] != "" && !pattern.MatchString(kept) {
			return kept
		}
		return parts[1]
	})
}

// withoutSecrets is what of a draft's answers may be written down: never a
// value slot, and addresses without credentials.
func withoutSecrets(answers map[model.QuestionID]string) map[model.QuestionID]string {
	slots := []model.QuestionID{model.QPassword, model.QAPIToken, model.QSSHKey, model.QSSHPassphrase}
	out := make(map[model.QuestionID]string, len(answers))
	for id, value := range answers {
		if slices.Contains(slots, id) {
			continue
		}
		if id == model.QURL {
			value = pastedAddress(value)
		}
		value, _, _ = model.TakeCredential(value)
		out[id] = withoutCredentials(value)
	}
	return out
}

// pastedAddress is the address a person pasted, mended where a credential came
// along with it and as it is otherwise: it may still be half typed.
func pastedAddress(text string) string {
	read := model.ReadURL(text, model.URLContext{})
	_, unescaped := read.Findings.Code("url.secret-unescaped")
	if unescaped || !read.Secret.IsZero() {
		return read.URL
	}
	return text
}

// asReadable is the error of a document of ours that the YAML reader refuses.
func asReadable(path string, err error) error {
	return damaged(path, fmt.Sprintf("The YAML reader says: %s.", printable(err.Error())), err)
}
