package cmd

import (
	"os"
	"path/filepath"
	"testing"

	"bbconnect/model"
)

func TestAFileIsWrittenForItsOwnerWithTheFoldersItNeeds(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	machine := thisMachine{getenv: os.Getenv}
	name := filepath.Join("org", "ledger.yaml")
	if err := machine.WriteInto(t.Context(), "~/out", name, []byte("connector:\n")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(home, "out", "org", "ledger.yaml")
	if data, err := os.ReadFile(path); err != nil || string(data) != "connector:\n" {
		t.Errorf("%q, %v", data, err)
	}
	err := machine.WriteFile(t.Context(), filepath.Join(path, "below.yaml"), nil)
	if p, ok := model.AsProblem(err); !ok || p.Code != "store.unwritable" || p.Fix == "" {
		t.Errorf("below a file: %v", err)
	}
	if err := machine.WriteFile(t.Context(), "~/out/report.md", nil); err != nil {
		t.Errorf("in a folder that is there: %v", err)
	}
	if err := machine.WriteFile(t.Context(), "~/uot/report.md", nil); err == nil {
		t.Error("a mistyped folder was made")
	}
}
