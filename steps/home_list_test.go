package steps

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/flow"
	"bbconnect/model"
)

// assorted saves connectors of every sort that Home tells apart: one that is
// well, one with an App Password, one that failed, one that ends soon, one that
// has ended, and one on Data Center that was never tested.
func assorted(f *fakes) {
	withLedger(f)
	add := func(name string, days int, kind model.CredentialKind, change func(*model.Connector)) {
		c, info := ledger()
		c.Name, c.ID = name, model.IDFromName(name)
		info.Name = model.SecretName("account/" + c.ID + "_token")
		c.PasswordRef, c.API.TokenRef = info.Name.Ref(), info.Name.Ref()
		info.Kind, info.Expires = kind, today().AddDate(0, 0, days).Truncate(24*time.Hour)
		if change != nil {
			change(&c)
		}
		f.library.put(c)
		f.library.secrets = append(f.library.secrets, info)
	}
	add("Payroll", 200, model.KindAppPassword, func(c *model.Connector) {
		c.Username, c.API = model.Login{Plain: "jdoe"}, model.APIAccess{Method: model.APIUsernameToken, Username: model.Login{Plain: "jdoe"}, TokenRef: c.PasswordRef}
	})
	add("Broken", 100, model.KindAPIToken, nil)
	add("Soon over", 9, model.KindAPIToken, nil)
	add("Over", -3, model.KindAPIToken, nil)
	add("Gateway", 300, model.KindHTTPAccessToken, func(c *model.Connector) {
		c.URL, c.API = "https://git.acme-corp.com/scm/PAY/gateway.git", model.APIAccess{}
	})
	f.tested("Payments_ledger", model.VerdictPass, 2*time.Hour, "")
	f.tested("Broken", model.VerdictFail, 26*time.Hour, "Bitbucket refused the credential.")
}

// tested remembers a test.
func (f *fakes) tested(key string, v model.Verdict, before time.Duration, what string) {
	s := f.library.connectors[key]
	s.LastTest = &model.TestRecord{Verdict: v, At: today().Add(-before), What: what}
	if what != "" {
		s.LastTest.Code = "cred.rejected"
	}
	f.library.connectors[key] = s
}

func TestGoldenHomeOfEverySort(t *testing.T) {
	t.Parallel()
	inEveryTheme(t, "home_of_every_sort", func(t *testing.T, dress dress) {
		inFrontOfHome(t, dress(assorted), func(p *person) {
			p.looksLike("home_assorted").presses("A").looksLike("home_app_passwords").presses("A", "space", "space").looksLike("home_marked")
			p.presses("d").looksLike("home_delete_marked")
		})
		inFrontOfHome(t, dress(func(f *fakes) {
			f.library.drafts["one"] = model.SavedDraft{Draft: model.NewDraft().With(model.QName, "Half done"), SavedAt: today()}
		}), func(p *person) { p.presses("l").looksLike("home_empty") })
	})
}

func TestQuickFiltersShowWhatNeedsAttentionAndTheTitleCountsIt(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, assorted, func(p *person) {
		p.sees("6 connectors", "4 need attention", "✗ App Password", "! 9 d", "✗ ended", "✗ 1 d ago", "– never", "✓ 2 h ago")
		p.resizes(60, 16).sees("✗ App Password", "✗ ended", "! 9 d").resizes(80, 24)
		p.presses("A").sees("App Passwords: 1 of 6", "Payroll").doesNotSee("Broken", "Gateway")
		p.presses("A", "F").sees("failed: 1 of 6", "Broken").doesNotSee("Payroll")
		p.presses("F", "X").sees("2 of 6", "Soon over", "Over").doesNotSee("Payroll", "Broken")
		p.resizes(80, 24).sees("enter open", "R rotate").resizes(120, 40).sees("R rotate")
		p.presses("esc").sees("Gateway", "Broken")
	})
}

func TestTheListIsSortedByWhatEndsFirst(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, assorted, func(p *person) {
		p.resizes(140, 30)
		order := func() string {
			var names []string
			for _, row := range p.home.picker.Shown() {
				names = append(names, row.Cells[0])
			}
			return strings.Join(names, ", ")
		}
		for range len(homeColumns()) {
			p.presses("o")
			if order() == "Over, Soon over, Broken, Payroll, Gateway, Payments ledger" {
				p.presses("O")
				if got := order(); !strings.HasPrefix(got, "Payments ledger, Gateway") {
					t.Errorf("the other way round it is %s", got)
				}
				return
			}
		}
		t.Errorf("no column sorts by the end: %s", order())
	})
}

