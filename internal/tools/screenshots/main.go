package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"bbconnect/internal/tools/screenshots/picture"
	"bbconnect/internal/tools/screenshots/play"
)

//go:embed scripts/*.txt
var scriptFiles embed.FS

func main() {
	program := flag.String("program", "", "the program to take pictures of")
	out := flag.String("out", "", "the folder for the pictures")
	only := flag.String("only", "", "play this script alone, and remove nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *program, *out, *only); err != nil {
		fmt.Fprintf(os.Stderr, "screenshots: %v\n", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, program, out, only string) error {
	if program == "" || out == "" {
		return errors.New("give -program PATH and -out FOLDER")
	}
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	scripts, err := readScripts(scriptFiles)
	if err != nil {
		return err
	}
	if only != "" {
		scripts = slices.DeleteFunc(scripts, func(s play.Script) bool { return s.Name != only })
	}
	if len(scripts) == 0 {
		return fmt.Errorf("there is no script %q", only)
	}
	artist, err := picture.NewArtist()
	if err != nil {
		return err
	}
	files, err := makeAll(ctx, artist, jobs(scripts, program, out))
	if err != nil {
		return err
	}
	if only == "" {
		files[galleryName] = gallery(scripts)
	}
	return writeAll(out, files, only == "")
}

// readScripts are all scripts, by name. Two pictures of one name are an error.
func readScripts(files fs.FS) ([]play.Script, error) {
	names, err := fs.Glob(files, "scripts/*.txt")
	if err != nil {
		return nil, err
	}
	var out []play.Script
	taken := map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		s, err := play.Parse(strings.TrimSuffix(path.Base(name), ".txt"), string(text))
		if err != nil {
			return nil, err
		}
		for _, p := range s.Pictures() {
			if by := taken[p.Name]; by != "" {
				return nil, fmt.Errorf("%s and %s both have a picture %s", by, s.Name, p.Name)
			}
			taken[p.Name] = s.Name
		}
		out = append(out, s)
	}
	return out, nil
}

// job is one script in one window.
type job struct {
	script play.Script
	stage  play.Stage
}

// jobs are what there is to play, with the texts of the folder as what is known.
// A film is made in one window, dark.
func jobs(scripts []play.Script, program, folder string) []job {
	var out []job
	for _, s := range scripts {
		for _, size := range [][2]int{{80, 24}, {120, 40}} {
			for _, look := range []play.Look{play.Dark(), play.Light()} {
				if s.IsFilm() && (size[0] != 80 || look != play.Dark()) {
					continue
				}
				stage := play.Stage{Program: program, Cols: size[0], Rows: size[1], Look: look}
				stage.Known = func(name string) string {
					text, _ := os.ReadFile(filepath.Join(folder, name+"-"+stage.Size()+".txt")) // none is no matter
					return string(text)
				}
				out = append(out, job{s, stage})
			}
		}
	}
	return out
}

// makeAll plays and draws everything, several scripts at a time, and returns the
// files by name.
func makeAll(ctx context.Context, artist *picture.Artist, todo []job) (map[string][]byte, error) {
	files := map[string][]byte{}
	failures := make([]error, len(todo))
	var mu sync.Mutex
	var running sync.WaitGroup
	places := make(chan struct{}, runtime.NumCPU())
	for i, j := range todo {
		running.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			made, err := j.make(ctx, artist)
			failures[i] = err
			mu.Lock()
			defer mu.Unlock()
			for name, data := range made {
				files[name] = data
			}
		})
	}
	running.Wait()
	return files, errors.Join(failures...)
}

// make plays one script and draws its pictures.
func (j job) make(ctx context.Context, artist *picture.Artist) (map[string][]byte, error) {
	shots, film, err := j.stage.Play(ctx, j.script)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	draw := func(name string, draw func(*bytes.Buffer) error) error {
		var b bytes.Buffer
		if err := draw(&b); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		files[name] = b.Bytes()
		return nil
	}
	var failures []error
	for _, s := range shots {
		stem := s.Name + "-" + j.stage.Size()
		if j.stage.Look == play.Dark() {
			files[stem+".txt"] = []byte(s.Screen.String() + "\n")
		}
		stem += "-" + j.stage.Look.Theme
		failures = append(failures, draw(stem+".png", func(b *bytes.Buffer) error { return artist.PNG(b, s.Screen) }))
		if j.stage.Cols == 80 {
			failures = append(failures, draw(stem+".svg", func(b *bytes.Buffer) error { return artist.SVG(b, s.Screen, s.Shows) }))
		}
	}
	if len(film) > 0 {
		failures = append(failures, draw(j.script.Name+".gif", func(b *bytes.Buffer) error { return artist.Film(b, film) }))
	}
	return files, errors.Join(failures...)
}

// writeAll writes what differs, and removes what is no picture any more.
func writeAll(out string, files map[string][]byte, tidy bool) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	changed, size := 0, 0
	for name, data := range files {
		size += len(data)
		at := filepath.Join(out, name)
		if before, err := os.ReadFile(at); err == nil && bytes.Equal(before, data) {
			continue
		}
		changed++
		if err := os.WriteFile(at, data, 0o644); err != nil {
			return err
		}
	}
	removed := 0
	if tidy {
		var err error
		if removed, err = removeOthers(out, files); err != nil {
			return err
		}
	}
	fmt.Printf("%d files, %d KB: %d written anew, %d removed, the others are as they were\n", len(files), size>>10, changed, removed)
	return nil
}

// removeOthers removes pictures and texts that were not made.
func removeOthers(out string, files map[string][]byte) (int, error) {
	entries, err := os.ReadDir(out)
	if err != nil {
		return 0, err
	}
	removed := 0
	for _, e := range entries {
		ours := slices.Contains([]string{".png", ".svg", ".gif", ".txt"}, filepath.Ext(e.Name()))
		if _, made := files[e.Name()]; made || !ours || e.IsDir() {
			continue
		}
		if err := os.Remove(filepath.Join(out, e.Name())); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}
