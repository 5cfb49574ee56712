package cmd

import (
	"context"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"bbconnect/model"
	"bbconnect/steps"
	"bbconnect/ui"
)

// face is one connector of the table: its answers and the values of its slots.
type face struct {
	name    string
	answers map[model.QuestionID]string
	slots   map[model.QuestionID]string
}

// faces cover product, transport, URL type, API method, delegates, scopes and
// secret user names.
func faces(key string) []face {
	type answers = map[model.QuestionID]string
	with := func(base answers, more answers) answers {
		out := maps.Clone(base)
		maps.Copy(out, more)
		return out
	}
	cloud := answers{model.QName: "Payments", model.QURL: "https://bitbucket.org/acme/ledger.git", model.QAPIEmail: "jdoe@acme-corp.com", model.QExpires: "2027-06-01"}
	server := answers{model.QName: "Ledger DC", model.QURL: "https://git.acme-corp.com/scm/PAY/ledger.git", model.QUsername: "jdoe"}
	password := answers{model.QPassword: token("kQ7")}
	workspace := answers{model.QPassword: "AT" + "CTT3xFfGN0" + strings.Repeat("kQ7", 14)}
	httpToken := answers{model.QPassword: "BB" + "DC-" + strings.Repeat("MDEyMzQ1", 5) + "Nz"}
	ssh := answers{model.QSSHKey: key}
	both := func(token string) answers { return with(ssh, answers{model.QAPIToken: token}) }
	return []face{
		{"Cloud, HTTP, one repository", cloud, password},
		{"Cloud, HTTP, a page of the browser", with(cloud, answers{model.QURL: "https://bitbucket.org/acme/ledger/src/main/README.md?at=main"}), password},
		{"Cloud, HTTP, an account", with(cloud, answers{model.QURL: "https://bitbucket.org/acme/", model.QURLType: "Account", model.QTestRepository: "ledger.git"}), password},
		{"Cloud, HTTP, described and tagged", with(cloud, answers{
			model.QID: "pay_ledger", model.QDescription: "The ledger, ask Jane", model.QTags: "team:payments,prod",
		}), password},
		{"Cloud, HTTP, access token", answers{model.QName: "Workspace", model.QURL: "https://bitbucket.org/acme/ledger.git", model.QKind: "access-token", model.QAPIMethod: "AccessToken"}, workspace},
		{"Cloud, HTTP, no API access", answers{model.QName: "Clone only", model.QURL: "https://bitbucket.org/acme/ledger.git", model.QAPIMethod: "off"}, password},
		{"Cloud, HTTP, the organisation's", with(cloud, answers{model.QScope: "org", model.QOrg: "payments"}), password},
		{"Cloud, HTTP, a project's, its secret the account's", with(cloud, answers{
			model.QScope: "project", model.QOrg: "payments", model.QProject: "ledger", model.QSecret: "account.shared_token",
		}), password},
		{"Cloud, HTTP, user name and email from secrets", with(cloud, answers{
			model.QAPIEmail: "", model.QUsernameSecret: "account.bb_user", model.QAPIEmailSecret: "account.bb_mail",
		}), password},
		{"Cloud, HTTP, any delegate of a version", with(cloud, answers{model.QMode: "delegate", model.QDelegates: "any", model.QDelegateVersion: "26.02.88600"}), password},
		{"Cloud, HTTP, delegates by tags", with(cloud, answers{model.QMode: "delegate", model.QDelegates: "tags", model.QDelegateTags: "linux,frankfurt"}), password},
		{"Cloud, SSH, one repository", answers{model.QName: "SSH", model.QURL: "git@bitbucket.org:acme/ledger.git", model.QAPIEmail: "jdoe@acme-corp.com"}, both(token("kQ7"))},
		{"Cloud, SSH, no API access", answers{model.QName: "SSH clone", model.QURL: "git@bitbucket.org:acme/ledger.git", model.QAPIMethod: "off"}, ssh},
		{"Data Center, HTTP, one repository", server, httpToken},
		{"Data Center, HTTP, an account by tags", with(server, answers{
			model.QURL: "https://git.acme-corp.com/scm/", model.QURLType: "Account", model.QTestRepository: "PAY/ledger.git",
			model.QDelegates: "tags", model.QDelegateTags: "dc1",
		}), httpToken},
		{"Data Center, HTTP, through the platform", with(server, answers{model.QMode: "platform"}), httpToken},
		{"Data Center, SSH, one repository", answers{model.QName: "DC SSH", model.QURL: "ssh://git@git.acme-corp.com:7999/PAY/ledger.git"}, both(httpToken[model.QPassword])},
	}
}

