package model

import "strings"

// Divergence is one answer that two edits of a connector do not agree about: as it
// was when both began, as one has it, and as the other saved it meanwhile.
type Divergence struct {
	Question QuestionID `json:"field"`
	Label    string     `json:"label"`
	Base     string     `json:"was"`
	Mine     string     `json:"mine"`
	Theirs   string     `json:"theirs"`
}

// Both reports an answer that both changed, and not to the same: one of the two
// has to be chosen.
func (d Divergence) Both() bool { return d.Mine != d.Base && d.Theirs != d.Base && d.Mine != d.Theirs }

// Diverging compares an edit with what somebody else has saved since it began, in
// the order of the questions. mine is the edit, with its Base; theirs the draft of
// the connector as it is saved now. Secret values are not compared: a typed one is
// always mine.
func Diverging(mine, theirs Draft, w World) []Divergence {
	if mine.Base == nil {
		return nil
	}
	base := DraftOf(*mine.Base, w)
	var out []Divergence
	for _, id := range QuestionIDs() {
		q, known := KnownQuestion(id)
		if !known || q.IsSecret() {
			continue
		}
		d := Divergence{Question: id, Base: saidAnswer(id, base, w), Mine: saidAnswer(id, mine, w), Theirs: saidAnswer(id, theirs, w)}
		if d.Mine == d.Base && d.Theirs == d.Base {
			continue
		}
		d.Label = divergenceLabel(id, w, mine, theirs, base)
		out = append(out, d)
	}
	return out
}

// saidAnswer is an answer as it stands, "" where the question is not asked.
func saidAnswer(id QuestionID, d Draft, w World) string {
	for _, q := range Questions(StepOf(id), d, w) {
		if q.ID == id {
			return Value(id, d, w)
		}
	}
	return ""
}

// divergenceLabel is what the answer is called, in the first of the drafts that is
// asked for it.
func divergenceLabel(id QuestionID, w World, drafts ...Draft) string {
	for _, d := range drafts {
		if label := questionLabel(id, d, w); label != string(id) {
			return label
		}
	}
	return string(id)
}

// Merge puts what mine changed on top of theirs. Where both changed an answer, mine
// counts when prefer says so. Typed secrets are mine.
func Merge(mine, theirs Draft, w World, prefer func(QuestionID) bool) Draft {
	began := map[QuestionID]string{}
	if mine.Base != nil {
		began = DraftOf(*mine.Base, w).Answers()
	}
	out := theirs
	for _, id := range QuestionIDs() {
		if v := mine.Secret(id); !v.IsZero() {
			out = out.WithSecret(id, v)
			continue
		}
		if mine.Answer(id) == began[id] && mine.Answered(id) == (began[id] != "") {
			continue
		}
		if theirs.Answer(id) != began[id] && !prefer(id) {
			continue
		}
		if out = out.Without(id); mine.Answered(id) {
			out = out.With(id, mine.Answer(id))
		}
	}
	out.ID = mine.ID
	return out
}

// DivergingText says in a few words who changed what, for an error; "" for nothing.
func DivergingText(list []Divergence) string {
	var mine, theirs, both []string
	for _, d := range list {
		switch {
		case d.Both():
			both = append(both, d.Label)
		case d.Theirs != d.Base:
			theirs = append(theirs, d.Label)
		default:
			mine = append(mine, d.Label)
		}
	}
	var text []string
	for _, part := range []struct {
		what  string
		names []string
	}{{"Changed by both: ", both}, {"Changed meanwhile: ", theirs}, {"Changed here: ", mine}} {
		if len(part.names) > 0 {
			text = append(text, part.what+strings.Join(part.names, ", ")+".")
		}
	}
	return strings.Join(text, " ")
}
