package papers_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bbconnect/model"
)

// said is one thing the program says with a code: a finding, which has no why,
// or a problem.
type said struct {
	code, situation, what, why, fix string
	// field is the question it is about, where that is known.
	field model.QuestionID
}

// root is the folder of go.mod, seen from this package.
const root = "../.."

// hole stands for what is known only when the program runs.
const hole = "…"

// codeShape is a code as docs/contract.md writes it.
var codeShape = regexp.MustCompile(`^[a-z]+\.[a-z0-9-]+$`)

// A teller is a function, or a composite literal, that says something with a
// code. Its texts may hold parameters, written as parameter(name).
type teller struct {
	params []string
	said
}

// parameter marks a parameter of the enclosing function in a text.
func parameter(name string) string { return "\x00" + name + "\x00" }

// reader finds what the files of one package say.
type reader struct {
	consts map[string]string
	// locals are the texts that the function at hand first gives to its variables.
	locals  map[string]string
	tellers map[string][]teller
	found   []said
}

// names are the words in braces that the live test fills in.
var names = regexp.MustCompile(`\{[a-z]+\}`)

// namedFile is a file of a package.
type namedFile struct {
	name string
	*ast.File
}

// readSaid finds what the code of a package says with a code, in the order of
// its files. Tests are left out.
func readSaid(t *testing.T, dir string) []said {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, dir))
	if err != nil {
		t.Fatal(err)
	}
	var files []namedFile
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".go") && !strings.HasSuffix(e.Name(), "_test.go") {
			f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, dir, e.Name()), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, namedFile{e.Name(), f})
		}
	}
	r := &reader{consts: map[string]string{}, tellers: map[string][]teller{}}
	// Linux comes first, since most people of the page are there.
	slices.SortStableFunc(files, func(a, b namedFile) int {
		return cmp.Compare(systemOf(a.name), systemOf(b.name))
	})
	for _, f := range files {
		r.readConsts(f.name, f.File)
	}
	// A function that hands its parameters on to one that says something says it
	// too; three rounds reach every one there is.
	for range 3 {
		r.found = nil
		for _, f := range files {
			r.readFile(f.File)
		}
	}
	if dir == "internal/probe" {
		for i, s := range r.found {
			fill := func(text string) string { return names.ReplaceAllString(text, hole) }
			r.found[i] = said{code: s.code, what: fill(s.what), why: fill(s.why), fix: fill(s.fix)}
		}
	}
	return r.found
}

// systemOf is the system that a file's name says it is for.
func systemOf(file string) string {
	for suffix, system := range map[string]string{"_darwin.go": "macOS", "_windows.go": "Windows"} {
		if strings.HasSuffix(file, suffix) {
			return system
		}
	}
	return "Linux"
}

func (r *reader) readConsts(file string, f *ast.File) {
	for _, decl := range f.Decls {
		if gen, ok := decl.(*ast.GenDecl); ok && gen.Tok == token.CONST {
			for _, spec := range gen.Specs {
				v := spec.(*ast.ValueSpec)
				for i, name := range v.Names {
					if i >= len(v.Values) {
						continue
					}
					text := r.text(v.Values[i], nil)
					if other := r.consts[name.Name]; other != "" && other != text {
						// Each system has its own.
						text = other + " (on " + systemOf(file) + ": " + strings.ToLower(text[:1]) + text[1:] + ")"
					}
					r.consts[name.Name] = text
				}
			}
		}
	}
}

func (r *reader) readFile(f *ast.File) {
	for _, decl := range f.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Body != nil {
				r.readFunc(decl.Name.Name, decl.Type, decl.Body)
			}
		case *ast.GenDecl:
			r.readTable(decl)
		}
	}
}

// readTable reads what a variable of the package says: a list of literals, or a
// map whose keys are codes.
func (r *reader) readTable(decl *ast.GenDecl) {
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if s, ok := r.literal(n, nil); ok && codeShape.MatchString(s.code) {
				r.found = append(r.found, s.readable())
			}
		case *ast.KeyValueExpr:
			inner, ok := n.Value.(*ast.CompositeLit)
			if code := r.text(n.Key, nil); ok && codeShape.MatchString(code) {
				if s, ok := r.literal(inner, nil); ok {
					s.code = code
					r.found = append(r.found, s.readable())
				}
			}
		}
		return true
	})
}

