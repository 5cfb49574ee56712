package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

func TestTheDetailsScreenLooksAsSketched(t *testing.T) {
	t.Parallel()
	for _, size := range sizes() {
		screen := detailsScreen()
		shell := open(screen, size[0], size[1])
		drive(shell, paste("https://git.acme-corp.com/projects/PAY/repos/ledger/browse?at=main"))
		within(t, shell.View(), size[0], size[1])
		golden(t, sizeName("details", size), shell.View())
		drive(shell, press("tab"))
		golden(t, sizeName("details_choice", size), shell.View())
	}
}

// reader is a screen with letter keys and nothing to type into.
type reader struct {
	env     Env
	got     []string
	msgs    []tea.Msg
	frame   Frame
	keys    []Key
	entered int
	left    int
	do      Action
	cmd     tea.Cmd
	// rows is how high its body is, 0 for all there is room for.
	rows int
}

func (r *reader) Frame() Frame          { return r.frame }
func (r *reader) Enter(env Env) tea.Cmd { r.env = env; r.entered++; return nil }
func (r *reader) View(_, h int) string {
	if r.rows > 0 {
		h = min(h, r.rows)
	}
	return strings.Repeat("body of "+r.frame.Name+"\n", h)
}
func (r *reader) Keys() []Key     { return r.keys }
func (r *reader) Capturing() bool { return false }
func (r *reader) Leave()          { r.left++ }
func (r *reader) Update(msg tea.Msg) (Action, tea.Cmd) {
	if key, ok := msg.(tea.KeyMsg); ok {
		r.got = append(r.got, key.String())
	} else {
		r.msgs = append(r.msgs, msg)
	}
	if action, cmd, ok := Press(r.keys, msg); ok {
		return action, cmd
	}
	do, cmd := r.do, r.cmd
	r.do, r.cmd = nil, nil
	return do, cmd
}

func pressing(key, does string, action Action) Key {
	return Key{Keys: []string{key}, Does: does, Press: func() (Action, tea.Cmd) { return action, nil }}
}

func TestGlobalKeysNeverTakeALetterFromSomebodyWhoTypes(t *testing.T) {
	t.Parallel()
	screen := detailsScreen()
	shell := open(screen, 80, 24)
	drive(shell, typed("q?/x")...)
	if screen.answers["url"] != "q?/x" || shell.overlay != nil {
		t.Errorf("the field got %q", screen.answers["url"])
	}
	drive(shell, press("f1"))
	view := shell.View()
	if !strings.Contains(view, "Anything that leads") || !strings.Contains(view, "shift+tab") {
		t.Errorf("f1 shows\n%s", view)
	}
	drive(shell, press("esc"), press("tab"), press("?"))
	if !strings.Contains(shell.View(), "Keys") {
		t.Errorf("? shows\n%s", shell.View())
	}
}

func TestLettersTypedAheadGoWhereTheLetterBeforeThemLed(t *testing.T) {
	t.Parallel()
	form := detailsScreen()
	home := &reader{frame: Frame{Name: "Home"}, keys: []Key{pressing("n", "new", Push{form})}}
	shell := open(home, 80, 24)
	drive(shell, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("nhttps")})
	if form.answers["url"] != "https" {
		t.Errorf("behind the n, the new screen got %q and the old one %q", form.answers["url"], home.got)
	}
}

func TestScreensAreStackedAndEnteredAgain(t *testing.T) {
	t.Parallel()
	first, second, third := &reader{frame: Frame{Name: "1"}}, &reader{frame: Frame{Name: "2"}}, &reader{frame: Frame{Name: "3"}}
	first.keys = []Key{pressing("n", "new", Push{second})}
	second.keys = []Key{pressing("r", "other", Replace{third})}
	third.keys = []Key{pressing("h", "home", Home{})}
	shell := open(first, 80, 24)
	drive(shell, press("n"), press("x"), press("r"))
	if len(first.got) != 1 || second.left != 1 || third.entered != 1 || second.env.Context.Err() == nil {
		t.Errorf("covered got %v, replaced left %d times, its context: %v", first.got, second.left, second.env.Context.Err())
	}
	drive(shell, press("esc"))
	if first.entered != 2 || third.left != 1 || first.env.Context.Err() != nil {
		t.Errorf("esc: the first was entered %d times, the third left %d times", first.entered, third.left)
	}
	drive(shell, press("n"), press("r"), press("h"))
	if shell.top().screen != Screen(first) || first.left != 0 {
		t.Error("home is not the first screen")
	}
}

