//go:build !windows

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"

	"bbconnect/internal/tools/screenshots/picture"
	"bbconnect/internal/tools/screenshots/play"
)

// committed is the folder of the pictures.
const committed = "../../../screenshots"

func TestTheScreensAreThoseOfTheCommittedPictures(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "bbconnect")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-C", "../../..", "-buildvcs=false", "-o", program, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	scripts, err := readScripts(scriptFiles)
	if err != nil {
		t.Fatal(err)
	}
	places := make(chan struct{}, 4)
	var playing sync.WaitGroup
	for _, j := range jobs(scripts, program, committed) {
		if j.stage.Look != play.Dark() {
			continue // the text is the same
		}
		playing.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			compare(t, j)
		})
	}
	playing.Wait()
}

// compare plays one script and compares the text of its pictures.
func compare(t *testing.T, j job) {
	shots, film, err := j.stage.Play(context.WithoutCancel(t.Context()), j.script)
	if err != nil {
		t.Error(err)
		return
	}
	if len(shots) != len(j.script.Pictures()) || j.script.IsFilm() != (len(film) > 0) {
		t.Errorf("%s: %d pictures and %d stills", j.script.Name, len(shots), len(film))
	}
	for _, s := range shots {
		path := filepath.Join(committed, s.Name+"-"+j.stage.Size()+".txt")
		want, err := os.ReadFile(path)
		if got := s.Screen.String() + "\n"; err != nil || got != string(want) {
			t.Errorf("%s is another screen now (%v). If it is meant to be: make screenshots, look at the pictures, commit them.\nwas:\n%s\nis:\n%s", path, err, want, got)
		}
	}
}

func TestThereAreExactlyThePicturesTheScriptsTake(t *testing.T) {
	t.Parallel()
	scripts, err := readScripts(scriptFiles)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{galleryName}
	for _, s := range scripts {
		if s.IsFilm() {
			want = append(want, s.Name+".gif")
		}
		for _, p := range s.Pictures() {
			for _, size := range []string{"80x24", "120x40"} {
				want = append(want, p.Name+"-"+size+".txt", p.Name+"-"+size+"-dark.png", p.Name+"-"+size+"-light.png")
			}
			want = append(want, p.Name+"-80x24-dark.svg", p.Name+"-80x24-light.svg")
		}
	}
	entries, err := os.ReadDir(committed)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the folder has %d files, the scripts make %d", len(got), len(want))
	}
}

func TestTheGalleryShowsEveryPictureOnce(t *testing.T) {
	t.Parallel()
	scripts, err := readScripts(scriptFiles)
	if err != nil {
		t.Fatal(err)
	}
	page := string(gallery(scripts))
	if was, err := os.ReadFile(filepath.Join(committed, galleryName)); err != nil || string(was) != page {
		t.Errorf("the committed page is another one (%v): make screenshots", err)
	}
	for _, s := range scripts {
		for _, p := range s.Pictures() {
			if strings.Count(page, "\"(prefers-color-scheme: light)\" srcset=\""+p.Name+"-80x24-light.svg\"") != 1 || !strings.Contains(page, p.Shows) {
				t.Errorf("%s is not shown once, with what it shows", p.Name)
			}
		}
	}
}

func TestOnlyWhatDiffersIsWrittenAndWhatIsNoPictureIsLeftAlone(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	for name, text := range map[string]string{"a.png": "as before", "gone.svg": "old", "README.md": "words"} {
		if err := os.WriteFile(filepath.Join(out, name), []byte(text), 0o444); err != nil {
			t.Fatal(err)
		}
	}
	before, err := os.Stat(filepath.Join(out, "a.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := writeAll(out, map[string][]byte{"a.png": []byte("as before"), "b.txt": []byte("new")}, true); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(filepath.Join(out, "a.png"))
	if err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("a.png was written again: %v", err)
	}
	entries, err := os.ReadDir(out)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); err != nil || got != "README.md a.png b.txt" {
		t.Errorf("the folder holds %s (%v)", got, err)
	}
}

func TestScriptsThatCannotBeReadAreNamed(t *testing.T) {
	t.Parallel()
	const sound = "run try\nwait Welcome\npicture first: the first screen\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"two of one name": {map[string]string{"a": sound, "b": sound}, "a and b both have a picture first"},
		"a wrong step":    {map[string]string{"a": sound, "b": "run try\nnap 5\n"}, "b, line 2"},
		"nothing":         {map[string]string{"a": "# only words\n"}, "a: no steps"},
	} {
		files := fstest.MapFS{}
		for file, text := range c.files {
			files["scripts/"+file+".txt"] = &fstest.MapFile{Data: []byte(text)}
		}
		if _, err := readScripts(files); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestEveryPictureSaysWhatItShows(t *testing.T) {
	t.Parallel()
	scripts, err := readScripts(scriptFiles)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scripts {
		for _, p := range s.Pictures() {
			if len(p.Shows) < 15 || strings.HasSuffix(p.Shows, ".") || strings.ToUpper(p.Shows[:1]) != p.Shows[:1] || len(heading(p.Shows)) > 90 {
				t.Errorf("%s: %q is no description to read in place of the picture", p.Name, p.Shows)
			}
		}
	}
}

// script is a shell script in the place of the product. No other test may fork
// while it is written: its child would hold the file open for writing, and Linux
// runs no such file.
func script(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "program")
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWherePlayingFailsEveryScriptIsNamedAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	program := script(t, "echo not today; exit 1")
	out := filepath.Join(t.TempDir(), "pictures")
	err := run(t.Context(), program, out, "")
	scripts, _ := readScripts(scriptFiles)
	for _, s := range scripts {
		if err == nil || !strings.Contains(err.Error(), s.Name+", line") {
			t.Errorf("%s is not among the failures: %v", s.Name, err)
		}
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
}

func TestOneScriptAloneIsDrawnInEverySizeAndLookAndTheFolderIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	program := script(t, `printf 'Welcome ─ %s' "$1"; read -r x`)
	script, err := play.Parse("one", "run hello\nwait Welcome\npicture first: The first screen\n")
	if err != nil {
		t.Fatal(err)
	}
	artist, err := picture.NewArtist()
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	files, err := makeAll(t.Context(), artist, jobs([]play.Script{script}, program, out))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name, data := range files {
		names = append(names, name)
		if len(data) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
	slices.Sort(names)
	want := "first-120x40-dark.png first-120x40-light.png first-120x40.txt first-80x24-dark.png first-80x24-dark.svg " +
		"first-80x24-light.png first-80x24-light.svg first-80x24.txt"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("made %s", got)
	}
	if string(files["first-80x24.txt"]) != "Welcome ─ hello\n" || bytes.Equal(files["first-80x24-dark.png"], files["first-80x24-light.png"]) {
		t.Error("the text is another one, or both looks are the same")
	}
	if err := os.WriteFile(filepath.Join(out, "other.png"), []byte("of another script"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeAll(out, files, false); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(out, "other.png")); err != nil {
		t.Errorf("the picture of another script is gone: %v", err)
	}
}

func TestAFolderThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(out, []byte("no folder"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeAll(out, map[string][]byte{"a.png": {1}}, true); err == nil {
		t.Error("pictures were written into a file")
	}
}

func TestWrongCallsAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ program, out, only, want string }{
		{"", "x", "", "-program"},
		{"x", "", "", "-out"},
		{"x", "y", "no-such-script", "no-such-script"},
	} {
		if err := run(t.Context(), c.program, c.out, c.only); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
