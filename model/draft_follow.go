package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Following is what becomes of the other answers when the URL type, the connection
// type or the product changes.
type Following struct {
	// Draft has the answers that still apply. Those that do not are kept aside in it,
	// and come back when the choice is taken back.
	Draft Draft
	// Aside are the answers that no longer apply; After is the one that stands in
	// their place now, "" for none.
	Aside []AnswerChange
	// Adapted are answers that say the same in another form, as an address does.
	Adapted []AnswerChange
}

// situation is what answers are kept aside for.
type situation struct {
	id        QuestionID
	transport ConnectionType
	product   Product
	urlType   URLType
}

// Follow adapts a draft to a change of what kind of connector it describes. An
// answer whose question is still asked and that is still one of its answers stays;
// the address is turned into the other transport's where that is known; what
// remains is set aside. before is the draft as it was, after the one with the
// change; where nothing of the three changed, after comes back as it is.
func Follow(before, after Draft, w World) Following {
	was, is := newAsker(before, w), newAsker(after, w)
	f := Following{Draft: after}
	if was.situation("") == is.situation("") {
		return f
	}
	f.adaptAddress(before, w)
	f.adaptTestRepository(before, w)
	f.setUnfitAside(before, w)
	f.recall(w)
	f.Aside = append(f.Aside, noLongerAsked(before, f.Draft, w)...)
	// The test repository of an account that has become just that is still there.
	named := newAsker(f.Draft, w).address().TestRepository()
	f.Aside = slices.DeleteFunc(f.Aside, func(c AnswerChange) bool { return c.Question == QTestRepository && c.Before == named })
	return f
}

func (a *asker) situation(id QuestionID) situation {
	return situation{id, a.connectionType(), a.product(), a.urlType()}
}

// adaptAddress turns a sound address into the form that the choice wants, where the
// rules know it.
func (f *Following) adaptAddress(before Draft, w World) {
	old := Value(QURL, before, w)
	if old == "" || ValidateAnswer(QURL, before, w).HasErrors() {
		return
	}
	for _, finding := range ValidateAnswer(QURL, f.Draft, w) {
		if finding.Severity == SeverityError && finding.Code == "url.repo-missing" {
			finding.Suggestion = newAsker(before, w).address().Join(Value(QTestRepository, before, w))
		}
		if finding.Severity != SeverityError || finding.Suggestion == "" {
			continue
		}
		for _, address := range []string{f.hostForAPI(finding.Suggestion, w), finding.Suggestion} {
			next := f.Draft.With(QURL, address)
			if ValidateAnswer(QURL, next, w).HasErrors() {
				continue
			}
			f.Draft = next.remembering(newAsker(before, w).situation(QURL), old)
			f.Adapted = append(f.Adapted, AnswerChange{QURL, "Address", old, address})
			return
		}
	}
}

// adaptTestRepository tests an account with the repository that was the whole
// connector: it is known to be there.
func (f *Following) adaptTestRepository(before Draft, w World) {
	if newAsker(before, w).urlType() != URLRepo || newAsker(f.Draft, w).urlType() != URLAccount || Value(QTestRepository, f.Draft, w) != "" {
		return
	}
	repository := newAsker(before, w).address().TestRepository()
	next := f.Draft.With(QTestRepository, repository)
	if repository == "" || ValidateAnswer(QTestRepository, next, w).HasErrors() {
		return
	}
	f.Draft = next
	f.Adapted = append(f.Adapted, AnswerChange{QTestRepository, questionLabel(QTestRepository, next, w), "", repository})
}

// hostForAPI keeps bitbucket.org in an SSH address where there is API access: from
// any other host Harness may derive a Data Center's API address (url.ssh-host-moved).
func (f *Following) hostForAPI(address string, w World) string {
	if !newAsker(f.Draft, w).apiOn() {
		return address
	}
	return strings.Replace(address, "@ssh.bitbucket.org", "@bitbucket.org", 1)
}