func TestEscBelongsToTheScreenThatListsIt(t *testing.T) {
	t.Parallel()
	under, over := &reader{}, &reader{}
	over.keys = []Key{pressing("esc", "stop the test", nil)}
	under.do = Push{over}
	shell := open(under, 80, 24)
	drive(shell, press("x"), press("esc"))
	if over.left != 0 || len(over.got) != 1 {
		t.Error("esc left the screen that uses it itself")
	}
	over.keys[0].Off = "nothing runs"
	drive(shell, press("esc"))
	if over.left != 1 {
		t.Error("esc does not lead back once the screen has no use for it")
	}
}

func TestEscOnTheLowestScreenDoesNotEndTheProgramWhereQDoes(t *testing.T) {
	t.Parallel()
	home := &reader{keys: []Key{pressing("q", "quit", Quit{})}}
	shell := open(home, 80, 24)
	drive(shell, press("esc"), press("esc"))
	if shell.ended || !strings.Contains(shell.View(), "q quits.") {
		t.Errorf("ended: %t\n%s", shell.ended, shell.View())
	}
	drive(shell, press("q"))
	if !shell.ended {
		t.Error("q does not end it")
	}
	// A screen without q is left by esc, as it says.
	alone := open(&reader{}, 80, 24)
	drive(alone, press("esc"))
	if !alone.ended {
		t.Error("nothing ends a screen that is alone")
	}
}

func TestQuittingAsksOnceWhenSomethingWouldBeLost(t *testing.T) {
	t.Parallel()
	screen := detailsScreen()
	screen.unsaved = "The token you pasted is not saved."
	shell := open(screen, 80, 24)
	drive(shell, press("ctrl+c"))
	view := shell.View()
	if shell.ended || !strings.Contains(view, "The token you pasted") {
		t.Fatalf("ctrl+c shows\n%s", view)
	}
	drive(shell, press("enter"))
	if shell.ended || len(shell.dialogs) != 0 {
		t.Fatal("enter does not stay")
	}
	_, cmd := shell.Update(press("ctrl+c"))
	if shell.ended || cmd != nil {
		t.Fatal("the second time it was not asked")
	}
	drive(shell, press("ctrl+c"))
	if !shell.ended || screen.left != 1 || screen.env.Context.Err() == nil || shell.View() != "" {
		t.Error("ctrl+c again does not quit, or leaves work behind")
	}
}

func TestQuittingAsksNothingWhenNothingIsLost(t *testing.T) {
	t.Parallel()
	shell := open(detailsScreen(), 80, 24)
	_, cmd := shell.Update(press("ctrl+c"))
	if cmd == nil || !shell.ended {
		t.Fatal("ctrl+c did not quit")
	}
	if _, quit := cmd().(tea.QuitMsg); !quit {
		t.Error("the program goes on")
	}
	if _, cmd := shell.Update(press("x")); cmd != nil {
		t.Error("a key after the end still does something")
	}
}

func TestDialogsTakeEveryKeyAndGiveTheirAnswerToTheScreen(t *testing.T) {
	t.Parallel()
	screen := &reader{frame: Frame{Name: "Home"}, keys: []Key{
		pressing("d", "delete", Ask{Confirm("del", "Delete Payments?", "Nobody else uses its secrets.", "Delete", "Keep")}),
	}}
	for key, want := range map[string]Answer{
		"enter": {ID: "del", Value: "no"}, "y": {ID: "del", Value: "yes"}, "n": {ID: "del", Value: "no"}, "esc": {ID: "del", Closed: true},
	} {
		shell := open(screen, 60, 16)
		screen.msgs = nil
		drive(shell, press("d"), press("q"), press("?"))
		within(t, shell.View(), 60, 16)
		if !strings.Contains(shell.View(), "! Delete Payments?") || len(shell.dialogs) != 1 {
			t.Fatalf("the dialog is not there:\n%s", shell.View())
		}
		drive(shell, press(key))
		if len(screen.msgs) != 1 || screen.msgs[0] != tea.Msg(want) {
			t.Errorf("%s answers %v, want %v", key, screen.msgs, want)
		}
	}
}

