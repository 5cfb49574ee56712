package steps

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"bbconnect/internal/disk"
	"bbconnect/internal/flow"
	"bbconnect/internal/store"
	"bbconnect/model"
)

// walks is how many random ways through the screens are gone, each of so many
// presses.
const (
	walks = 180
	paces = 60
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
//   - who leaves the wizard finds every answer again among the drafts.
func TestWhateverIsPressedTheSavedDocumentIsTheDraftAndNoSecretIsOrphanedOrLost(t *testing.T) {
	t.Parallel()
	var done tally
	t.Run("walks", func(t *testing.T) {
		for seed := range uint64(walks) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				stroll(t, seed, &done)
			})
		}
	})
	t.Logf("%d saves, of which %d made a connector and %d wrote values; %d deletions, %d of them with values; %d undone; %d left with a draft",
		done.saves.Load(), done.made.Load(), done.values.Load(), done.deletions.Load(), done.cleared.Load(), done.undone.Load(), done.drafts.Load())
	for what, n := range map[string]*atomic.Int64{
		"save": &done.saves, "new connector": &done.made, "value": &done.values, "deletion": &done.deletions, "deletion with values": &done.cleared,
		"undo": &done.undone, "draft": &done.drafts,
	} {
		if n.Load() < walks/24 {
			t.Errorf("%d times a %s: the walks prove too little", n.Load(), what)
		}
	}
}

// tally counts what the walks came by, so that they are known to have gone
// somewhere.
type tally struct{ saves, made, values, deletions, cleared, undone, drafts atomic.Int64 }

// stroll is one walk.
func stroll(t *testing.T, seed uint64, done *tally) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		folders, err := disk.UserFolders(func(name string) string { return map[string]string{"BBCONNECT_HOME": dir}[name] })
		if err != nil {
			t.Fatal(err)
		}
		at := newFakes()
		jobs := at.jobs()
		library := store.Open(folders).WithClock(jobs.Now)
		moveIn(t, at, library)
		jobs.Library, jobs.Journal = library, library
		home := NewHome(jobs)
		p := sit(t, at, home)
		p.home = home
		defer p.quits()
		k := walker{p: p, r: rand.New(rand.NewPCG(seed, 5)), jobs: jobs, data: folders.Data, done: done, forgotten: map[model.SecretName]bool{}}
		before := k.look()
		for range paces {
			key := k.next()
			k.pressed = append(k.pressed, key)
			k.press(key)
			after := k.look()
			if after.screen != before.screen {
				p.fits()
			}
			if trouble := k.judge(before, after); trouble != "" {
				t.Fatalf("seed %d: %s, after:\n%s\nwas:\n%s\nis:\n%s", seed, trouble, strings.Join(k.pressed, " "), before.screen, p.screen())
			}
			before = after
		}
	})
}

