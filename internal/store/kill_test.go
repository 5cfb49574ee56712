package store

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bbconnect/internal/disk"
	"bbconnect/internal/document"
	"bbconnect/model"
)

// killedHome makes this test binary a process that saves for ever.
const killedHome = "BBCONNECT_TEST_SAVES_IN"

func killFolders(home string) disk.Folders {
	return disk.Folders{Data: filepath.Join(home, "data"), State: filepath.Join(home, "state"), Config: filepath.Join(home, "config")}
}

// saveForEver edits one connector again and again, and lists all of them, until
// it is killed.
func saveForEver(home string) {
	s := Open(killFolders(home))
	s.worth, s.slack = 1, 0
	s.now = func() time.Time { return time.Now().Add(time.Hour) }
	ctx := context.Background()
	fmt.Println("begun")
	for n := 0; ; n++ {
		saved, err := s.Get(ctx, "ledger")
		if err == nil {
			c := saved.Connector
			c.Description = wholeText(n)
			_, err = s.Save(ctx, c, saved.Revision)
		}
		if p, ok := model.AsProblem(err); ok && p.Code == "store.conflict" {
			continue // the other process was first
		}
		if err == nil {
			_, _, err = s.List(ctx)
		}
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
	}
}

// wholeText is a description that shows when a part of it is missing.
func wholeText(n int) string {
	return fmt.Sprintf("begin %d ", n) + strings.Repeat("x", 4000) + fmt.Sprintf(" end %d", n)
}

func isWhole(text string) bool {
	var a, b int
	if text == "" {
		return true
	}
	_, err := fmt.Sscanf(text, "begin %d "+strings.Repeat("x", 4000)+" end %d", &a, &b)
	return err == nil && a == b
}

// kills is how many processes are killed in the middle of saving.
const kills = 1000

// TestAThousandKilledSavesLeaveEveryDocumentWhole lets two processes at a time
// save the same connector and kills each at a moment of chance, a thousand in
// all. After every kill the document is one that was saved as a whole, and the
// next process takes the lock.
func TestAThousandKilledSavesLeaveEveryDocumentWhole(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	s := Open(killFolders(home))
	s.worth, s.slack = 1, 0
	put(t, s, connector("ledger", model.Scope{}))
	put(t, s, connector("other", model.Scope{}))
	dice := rand.New(rand.NewPCG(7, 8))
	for round := range kills / 2 {
		first, second := startSaving(t, home), startSaving(t, home)
		// Saves take a millisecond or two: the kills fall everywhere within them.
		<-time.After(time.Duration(dice.IntN(4000)) * time.Microsecond)
		_ = first.Process.Kill()
		_ = second.Process.Kill()
		_, _ = first.Process.Wait()
		_, _ = second.Process.Wait()
		data, err := os.ReadFile(filepath.Join(s.connectorsDir(), "ledger.yaml"))
		if err != nil {
			t.Fatal(round, err)
		}
		c, _, err := document.Decode(data)
		if err != nil || !isWhole(c.Description) {
			t.Fatalf("after %d kills the document is broken: %v\n%.200s", 2*round+2, err, data)
		}
		if round%25 == 0 {
			afterKills(t, s, c)
		}
	}
}

// startSaving starts a process and waits until it is about to save.
func startSaving(t *testing.T, home string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), killedHome+"="+home)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "begun" {
		t.Fatalf("it says %q", lines.Text())
	}
	go func() {
		for lines.Scan() {
			t.Errorf("a process that saves says %s", lines.Text())
		}
	}()
	return cmd
}

// afterKills checks that whatever was killed left nothing in the way: the list
// is what the files say, a save takes the lock, and taking it back works.
func afterKills(t *testing.T, s *Store, now model.Connector) {
	t.Helper()
	list := mustList(t, s)
	if len(list) != 2 {
		t.Fatalf("%d connectors are listed", len(list))
	}
	for _, saved := range list {
		if saved.Connector.ID == "ledger" && saved.Connector.Description != now.Description {
			t.Fatal("the list holds another state than the file")
		}
		if saved.Connector.ID == "ledger" {
			c := saved.Connector
			c.Description = "saved after the kills"
			next, err := s.Save(t.Context(), c, saved.Revision)
			if err != nil {
				t.Fatal("a later save cannot take the lock:", err)
			}
			if change := mustUndo(t, s); change.Key != "ledger" {
				t.Fatalf("took back %+v", change)
			}
			if back, err := s.Get(t.Context(), "ledger"); err != nil || back.Revision == next.Revision {
				t.Fatal("it was not taken back:", err)
			}
		}
	}
}
