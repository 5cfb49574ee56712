package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
)

// tiny is a checkout with a program that answers as much as a release asks of it.
func tiny(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":         "module bbconnect\n\ngo 1.26\n",
		"LICENSE":        "the licence\n",
		"README.md":      "# bbconnect\n",
		"cmd/version.go": "package cmd\n\nvar version = \"devel\"\n\nfunc Version() string { return version }\n",
		"main.go": `package main

import (
	"fmt"
	"os"
	"path/filepath"

	"bbconnect/cmd"
)

func main() {
	switch os.Args[1] {
	case "man":
		if err := os.MkdirAll(os.Args[3], 0o755); err != nil {
			panic(err)
		}
		for _, page := range []string{"bbconnect.1", "bbconnect-new.1"} {
			if err := os.WriteFile(filepath.Join(os.Args[3], page), []byte(".TH "+page+"\n"), 0o600); err != nil {
				panic(err)
			}
		}
	case "completion":
		fmt.Println("# completion for", os.Args[2])
	default:
		fmt.Println("bbconnect", cmd.Version())
	}
}
`,
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git(t, folder, "init", "-q")
	git(t, folder, "add", ".")
	git(t, folder, "-c", "user.name=a", "-c", "user.email=a@localhost", "commit", "-q", "-m", "all", "--date", "2026-11-01T10:00:00Z")
	return folder
}

func git(t *testing.T, folder string, args ...string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "git", append([]string{"-C", folder}, args...)...)
	c.Env = append(os.Environ(), "GIT_COMMITTER_DATE=2026-11-01T10:00:00Z", "GIT_CONFIG_GLOBAL=/dev/null")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// releaseOf makes a release of the tiny checkout once for several tests.