// readFunc reads one function. Functions written inside it and given a name are
// read under that name first.
func (r *reader) readFunc(name string, typ *ast.FuncType, body *ast.BlockStmt) {
	var params []string
	for _, field := range typ.Params.List {
		for _, p := range field.Names {
			params = append(params, p.Name)
		}
	}
	note := func(s said) {
		if strings.Contains(s.code+s.what, "\x00") {
			r.addTeller(name, teller{params, s})
		}
		if codeShape.MatchString(s.code) {
			r.found = append(r.found, s.readable())
		}
	}
	codes, outer := map[string]string{}, r.locals
	r.locals = maps.Clone(outer)
	if r.locals == nil {
		r.locals = map[string]string{}
	}
	defer func() { r.locals = outer }()
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CaseClause:
			r.readAssigned(n.Body, codes, params, note)
		case *ast.BlockStmt:
			r.readAssigned(n.List, codes, params, note)
		case *ast.DeclStmt:
			if gen, ok := n.Decl.(*ast.GenDecl); ok && gen.Tok == token.CONST {
				for _, spec := range gen.Specs {
					v := spec.(*ast.ValueSpec)
					r.noteLocal(v.Names[0].Name, v.Values[0], params)
				}
			}
		case *ast.AssignStmt:
			r.noteCode(n, codes)
			if to, ok := n.Lhs[0].(*ast.Ident); ok && len(n.Lhs) == len(n.Rhs) {
				r.noteLocal(to.Name, n.Rhs[0], params)
			}
			if inner, ok := n.Rhs[0].(*ast.FuncLit); ok {
				if to, ok := n.Lhs[0].(*ast.Ident); ok {
					r.readFunc(to.Name, inner.Type, inner.Body)
					return false
				}
			}
		case *ast.CompositeLit:
			if s, ok := r.literal(n, params); ok {
				note(s)
			}
		case *ast.CallExpr:
			for _, s := range r.call(n, params) {
				note(s)
			}
		}
		return true
	})
}

// addTeller remembers what a function says with its parameters, each once.
func (r *reader) addTeller(name string, t teller) {
	same := func(o teller) bool { return slices.Equal(o.params, t.params) && o.said == t.said }
	if !slices.ContainsFunc(r.tellers[name], same) {
		r.tellers[name] = append(r.tellers[name], t)
	}
}

// noteLocal keeps the first text that a variable of the function is given.
func (r *reader) noteLocal(name string, value ast.Expr, params []string) {
	if text := r.text(value, params); r.locals[name] == "" && strings.Trim(text, hole) != "" {
		r.locals[name] = text
	}
}

// noteCode remembers the code of a problem that a variable begins with.
func (r *reader) noteCode(n *ast.AssignStmt, codes map[string]string) {
	to, ok := n.Lhs[0].(*ast.Ident)
	from := n.Rhs[0]
	if pointer, is := from.(*ast.UnaryExpr); is {
		from = pointer.X
	}
	literal, is := from.(*ast.CompositeLit)
	if !ok || !is {
		return
	}
	for _, e := range literal.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "Code" {
				codes[to.Name] = r.text(pair.Value, nil)
			}
		}
	}
}

// readAssigned reads the texts that a run of statements gives to a problem which
// began with its code alone.
func (r *reader) readAssigned(list []ast.Stmt, codes map[string]string, params []string, note func(said)) {
	s, last := said{}, ""
	for _, stmt := range list {
		if n, ok := stmt.(*ast.AssignStmt); ok {
			r.noteCode(n, codes)
			for i, to := range n.Lhs {
				field, ok := to.(*ast.SelectorExpr)
				if !ok || len(n.Lhs) != len(n.Rhs) {
					continue
				}
				if of, ok := field.X.(*ast.Ident); ok && codes[of.Name] != "" {
					last = of.Name
					switch field.Sel.Name {
					case "What":
						s.what = r.text(n.Rhs[i], params)
					case "Why":
						s.why = r.text(n.Rhs[i], params)
					case "Fix":
						s.fix = r.text(n.Rhs[i], params)
					}
				}
			}
		}
	}
	if s.code = codes[last]; s.what != "" {
		note(s)
	}
}