func TestTheDialogLooksCalm(t *testing.T) {
	t.Parallel()
	screen := detailsScreen()
	for _, size := range sizes() {
		shell := open(screen, size[0], size[1])
		shell.open(Confirm("del", "Delete Payments?", "Nobody else uses its secrets. They are removed from the keyring too.", "Delete", "Keep"), screen)
		golden(t, sizeName("dialog", size), shell.View())
		shell.open(Dialog{
			Title: "Open the vault", Text: "Secrets are kept in the encrypted vault.",
			Prompt: &Prompt{Label: "Passphrase", Secret: true}, Choices: []Choice{{Value: "open", Label: "Open"}},
		}, screen)
		drive(shell, typed("abc")...)
		golden(t, sizeName("prompt", size), shell.View())
	}
}

func TestAPromptHandsASecretToItsTakerAndToNobodyElse(t *testing.T) {
	t.Parallel()
	screen := &reader{}
	var taken string
	shell := open(screen, 80, 24)
	shell.open(Dialog{ID: "p", Prompt: &Prompt{Secret: true, Take: func(s string) { taken = s }, Check: func(s string) []Finding {
		if len(s) < 5 {
			return []Finding{{Severity: Error, Text: "The passphrase is too short."}}
		}
		return nil
	}}}, screen)
	drive(shell, append(typed("ca?"), press("enter"))...)
	if len(shell.dialogs) != 1 || !strings.Contains(shell.View(), "too short") {
		t.Fatalf("what the check refuses was taken:\n%s", shell.View())
	}
	drive(shell, paste("nary\n"))
	if view := shell.View(); strings.Contains(view, "nary") || !strings.Contains(view, "•••••••") {
		t.Errorf("drawn as\n%s", view)
	}
	drive(shell, press("enter"))
	if taken != "ca?nary" || len(screen.msgs) != 1 || screen.msgs[0] != tea.Msg(Answer{ID: "p", Value: "ok"}) {
		t.Errorf("taken %q, the screen got %v", taken, screen.msgs)
	}
}

func TestADialogThatOpensByItselfIgnoresWhatWasTypedAhead(t *testing.T) {
	t.Parallel()
	screen := &reader{}
	shell := open(screen, 80, 24)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	shell.now = func() time.Time { return now }
	d := Confirm("k", "Accept the key?", "", "Accept", "Refuse")
	d.alive = t.Context()
	shell.open(d, screen)
	for range 3 {
		now = now.Add(300 * time.Millisecond)
		drive(shell, press("y"))
	}
	if len(screen.msgs) != 0 {
		t.Fatal("keys typed ahead answered the dialog")
	}
	now = now.Add(500 * time.Millisecond)
	drive(shell, press("y"))
	if len(screen.msgs) != 1 {
		t.Error("after a moment of quiet the dialog still takes no answer")
	}
	screen.msgs = nil
	shell.open(d, screen)
	for range 20 {
		now = now.Add(100 * time.Millisecond)
		drive(shell, press("y"))
	}
	if len(screen.msgs) == 0 {
		t.Error("steady typing keeps the dialog shut for ever")
	}
}

func TestANoticeStandsAboveTheKeysUntilItsTimeIsUp(t *testing.T) {
	t.Parallel()
	screen := &reader{frame: Frame{Name: "Home"}}
	shell := open(screen, 80, 24)
	shell.perform(Notify{Text: "Saved as Payments\x1b[2J", Mark: Pass}, screen)
	old := noticeGone{shell.noticeNo}
	if !strings.Contains(shell.View(), " ✓ Saved as Payments[2J ─") {
		t.Errorf("drawn as\n%s", shell.View())
	}
	shell.perform(Notify{Text: "Deleted"}, screen)
	shell.Update(old)
	if !strings.Contains(shell.View(), "Deleted") {
		t.Error("the end of the first notice took the second away")
	}
	shell.Update(noticeGone{shell.noticeNo})
	if strings.Contains(shell.View(), "Deleted") {
		t.Error("the notice stays")
	}
}