func TestThePaneSaysEverythingAboutTheSelectedConnector(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		assorted(f)
		c, _ := ledger()
		c.Name, c.ID, c.Scope = "Abroad", "Abroad", model.Scope{Org: "eu", Project: "pay"}
		c.Description, c.Mode, c.Selectors, c.PasswordRef = "Runs over there.", model.ModeDelegate, []string{"linux", "eu"}, "org.unknown"
		f.library.put(c)
	}, func(p *person) {
		p.resizes(120, 40)
		p.sees("Abroad, project eu/pay", "Runs over there.", "https://bitbucket.org/acme/ledger.git", "One repository over HTTP", "Tags team:payments")
		p.sees("Secret org.unknown, not known on this", "Through a delegate tagged linux, eu", "Never tested")
		p.presses("down").sees("Failed 1 d ago", "Bitbucket refused the credential.", "cred.rejected", "ends 2027-03-02")
		p.presses("g", "down", "down", "down").sees("✗ The token ended on 2026-11-19").doesNotSee("Runs over there.")
		delete(p.at.library.connectors, "Over")
		p.presses("g").sees("Runs over there.").presses("down", "down", "down").sees("✗ There is no connector Over.").presses("g")
		p.resizes(80, 24).doesNotSee("Runs over there.").resizes(120, 40)
	})
}

func TestTheListOfLastTimeIsShownWhileTheFilesAreLookedAt(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		assorted(f)
		if _, err := f.jobs().Glances(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		f.library.looking = make(chan struct{})
		delete(f.library.connectors, "Broken")
		c, _ := ledger()
		c.Name, c.ID = "Added", "Added"
		f.library.put(c)
	}, func(p *person) {
		p.sees("6 connectors", "Broken", "Payroll").doesNotSee("Added")
		p.presses("/").types("payro").sees(" of 6", "› Payroll").presses("tab", "esc").sees("Broken")
		row, _ := p.home.picker.Selected()
		close(p.at.library.looking)
		p.settle()
		p.sees("6 connectors", "Added", "Payroll").doesNotSee("Broken")
		if now, _ := p.home.picker.Selected(); now.ID != row.ID || row.ID != "Payroll" {
			t.Errorf("%s was selected, now it is %s", row.ID, now.ID)
		}
		p.presses("enter").sees("Edit · Payroll")
	})
}

func TestAFirstLookSaysHowManyAreReadAndKeepsWhatIsTyped(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		assorted(f)
		f.library.looking = make(chan struct{})
	}, func(p *person) {
		p.sees("Reading 6 saved connectors").rushes("/broken").sees("Reading 6 saved connectors")
		for _, size := range [][2]int{{60, 16}, {120, 40}} {
			p.resizes(size[0], size[1]).fits()
		}
		close(p.at.library.looking)
		p.settle()
		p.sees(" of 6", "› Broken")
	})
}

func TestWhatWasBegunBeforeTheScreenIsShownAsIfTheScreenHadAsked(t *testing.T) {
	t.Parallel()
	begins := func(prepare func(*fakes), story func(*person)) {
		inABubble(t, prepare, func(ctx context.Context, at *fakes) *Home { return NewHome(at.jobs()).Begin(ctx) }, story)
	}
	begins(assorted, func(p *person) { p.sees("6 connectors", "Payroll").presses("n", "esc").sees("6 connectors") })
	begins(func(f *fakes) {
		assorted(f)
		_, _ = f.jobs().Glances(t.Context(), nil)
	}, func(p *person) { p.sees("6 connectors", "Payroll") })
	begins(func(f *fakes) {
		f.library.listErr = &model.Problem{Code: "store.unreadable", What: "The folder cannot be read."}
	}, func(p *person) { p.sees("The folder cannot be read.", "r try again") })
	begins(nil, func(p *person) { p.sees("New connector", "Welcome.") })
}

