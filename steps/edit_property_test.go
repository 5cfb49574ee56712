package steps

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"bbconnect/model"
)

// walks is how many random ways through the screens are gone, each of so many
// presses.
const (
	walks = 300
	paces = 40
)

// TestWhateverIsPressedTheSavedDocumentIsTheDraftAndNoSecretIsOrphanedOrLost walks
// at random through Home, the wizard, drafts, duplicates, deletions and undo, with
// real documents in a real folder, and looks after each press whether everything
// fits together:
//
//   - a document changes only by a save, which makes it what the draft builds, by a
//     deletion, which takes one away, or by an undo, which brings back what was;
//   - values change only by a save, as the draft says, or by the deletion of a
//     connector that alone used them;
//   - every value kept is a known secret's, every secret said to be kept has its
//     value, and no reference loses its secret but by the person's own deletion;
//   - no value is drawn or stands in an answer;
//   - who leaves the wizard finds every answer again among the drafts.
func TestWhateverIsPressedTheSavedDocumentIsTheDraftAndNoSecretIsOrphanedOrLost(t *testing.T) {
	t.Parallel()
	home := furnish(t)
	var done tally
	t.Run("walks", func(t *testing.T) {
		for seed := range uint64(walks) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				pressed, trouble := stroll(t, home, seed, nil, &done)
				done.walked.Add(1)
				if trouble == "" {
					return
				}
				short := shortened(pressed, func(keys []string) bool {
					_, trouble := stroll(t, home, seed, keys, new(tally))
					return trouble != ""
				})
				_, last := stroll(t, home, seed, short, new(tally))
				t.Errorf("seed %d: %s\n%d keys were pressed; these are enough: %q\nafter which: %s", seed, trouble, len(pressed), short, last)
			})
		}
	})
	done.report(t)
}

// tally counts what the walks came by, so that they are known to have gone
// somewhere.
type tally struct {
	walked, saves, made, values, deletions, cleared, undone, drafts, resumed, copied, followed, picked, conflicts, over atomic.Int64
}

// report fails where something hardly ever happened, unless walks were left out.
func (c *tally) report(t *testing.T) {
	t.Helper()
	for _, row := range []struct {
		what string
		n    *atomic.Int64
	}{
		{"connectors saved", &c.saves},
		{"of them new", &c.made},
		{"values written", &c.values},
		{"connectors deleted", &c.deletions},
		{"secrets deleted with them", &c.cleared},
		{"changes undone", &c.undone},
		{"drafts kept", &c.drafts},
		{"drafts resumed", &c.resumed},
		{"duplicates begun", &c.copied},
		{"changes of type or connection", &c.followed},
		{"saved secrets picked", &c.picked},
		{"conflicts with somebody else", &c.conflicts},
		{"saves on top of somebody else's", &c.over},
	} {
		t.Logf("%4d %s", row.n.Load(), row.what)
		if row.n.Load() < walks/30 && c.walked.Load() == walks {
			t.Errorf("%s: %d, which proves too little", row.what, row.n.Load())
		}
	}
}

// count notes what a press did beside saving.
func (k *walker) count(before, after sight, key string) {
	opened := before.draft == nil && after.draft != nil
	notes := map[*atomic.Int64]bool{
		&k.done.resumed:   opened && after.draft.ID != "",
		&k.done.copied:    opened && strings.Contains(before.screen, "Duplicate"),
		&k.done.conflicts: strings.Contains(after.screen, "was changed by somebody else") && after.screen != before.screen,
	}
	if before.draft != nil && after.draft != nil && key != "stranger" {
		was, now := model.Build(*before.draft, before.world), model.Build(*after.draft, after.world)
		notes[&k.done.followed] = was.URL != "" && (was.URLType != now.URLType || was.ConnectionType != now.ConnectionType)
		notes[&k.done.picked] = strings.Contains(before.screen, "Saved secrets") && !slices.Equal(was.SecretRefs(), now.SecretRefs())
	}
	for n, happened := range notes {
		if happened {
			n.Add(1)
		}
	}
}

// judge says what does not fit together after a press, "" for nothing.
func (k *walker) judge(before, after sight) string {
	if trouble := k.judgeDocuments(before, after); trouble != "" {
		return trouble
	}
	if trouble := after.inDisorder(k.forgotten); trouble != "" {
		return trouble
	}
	if trouble := after.shown(); trouble != "" {
		return trouble
	}
	if before.draft != nil && before.typed && after.draft == nil && len(changed(before.saved, after.saved)) == 0 {
		return k.findsAgain(*before.draft)
	}
	return ""
}

