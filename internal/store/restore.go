package store

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"bbconnect/internal/disk"
	"bbconnect/internal/document"
	"bbconnect/model"
)

// restoring is a backup beside what is here: how each part stands to it, and the
// files that would be written.
type restoring struct {
	s     *Store
	b     model.Backup
	way   model.RestoreWay
	items []model.RestoreItem
	// files are in the order in which they get their names.
	files []disk.File
	// bundles are the certificates of our own files, by path, as they are to be.
	bundles map[string][]byte
	// changes are the documents that are written, for what can be taken back.
	changes []restoredDocument
	// old are the versions of files that an older program wrote, by path.
	old map[string]int
}

type restoredDocument struct {
	spot          spot
	name          string
	before, after []byte
}

func (s *Store) restoring(ctx context.Context, b model.Backup, way model.RestoreWay) (*restoring, error) {
	r := &restoring{s: s, b: b, way: way, bundles: map[string][]byte{}, old: map[string]int{}}
	for _, part := range []func(context.Context) error{r.documents, r.secrets, r.settings, r.hostKeys} {
		if err := part(ctx); err != nil {
			return r, err
		}
	}
	// What documents and settings name is there before they are.
	var first []disk.File
	for _, path := range slices.Sorted(maps.Keys(r.bundles)) {
		now, err := read(path, maxCertificates)
		if err != nil {
			return r, err
		}
		if !bytes.Equal(now, r.bundles[path]) {
			first = append(first, disk.File{Path: path, Data: r.bundles[path]})
		}
	}
	slices.Reverse(r.files) // documents were looked at first, and come last
	r.files = append(first, r.files...)
	return r, nil
}

// note records how a part stands and reports whether it is written.
func (r *restoring) note(kind model.RestoreKind, name string, state model.RestoreState) bool {
	r.items = append(r.items, model.RestoreItem{Kind: kind, Name: name, State: state})
	return r.way.Writes(state)
}

// stateOf compares a file, nil for none, with what it would be.
func stateOf(now, next []byte) model.RestoreState {
	switch {
	case now == nil:
		return model.RestoreNew
	case bytes.Equal(now, next):
		return model.RestoreSame
	}
	return model.RestoreDiffers
}

func (r *restoring) documents(ctx context.Context) error {
	seen := map[string]bool{}
	for _, d := range r.b.Connectors {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, saved, err := r.document(d)
		if err != nil {
			return err
		}
		if seen[p.path] {
			return notOfABackup(d.Key, "It is there twice.", nil)
		}
		seen[p.path] = true
		next, err := r.atHome(saved.Connector, d.Data)
		if err != nil {
			return err
		}
		now, err := read(p.path, maxDocument)
		if err != nil {
			return err
		}
		state := stateOf(now, next.data)
		writes := r.note(model.RestoreConnector, p.key(), state)
		if writes || state == model.RestoreSame {
			if err := r.bundle(next.bundle, next.certificates); err != nil {
				return err
			}
		}
		if writes {
			r.files = append(r.files, disk.File{Path: p.path, Data: next.data})
			r.changes = append(r.changes, restoredDocument{spot: p, name: saved.Connector.Name, before: now, after: next.data})
		}
	}
	return nil
}

// document reads one of the backup as strictly as a file of ours: its key becomes
// a path.
func (r *restoring) document(d model.BackupDocument) (spot, model.Saved, error) {
	parts := strings.Split(d.Key, "/")
	var scope model.Scope
	switch len(parts) {
	case 1:
	case 2:
		scope = model.Scope{Org: parts[0]}
	case 3:
		scope = model.Scope{Org: parts[0], Project: parts[1]}
	default:
		return spot{}, model.Saved{}, notOfABackup(d.Key, "Its name is none.", nil)
	}
	p, err := r.s.spotOf(scope, parts[len(parts)-1])
	if err != nil {
		return spot{}, model.Saved{}, notOfABackup(d.Key, "Its name is none.", err)
	}
	saved, problem := understand(p, d.Data)
	if problem != nil {
		return spot{}, model.Saved{}, notOfABackup(d.Key, problem.Why, problem)
	}
	if err := holdsNoSecret(saved.Connector); err != nil {
		return spot{}, model.Saved{}, notOfABackup(d.Key, "It holds a credential where a name belongs.", err)
	}
	return p, saved, nil
}