// homeKeys are what a random walk on Home presses.
func homeKeys() []string {
	return []string{
		"up", "down", "down", "pgdown", "pgup", "g", "G", "j", "k", "/", "p", "a", "tab", "esc", "backspace", "enter", "o", "O", "A", "F", "X", "space", "*",
		"t", "T", "c", "x", "d", "u", "S", "n", "e", "?", "y", "w", "z", "f1",
	}
}

func TestRandomKeysOnHomeNeverPanicAndStayInTheWindow(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		inFrontOfHome(t, func(f *fakes) {
			assorted(f)
			f.library.damaged = []model.Damaged{{Path: "connectors/" + strings.Repeat("torn", 40) + ".yaml", Problem: &model.Problem{What: "It is no YAML.", Fix: "Mend it."}}}
			for i := range int(seed) * 3 {
				c, _ := ledger()
				c.Name, c.ID = fmt.Sprintf("日本語 🙂 %d %s", i, strings.Repeat("long ", i)), fmt.Sprint("other_", i)
				f.library.put(c)
			}
		}, func(p *person) {
			r := rand.New(rand.NewPCG(seed, 5))
			names := homeKeys()
			for range 120 {
				switch r.IntN(12) {
				case 0:
					p.resizes(20+r.IntN(150), 4+r.IntN(50))
				case 1:
					p.resizes(60+r.IntN(100), 16+r.IntN(40))
				default:
					p.presses(names[r.IntN(len(names))])
				}
				p.fits()
				if p.ended {
					return
				}
			}
		})
	}
}

func TestTheSelectionStaysOnItsConnectorHoweverTheListChanges(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		inFrontOfHome(t, fleet(30), func(p *person) {
			r := rand.New(rand.NewPCG(seed, 3))
			keys := []string{"up", "down", "pgdown", "g", "G", "o", "O", "A", "F", "esc", "space"}
			for step := range 40 {
				p.presses(keys[r.IntN(len(keys))])
				before, shown := p.home.picker.Selected()
				id := fmt.Sprintf("service_%02d", r.IntN(60))
				if c, _ := ledger(); r.IntN(2) == 0 && id != before.ID {
					delete(p.at.library.connectors, id)
				} else if _, there := p.at.library.connectors[id]; !there {
					c.Name, c.ID = fmt.Sprintf("Service %02d", r.IntN(60)), id
					p.at.library.put(c)
				}
				p.runs(p.home.load())
				p.settle()
				if after, _ := p.home.picker.Selected(); shown && after.ID != before.ID {
					t.Fatalf("seed %d, step %d: the selection went from %s to %s", seed, step, before.ID, after.ID)
				}
				p.fits()
			}
		})
	}
}

func TestWhatWasJustSavedIsSelected(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, fleet(12), func(p *person) {
		p.presses("down", "c", "enter", "enter").sees("enter test").presses("enter").sees("The connector works.").presses("enter").sees("is saved as Service_01_copy")
		p.presses("enter").sees("13 connectors", "› Service 01 copy")
	})
}

func BenchmarkAListOfTenThousand(b *testing.B) {
	g := flow.Glances{All: make([]flow.Glance, 10_000)}
	c, info := ledger()
	for i := range g.All {
		c.Name, c.ID = fmt.Sprintf("Service %05d", i), fmt.Sprintf("service_%05d", i)
		g.All[i] = flow.GlanceOf(model.Saved{Connector: c}, model.World{Secrets: []model.SecretInfo{info}})
	}
	for b.Loop() {
		if l := listOf(g, nil, today()); len(l.rows) != len(g.All) || l.attention != 0 {
			b.Fatal(len(l.rows), l.attention)
		}
	}
}

func TestFilesThatCannotBeReadAreNoFirstRun(t *testing.T) {
	t.Parallel()
	inFrontOfHome(t, func(f *fakes) {
		f.library.damaged = []model.Damaged{{Path: "connectors/torn.yaml", Problem: &model.Problem{What: "It is no YAML.", Fix: "Mend it by hand."}}}
	}, func(p *person) {
		p.sees("0 connectors", "connectors/torn.yaml: It is no YAML. Mend it by hand.", "No connectors yet. n sets one up.").doesNotSee("Welcome")
	})
}
