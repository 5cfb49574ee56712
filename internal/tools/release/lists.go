package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// lists writes what package managers other than apt and dnf read, and returns the
// files' names.
func (r *release) lists(archives map[target]string) ([]string, error) {
	formula, err := r.formula(archives)
	if err != nil {
		return nil, err
	}
	manifest, err := r.manifest(archives)
	if err != nil {
		return nil, err
	}
	for name, text := range map[string]string{"bbconnect.rb": formula, "bbconnect.json": manifest} {
		if err := r.writeFile(name, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
			return nil, err
		}
	}
	return []string{"bbconnect.rb", "bbconnect.json"}, nil
}

// formula is the Homebrew formula (docs.brew.sh/Formula-Cookbook): the archive for
// the system at hand, the program, its manual pages and completions.
func (r *release) formula(archives map[target]string) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "class Bbconnect < Formula\n  desc %q\n  version %q\n  license \"Apache-2.0\"\n", summary, r.version.number)
	for _, system := range []struct{ os, block string }{{"darwin", "on_macos"}, {"linux", "on_linux"}} {
		fmt.Fprintf(&b, "\n  %s do\n", system.block)
		for _, processor := range []struct{ arch, block string }{{"arm64", "on_arm"}, {"amd64", "on_intel"}} {
			name := archives[target{system.os, processor.arch}]
			sum, err := r.sum(name)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&b, "    %s do\n      url %q\n      sha256 %q\n    end\n", processor.block, r.url+"/"+name, sum)
		}
		b.WriteString("  end\n")
	}
	b.WriteString(`
  def install
    bin.install "bbconnect"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/bbconnect.bash" => "bbconnect"
    zsh_completion.install "completions/_bbconnect"
    fish_completion.install "completions/bbconnect.fish"
  end

  test do
    assert_match version.to_s.split("-").first, shell_output("#{bin}/bbconnect --version")
  end
end
`)
	return b.String(), nil
}

// manifest is the Scoop manifest (github.com/ScoopInstaller/Scoop/wiki/App-Manifests).
func (r *release) manifest(archives map[target]string) (string, error) {
	type place struct {
		URL    string `json:"url"`
		Hash   string `json:"hash"`
		Folder string `json:"extract_dir"`
	}
	places := map[string]place{}
	for processor, arch := range map[string]string{"64bit": "amd64", "arm64": "arm64"} {
		t := target{"windows", arch}
		sum, err := r.sum(archives[t])
		if err != nil {
			return "", err
		}
		places[processor] = place{URL: r.url + "/" + archives[t], Hash: sum, Folder: r.base(t)}
	}
	text, err := json.MarshalIndent(struct {
		Version      string           `json:"version"`
		Description  string           `json:"description"`
		License      string           `json:"license"`
		Architecture map[string]place `json:"architecture"`
		Program      string           `json:"bin"`
	}{r.version.number, summary, "Apache-2.0", places, "bbconnect.exe"}, "", "    ")
	return string(text) + "\n", err
}

// sumsName is the file that sha256sum -c reads.
const sumsName = "SHA256SUMS"

// sums writes the checksums of all files.
func (r *release) sums(names []string) error {
	slices.Sort(names)
	return r.writeFile(sumsName, func(w io.Writer) error {
		for _, name := range names {
			sum, err := r.sum(name)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(w, "%s  %s\n", sum, name); err != nil {
				return err
			}
		}
		return nil
	})
}

// sum is a file's SHA-256 in hexadecimal.
func (r *release) sum(name string) (string, error) { return fileSum(filepath.Join(r.out, name)) }

func fileSum(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// ours reports a name that a release writes.
func ours(name string) bool {
	return name == sumsName || name == "bbconnect.rb" || name == "bbconnect.json" || strings.HasPrefix(name, "bbconnect_")
}