// literal reads a Finding or a Problem that is written out.
func (r *reader) literal(n *ast.CompositeLit, params []string) (said, bool) {
	s := said{}
	for _, e := range n.Elts {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return said{}, false
		}
		key, ok := pair.Key.(*ast.Ident)
		if !ok {
			return said{}, false
		}
		switch key.Name {
		case "Code", "code":
			s.code = r.text(pair.Value, params)
		case "What", "Message", "message":
			s.what = r.text(pair.Value, params)
		case "Why":
			s.why = r.text(pair.Value, params)
		case "Fix", "fix":
			s.fix = r.text(pair.Value, params)
		}
	}
	return s, s.what != ""
}

// call reads a call of a teller: everything that it may say.
func (r *reader) call(n *ast.CallExpr, params []string) (all []said) {
	name := ""
	switch fun := n.Fun.(type) {
	case *ast.Ident:
		name = fun.Name
	case *ast.SelectorExpr:
		name = fun.Sel.Name
	}
	for _, to := range r.tellers[name] {
		if len(n.Args) != len(to.params) {
			continue
		}
		var pairs []string
		for i, p := range to.params {
			pairs = append(pairs, parameter(p), r.text(n.Args[i], params))
		}
		fill := strings.NewReplacer(pairs...)
		all = append(all, said{code: fill.Replace(to.code), what: fill.Replace(to.what), why: fill.Replace(to.why), fix: fill.Replace(to.fix)})
	}
	return all
}

// verbs are what fmt fills in.
var verbs = regexp.MustCompile(`%[-+#0-9.]*[a-zA-Z]`)

// text is what an expression comes to, with a hole for what is not written in
// the source.
func (r *reader) text(e ast.Expr, params []string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text
		}
	case *ast.Ident:
		if slices.Contains(params, e.Name) {
			return parameter(e.Name)
		}
		if text, ok := r.locals[e.Name]; ok {
			return text
		}
		if text, ok := r.consts[e.Name]; ok {
			return text
		}
	case *ast.ParenExpr:
		return r.text(e.X, params)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return r.text(e.X, params) + r.text(e.Y, params)
		}
	case *ast.CallExpr:
		fun, ok := e.Fun.(*ast.SelectorExpr)
		if ok && len(e.Args) == 1 && fun.Sel.Name == "Replace" { // of a strings.Replacer
			return r.text(e.Args[0], params)
		}
		if ok && len(e.Args) > 0 && fun.Sel.Name == "Sprintf" {
			args := e.Args[1:]
			return verbs.ReplaceAllStringFunc(r.text(e.Args[0], params), func(string) string {
				if len(args) == 0 {
					return hole
				}
				text := r.text(args[0], params)
				args = args[1:]
				return text
			})
		}
	}
	return hole
}

var (
	leftParameter = regexp.MustCompile("\x00[^\x00]*\x00")
	unknownEnd    = regexp.MustCompile(`([.”]) …\.?$`)
	holes         = regexp.MustCompile(`…+`)
	blanks        = regexp.MustCompile(`\s+`)
)

// readable puts holes for parameters nobody filled in and tidies the rest.
func (s said) readable() said {
	tidy := func(text string) string {
		text = holes.ReplaceAllString(leftParameter.ReplaceAllString(text, hole), hole)
		if rest, ok := strings.CutPrefix(text, "Line "+hole+": "); ok {
			text = strings.Replace("\n"+rest, "\nthe ", "\nThe ", 1)
		}
		text = strings.TrimSpace(blanks.ReplaceAllString(text, " "))
		// A last sentence that is known only at run time says nothing here.
		return unknownEnd.ReplaceAllString(text, "$1")
	}
	s.what, s.why, s.fix = tidy(s.what), tidy(s.why), tidy(s.fix)
	for _, text := range []*string{&s.why, &s.fix} {
		if strings.Trim(*text, hole+".") == "" {
			*text = ""
		}
	}
	return s
}

// telling are the packages that say something with a code, but for the rules of
// the live test, which are read from what they say in their scenarios.
func telling(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, top := range []string{"model", "keystore", "internal", "cmd", "steps"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.IsDir() {
				return err
			}
			name, _ := filepath.Rel(root, path)
			name = filepath.ToSlash(name)
			if strings.HasPrefix(name, "internal/tools") || entry.Name() == "testdata" {
				return filepath.SkipDir
			}
			if name != "internal/sandbox" && name != "internal/papers" {
				all = append(all, name)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}
