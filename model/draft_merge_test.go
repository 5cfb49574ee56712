package model

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestAnswersThatDivergeAreNamedWithWhoChangedWhat(t *testing.T) {
	t.Parallel()
	w := testWorld()
	base := editing(t, cloudHTTP)
	mine := base.With(QDescription, "mine").With(QTags, "a")
	theirs := base.With(QDescription, "theirs").With(QUsername, "jsmith")
	got := map[QuestionID]Divergence{}
	list := Diverging(mine, theirs, w)
	for _, d := range list {
		got[d.Question] = d
	}
	if len(got) != 3 || !got[QDescription].Both() || got[QTags].Both() || got[QUsername].Theirs != "jsmith" || got[QUsername].Mine != "jdoe" {
		t.Errorf("they diverge in %+v", list)
	}
	if text := DivergingText(list); text != "Changed by both: Description. Changed meanwhile: Username. Changed here: Tags." {
		t.Errorf("it says %q", text)
	}
	if Diverging(base, base, w) != nil || DivergingText(nil) != "" {
		t.Error("the same draft diverges from itself")
	}
}

func TestAMergeKeepsBothSidesAndWhoeverIsPreferred(t *testing.T) {
	t.Parallel()
	w := testWorld()
	base := editing(t, cloudHTTP)
	mine := base.With(QDescription, "mine").With(QTags, "a").WithSecret(QPassword, NewSecret("a new value"))
	theirs := base.With(QDescription, "theirs").With(QUsername, "jsmith")
	for prefer, want := range map[bool]string{true: "mine", false: "theirs"} {
		out := Merge(mine, theirs, w, func(QuestionID) bool { return prefer })
		if out.Answer(QDescription) != want || out.Answer(QTags) != "a" || out.Answer(QUsername) != "jsmith" || out.Secret(QPassword).IsZero() {
			t.Errorf("prefer mine %v: %v", prefer, out.Answers())
		}
	}
}

// TestAMergeLosesNothing goes through any two edits of any connector: every answer of
// the merge is the one side's that changed it, or nobody's.
func TestAMergeLosesNothing(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 9))
	w := testWorld()
	texts := []QuestionID{QName, QDescription, QTags, QUsername, QTestRepository, QAPIEmail}
	for range 500 {
		base := editing(t, pick(r, cloudHTTP, serverHTTP, cloudSSH))
		change := func(d Draft, as string) Draft {
			for _, id := range texts {
				if r.IntN(3) == 0 {
					d = d.With(id, as+string(id))
				}
			}
			return d
		}
		mine, theirs := change(base, "mine "), change(base, "theirs ")
		out := Merge(mine, theirs, w, func(QuestionID) bool { return true })
		for _, id := range texts {
			want := base.Answer(id)
			if theirs.Answer(id) != want {
				want = theirs.Answer(id)
			}
			if strings.HasPrefix(mine.Answer(id), "mine ") {
				want = mine.Answer(id)
			}
			if out.Answer(id) != want {
				t.Fatalf("%s is %q, want %q", id, out.Answer(id), want)
			}
		}
	}
}
