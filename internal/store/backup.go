package store

import (
	"bytes"
	"context"
	"encoding/pem"
	"maps"
	"slices"
	"strings"

	"bbconnect/model"
)

// maxCertificates bounds one file of certificates.
const maxCertificates = 4 << 20

// Snapshot is everything that is kept here, but for values: documents as they
// stand, what is known of secrets, settings, accepted host keys, and the
// certificates that settings and documents name. Drafts, tests and the past are
// not in it. What cannot be understood is in the second list instead. Errors: those
// of Secrets and Settings, and folders that cannot be read.
func (s *Store) Snapshot(ctx context.Context) (b model.Backup, leftOut []model.Damaged, err error) {
	all, err := s.spots()
	if err != nil {
		return b, nil, err
	}
	documents, broken := make([]model.BackupDocument, len(all)), make([]*model.Problem, len(all))
	named := make([]string, len(all))
	err = each(ctx, len(all), func(i int) { documents[i], named[i], broken[i] = takeDocument(all[i]) })
	if err != nil {
		return b, nil, err
	}
	for i, d := range documents {
		switch {
		case broken[i] != nil:
			leftOut = append(leftOut, model.Damaged{Path: all[i].path, Problem: broken[i]})
		case d.Key != "": // else it was deleted meanwhile
			b.Connectors = append(b.Connectors, d)
		}
	}
	slices.SortFunc(b.Connectors, func(a, b model.BackupDocument) int { return strings.Compare(a.Key, b.Key) })
	infos, err := s.Secrets(ctx)
	if err != nil {
		return b, nil, err
	}
	for _, info := range infos {
		b.Secrets = append(b.Secrets, model.BackupSecret{Info: info})
	}
	if b.Settings, err = s.Settings(ctx); err != nil {
		return b, nil, err
	}
	if b.HostKeys, err = s.KnownHosts(ctx); err != nil {
		return b, nil, err
	}
	paths := slices.Sorted(maps.Values(b.Settings.CAFiles))
	for _, path := range slices.Sorted(slices.Values(append(paths, named...))) {
		if path == "" || len(b.Certificates) > 0 && b.Certificates[len(b.Certificates)-1].Path == path {
			continue
		}
		data, problem := certificatesIn(path)
		if problem != nil {
			leftOut = append(leftOut, model.Damaged{Path: path, Problem: problem})
			continue
		}
		b.Certificates = append(b.Certificates, model.BackupFile{Path: path, Data: data})
	}
	slices.SortFunc(leftOut, func(a, b model.Damaged) int { return strings.Compare(a.Path, b.Path) })
	return b, slices.CompactFunc(leftOut, func(a, b model.Damaged) bool { return a.Path == b.Path }), nil
}

// takeDocument reads one connector's file for a snapshot, and names its file of
// certificates.
func takeDocument(p spot) (d model.BackupDocument, caFile string, problem *model.Problem) {
	data, err := read(p.path, maxDocument)
	if err != nil {
		return d, "", asProblem(p.path, err)
	}
	if data == nil {
		return d, "", nil
	}
	saved, problem := understand(p, data)
	if problem == nil {
		if err := holdsNoSecret(saved.Connector); err != nil {
			problem = asProblem(p.path, err)
		}
	}
	if problem != nil {
		return d, "", problem
	}
	return model.BackupDocument{Key: p.key(), Data: data}, saved.Connector.CAFile, nil
}

// certificatesIn are the certificates of a PEM file; nothing else of it is taken.
func certificatesIn(path string) ([]byte, *model.Problem) {
	data, err := read(path, maxCertificates)
	if err != nil {
		return nil, asProblem(path, err)
	}
	var out bytes.Buffer
	for _, block := range certificateBlocks(data) {
		_ = pem.Encode(&out, &pem.Block{Type: block.Type, Bytes: block.Bytes}) // a buffer takes everything
	}
	if out.Len() == 0 {
		return nil, damaged(path, "It is named for its certificates, and there is none in it.", nil)
	}
	return out.Bytes(), nil
}

// CompareBackup says of every part of a backup how it stands to what is here, and
// writes nothing. Errors: store.damaged for a backup with a document that is none,
// and those of reading what is here.
func (s *Store) CompareBackup(ctx context.Context, b model.Backup) ([]model.RestoreItem, error) {
	r, err := s.restoring(ctx, b, model.RestoreRefuse)
	return r.items, err
}

// RestoreBackup writes what of a backup is to be written by the way, and says how
// each part stood. It compares anew, with nobody else changing anything meanwhile:
// with refuse, a connector or secret that differs is a store.conflict and nothing is
// written. All files are on the disk before the first is put in its place, the
// documents last; a process killed between them leaves whole files, and the same
// restore done again does the rest. Documents can be taken back by Undo. Values
// are not the store's.
func (s *Store) RestoreBackup(ctx context.Context, b model.Backup, way model.RestoreWay) (items []model.RestoreItem, err error) {
	err = s.lockedAll(ctx, []string{s.connectorsDir(), s.secretsPath(), s.settingsPath(), s.hostsPath()}, func() error {
		r, err := s.restoring(ctx, b, way)
		if err != nil {
			return err
		}
		items = r.items
		if way == model.RestoreRefuse {
			if conflict := model.RestoreConflict(r.items); conflict != nil {
				return conflict
			}
		}
		return r.write()
	})
	return items, err
}

// lockedAll holds several locks, taken in the order given.
func (s *Store) lockedAll(ctx context.Context, paths []string, change func() error) error {
	if len(paths) == 0 {
		return change()
	}
	return s.locked(ctx, paths[0], func() error { return s.lockedAll(ctx, paths[1:], change) })
}
