package probe

import "testing"

// Rules put lists of their own together from the kept one, and must not write
// into one another's.
func TestTheKeptListOfAnswersIsTheListThatWasMade(t *testing.T) {
	t.Parallel()
	f := &facts{
		properties: answer{asked: true, path: "/properties"}, repository: answer{asked: true, path: "/repository"},
		hooks: answer{path: "/not asked"},
	}
	made := f.restAnswers()
	f.heard = made
	first, second := append(f.restAnswers(), answer{path: "/first"}), append(f.restAnswers(), answer{path: "/second"})
	for name, c := range map[string]struct {
		got  []answer
		want string
	}{
		"made": {made, "/properties /repository "}, "kept": {f.restAnswers(), "/properties /repository "},
		"first": {first, "/properties /repository /first "}, "second": {second, "/properties /repository /second "},
	} {
		paths := ""
		for _, a := range c.got {
			paths += a.path + " "
		}
		if paths != c.want {
			t.Errorf("%s: the answers are %s, want %s", name, paths, c.want)
		}
	}
}

// What is not a rejection leaves nothing for a later test to carry; what is
// one does, also where the test as a whole has no problem.
func TestOnlyARejectionIsCarriedToLaterTests(t *testing.T) {
	t.Parallel()
	sound := facts{advert: advert{ok: true}, properties: answer{asked: true, status: 200}}
	refused := sound
	refused.repository = answer{asked: true, status: 401}
	captcha := sound
	captcha.repository = answer{asked: true, status: 200, captcha: true}
	silent := facts{}
	for name, c := range map[string]struct {
		facts   facts
		carried bool
	}{"sound": {sound, false}, "refused": {refused, true}, "a CAPTCHA": {captcha, true}, "git without an answer": {silent, true}} {
		if got := (&test{facts: c.facts}).rejection(nil); (got != nil) != c.carried {
			t.Errorf("%s: carried is %v", name, got)
		}
	}
}