func TestADialogEndsTheNoticeOfTheWorkThatLedToIt(t *testing.T) {
	t.Parallel()
	for mark, stays := range map[Mark]bool{Running: false, Pass: true} {
		screen := &reader{frame: Frame{Name: "Home"}}
		shell := open(screen, 80, 24)
		shell.perform(Notify{Text: "Making a key", Mark: mark}, screen)
		shell.open(Dialog{Title: "The key is ready"}, screen)
		if got := strings.Contains(shell.View(), "Making a key"); got != stays {
			t.Errorf("mark %q: the notice is drawn: %v", mark.Sign(), got)
		}
	}
}

func TestALongNoticeIsReadToItsEndAndTheFrameKeepsItsSize(t *testing.T) {
	t.Parallel()
	text := "Set aside: Secret, Kind, Username. The old choice brings them back. Address: ssh://git@git.acme-corp.com:7999/PAY/ledger.git now."
	for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 40}, {200, 50}} {
		screen := &reader{frame: Frame{Name: "Home"}}
		shell := open(screen, size[0], size[1])
		shell.perform(Notify{Text: text, Mark: Info}, screen)
		view := shell.View()
		lines := strings.Split(view, "\n")
		if len(lines) != size[1] || slices.ContainsFunc(lines, func(l string) bool { return ansi.StringWidth(l) > size[0] }) {
			t.Errorf("%v: %d lines\n%s", size, len(lines), view)
		}
		if flat := strings.Join(strings.Fields(ansi.Strip(view)), " "); !strings.Contains(flat, text) {
			t.Errorf("%v: it is cut:\n%s", size, view)
		}
		shell.perform(Notify{Text: strings.Repeat("word ", 200), Mark: Info}, screen)
		if view := shell.View(); strings.Count(view, "\n")+1 != size[1] || !strings.Contains(view, "…") {
			t.Errorf("%v: a notice without end:\n%s", size, view)
		}
	}
}

// The help was cut in the middle of a sentence by a notice, below lines left empty.
func TestHelpBelowTheBodyIsWholeBesideANotice(t *testing.T) {
	t.Parallel()
	help := "One connector for every repository of the account; pipelines name the repository, which is tested here as one of them."
	for _, tc := range []struct {
		height, rows int
		whole        bool
	}{{16, 4, true}, {24, 4, true}, {24, 12, true}, {24, 15, false}, {16, 10, false}} {
		screen := &reader{frame: Frame{Name: "Details", Help: Card{Lines: []string{help}}}, rows: tc.rows}
		shell := open(screen, 80, tc.height)
		shell.perform(Notify{Text: strings.Repeat("Something was set aside. ", 6), Mark: Info}, screen)
		view := shell.View()
		flat := strings.Join(strings.Fields(view), " ")
		if whole, any := strings.Contains(flat, help), strings.Contains(flat, "One connector"); whole != tc.whole || any != whole {
			t.Errorf("%d lines of %d: the help is whole: %v\n%s", tc.rows, tc.height, whole, view)
		}
	}
}

func TestInAWindowThatIsTooSmallNothingIsLost(t *testing.T) {
	t.Parallel()
	screen := detailsScreen()
	shell := open(screen, 80, 24)
	drive(shell, typed("ab")...)
	for _, size := range [][2]int{{59, 16}, {60, 15}, {20, 3}, {1, 1}, {0, 0}} {
		shell.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		within(t, shell.View(), max(size[0], 1), max(size[1], 1))
		drive(shell, press("c"))
	}
	shell.Update(tea.WindowSizeMsg{Width: 40, Height: 10})
	if !strings.Contains(shell.View(), "60×16") {
		t.Errorf("it says\n%s", shell.View())
	}
	shell.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	if screen.answers["url"] != "abccccc" || !strings.Contains(shell.View(), "abccccc") {
		t.Errorf("after growing again the answer is %q", screen.answers["url"])
	}
	home := &reader{}
	small := open(home, 30, 10)
	drive(small, press("d"))
	if len(home.got) != 0 {
		t.Error("a letter key did something that nobody could see")
	}
}

