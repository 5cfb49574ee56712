package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// target is a system and a processor, by Go's names.
type target struct{ os, arch string }

func (t target) String() string { return t.os + "/" + t.arch }

// program is the name of the program file there.
func (t target) program() string {
	if t.os == "windows" {
		return "bbconnect.exe"
	}
	return "bbconnect"
}

var targets = []target{
	{"linux", "amd64"},
	{"linux", "arm64"},
	{"darwin", "amd64"},
	{"darwin", "arm64"},
	{"windows", "amd64"},
	{"windows", "arm64"},
}

// here is the machine that builds.
func here() target { return target{runtime.GOOS, runtime.GOARCH} }

// build compiles the program for a target and returns its path. Neither the
// builder's paths nor the state of its checkout are in it.
func (r *release) build(ctx context.Context, t target, staging string) (string, error) {
	path := filepath.Join(staging, t.os+"_"+t.arch, t.program())
	args := []string{
		"build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -buildid= -X bbconnect/cmd.version=" + r.version.said,
		"-o", path,
	}
	if t == r.fresh {
		args = append(args, "-a")
	}
	build := exec.CommandContext(ctx, "go", append(args, ".")...)
	build.Dir = r.source
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS="+t.os, "GOARCH="+t.arch,
		"GOAMD64=v1", "GOARM64=v8.0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build for %s: %w\n%s", t, err, out)
	}
	return path, nil
}

// paper is a file that goes along with the program: where it was written, where it
// goes in an archive, and where a Linux package puts it; "" for not at all.
type paper struct{ source, inArchive, inPackage string }

// papers writes the manual pages and the completions, by the program itself, and
// lists them with the licence and the README.
func (r *release) papers(ctx context.Context, staging string) ([]paper, error) {
	program, err := r.build(ctx, here(), staging)
	if err != nil {
		return nil, err
	}
	papers := []paper{
		{filepath.Join(r.source, "LICENSE"), "LICENSE", "/usr/share/doc/bbconnect/copyright"},
		{filepath.Join(r.source, "README.md"), "README.md", "/usr/share/doc/bbconnect/README.md"},
	}
	for _, c := range []struct{ shell, file, installed string }{
		{"bash", "bbconnect.bash", "/usr/share/bash-completion/completions/bbconnect"},
		{"zsh", "_bbconnect", "/usr/share/zsh/vendor-completions/_bbconnect"},
		{"fish", "bbconnect.fish", "/usr/share/fish/vendor_completions.d/bbconnect.fish"},
		{"powershell", "bbconnect.ps1", ""},
	} {
		text, err := r.ask(ctx, program, staging, "completion", c.shell)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(staging, c.file)
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return nil, err
		}
		papers = append(papers, paper{path, "completions/" + c.file, c.installed})
	}
	pages, err := r.manual(ctx, program, staging)
	return append(papers, pages...), err
}

// manual has the program write its manual pages.
func (r *release) manual(ctx context.Context, program, staging string) ([]paper, error) {
	folder := filepath.Join(staging, "man")
	if _, err := r.ask(ctx, program, staging, "man", "-o", folder); err != nil {
		return nil, err
	}
	pages, err := filepath.Glob(filepath.Join(folder, "*.1"))
	if err != nil {
		return nil, err
	}
	if len(pages) == 0 {
		return nil, fmt.Errorf("bbconnect man wrote no page to %s", folder)
	}
	var papers []paper
	for _, page := range pages { // Glob sorts them
		name := filepath.Base(page)
		papers = append(papers, paper{page, "man/" + name, "/usr/share/man/man1/" + name})
	}
	return papers, nil
}

// ask runs the program away from everything the builder has: no settings, no
// connectors, no terminal.
func (r *release) ask(ctx context.Context, program, staging string, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, program, args...)
	c.Dir = staging
	c.Env = []string{
		"BBCONNECT_HOME=" + filepath.Join(staging, "home"), "HOME=" + staging, "TERM=dumb",
		fmt.Sprintf("SOURCE_DATE_EPOCH=%d", r.at.Unix()),
	}
	text, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("bbconnect %s: %w", strings.Join(args, " "), err)
	}
	return text, nil
}