func notOfABackup(key, why string, cause error) *model.Problem {
	return &model.Problem{
		Code: "store.damaged", What: fmt.Sprintf("The connector %s of the backup cannot be restored.", printable(key)), Why: why,
		Fix: "Make a new backup on the machine it came from. Nothing was restored.", Cause: cause,
	}
}

// athome is a document as it is on this machine, and the certificates it needs in a
// file of ours, if any.
type athome struct {
	data         []byte
	bundle       string
	certificates []byte
}

// atHome points a document to a file of ours where the file of certificates it
// names is not on this machine.
func (r *restoring) atHome(c model.Connector, data []byte) (athome, error) {
	certificates, kept := r.certificates(c.CAFile)
	if c.CAFile == "" || !kept || isFile(c.CAFile) {
		return athome{data: data}, nil
	}
	name := authorityFile(model.ReadURL(c.URL, model.URLContext{}).Host)
	if name == "" {
		return athome{data: data}, nil
	}
	c.CAFile = r.s.authorityPath(name)
	edited, err := document.Edit(data, c)
	return athome{data: edited, bundle: c.CAFile, certificates: certificates}, err
}

func (r *restoring) secrets(context.Context) error {
	file, old, err := r.s.readSecrets()
	if err != nil {
		return err
	}
	changed := false
	at := make(map[model.SecretName]int, len(file.Secrets))
	for i, known := range file.Secrets {
		at[known.Name] = i
	}
	for _, backed := range r.b.Secrets {
		fresh, state := record(backed.Info), model.RestoreNew
		i, here := at[backed.Info.Name]
		if here {
			now, why, err := file.Secrets[i].info()
			if why != "" {
				return damaged(r.s.secretsPath(), why, err)
			}
			state = model.RestoreDiffers
			if sameFacts(now, backed.Info) {
				state = model.RestoreSame
			}
		}
		switch writes := r.note(model.RestoreSecret, string(backed.Info.Name), state); {
		case writes && here:
			fresh.Rest = file.Secrets[i].Rest
			file.Secrets[i], changed = fresh, true
		case writes:
			at[backed.Info.Name] = len(file.Secrets)
			file.Secrets, changed = append(file.Secrets, fresh), true
		}
	}
	if !changed {
		return nil
	}
	file.Version = secretsFormat().version()
	r.old[r.s.secretsPath()] = old
	data, err := composeYAML(r.s.secretsPath(), secretsComment, file)
	r.files = append(r.files, disk.File{Path: r.s.secretsPath(), Data: data})
	return err
}

// sameFacts compares what two machines know of a secret. Where the value is kept
// and when it was put there is each machine's own.
func sameFacts(a, b model.SecretInfo) bool {
	if a.Length == 0 || b.Length == 0 {
		a.Length, b.Length = 0, 0 // one of them does not say
	}
	for _, i := range []*model.SecretInfo{&a, &b} {
		i.Where, i.Created = "", time.Time{}
		i.Expires = i.Expires.UTC().Truncate(24 * time.Hour)
	}
	return a == b
}

// write puts the files in their places.
func (r *restoring) write() error {
	if len(r.files) == 0 {
		return nil
	}
	for _, c := range r.changes[max(0, len(r.changes)-maxUndo):] {
		r.s.remember(c.spot, c.name, c.before, c.after, nil)
	}
	for path, old := range r.old {
		if old == upToDate {
			continue
		}
		if err := keepOld(path, old); err != nil {
			return err
		}
	}
	if err := disk.WriteFiles(r.files); err != nil {
		return unwritable(r.s.folders.Data, err)
	}
	return nil
}
