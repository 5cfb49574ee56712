package model

import (
	"fmt"
	"strings"
	"testing"
)

func TestOnlyConnectorsAndSecretsKeepARestoreFromBeginning(t *testing.T) {
	t.Parallel()
	for kind, want := range map[RestoreKind]bool{
		RestoreConnector: true, RestoreSecret: true, RestoreSetting: false, RestoreHostKey: false, RestoreCertificate: false,
	} {
		item := RestoreItem{Kind: kind, Name: "x", State: RestoreDiffers}
		if item.Guarded() != want || (RestoreConflict([]RestoreItem{item}) != nil) != want {
			t.Errorf("%s: guarded %t, want %t", kind, item.Guarded(), want)
		}
		for _, state := range []RestoreState{RestoreNew, RestoreSame} {
			if p := RestoreConflict([]RestoreItem{{Kind: kind, State: state}}); p != nil {
				t.Errorf("%s that is %s: %v", kind, state, p)
			}
		}
	}
}

func TestAWayWritesWhatIsNewAndOneOfThemWhatDiffers(t *testing.T) {
	t.Parallel()
	for _, way := range []RestoreWay{RestoreRefuse, RestoreSkip, RestoreReplace} {
		for state, want := range map[RestoreState]bool{RestoreNew: true, RestoreSame: false, RestoreDiffers: way == RestoreReplace} {
			if got := way.Writes(state); got != want {
				t.Errorf("%s writes what is %s: %t", way, state, got)
			}
		}
	}
}

func TestAConflictNamesAFewAndCountsTheRest(t *testing.T) {
	t.Parallel()
	var items []RestoreItem
	for n := 1; n <= 9; n++ {
		items = append(items, RestoreItem{Kind: RestoreConnector, Name: fmt.Sprintf("c%d", n), State: RestoreDiffers}, RestoreItem{Kind: RestoreSetting, Name: "theme", State: RestoreDiffers})
		p := RestoreConflict(items)
		if p == nil || p.Code != "store.conflict" || !strings.Contains(p.Fix, "--replace") || !strings.Contains(p.Why, "Nothing was restored") {
			t.Fatalf("%d: %+v", n, p)
		}
		want := map[int]string{
			1: "The connector c1 is here already and differs from the backup.",
			2: "2 things are here already and differ from the backup: connector c1, connector c2.",
			5: "5 things are here already and differ from the backup: connector c1, connector c2, connector c3, connector c4, connector c5.",
			9: "9 things are here already and differ from the backup: connector c1, connector c2, connector c3, connector c4, connector c5 and 4 more.",
		}[n]
		if want != "" && p.What != want {
			t.Errorf("%q, want %q", p.What, want)
		}
		if strings.Contains(p.What, "theme") {
			t.Errorf("a setting is a conflict: %q", p.What)
		}
	}
}

func TestABackupCountsItsValuesAndShowsNone(t *testing.T) {
	t.Parallel()
	canary := "canary-" + strings.Repeat("Wd5", 8)
	b := Backup{Secrets: []BackupSecret{{Info: SecretInfo{Name: "account/a"}, Value: NewSecret(canary)}, {Info: SecretInfo{Name: "account/b"}}}}
	if b.Values() != 1 || (Backup{}).Values() != 0 {
		t.Errorf("%d values", b.Values())
	}
	for _, text := range []string{fmt.Sprint(b), fmt.Sprintf("%+v", b), fmt.Sprintf("%#v", b.Secrets)} {
		if strings.Contains(text, canary[7:15]) {
			t.Errorf("a value is shown: %s", text)
		}
	}
}
