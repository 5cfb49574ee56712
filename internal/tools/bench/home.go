package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// manyConnectors is more than a platform team has, so that what grows with the
// number of saved connectors shows.
const manyConnectors = 1000

// home measures the list of saved connectors: until it is there, and the way of
// a key to the screen while it is filtered, against fzf over the same lines.
func (b *bench) home(ctx context.Context) ([]row, error) {
	home, lines, err := b.saveRows("home", manyConnectors)
	if err != nil {
		return nil, err
	}
	env := b.environment("HOME="+home, "BBCONNECT_HOME="+home, "FZF_DEFAULT_COMMAND=cat "+lines, "SHELL=/bin/sh")
	programs := []*onScreen{{
		command: command{argv: []string{b.program}, env: env, dir: home},
		ready:   fmt.Sprintf("%d connectors", manyConnectors), open: "/",
	}}
	peer := ""
	if fzf, err := exec.LookPath("fzf"); err == nil {
		peer = "fzf"
		programs = append(programs, &onScreen{
			command: command{argv: []string{fzf}, env: env, dir: home},
			ready:   fmt.Sprintf("%d/%d", manyConnectors, manyConnectors),
		})
	}
	for round := range b.half() + 1 {
		for _, p := range programs {
			if err := p.session(ctx, round > 0); err != nil {
				return nil, err
			}
		}
	}
	name := fmt.Sprintf("Home, %d connectors", manyConnectors)
	ours, theirs := programs[0], programs[len(programs)-1]
	return []row{
		{name + ": all listed", medianMS(ours.first), peer, medianMS(theirs.first), aim{}},
		{name + ": key in the filter", medianMS(ours.keys), peer, medianMS(theirs.keys), atMost(7)},
	}, nil
}

// saveRows writes connectors as the program saves them, and their names line by
// line.
func (b *bench) saveRows(name string, n int) (home, lines string, err error) {
	var names strings.Builder
	home, err = b.save(name, n, func(i int) string {
		address := fmt.Sprintf("https://git.example.com/scm/PAY/service-%04d.git", i)
		fmt.Fprintf(&names, "Service %04d service%04d %s\n", i, i, address)
		return fmt.Sprintf(httpDocument, address, "jdoe")
	})
	if err != nil {
		return "", "", err
	}
	lines, err = b.write(name+"-rows", names.String())
	return home, lines, err
}

// save writes so many connectors as the program saves them, from documents that
// are all named alike, and returns the program's home.
func (b *bench) save(name string, n int, document func(int) string) (home string, err error) {
	home = filepath.Join(b.dir, name)
	folder := filepath.Join(home, "data", "connectors")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	for i := range n {
		text := strings.NewReplacer(
			"name: Bench", fmt.Sprintf("name: Service %04d", i), "identifier: bench", fmt.Sprintf("identifier: service%04d", i),
		).Replace(document(i))
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("service%04d.yaml", i)), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	return home, nil
}