func (f face) setFlags(t *testing.T, p *place) []string {
	args := []string{}
	for _, id := range sortedIDs(f.answers) {
		args = append(args, "--set", string(id)+"="+f.answers[id])
	}
	return append(args, f.secretFlags(t, p)...)
}

func (f face) secretFlags(t *testing.T, p *place) []string {
	var args []string
	for _, slot := range slices.Sorted(maps.Keys(f.slots)) {
		args = append(args, "--secret", string(slot)+"=file:"+p.write("secret", f.slots[slot]))
	}
	return args
}

// TestTheFourFacesMakeTheSameConnector drives flags, both kinds of files, plain
// lines and the form's keys to the same saved files and the same kept values.
func TestTheFourFacesMakeTheSameConnector(t *testing.T) {
	t.Parallel()
	key, err := newKeyTool().Generate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range faces(key.Reveal()) {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			flags := newPlaceWithLogins(t)
			flags.must("", append([]string{"new", "--yes"}, row.setFlags(t, flags)...)...)
			want := flags.saved()
			if len(want) < 2 {
				t.Fatalf("the flags saved nothing to compare with: %v", want)
			}
			for name, drive := range map[string]func(*testing.T, *place){
				"an answers file":      row.byAnswersFile,
				"a sectioned file":     row.bySections,
				"a connector document": func(t *testing.T, p *place) { row.byDocument(t, p, want) },
				"plain lines":          row.byLines,
				"the form":             row.byKeys,
			} {
				t.Run(name, func(t *testing.T) {
					p := newPlaceWithLogins(t)
					drive(t, p)
					compare(t, want, p.saved())
				})
			}
		})
	}
}

// newPlaceWithLogins has a user name and an email among its secrets.
func newPlaceWithLogins(t *testing.T) *place {
	t.Helper()
	p := newPlace(t)
	p.must("jdoe", "secret", "set", "account.bb_user", "--kind", "password")
	p.must("jdoe@acme-corp.com", "secret", "set", "account.bb_mail", "--kind", "password")
	return p
}

// saved are the connector documents, secrets.yaml and the kept values.
func (p *place) saved() map[string]string {
	out := map[string]string{}
	for name, text := range p.files() {
		if strings.HasPrefix(name, "data/") {
			out[name] = text
			for _, m := range regexp.MustCompile(`(?m)^\s*-?\s*name: ((?:account|org|project)/\S+)`).FindAllStringSubmatch(text, -1) {
				if v, err := p.keys.Get(context.Background(), model.SecretName(m[1])); err == nil {
					out["value of "+m[1]] = v.Reveal()
				}
			}
		}
	}
	return out
}

func compare(t *testing.T, want, got map[string]string) {
	t.Helper()
	for name := range maps.Keys(want) {
		if want[name] != got[name] {
			t.Errorf("%s differs.\nflags:\n%s\nhere:\n%s", name, want[name], got[name])
		}
	}
	for name := range maps.Keys(got) {
		if _, ok := want[name]; !ok {
			t.Errorf("there is a %s too: %s", name, got[name])
		}
	}
}

func (f face) byAnswersFile(t *testing.T, p *place) {
	var b strings.Builder
	for _, id := range sortedIDs(f.answers) {
		fmt.Fprintf(&b, "%s: %q\n", id, f.answers[id])
	}
	p.must("", append([]string{"new", "--yes", "--from", p.write("answers.yaml", b.String())}, f.secretFlags(t, p)...)...)
}

func (f face) bySections(t *testing.T, p *place) {
	var b strings.Builder
	last := ""
	for _, id := range sortedIDs(f.answers) {
		section, name, _ := strings.Cut(string(id), ".")
		if section != last {
			fmt.Fprintf(&b, "%s:\n", section)
			last = section
		}
		fmt.Fprintf(&b, "  %s: %q\n", name, f.answers[id])
	}
	p.must(b.String(), append([]string{"new", "--yes", "--from", "-"}, f.secretFlags(t, p)...)...)
}

// byDocument begins from the document that the flags saved. What a document has
// no room for is given beside it.
func (f face) byDocument(t *testing.T, p *place, want map[string]string) {
	for name, text := range want {
		if strings.HasPrefix(name, "data/connectors/") {
			args := []string{"new", "--yes", "--from", p.write("connector.yaml", text)}
			if day := f.answers[model.QExpires]; day != "" {
				args = append(args, "--set", "credentials.expires="+day)
			}
			p.must("", append(args, f.secretFlags(t, p)...)...)
			return
		}
	}
	t.Fatal("the flags saved no document")
}