// moveIn puts what the fakes hold into a real store.
func moveIn(t *testing.T, at *fakes, library *store.Store) {
	t.Helper()
	withSecrets(at)
	for _, s := range at.library.connectors {
		if _, err := library.Save(t.Context(), s.Connector, ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, info := range at.library.secrets {
		if err := library.PutSecret(t.Context(), info); err != nil {
			t.Fatal(err)
		}
	}
	if err := library.SaveSettings(t.Context(), model.Settings{Keystore: model.WhereKeyring}); err != nil {
		t.Fatal(err)
	}
}

// walker is somebody who presses keys at random, though not without a plan: what
// is pressed depends on the screen, or most walks would end in the first field.
type walker struct {
	p       *person
	r       *rand.Rand
	jobs    *flow.Jobs
	done    *tally
	pressed []string
	// plan is what is pressed next.
	plan []string
	// data is the folder of the documents; seen is what was there last.
	data string
	seen sight
	// history is what the documents were before each change to them.
	history []map[string]model.Connector
	// forgotten are secrets that the person deleted together with a connector.
	forgotten map[model.SecretName]bool
}

// sight is everything that counts at one moment.
type sight struct {
	screen, files string
	saved         map[string]model.Connector
	secrets       map[model.SecretName]model.SecretInfo
	values        map[model.SecretName]model.Secret
	// draft and world are those of the open wizard, nil for none.
	draft *model.Draft
	world model.World
	// typed says that the draft has to be kept.
	typed bool
}

// look takes everything in. What no file says anew is what it was.
func (k *walker) look() sight {
	k.p.t.Helper()
	s := k.seen
	s.screen = k.p.screen()
	if mark := k.filesMark(); s.saved == nil || mark != s.files {
		s = k.read(sight{screen: s.screen, files: mark})
	}
	s.draft, s.typed = nil, false
	s.values = maps.Clone(k.p.at.keys[model.WhereKeyring].values)
	if z := k.p.home.wizard; z != nil {
		d, typed := z.Unfinished()
		s.draft, s.world, s.typed = &d, z.world, typed
	}
	k.seen = s
	return s
}

// filesMark changes with every file below the folder of data.
func (k *walker) filesMark() string {
	var mark strings.Builder
	err := filepath.WalkDir(k.data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			fmt.Fprintln(&mark, path, info.Size(), info.ModTime().UnixNano())
		}
		return err
	})
	if err != nil {
		k.p.t.Fatal(err)
	}
	return mark.String()
}

