package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// entry is a file of an archive.
type entry struct {
	source, name string
	mode         os.FileMode
}

// base is how the files of a target are called, without their endings.
func (r *release) base(t target) string {
	return fmt.Sprintf("bbconnect_%s_%s_%s", r.version.number, t.os, t.arch)
}

// archive writes a .tar.gz, for Windows a .zip, and returns its name. Everything is
// in one folder of the archive's name.
func (r *release) archive(t target, program string, papers []paper) (string, error) {
	folder := r.base(t)
	entries := []entry{{program, folder + "/" + t.program(), 0o755}}
	for _, p := range papers {
		entries = append(entries, entry{p.source, folder + "/" + p.inArchive, 0o644})
	}
	name, write := folder+".tar.gz", r.tarball
	if t.os == "windows" {
		name, write = folder+".zip", r.zipball
	}
	return name, r.writeFile(name, func(w io.Writer) error { return write(w, entries) })
}

// tarball writes a compressed tar whose bytes follow from the entries alone.
func (r *release) tarball(w io.Writer, entries []entry) error {
	packed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	out := tar.NewWriter(packed)
	for _, e := range entries {
		data, err := os.ReadFile(e.source)
		if err != nil {
			return err
		}
		header := &tar.Header{
			Name: e.name, Mode: int64(e.mode), Size: int64(len(data)), ModTime: r.at,
			Typeflag: tar.TypeReg, Format: tar.FormatUSTAR,
		}
		if err := out.WriteHeader(header); err != nil {
			return err
		}
		if _, err := out.Write(data); err != nil {
			return err
		}
	}
	if err := out.Close(); err != nil {
		return err
	}
	return packed.Close()
}

// zipball writes a zip whose bytes follow from the entries alone.
func (r *release) zipball(w io.Writer, entries []entry) error {
	out := zip.NewWriter(w)
	for _, e := range entries {
		data, err := os.ReadFile(e.source)
		if err != nil {
			return err
		}
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: r.at}
		header.SetMode(e.mode)
		file, err := out.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := file.Write(data); err != nil {
			return err
		}
	}
	return out.Close()
}

// writeFile writes a file of the release; one that could not be written whole is
// not left there.
func (r *release) writeFile(name string, write func(io.Writer) error) error {
	path := filepath.Join(r.out, name)
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	err = write(file)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		_ = os.Remove(path) // the error that counts is the one above
	}
	return err
}