func (k *walker) judgeDocuments(before, after sight) string {
	keys := changed(before.saved, after.saved)
	undone := strings.Contains(before.screen, "take it back")
	switch {
	case len(keys) == 0 && before.draft != nil && saysSaved(after) && !saysSaved(before):
		return k.judgeSave(before, after, after.saved[model.Build(*before.draft, before.world).Key()])
	case len(keys) == 0:
		return sameValues(before.values, after.values)
	case len(keys) > 1:
		return "several documents changed at once: " + strings.Join(keys, ", ")
	case undone:
		return k.judgeUndo(before, after)
	}
	k.history = append(k.history, before.saved)
	now, there := after.saved[keys[0]]
	if !there {
		return k.judgeDeletion(before, after, before.saved[keys[0]])
	}
	if before.draft == nil {
		return keys[0] + " changed while no wizard was open"
	}
	if _, there := before.saved[keys[0]]; !there {
		k.done.made.Add(1)
	}
	return k.judgeSave(before, after, now)
}

// saysSaved reports a screen that says that the connector was saved.
func saysSaved(s sight) bool { return strings.Contains(s.screen, "bbconnect   Saved ·") }

// judgeSave compares what was saved with the draft as it stood.
func (k *walker) judgeSave(before, after sight, now model.Connector) string {
	k.done.saves.Add(1)
	if strings.HasPrefix(before.saved[now.Key()].Description, "saved by somebody else") {
		k.done.over.Add(1)
	}
	if base := before.revisions[now.Key()]; before.draft.BaseRevision != base {
		return fmt.Sprintf("%s was at %q, and what was saved over it began at %q", now.Key(), base, before.draft.BaseRevision)
	}
	if built := model.Build(*before.draft, before.world); !sameConnector(built, now) {
		return fmt.Sprintf("saved was\n%+v\nand the draft builds\n%+v", now, built)
	}
	want := maps.Clone(before.values)
	for _, w := range model.SecretWrites(*before.draft, before.world) {
		info, known := after.secrets[w.Info.Name]
		if !known || info.Kind != w.Info.Kind {
			return fmt.Sprintf("the secret %s is known as %+v, the draft makes %+v", w.Info.Name, info, w.Info)
		}
		if !w.Value.IsZero() && info.Where == model.WhereKeyring {
			want[w.Info.Name] = w.Value
			k.done.values.Add(1)
		}
		delete(k.forgotten, w.Info.Name)
	}
	return sameValues(want, after.values)
}

// judgeDeletion looks at what went with a connector.
func (k *walker) judgeDeletion(before, after sight, gone model.Connector) string {
	k.done.deletions.Add(1)
	may := map[model.SecretName]bool{}
	for _, name := range namesUsed(gone, before.secrets) {
		may[name] = true
	}
	for _, c := range after.saved {
		for _, name := range namesUsed(c, before.secrets) {
			delete(may, name)
		}
	}
	want := maps.Clone(before.values)
	for name := range before.secrets {
		if _, kept := after.secrets[name]; kept {
			continue
		}
		if !may[name] {
			return fmt.Sprintf("%s went with %s, and others use it", name, gone.Key())
		}
		delete(want, name)
		k.forgotten[name] = true
		k.done.cleared.Add(1)
	}
	return sameValues(want, after.values)
}

// judgeUndo expects the documents as they were before the last change, and every
// value where it is.
func (k *walker) judgeUndo(before, after sight) string {
	k.done.undone.Add(1)
	if len(k.history) == 0 {
		// The connectors that were there from the beginning were made, too.
		return sameValues(before.values, after.values)
	}
	last := k.history[len(k.history)-1]
	k.history = k.history[:len(k.history)-1]
	if keys := changed(last, after.saved); len(keys) > 0 {
		return "undo left another state of " + strings.Join(keys, ", ")
	}
	return sameValues(before.values, after.values)
}

// findsAgain expects a draft with the answers that were given.
func (k *walker) findsAgain(d model.Draft) string {
	k.done.drafts.Add(1)
	drafts, err := k.jobs.Library.Drafts(k.p.t.Context())
	if err != nil {
		return err.Error()
	}
	for _, s := range drafts {
		if maps.Equal(s.Draft.Answers(), d.Answers()) {
			return ""
		}
	}
	return fmt.Sprintf("no draft has the answers that were given: %v", d.Answers())
}

