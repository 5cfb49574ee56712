package house_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	maxFuncLines = 70
	maxFileLines = 450
)

// source is one parsed file; path is relative to the root of the module.
type source struct {
	path string
	fset *token.FileSet
	file *ast.File
}

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s source) line(pos token.Pos) int { return s.fset.Position(pos).Line }

// at is the start of a complaint about a place in the file.
func (s source) at(pos token.Pos) string { return fmt.Sprintf("%s:%d: ", s.path, s.line(pos)) }

// parse reads one file; text is its content, or nil to read it from the disk.
func parse(t *testing.T, dir, path string, text any) source {
	t.Helper()
	s := source{path: filepath.ToSlash(path), fset: token.NewFileSet()}
	var err error
	s.file, err = parser.ParseFile(s.fset, filepath.Join(dir, path), text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("parse %s: %v", path, err)
	}
	return s
}

// sources parses every Go file of the module, the tools' module with it, leaving
// out testdata.
func sources(t *testing.T) []source {
	t.Helper()
	dir := root(t)
	var all []source
	for _, path := range files(t, dir) {
		if strings.HasSuffix(path, ".go") && !strings.Contains(path, "testdata/") {
			all = append(all, parse(t, dir, path, nil))
		}
	}
	return all
}

// files lists what belongs to the project, leaving out what git keeps and what
// make builds.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		if entry.IsDir() && (name == ".git" || name == "bin" || name == "dist") {
			return filepath.SkipDir
		}
		if entry.Type().IsRegular() {
			all = append(all, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// sourceRules are the rules about one file. Each returns complaints: the place,
// the rule and what to do.
func sourceRules() map[string]func(source) []string {
	return map[string]func(source) []string{
		"functions stay short":             longFunctions,
		"files stay short":                 longFiles,
		"exported names are explained":     unexplained,
		"tests do not sleep":               sleeps,
		"skipped tests say why":            silentSkips,
		"nothing is left to do":            leftovers,
		"packages start without side work": inits,
		"the model has no clock":           clocks,
	}
}

func TestTheSourceKeepsTheHouseRules(t *testing.T) {
	t.Parallel()
	all := sources(t)
	for name, rule := range sourceRules() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, s := range all {
				for _, complaint := range rule(s) {
					t.Error(complaint)
				}
			}
		})
	}
}

func TestEveryPackageIsExplained(t *testing.T) {
	t.Parallel()
	explained := map[string]bool{}
	for _, s := range sources(t) {
		if !s.isTest() {
			dir := filepath.Dir(s.path)
			explained[dir] = explained[dir] || s.file.Doc.Text() != ""
		}
	}
	for dir, ok := range explained {
		if !ok {
			t.Errorf("the package in %s has no package comment. Write a doc.go that says what the room is for, how to use it and how it is tested.", dir)
		}
	}
}

func longFunctions(s source) (complaints []string) {
	if s.isTest() {
		return nil
	}
	for _, decl := range s.file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if lines := s.line(f.End()) - s.line(f.Pos()) + 1; lines > maxFuncLines {
			complaints = append(complaints, fmt.Sprintf("%s%s has %d lines, at most %d are read in one go. Give its parts names of their own.",
				s.at(f.Pos()), f.Name.Name, lines, maxFuncLines))
		}
	}
	return complaints
}

func longFiles(s source) []string {
	if lines := s.line(s.file.FileEnd); !s.isTest() && lines > maxFileLines {
		return []string{fmt.Sprintf("%s has %d lines, at most %d. Move one of its subjects to a file named after it.", s.path, lines, maxFileLines)}
	}
	return nil
}

// unexplained finds exported names without a doc comment. A comment above a
// group serves all of it; methods of unexported types are nobody's to call.
func unexplained(s source) (complaints []string) {
	if s.isTest() {
		return nil
	}
	complain := func(name *ast.Ident) {
		if name.IsExported() {
			complaints = append(complaints, s.at(name.Pos())+name.Name+
				" is exported and has no doc comment. Say what it is: shapes, units, errors, the source of a rule.")
		}
	}
	for _, decl := range s.file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Doc == nil && (d.Recv == nil || ast.IsExported(receiver(d))) {
				complain(d.Name)
			}
		case *ast.GenDecl:
			if d.Doc != nil {
				continue
			}
			for _, spec := range d.Specs {
				for _, name := range unexplainedNames(spec) {
					complain(name)
				}
			}
		}
	}
	return complaints
}

func unexplainedNames(spec ast.Spec) []*ast.Ident {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Doc == nil && s.Comment == nil {
			return []*ast.Ident{s.Name}
		}
	case *ast.ValueSpec:
		if s.Doc == nil && s.Comment == nil {
			return s.Names
		}
	}
	return nil
}

// receiver is the name of the type a method belongs to.
func receiver(f *ast.FuncDecl) string {
	expr := f.Recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

// calls visits every call of a method or a package's function in a file.
func calls(s source, visit func(call *ast.CallExpr, on, name string)) {
	ast.Inspect(s.file, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
				on, _ := sel.X.(*ast.Ident)
				if on == nil {
					on = &ast.Ident{}
				}
				visit(call, on.Name, sel.Sel.Name)
			}
		}
		return true
	})
}

func sleeps(s source) (complaints []string) {
	if !s.isTest() {
		return nil
	}
	calls(s, func(call *ast.CallExpr, on, name string) {
		if on == "time" && name == "Sleep" {
			complaints = append(complaints, s.at(call.Pos())+
				"a test that sleeps is slow or fails on a busy machine. Wait for what is meant: a channel, or testing/synctest for time itself.")
		}
	})
	return complaints
}

func silentSkips(s source) (complaints []string) {
	calls(s, func(call *ast.CallExpr, on, name string) {
		if len(on) <= 2 && on != "" && (name == "SkipNow" || name == "Skip" && len(call.Args) == 0) && s.isTest() {
			complaints = append(complaints, s.at(call.Pos())+
				"a skipped test says why: name what is missing on this machine and how to get it.")
		}
	})
	return complaints
}

// unfinished is built from halves, so that this file does not break its own rule.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)

func leftovers(s source) (complaints []string) {
	for _, group := range s.file.Comments {
		for _, c := range group.List {
			if mark := unfinished.FindString(c.Text); mark != "" {
				complaints = append(complaints, s.at(c.Pos())+"finish it or leave it out: "+mark)
			}
		}
	}
	return complaints
}

func inits(s source) (complaints []string) {
	for _, decl := range s.file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if ok && f.Recv == nil && f.Name.Name == "init" && !strings.HasPrefix(s.path, "internal/termguard/") {
			complaints = append(complaints, s.at(f.Pos())+"init runs before main, for every command, and no test can leave it out. Do the work where it is needed.")
		}
	}
	return complaints
}

func clocks(s source) (complaints []string) {
	if s.isTest() || !strings.HasPrefix(s.path, "model/") {
		return nil
	}
	calls(s, func(call *ast.CallExpr, on, name string) {
		if on == "time" && (name == "Now" || name == "Since" || name == "Until") {
			complaints = append(complaints, s.at(call.Pos())+"the model has no clock of its own: take the time as an argument, or from model.World.")
		}
	})
	return complaints
}