func TestKeysGiveWayByRankAndTheLineNeverWraps(t *testing.T) {
	t.Parallel()
	keys := []Key{
		{Keys: []string{"enter"}, Does: "open"},
		{Keys: []string{"n"}, Does: "new"},
		{Keys: []string{"e"}, Does: "edit", Rank: 2},
		{Keys: []string{"t"}, Does: "test"},
		{Keys: []string{"x"}, Does: "export", Off: "nothing selected"},
		{Keys: []string{"z"}, Does: "quiet", Quiet: true},
	}
	tail := []Key{{Keys: []string{"?"}, Does: "keys"}}
	for width, want := range map[int]string{
		80: " enter open   n new   e edit   t test   ? keys", 42: " enter open   n new   t test   ? keys", 24: " enter open   ? keys", 10: " ? keys",
	} {
		if got := footerLine(plain(), keys, tail, width); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
}

func TestTheListOfKeysSaysWhyAKeyIsOff(t *testing.T) {
	t.Parallel()
	screen := &reader{frame: Frame{Name: "Home"}, keys: []Key{{Keys: []string{"x"}, Does: "export", Off: "nothing is selected"}, {Keys: []string{"z"}, Does: "hidden", Quiet: true}}}
	shell := open(screen, 60, 16)
	drive(shell, press("?"))
	view := shell.View()
	for _, want := range []string{"export   nothing is selected", "hidden", "ctrl+c"} {
		if !strings.Contains(view, want) {
			t.Errorf("%q is missing in\n%s", want, view)
		}
	}
	drive(shell, press("x"), press("?"))
	if shell.overlay != nil || len(screen.got) != 0 {
		t.Error("the overlay let a key through, or does not close")
	}
}

func TestALongListScrolls(t *testing.T) {
	t.Parallel()
	screen := &reader{frame: Frame{Name: "Home"}}
	for _, l := range "abcdefghijklmnopqrstuvwxyz" {
		screen.keys = append(screen.keys, Key{Keys: []string{string(l)}, Does: "do " + string(l)})
	}
	shell := open(screen, 60, 16)
	drive(shell, press("?"))
	if strings.Contains(shell.View(), "do z") || !strings.Contains(shell.View(), "↓") {
		t.Fatal("the list is not cut where it must be")
	}
	for range 4 {
		drive(shell, press("pgdown"))
		within(t, shell.View(), 60, 16)
	}
	if !strings.Contains(shell.View(), "do z") {
		t.Errorf("the end is not reached:\n%s", shell.View())
	}
}

func TestACoveredScreenMaySpeakButNotNavigate(t *testing.T) {
	t.Parallel()
	under, over := &reader{frame: Frame{Name: "under"}}, &reader{frame: Frame{Name: "over"}}
	under.do = Push{over}
	shell := open(under, 80, 24)
	drive(shell, press("x"))
	shell.perform(Do{Notify{Text: "Done below"}, Push{&reader{}}}, under)
	if shell.top().screen != Screen(over) || !strings.Contains(shell.View(), "Done below") {
		t.Error("the covered screen navigated, or could not speak")
	}
	shell.perform(Do{Replace{&reader{frame: Frame{Name: "next"}}}, ShowKeys{}}, over)
	if shell.overlay == nil || shell.top().screen.Frame().Name != "next" {
		t.Error("the second of two actions was not performed for the new screen")
	}
	shell.perform(Quit{Now: true}, shell.top().screen)
	if !shell.ended || under.left != 1 {
		t.Error("quitting did not leave the covered screen")
	}
}

func TestANoticeEndsWithTheNextActionButNotWithTyping(t *testing.T) {
	t.Parallel()
	steps := []Step{{Name: "Overview", Now: true}, {Name: "Test"}}
	screen := &reader{frame: Frame{Name: "New", Steps: steps}}
	shell := open(screen, 80, 24)
	said := func() bool { return strings.Contains(shell.View(), "Copied") }
	tell := func() { shell.perform(Notify{Text: "Copied"}, screen) }
	tell()
	shell.Update(tea.WindowSizeMsg{Width: 60, Height: 16})
	if !said() {
		t.Error("a message that is no action took the notice away")
	}
	drive(shell, press("x"))
	if said() {
		t.Error("the notice outlives the next key")
	}
	form := detailsScreen()
	shell = open(form, 80, 24)
	shell.perform(Notify{Text: "Copied"}, form)
	drive(shell, typed("ab")...)
	if !said() {
		t.Error("typing into a field took the notice away")
	}
	drive(shell, press("tab"))
	if said() {
		t.Error("the notice outlives the way to the next field")
	}
	shell = open(screen, 80, 24)
	tell()
	screen.frame.Steps = []Step{{Name: "Overview"}, {Name: "Test", Now: true}}
	shell.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	if said() {
		t.Error("the notice of one step stands on the next")
	}
}