// inDisorder says what does not fit together among documents, secrets and values.
func (s sight) inDisorder(forgotten map[model.SecretName]bool) string {
	for name, info := range s.secrets {
		value := s.values[name]
		if kept := info.Where == model.WhereKeyring && info.Type != model.SecretSSHKey; kept && (value.IsZero() || value.Len() != info.Length) {
			return fmt.Sprintf("%s has a value of %d characters, recorded are %d", name, value.Len(), info.Length)
		}
		if _, there := s.secrets[info.File]; info.Type == model.SecretSSHKey && !there {
			return string(name) + " points to a key that is not there"
		}
	}
	for name := range s.values {
		if _, known := s.secrets[name]; !known {
			return "nobody knows of the value of " + string(name)
		}
	}
	for key, c := range s.saved {
		for _, ref := range c.SecretRefs() {
			name, err := ref.Name(c.Scope)
			if _, known := s.secrets[name]; err != nil || !known && !forgotten[name] {
				return fmt.Sprintf("%s refers to %s, which is not there", key, ref)
			}
		}
	}
	return ""
}

// shown says where a value can be read that nobody may see, "" for nowhere. All of
// them are canaries.
func (s sight) shown() string {
	if strings.Contains(s.screen, "canary") {
		return "a value is drawn:\n" + s.screen
	}
	if s.draft == nil {
		return ""
	}
	for id, answer := range s.draft.Answers() {
		if strings.Contains(answer, "canary") {
			return fmt.Sprintf("a value stands in the answer to %s", id)
		}
	}
	return ""
}

// namesUsed are the secrets a connector uses, and those that these use.
func namesUsed(c model.Connector, known map[model.SecretName]model.SecretInfo) (names []model.SecretName) {
	for _, ref := range c.SecretRefs() {
		name, err := ref.Name(c.Scope)
		if err != nil {
			continue
		}
		names = append(names, name)
		if info := known[name]; info.Type == model.SecretSSHKey {
			names = append(names, info.File, info.Passphrase)
		}
	}
	return names
}

// changed are the keys of connectors that differ between two moments.
func changed(before, after map[string]model.Connector) (keys []string) {
	for key, c := range before {
		if now, there := after[key]; !there || !sameConnector(c, now) {
			keys = append(keys, key)
		}
	}
	for key := range after {
		if _, there := before[key]; !there {
			keys = append(keys, key)
		}
	}
	return keys
}

// sameValues says which value is another one, without showing it; "" for none.
func sameValues(want, got map[model.SecretName]model.Secret) string {
	for name, v := range want {
		if now, there := got[name]; !there || !now.Equal(v) {
			return fmt.Sprintf("the value of %s is not what it has to be (%d characters, want %d)", name, now.Len(), v.Len())
		}
	}
	for name := range got {
		if _, there := want[name]; !there {
			return fmt.Sprintf("%s has got a value that nobody gave", name)
		}
	}
	return ""
}

func TestAPrivateKeyOrATokenPastedAsTheAddressIsTakenOutAndNotDrawn(t *testing.T) {
	t.Parallel()
	for says, row := range map[string]struct {
		before, pasted string
		slot           model.QuestionID
	}{
		"kept nowhere":       {"", pemKey("RSA", 51), ""},
		"taken as the token": {"", apiToken(), model.QPassword},
		"is hidden":          {"git@bitbucket.org:acme/ledger.git", pemKey("RSA", 51), model.QSSHKey},
	} {
		inTheWizard(t, nil, func(p *person) {
			p.watched = true
			p.types("Payments").presses("ctrl+n")
			if row.before != "" {
				p.pastes(row.before)
			}
			p.pastes(row.pasted).sees(says, "● Details").presses("ctrl+n", "ctrl+p")
			d := p.wizard().draft
			if got := d.Answer(model.QURL); got != row.before {
				t.Errorf("%s: the address is %.30q", says, got)
			}
			if row.slot != "" && d.Secret(row.slot).IsZero() {
				t.Errorf("%s: it was not kept in %s", says, row.slot)
			}
			if strings.Contains(p.seen.String(), "canary") {
				t.Errorf("%s: a part of it was drawn", says)
			}
		})
	}
}