// read fills in what the files say.
func (k *walker) read(s sight) sight {
	ctx, t := k.p.t.Context(), k.p.t
	t.Helper()
	s.saved, s.secrets = map[string]model.Connector{}, map[model.SecretName]model.SecretInfo{}
	saved, damaged, err := k.jobs.Library.List(ctx)
	if err != nil || len(damaged) > 0 {
		t.Fatalf("%v, damaged: %v; after %s", err, damaged, strings.Join(k.pressed, " "))
	}
	for _, c := range saved {
		s.saved[c.Connector.Key()] = c.Connector
	}
	infos, err := k.jobs.Library.Secrets(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range infos {
		s.secrets[info.Name] = info
	}
	return s
}

// answersFor are what is typed on each page, likely and unlikely.
func answersFor(step model.Step) []string {
	switch step {
	case model.StepOverview:
		return []string{"Nightly build", "Payments ledger", "team:pay,prod", "", "a b c", "x", "y", strings.Repeat("long ", 40), "日本語 🙂"}
	case model.StepDetails:
		return []string{
			"https://bitbucket.org/acme/ledger.git", "https://bitbucket.org/acme/", "git@bitbucket.org:acme/wiki.git", "https://git.acme-corp.com/scm/PAY/ledger.git",
			"ssh://git@git.acme-corp.com:7999/PAY/ledger.git", "ledger", "PAY/ledger.git", "nowhere", "",
		}
	case model.StepCredentials, model.StepAPI:
		return []string{apiToken(), freshToken(), "jdoe", "jdoe@acme-corp.com", model.UserAPIToken, "account.ledger_token", "2027-05-01", pemKey("RSA", 51), "wrong", ""}
	}
	return []string{"k8s", "k8s,build", "24.10.84000", ""}
}

// next is what is pressed next: what was planned, or something by what is on the
// screen.
func (k *walker) next() string {
	if len(k.plan) == 0 {
		k.plan = k.plans()
	}
	key := k.plan[0]
	k.plan = k.plan[1:]
	return key
}

func (k *walker) any(keys ...string) string { return keys[k.r.IntN(len(keys))] }

// plans is what somebody might do here: one key, or several in a row that lead
// somewhere.
func (k *walker) plans() []string {
	screen := k.seen.screen
	z := k.p.home.wizard
	bar := screen[strings.LastIndex(screen, "\n")+1:]
	switch {
	case strings.Contains(bar, "enter go on"), strings.Contains(bar, "enter done"):
		return []string{k.any("enter", "enter", "enter", "esc")}
	case strings.Contains(screen, "save it   y"):
		return []string{k.any("y", "y", "y", "enter", "esc")}
	case strings.Contains(bar, "esc close"): // a question
		return []string{k.any("enter", "enter", "down", "esc", "a", "d", "z", "z", "g", "t", "l", "y", "b", "n")}
	case strings.Contains(bar, "enter save"):
		return []string{k.any("enter", "enter", "r", "esc")}
	case z == nil && !strings.Contains(bar, "n new"): // some other screen
		return []string{k.any("esc", "esc", "enter", "down")}
	case z == nil && k.r.IntN(8) == 0:
		return append([]string{"n"}, k.fills()...)
	case z == nil:
		return []string{k.any("enter", "enter", "enter", "e", "down", "down", "up", "n", "c", "d", "d", "z", "u")}
	case z.step == model.StepTest && z.findings.HasErrors() && k.r.IntN(3) > 0:
		return []string{"enter", "answer", "esc"}
	case z.step == model.StepTest && k.r.IntN(2) == 0:
		return k.opens()
	case z.step == model.StepTest:
		return []string{k.any("s", "s", "s", "t", "enter", "down", "up", "esc", "ctrl+p", "r", "y", "e")}
	case k.r.IntN(3) == 0:
		return []string{"answer"}
	case z.fromReview && k.r.IntN(3) == 0:
		return []string{"esc"}
	}
	return []string{k.any("tab", "tab", "shift+tab", "down", "up", "left", "right", "ctrl+n", "ctrl+n", "ctrl+n", "ctrl+p", "esc", "space", "ctrl+y", "ctrl+r",
		"ctrl+u", "enter", "f2")}
}

// opens goes down the review, opens an answer, gives another and comes back.
func (k *walker) opens() []string {
	var keys []string
	for range 1 + k.r.IntN(18) {
		keys = append(keys, "down")
	}
	keys = append(keys, "enter")
	keys = append(keys, k.any("answer", "answer", "left", "right", "space"))
	return append(keys, "esc", k.any("s", "s", "t", "down"))
}

// fills answers what a new connector needs, most of it well.
func (k *walker) fills() []string {
	return []string{
		"paste " + k.any("Nightly", "Ledger", "wiki", "a b") + fmt.Sprint(k.r.IntN(100)), "tab", k.any("down", "tab"), "answer", "ctrl+n",
		"paste " + k.any("https://bitbucket.org/acme/ledger.git", "https://git.acme-corp.com/scm/PAY/ledger.git", "git@bitbucket.org:acme/wiki.git"), "ctrl+n",
		"paste " + k.any(apiToken(), freshToken(), pemKey("RSA", 51)), "ctrl+n", "tab", "paste jdoe@acme-corp.com", "ctrl+n", "ctrl+n", k.any("s", "s", "t"),
	}
}

func (k *walker) press(key string) {
	if z := k.p.home.wizard; key == "answer" {
		key = "tab"
		if z != nil {
			key = "paste " + k.any(answersFor(z.step)...)
		}
	}
	if text, ok := strings.CutPrefix(key, "paste "); ok {
		k.p.presses("ctrl+u").pastes(text)
		return
	}
	k.p.presses(key)
}

// judge says what does not fit together after a press, "" for nothing.
func (k *walker) judge(before, after sight) string {
	if trouble := k.judgeDocuments(before, after); trouble != "" {
		return trouble
	}
	if trouble := after.inDisorder(k.forgotten); trouble != "" {
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
	case len(keys) == 0 && before.draft != nil && savedAgain(before, after):
		return k.judgeSave(before, after, before.saved[model.Build(*before.draft, before.world).Key()])
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

// savedAgain reports a save that left the document as it was and wrote a value.
func savedAgain(before, after sight) bool {
	return sameValues(before.values, after.values) != ""
}

// judgeSave compares what was saved with the draft as it stood.
func (k *walker) judgeSave(before, after sight, now model.Connector) string {
	k.done.saves.Add(1)
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