// setUnfitAside forgets answers that are none any more: options that are gone, and
// references to secrets of another type.
func (f *Following) setUnfitAside(before Draft, w World) {
	was := newAsker(before, w)
	for _, id := range []QuestionID{QSecret, QKind, QUsername, QAPIMethod} {
		value := f.Draft.Answer(id)
		if value == "" || newAsker(f.Draft, w).fits(id, value) {
			continue
		}
		label := questionLabel(id, before, w)
		f.Draft = f.Draft.Without(id).remembering(was.situation(id), value)
		if now := Value(id, f.Draft, w); now != value { // what a saved secret says itself stays
			f.Aside = append(f.Aside, AnswerChange{id, label, value, now})
		}
	}
}

// fits reports whether an answer may still be given.
func (a *asker) fits(id QuestionID, value string) bool {
	switch id {
	case QSecret:
		info, known := a.savedSecret(QSecret)
		wanted := SecretText
		if !a.http() {
			wanted = SecretSSHKey
		}
		return !known || info.Type == "" || info.Type == wanted
	case QUsername:
		return a.product() != DataCenter || value != UserAPIToken && value != UserAccessToken
	case QKind:
		return !a.http() || a.product() == "" || slices.Contains(KindsFor(a.product()), CredentialKind(value)) || CredentialKind(value) == KindUnknown
	case QAPIMethod:
		m := APIMethod(value)
		return a.product() == "" || m == APIOAuth || m == APIUsernameToken && a.product() == DataCenter || slices.Contains(APIMethodsFor(a.product(), a.kind()), m)
	}
	return true
}

// remembering keeps an answer aside.
func (d Draft) remembering(s situation, value string) Draft {
	d.aside = maps.Clone(d.aside)
	if d.aside == nil {
		d.aside = map[situation]string{}
	}
	d.aside[s] = value
	return d
}

// recall brings answers back that were set aside when the draft was last of this
// kind, and those of the saved connector where it is.
func (f *Following) recall(w World) {
	a := newAsker(f.Draft, w)
	var saved Draft
	if f.Draft.Base != nil && f.Draft.Editing != "" {
		saved = DraftOf(*f.Draft.Base, w)
		if s := newAsker(saved, w); s.connectionType() != a.connectionType() || s.product() != a.product() {
			saved = Draft{}
		}
	}
	for _, id := range []QuestionID{QURL, QSecret, QKind, QUsername, QAPIMethod} {
		value, kept := f.Draft.aside[a.situation(id)]
		if !kept && !f.Draft.Answered(id) {
			value = saved.Answer(id)
		}
		if value != "" && newAsker(f.Draft, w).fits(id, value) {
			f.Draft = f.Draft.With(id, value)
		}
	}
}

// noLongerAsked are answers whose question is gone.
func noLongerAsked(before, after Draft, w World) []AnswerChange {
	asked := map[QuestionID]bool{}
	for _, step := range Steps() {
		for _, q := range Questions(step, after, w) {
			asked[q.ID] = true
		}
	}
	var out []AnswerChange
	for _, step := range Steps() {
		for _, q := range Questions(step, before, w) {
			value := before.Answer(q.ID)
			if q.IsSecret() && !before.Secret(q.ID).IsZero() {
				value = fmt.Sprintf("%d characters", before.Secret(q.ID).Len())
			}
			if strings.TrimSpace(value) != "" && !asked[q.ID] {
				out = append(out, AnswerChange{q.ID, q.Name(), value, ""})
			}
		}
	}
	return out
}

// questionLabel is what an answer is called in a draft.
func questionLabel(id QuestionID, d Draft, w World) string {
	for _, q := range Questions(StepOf(id), d, w) {
		if q.ID == id {
			return q.Name()
		}
	}
	return string(id)
}

// Text says in short what became of the answers: those that were set aside first;
// "" for nothing.
func (f Following) Text() string {
	var names []string
	for _, c := range f.Aside {
		if !slices.Contains(names, c.Label) {
			names = append(names, c.Label)
		}
	}
	var text []string
	if len(names) > 0 {
		text = append(text, "Set aside: "+strings.Join(names, ", ")+". The old choice brings them back.")
	}
	for _, c := range f.Adapted {
		text = append(text, c.Label+": "+c.After+" now.")
	}
	return strings.Join(text, " ")
}

// SetAside lists the answers of the saved connector that its edit no longer uses,
// until it is saved.
func SetAside(d Draft, w World) []AnswerChange {
	if d.Base == nil || d.Editing == "" {
		return nil
	}
	return noLongerAsked(DraftOf(*d.Base, w), d, w)
}
