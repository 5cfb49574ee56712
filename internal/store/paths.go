package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"bbconnect/internal/disk"
	"bbconnect/model"
)

// extension is that of a connector's file.
const extension = ".yaml"

// spot is where a connector is kept: its scope, its id and its file.
type spot struct {
	scope model.Scope
	id    string
	path  string
}

func (p spot) key() string { return p.scope.Qualify(p.id) }

func (s *Store) connectorsDir() string { return filepath.Join(s.folders.Data, "connectors") }

// spotOf is where a connector belongs. It refuses every id, organisation and
// project that could be anything but one plain file name (id.invalid,
// org.invalid, project.invalid).
func (s *Store) spotOf(scope model.Scope, id string) (spot, error) {
	parts := []struct {
		value, code, what string
		field             model.QuestionID
		needed            bool
	}{
		{scope.Org, "org.invalid", "organisation's id", model.QOrg, scope.Org != "" || scope.Project != ""},
		{scope.Project, "project.invalid", "project's id", model.QProject, scope.Project != ""},
		{id, "id.invalid", "connector's id", model.QID, true},
	}
	path := s.connectorsDir()
	for _, part := range parts {
		if !part.needed {
			continue
		}
		if !fileName(part.value) {
			return spot{}, &model.Problem{
				Code: part.code, What: fmt.Sprintf("The %s cannot name a file.", part.what),
				Why:   "Files are named after it, so it must have letters, digits, underscores and $ only, 128 at most, and be no name that Windows keeps for devices.",
				Fix:   "Choose another id.",
				Field: part.field,
			}
		}
		path = filepath.Join(path, part.value)
	}
	return spot{scope: scope, id: id, path: path + extension}, nil
}

// fileName reports whether an id may become a part of a path: Harness's own
// pattern for identifiers, which has neither dots nor separators, without the
// names Windows takes for devices.
func fileName(id string) bool {
	if id == "" || len(id) > 128 {
		return false
	}
	for i, r := range id {
		letter := r == '_' || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')
		if !letter && (i == 0 || (r != '$' && (r < '0' || r > '9'))) {
			return false
		}
	}
	lower := strings.ToLower(id)
	if slices.Contains([]string{"con", "prn", "aux", "nul"}, lower) {
		return false
	}
	device := len(lower) == 4 && (strings.HasPrefix(lower, "com") || strings.HasPrefix(lower, "lpt"))
	return !device || lower[3] < '1' || lower[3] > '9'
}

// find resolves a key. The whole key of a connector always names that one, so
// that a bare id is the account's connector where there is one; otherwise it is
// the only connector of that id. account/ID names the account's as well.
func (s *Store) find(key string) (spot, error) {
	exact, err := s.spotOfKey(key)
	if err != nil {
		return spot{}, err
	}
	if exists(exact) {
		return exact, nil
	}
	if strings.Contains(key, "/") {
		return spot{}, notFound(key, nil)
	}
	return s.findBare(key)
}

// spotOfKey is where the connector of a whole key is kept, whether or not it is
// there.
func (s *Store) spotOfKey(key string) (spot, error) {
	parts := strings.Split(key, "/")
	var scope model.Scope
	switch len(parts) {
	case 1:
	case 2:
		// account is a word Harness reserves, so that no organisation has that id.
		if parts[0] != "account" {
			scope.Org = parts[0]
		}
	case 3:
		scope = model.Scope{Org: parts[0], Project: parts[1]}
	default:
		return spot{}, notFound(key, nil)
	}
	for _, part := range parts {
		if !fileName(part) {
			return spot{}, notFound(key, nil)
		}
	}
	exact, err := s.spotOf(scope, parts[len(parts)-1])
	if err != nil {
		return spot{}, notFound(key, err)
	}
	return exact, nil
}

