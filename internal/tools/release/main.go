package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

// release is one release as it is made.
type release struct {
	// source is the checkout, out the folder the files go to; both absolute.
	source, out string
	version     version
	// at is the time every file carries.
	at time.Time
	// url is where the files will be found, without a last slash.
	url string
	// fresh names the target that is compiled without the build cache; zero for none.
	fresh target
	say   func(format string, args ...any)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	source := flags.String("source", "../../..", "the checkout")
	out := flags.String("out", "../../../dist", "where the files go")
	name := flags.String("version", "", "the version; empty asks git")
	url := flags.String("url", "", "where the files will be found; empty: where they are written")
	again := flags.Bool("again", false, "make everything twice and compare")
	if err := flags.Parse(args); err != nil {
		return err
	}
	r, err := newRelease(ctx, *source, *out, *name, *url)
	if err != nil {
		return err
	}
	if err := r.make(ctx); err != nil {
		return err
	}
	if !*again {
		return nil
	}
	return r.compare(ctx)
}

func newRelease(ctx context.Context, source, out, name, url string) (*release, error) {
	source, err := filepath.Abs(source)
	if err != nil {
		return nil, err
	}
	if out, err = filepath.Abs(out); err != nil {
		return nil, err
	}
	at, err := commitTime(ctx, source)
	if err != nil {
		return nil, err
	}
	if name == "" {
		name = describe(ctx, source)
	}
	if url == "" {
		url = "file://" + filepath.ToSlash(out)
	}
	say := func(format string, args ...any) { fmt.Printf(format+"\n", args...) }
	return &release{source: source, out: out, version: readVersion(name), at: at, url: url, say: say}, nil
}

// make writes every file of the release into the folder, which it empties of an
// earlier one first.
func (r *release) make(ctx context.Context) error {
	if err := clear(r.out); err != nil {
		return err
	}
	staging, err := os.MkdirTemp("", "bbconnect-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staging)
	papers, err := r.papers(ctx, staging)
	if err != nil {
		return err
	}
	var made []string
	archives := map[target]string{}
	for _, t := range targets {
		program, err := r.build(ctx, t, staging)
		if err != nil {
			return err
		}
		files, err := r.pack(t, program, papers)
		if err != nil {
			return err
		}
		archives[t] = files[0]
		made = append(made, files...)
		r.say("made %s/%s", t.os, t.arch)
	}
	rest, err := r.lists(archives)
	if err != nil {
		return err
	}
	return r.sums(append(made, rest...))
}

// pack makes what a target's people install, the archive first.
func (r *release) pack(t target, program string, papers []paper) ([]string, error) {
	archive, err := r.archive(t, program, papers)
	if err != nil {
		return nil, fmt.Errorf("archive for %s: %w", t, err)
	}
	bill, err := r.bill(t, program)
	if err != nil {
		return nil, fmt.Errorf("list of contents for %s: %w", t, err)
	}
	files := []string{archive, bill}
	if t.os != "linux" {
		return files, nil
	}
	for _, format := range []string{"deb", "rpm"} {
		file, err := r.package_(format, t, program, papers)
		if err != nil {
			return nil, fmt.Errorf("%s for %s: %w", format, t, err)
		}
		files = append(files, file)
	}
	return files, nil
}

// clear makes the folder anew. It refuses one that holds what no release wrote.
func clear(out string) error {
	entries, err := os.ReadDir(out)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if !ours(e.Name()) {
			return fmt.Errorf("%s holds %s, which is no file of a release; name another folder", out, e.Name())
		}
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	return os.MkdirAll(out, 0o755)
}
