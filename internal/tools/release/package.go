package main

import (
	"io"
	"os"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // registers itself
	"github.com/goreleaser/nfpm/v2/files"
	_ "github.com/goreleaser/nfpm/v2/rpm" // registers itself
)

// What package managers show.
const (
	summary = "Set up, test and migrate Bitbucket connectors for Harness"
	details = summary + `
A terminal wizard that sets up the Bitbucket connectors of Harness step by step,
proves each with a live test that names the cause of a failure, keeps the secrets
in the system's keyring, and moves connectors off App Passwords.`
)

// package_ writes a .deb or .rpm and returns its name. git is only recommended: the
// program speaks git's protocol itself.
func (r *release) package_(format string, t target, program string, papers []paper) (string, error) {
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: "bbconnect", Arch: t.arch, Platform: "linux",
		Version: r.version.number, Release: "1", MTime: r.at,
		Section: "utils", Priority: "optional",
		Maintainer: "The bbconnect authors <bbconnect@localhost>", Vendor: "bbconnect",
		Description: details, License: "Apache-2.0",
		Overridables: nfpm.Overridables{
			Contents:   r.contents(program, papers),
			Recommends: []string{"git"},
			RPM:        nfpm.RPM{BuildHost: "localhost", Summary: summary},
		},
	})
	packager, err := nfpm.Get(format)
	if err != nil {
		return "", err
	}
	name := r.base(t) + "." + format
	return name, r.writeFile(name, func(w io.Writer) error { return packager.Package(info, w) })
}

func (r *release) contents(program string, papers []paper) files.Contents {
	at := func(source, destination string, mode os.FileMode) *files.Content {
		return &files.Content{
			Source: source, Destination: destination,
			FileInfo: &files.ContentFileInfo{Mode: mode, MTime: r.at, Owner: "root", Group: "root"},
		}
	}
	contents := files.Contents{at(program, "/usr/bin/bbconnect", 0o755)}
	for _, p := range papers {
		if p.inPackage != "" {
			contents = append(contents, at(p.source, p.inPackage, 0o644))
		}
	}
	return contents
}