// byLines answers the plain prompts as they come.
func (f face) byLines(t *testing.T, p *place) {
	screen := &safeBuffer{}
	person := &lines{t: t, face: f, screen: screen, p: p, asked: map[model.QuestionID]int{}}
	args := []string{"new", "--plain"}
	if s := p.runWith(person, screen, args...); s.code != exitDone {
		t.Fatalf("the plain prompts exit %d:\n%s", s.code, s.err)
	}
}

// lines is a person who reads what was printed and types the answer to it.
type lines struct {
	t      *testing.T
	face   face
	screen *safeBuffer
	p      *place
	begun  bool
	asked  map[model.QuestionID]int
}

// Read gives the answer to the question that stands at the end of the screen.
func (l *lines) Read(buf []byte) (int, error) {
	if !l.begun {
		l.begun = true
		return copy(buf, "more\n"), nil
	}
	if strings.HasSuffix(l.screen.String(), "Use the suggestion? Type yes or no [no]: ") {
		return copy(buf, "no\n"), nil
	}
	id, ok := l.question()
	if l.asked[id]++; !ok || l.asked[id] > 2 {
		return 0, io.EOF // a person who is asked the same thing for ever goes away
	}
	answer := l.face.answers[id]
	if v, secret := l.face.slots[id]; secret {
		answer = v
		if id == model.QSSHKey {
			answer = l.p.write("id_rsa", v)
		}
	}
	if len(answer)+1 > len(buf) {
		l.t.Errorf("the answer to %s does not fit", id)
	}
	return copy(buf, answer+"\n"), nil
}

// question finds out what is asked: the step stands above, the label before the
// colon.
func (l *lines) question() (model.QuestionID, bool) {
	text := l.screen.String()
	last := text[strings.LastIndex(text, "\n")+1:]
	step := model.Step("")
	at := -1
	for _, s := range model.Steps() {
		if i := strings.LastIndex(text, "\n"+s.Title()+"\n"); i > at {
			step, at = s, i
		}
	}
	label := last
	for _, end := range []string{": ", " [", " (optional", " (yes or no", " (the path", " (not shown"} {
		label, _, _ = strings.Cut(label, end)
	}
	for id, name := range labels(step, l.face) {
		if name == label {
			return id, true
		}
	}
	l.t.Errorf("nobody knows what %q asks in step %s", last, step)
	return "", false
}

// labels are what the questions of a step are called for a connector like this.
func labels(step model.Step, f face) map[model.QuestionID]string {
	d := model.NewDraft().WithAnswers(f.answers)
	for slot, v := range f.slots {
		d = d.WithSecret(slot, model.NewSecret(v))
	}
	out := map[model.QuestionID]string{}
	for _, dd := range []model.Draft{model.NewDraft(), d} {
		for _, q := range model.Questions(step, dd, model.World{Now: today()}) {
			out[q.ID] = q.Label
		}
	}
	return out
}

// byKeys types the answers into the form, as a person does: tab to the field,
// clear it, type, choose with the arrows, go on with ctrl+n, and save.
func (f face) byKeys(t *testing.T, p *place) {
	a := newTestApp(strings.NewReader(""), io.Discard, io.Discard)
	p.wire(a)
	if err := a.connect(); err != nil {
		t.Fatal(err)
	}
	w, err := a.jobs.World(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.Remotes = nil
	wizard := steps.NewWizard(a.jobs, model.NewDraft(), w, "")
	k := &keyboard{t: t, wizard: wizard, world: w, shell: ui.NewShell(t.Context(), wizard, ui.ThemeFor("none", a.getenv), "bbconnect")}
	k.msgs = make(chan tea.Msg, 64)
	k.do(k.shell.Init())
	k.send(tea.WindowSizeMsg{Width: 120, Height: 60})
	for _, step := range model.Steps()[:5] {
		k.until("the step "+step.Title(), func() bool { return k.at(step) })
		k.fill(step, f)
		k.send(tea.KeyMsg{Type: tea.KeyCtrlN})
	}
	k.until("the test", func() bool { return k.at(model.StepTest) })
	k.save()
	// The file is there before the save has ended; leaving then would undo it.
	k.until("word that it is saved", func() bool { return strings.Contains(k.shell.View(), " is saved as ") })
	k.drain()
}
