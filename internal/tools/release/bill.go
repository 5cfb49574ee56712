package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"io"
	"os"
	"runtime/debug"
	"time"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
)

// bill writes the list of everything a program is made of (CycloneDX JSON), as the
// compiler recorded it in the program itself, and returns the list's name.
func (r *release) bill(t target, program string) (string, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	bom := cyclonedx.NewBOM()
	bom.Metadata = &cyclonedx.Metadata{
		Timestamp: r.at.Format(time.RFC3339),
		Component: &cyclonedx.Component{
			BOMRef: "bbconnect", Type: cyclonedx.ComponentTypeApplication, Name: "bbconnect", Version: r.version.number,
			Licenses: &cyclonedx.Licenses{{License: &cyclonedx.License{ID: "Apache-2.0"}}},
			Hashes:   &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: hex.EncodeToString(sum[:])}},
			Properties: &[]cyclonedx.Property{
				{Name: "go:os", Value: t.os}, {Name: "go:arch", Value: t.arch}, {Name: "go:version", Value: info.GoVersion},
			},
		},
	}
	bom.Components = components(info)
	name := r.base(t) + ".cdx.json"
	return name, r.writeFile(name, func(w io.Writer) error {
		return cyclonedx.NewBOMEncoder(w, cyclonedx.BOMFileFormatJSON).SetPretty(true).Encode(bom)
	})
}

// components are the modules in the program and the standard library, as package
// URLs (github.com/package-url/purl-spec, type golang).
func components(info *debug.BuildInfo) *[]cyclonedx.Component {
	list := []cyclonedx.Component{component("std", info.GoVersion[len("go"):])}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		list = append(list, component(m.Path, m.Version))
	}
	return &list
}

func component(path, version string) cyclonedx.Component {
	purl := "pkg:golang/" + path + "@" + version
	return cyclonedx.Component{
		BOMRef: purl, Type: cyclonedx.ComponentTypeLibrary, Name: path, Version: version, PackageURL: purl,
	}
}