// exists reports whether the connector's file is there under exactly that name,
// also where the file system takes Pay for pay.
func exists(p spot) bool {
	if _, err := os.Stat(p.path); err != nil {
		return false
	}
	if runtime.GOOS != "windows" && runtime.GOOS != "darwin" {
		return true
	}
	entries, err := os.ReadDir(filepath.Dir(p.path))
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == filepath.Base(p.path) })
}

// findBare looks for an id in all organisations and projects.
func (s *Store) findBare(id string) (spot, error) {
	all, err := s.spots()
	if err != nil {
		return spot{}, err
	}
	alike := slices.IndexFunc(all, func(p spot) bool { return p.id != id && strings.EqualFold(p.id, id) })
	meant := ""
	if alike >= 0 {
		meant = all[alike].key()
	}
	all = slices.DeleteFunc(all, func(p spot) bool { return p.id != id })
	switch len(all) {
	case 0:
		if meant != "" {
			return spot{}, otherCase(id, meant)
		}
		return spot{}, notFound(id, nil)
	case 1:
		return all[0], nil
	}
	var keys []string
	for _, p := range all {
		keys = append(keys, p.key())
	}
	slices.Sort(keys)
	return spot{}, &model.Problem{
		Code: "store.ambiguous", What: fmt.Sprintf("%d connectors have the id %s.", len(keys), id),
		Why: "Ids are unique within one organisation or project only.", Fix: "Name one of " + strings.Join(keys, ", ") + ".",
	}
}

func notFound(key string, cause error) error {
	return &model.Problem{
		Code: "store.not-found", What: fmt.Sprintf("There is no connector %s.", printable(key)),
		Why: "Nothing is saved under that id.", Fix: "bbconnect list shows the saved ones.", Cause: errors.Join(ErrNotFound, cause),
	}
}

// otherCase is notFound where a connector has that id in other letters: ids are told
// apart by them.
func otherCase(key, meant string) error {
	return &model.Problem{
		Code: "store.not-found", What: fmt.Sprintf("There is no connector %s.", printable(key)),
		Why: "Capitals count in ids.", Fix: "Was " + meant + " meant?", Cause: ErrNotFound,
	}
}

// printable bounds a name that somebody typed.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, text)
	if len(text) > 200 {
		text = strings.ToValidUTF8(text[:200], "") + "…"
	}
	return text
}

// spots lists the files of connectors by reading folders only. Names that no
// connector can have are left out: locks, temporary files, notes. Where it meets
// no temporary file, a save need not look for those of killed ones.
func (s *Store) spots() ([]spot, error) {
	littered := false
	all, err := s.spotsIn(nil, s.connectorsDir(), model.Scope{}, &littered)
	if err == nil {
		s.tidy.Store(!littered)
	}
	return all, err
}

func (s *Store) spotsIn(out []spot, dir string, scope model.Scope, littered *bool) ([]spot, error) {
	entries, err := readFolder(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, &model.Problem{
			Code: "store.unreadable", What: fmt.Sprintf("The folder %s cannot be read.", dir), Why: reason(err),
			Fix: "Give yourself read access to it.", Cause: err,
		}
	}
	for _, entry := range entries {
		path := dir + string(filepath.Separator) + entry.Name()
		if id, ok := strings.CutSuffix(entry.Name(), extension); ok {
			if fileName(id) {
				out = append(out, spot{scope: scope, id: id, path: path})
			}
			continue
		}
		*littered = *littered || disk.IsTemporary(entry.Name())
		if scope.Project != "" || !fileName(entry.Name()) || !isFolder(entry, path) {
			continue
		}
		inner := model.Scope{Org: scope.Org, Project: entry.Name()}
		if scope.Org == "" {
			inner = model.Scope{Org: entry.Name()}
		}
		if out, err = s.spotsIn(out, path, inner, littered); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readFolder is os.ReadDir without its sorting.
func readFolder(dir string) ([]fs.DirEntry, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(-1)
}

// isFolder follows symbolic links, which people use to keep an organisation's
// connectors in a repository of its own.
func isFolder(entry fs.DirEntry, path string) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.IsDir()
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