func releaseOf(t *testing.T, source string) *release {
	t.Helper()
	r, err := newRelease(t.Context(), source, filepath.Join(t.TempDir(), "dist"), "v1.2.3", "https://downloads.example.com/v1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	r.say = t.Logf
	if err := r.make(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAReleaseHoldsWhatPeopleInstall(t *testing.T) {
	t.Parallel()
	source := tiny(t)
	r := releaseOf(t, source)
	t.Run("every file is there", func(t *testing.T) {
		names, err := namesIn(r.out)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, target := range targets {
			want = append(want, r.base(target)+".cdx.json")
			switch target.os {
			case "linux":
				want = append(want, r.base(target)+".tar.gz", r.base(target)+".deb", r.base(target)+".rpm")
			case "darwin":
				want = append(want, r.base(target)+".tar.gz")
			case "windows":
				want = append(want, r.base(target)+".zip")
			}
		}
		want = append(want, "SHA256SUMS", "bbconnect.rb", "bbconnect.json")
		slices.Sort(want)
		if !slices.Equal(names, want) {
			t.Errorf("there are\n%s\nwant\n%s", strings.Join(names, "\n"), strings.Join(want, "\n"))
		}
	})
	t.Run("archives", func(t *testing.T) { checkArchives(t, r) })
	t.Run("packages", func(t *testing.T) { checkPackages(t, r) })
	t.Run("checksums", func(t *testing.T) { checkSums(t, r) })
	t.Run("formula and manifest", func(t *testing.T) { checkLists(t, r) })
	t.Run("list of contents", func(t *testing.T) { checkBill(t, r) })
	t.Run("made again it is the same", func(t *testing.T) {
		if err := r.compare(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("changes that are not committed are refused", func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(source, "LICENSE"), []byte("another licence\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := r.compare(t.Context()); err == nil || !strings.Contains(err.Error(), "LICENSE") {
			t.Errorf("compare says %v, want it to name LICENSE", err)
		}
	})
}

func checkArchives(t *testing.T, r *release) {
	t.Helper()
	want := []string{
		"LICENSE", "README.md", "completions/bbconnect.bash", "completions/_bbconnect",
		"completions/bbconnect.fish", "completions/bbconnect.ps1", "man/bbconnect-new.1", "man/bbconnect.1",
	}
	for _, target := range targets {
		files := filesOf(t, r, target)
		for _, name := range append([]string{target.program()}, want...) {
			f, ok := files[r.base(target)+"/"+name]
			if !ok {
				t.Errorf("%s has no %s", target, name)
				continue
			}
			if !f.at.Equal(r.at) {
				t.Errorf("%s: %s carries %s, want the commit's %s", target, name, f.at, r.at)
			}
			if runs := f.mode&0o111 != 0; runs != (name == target.program()) {
				t.Errorf("%s: %s has mode %o", target, name, f.mode)
			}
		}
		if len(files) != len(want)+1 {
			t.Errorf("%s has %d files, want %d", target, len(files), len(want)+1)
		}
		if target != here() {
			continue
		}
		path := filepath.Join(t.TempDir(), target.program())
		// No other test may fork while it is open for writing: Linux would not run it.
		syscall.ForkLock.RLock()
		err := os.WriteFile(path, files[r.base(target)+"/"+target.program()].data, 0o700)
		syscall.ForkLock.RUnlock()
		if err != nil {
			t.Fatal(err)
		}
		said, err := exec.CommandContext(t.Context(), path, "version").Output()
		if err != nil || string(said) != "bbconnect v1.2.3\n" {
			t.Errorf("the program says %q, %v", said, err)
		}
	}
}

type packed struct {
	data []byte
	mode os.FileMode
	at   time.Time
}

func filesOf(t *testing.T, r *release, target target) map[string]packed {
	t.Helper()
	files := map[string]packed{}
	if target.os == "windows" {
		archive, err := zip.OpenReader(filepath.Join(r.out, r.base(target)+".zip"))
		if err != nil {
			t.Fatal(err)
		}
		defer archive.Close()
		for _, f := range archive.File {
			in, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(in)
			if err != nil {
				t.Fatal(err)
			}
			files[f.Name] = packed{data, f.Mode(), f.Modified}
		}
		return files
	}
	file, err := os.Open(filepath.Join(r.out, r.base(target)+".tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	in := tar.NewReader(unpacked)
	for {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name] = packed{data, header.FileInfo().Mode(), header.ModTime}
	}
}

// checkPackages has dpkg read the .deb, where there is one, and looks at the bytes
// that say what kind of file each is (deb(5), and the lead of an RPM).
func checkPackages(t *testing.T, r *release) {
	t.Helper()
	for _, arch := range []string{"amd64", "arm64"} {
		deb := filepath.Join(r.out, r.base(target{"linux", arch})+".deb")
		rpm, err := os.ReadFile(filepath.Join(r.out, r.base(target{"linux", arch})+".rpm"))
		if err != nil || !bytes.HasPrefix(rpm, []byte{0xed, 0xab, 0xee, 0xdb}) {
			t.Errorf("the .rpm for %s is none: %v", arch, err)
		}
		data, err := os.ReadFile(deb)
		if err != nil || !bytes.HasPrefix(data, []byte("!<arch>\ndebian-binary")) {
			t.Errorf("the .deb for %s is none: %v", arch, err)
		}
		if _, err := exec.LookPath("dpkg-deb"); err != nil {
			t.Logf("no dpkg-deb here, so what is inside the .deb is not read")
			continue
		}
		fields, err := exec.CommandContext(t.Context(), "dpkg-deb", "-f", deb, "Package", "Version", "Architecture", "Recommends").Output()
		want := "Package: bbconnect\nVersion: 1.2.3-1\nArchitecture: " + arch + "\nRecommends: git\n"
		if err != nil || string(fields) != want {
			t.Errorf("dpkg-deb reads\n%s%v\nwant\n%s", fields, err, want)
		}
		list, err := exec.CommandContext(t.Context(), "dpkg-deb", "-c", deb).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{
			"./usr/bin/bbconnect", "./usr/share/man/man1/bbconnect.1", "./usr/share/doc/bbconnect/copyright",
			"./usr/share/bash-completion/completions/bbconnect", "./usr/share/fish/vendor_completions.d/bbconnect.fish",
		} {
			if !strings.Contains(string(list), path+"\n") {
				t.Errorf("the .deb for %s has no %s:\n%s", arch, path, list)
			}
		}
	}
}

func checkSums(t *testing.T, r *release) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.out, sumsName))
	if err != nil {
		t.Fatal(err)
	}
	names, err := namesIn(r.out)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines != len(names)-1 {
		t.Errorf("%d checksums for %d files", lines, len(names)-1)
	}
	for line := range strings.Lines(string(text)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if got, err := fileSum(filepath.Join(r.out, name)); err != nil || got != sum {
			t.Errorf("%s is %s, %v, listed as %s", name, got, err, sum)
		}
	}
}

func checkLists(t *testing.T, r *release) {
	t.Helper()
	formula, err := os.ReadFile(filepath.Join(r.out, "bbconnect.rb"))
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range targets {
		if target.os == "windows" {
			continue
		}
		name := r.base(target) + ".tar.gz"
		sum, err := r.sum(name)
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("url \"https://downloads.example.com/v1.2.3/%s\"\n      sha256 \"%s\"", name, sum)
		if !strings.Contains(string(formula), want) {
			t.Errorf("the formula lacks\n%s\nin\n%s", want, formula)
		}
	}
	text, err := os.ReadFile(filepath.Join(r.out, "bbconnect.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Version      string
		Bin          string
		Architecture map[string]struct{ URL, Hash string }
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	for processor, arch := range map[string]string{"64bit": "amd64", "arm64": "arm64"} {
		name := r.base(target{"windows", arch}) + ".zip"
		sum, err := r.sum(name)
		if got := manifest.Architecture[processor]; err != nil || got.Hash != sum || !strings.HasSuffix(got.URL, "/"+name) {
			t.Errorf("the manifest has %+v for %s, %v", got, processor, err)
		}
	}
	if manifest.Version != "1.2.3" || manifest.Bin != "bbconnect.exe" {
		t.Errorf("the manifest says %+v", manifest)
	}
}

func checkBill(t *testing.T, r *release) {
	t.Helper()
	file, err := os.Open(filepath.Join(r.out, r.base(here())+".cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var bom cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(file, cyclonedx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	if c := bom.Metadata.Component; c.Name != "bbconnect" || c.Version != "1.2.3" {
		t.Errorf("it is about %s %s", c.Name, c.Version)
	}
	names := []string{}
	for _, c := range *bom.Components {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, []string{"std"}) { // the tiny program has no other
		t.Errorf("it lists %v", names)
	}
}

func TestEachFileThatIsNotTheSameInBothIsNamed(t *testing.T) {
	t.Parallel()
	first, second := t.TempDir(), t.TempDir()
	for path, text := range map[string]string{
		filepath.Join(first, "same"): "a", filepath.Join(second, "same"): "a",
		filepath.Join(first, "other"): "a", filepath.Join(second, "other"): "b",
		filepath.Join(first, "gone"): "a", filepath.Join(second, "more"): "a",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	err := sameFiles(first, second, t.Logf)
	if err == nil || !strings.HasSuffix(err.Error(), ": gone, more, other") {
		t.Errorf("it says %v", err)
	}
}

func TestAFolderWithOtherFilesIsNotEmptied(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	kept := filepath.Join(out, "thesis.txt")
	if err := os.WriteFile(kept, []byte("years of work"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := clear(out); err == nil || !strings.Contains(err.Error(), "thesis.txt") {
		t.Errorf("clear says %v, want it to name thesis.txt", err)
	}
	if _, err := os.Stat(kept); err != nil {
		t.Error(err)
	}
}

func TestAFileThatCannotBeWrittenWholeIsNotLeft(t *testing.T) {
	t.Parallel()
	r := &release{out: t.TempDir()}
	broken := errors.New("the disk is full")
	err := r.writeFile("half", func(w io.Writer) error {
		_, _ = w.Write([]byte("half of "))
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Stat(filepath.Join(r.out, "half")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestOutsideACheckoutThereIsNoRelease(t *testing.T) {
	t.Parallel()
	_, err := newRelease(t.Context(), t.TempDir(), t.TempDir(), "v1.2.3", "")
	if err == nil || !strings.Contains(err.Error(), "git checkout") {
		t.Errorf("it says %v", err)
	}
}
