// Mutants changes one operator of a package at a time and runs the package's tests. A change that
// no test notices is a survivor: a test is missing, or the change has no effect. docs/mutation.md
// lists the known survivors.
//
//	.ci/mutants ./audit/stats             # all files of a package
//	.ci/mutants ./audit rules.go limit.go # some files
//	.ci/mutants -run Judge ./audit        # these tests first; survivors run all tests
//
// All mutants are compiled into one test binary: each operator becomes a call that has another
// result if the environment variable MUTANT holds its number. Nothing in the tree changes: the
// changed files are an overlay of the go command. The exit status is 1 if a mutant survives.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// calls are the functions that replace operators. Each takes the number of its first mutant.
var calls = map[token.Token]struct {
	name    string
	changes []string
}{
	token.ADD: {"mutantAdd", []string{"-"}}, token.SUB: {"mutantSub", []string{"+"}},
	token.MUL: {"mutantMul", []string{"/"}}, token.QUO: {"mutantQuo", []string{"*"}},
	token.LSS: {"mutantLss", []string{"<=", ">="}}, token.LEQ: {"mutantLeq", []string{"<", ">"}},
	token.GTR: {"mutantGtr", []string{">=", "<="}}, token.GEQ: {"mutantGeq", []string{">", "<"}},
	token.EQL: {"mutantNot", []string{"!="}}, token.NEQ: {"mutantNot", []string{"=="}},
	token.LAND: {"mutantAnd", []string{"||"}}, token.LOR: {"mutantOr", []string{"&&"}},
}

// runtime is added to the package. %s is the name of the package.
const runtime = `package %s

import (
	"cmp"
	"os"
	"strconv"
)

var mutant, _ = strconv.Atoi(os.Getenv("MUTANT"))

type mutantNumber interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

func mutantPick[T any](id int, value T, changes ...T) T {
	if k := mutant - id; k >= 0 && k < len(changes) {
		return changes[k]
	}
	return value
}

func mutantMul[T mutantNumber](id int, a, b T) T {
	if mutant == id {
		return a / b
	}
	return a * b
}

func mutantQuo[T mutantNumber](id int, a, b T) T {
	if mutant == id {
		return a * b
	}
	return a / b
}

func mutantAnd(id int, a bool, b func() bool) bool {
	if mutant == id {
		return a || b()
	}
	return a && b()
}

func mutantOr(id int, a bool, b func() bool) bool {
	if mutant == id {
		return a && b()
	}
	return a || b()
}

func mutantAdd[T mutantNumber](id int, a, b T) T    { return mutantPick(id, a+b, a-b) }
func mutantSub[T mutantNumber](id int, a, b T) T    { return mutantPick(id, a-b, a+b) }
func mutantNeg[T mutantNumber](id int, a T) T       { return mutantPick(id, -a, a) }
func mutantOne(id, one int) int                     { return mutantPick(id, one, -one) }
func mutantNot(id int, b bool) bool                 { return mutantPick(id, b, !b) }
func mutantLss[T cmp.Ordered](id int, a, b T) bool  { return mutantPick(id, a < b, a <= b, a >= b) }
func mutantLeq[T cmp.Ordered](id int, a, b T) bool  { return mutantPick(id, a <= b, a < b, a > b) }
func mutantGtr[T cmp.Ordered](id int, a, b T) bool  { return mutantPick(id, a > b, a >= b, a <= b) }
func mutantGeq[T cmp.Ordered](id int, a, b T) bool  { return mutantPick(id, a >= b, a > b, a < b) }
`

// goPackage is what go list says about a package.
type goPackage struct {
	ImportPath, Name, Dir, Export string
	GoFiles                       []string
}

type mutant struct {
	at            token.Position
	before, after string
	killed        bool
}

func main() {
	first := flag.String("run", "", "tests to run first; a mutant that survives them runs all tests of the package")
	timeout := flag.Duration("timeout", time.Minute, "a mutant that runs for longer is killed")
	workers := flag.Int("workers", 2, "mutants at a time")
	flag.Parse()
	if flag.NArg() == 0 {
		fail(errors.New("usage: .ci/mutants [-run REGEXP] PACKAGE [FILE...]"))
	}
	folder, err := os.MkdirTemp("", "mutants")
	if err != nil {
		fail(err)
	}
	defer os.RemoveAll(folder)
	pkg, binary, mutants := build(folder, flag.Arg(0), flag.Args()[1:])
	survives := func(id int, run string) bool {
		c := exec.Command(binary, "-test.short", "-test.failfast", "-test.run", run, "-test.timeout", timeout.String())
		c.Dir, c.Env = pkg.Dir, append(os.Environ(), fmt.Sprint("MUTANT=", id))
		return c.Run() == nil
	}
	if !survives(0, ".") {
		fail(errors.New("the tests fail without a change"))
	}
	numbers := make(chan int)
	var wait sync.WaitGroup
	for range *workers {
		wait.Go(func() {
			for id := range numbers {
				m := &mutants[id-1]
				if m.killed = !(*first == "" || survives(id, *first)) || !survives(id, "."); !m.killed {
					fmt.Printf("%s:%d:%d: %s → %s survives\n", filepath.Base(m.at.Filename), m.at.Line, m.at.Column, m.before, m.after)
				}
			}
		})
	}
	for i := range mutants {
		numbers <- i + 1
	}
	close(numbers)
	wait.Wait()
	report(mutants)
}

// report prints the killed mutants of each file, and exits with 1 if any survives.
func report(mutants []mutant) {
	var files []string
	all, killed := map[string]int{}, map[string]int{}
	for _, m := range mutants {
		file := filepath.Base(m.at.Filename)
		if all[file] == 0 {
			files = append(files, file)
		}
		all[file]++
		all["total"]++
		if m.killed {
			killed[file]++
			killed["total"]++
		}
	}
	for _, file := range append(files, "total") {
		fmt.Printf("%s: %d of %d mutants killed\n", file, killed[file], all[file])
	}
	if killed["total"] < all["total"] {
		os.Exit(1)
	}
}

// build returns the test binary that holds all mutants of the named files, by default of all files.
func build(folder, path string, names []string) (pkg goPackage, binary string, mutants []mutant) {
	out, err := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Name,Dir,Export,GoFiles", path).Output()
	if err != nil {
		fail(fmt.Errorf("go list %s: %w", path, err))
	}
	export := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); d.Decode(&pkg) == nil; { // the package itself is the last
		export[pkg.ImportPath] = pkg.Export
	}
	positions := token.NewFileSet()
	var files []*ast.File
	for _, name := range pkg.GoFiles {
		f, err := parser.ParseFile(positions, filepath.Join(pkg.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			fail(err)
		}
		files = append(files, f)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	open := func(path string) (io.ReadCloser, error) { return os.Open(export[path]) }
	config := types.Config{Importer: importer.ForCompiler(positions, "gc", open)}
	if _, err := config.Check(pkg.ImportPath, positions, files, info); err != nil {
		fail(err)
	}
	replace := map[string]string{}
	write := func(name string, text []byte) {
		mutated := filepath.Join(folder, name)
		if err := os.WriteFile(mutated, text, 0o600); err != nil {
			fail(err)
		}
		replace[filepath.Join(pkg.Dir, name)] = mutated
	}
	write("mutants_runtime.go", fmt.Appendf(nil, runtime, pkg.Name))
	for i, name := range pkg.GoFiles {
		if len(names) == 0 || slices.Contains(names, name) {
			w := rewriter{positions: positions, info: info, mutants: &mutants}
			ast.Inspect(files[i], w.visit)
			write(name, w.apply(filepath.Join(pkg.Dir, name)))
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	path, binary = filepath.Join(folder, "overlay.json"), filepath.Join(folder, "test")
	if err = errors.Join(err, os.WriteFile(path, overlay, 0o600)); err != nil {
		fail(err)
	}
	if out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", path, "-o", binary, pkg.ImportPath).CombinedOutput(); err != nil {
		fail(fmt.Errorf("the changed package does not compile: %w\n%s", err, out))
	}
	return pkg, binary, mutants
}

// rewriter turns the operators of a file into calls.
type rewriter struct {
	positions *token.FileSet
	info      *types.Info
	mutants   *[]mutant
	edits     []edit
}

// edit replaces length bytes at an offset. Of edits at one offset, smaller orders come first.
type edit struct {
	offset, length int
	text           string
	order          int
}

func (w *rewriter) edit(at token.Pos, length int, text string, order int) {
	w.edits = append(w.edits, edit{w.positions.Position(at).Offset, length, text, order})
}

// mutant adds mutants of an operator and returns the number of the first.
func (w *rewriter) mutant(at token.Pos, before string, after ...string) int {
	id := len(*w.mutants) + 1
	for _, a := range after {
		*w.mutants = append(*w.mutants, mutant{at: w.positions.Position(at), before: before, after: a})
	}
	return id
}

// visit adds the edits of a node. It sees outer expressions before inner ones, so that their calls
// open first at one offset, and close last.
func (w *rewriter) visit(n ast.Node) bool {
	depth := len(w.edits) + 1
	wrap := func(from, to ast.Node, call string) {
		w.edit(from.Pos(), 0, call, depth)
		w.edit(to.End(), 0, ")", -depth)
	}
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok != token.CONST && n.Tok != token.IMPORT && n.Tok != token.TYPE
	case *ast.BinaryExpr:
		c, known := calls[n.Op]
		operand := w.info.Types[n.X].Type
		if !known || w.info.Types[n].Value != nil || isString(operand) && n.Op == token.ADD {
			return true
		}
		call := fmt.Sprintf("%s(%d, ", c.name, w.mutant(n.OpPos, n.Op.String(), c.changes...))
		switch n.Op {
		case token.EQL, token.NEQ:
			wrap(n, n, call)
			return true
		case token.LAND, token.LOR:
			w.edit(n.Y.Pos(), 0, "func() bool { return ", depth)
			w.edit(n.Y.End(), 0, " }", -depth)
		default:
			if w.info.Types[n.X].Value != nil {
				operand = w.info.Types[n.Y].Type
			}
			if b, ok := operand.(*types.Basic); ok {
				call = strings.Replace(call, "(", "["+b.Name()+"](", 1)
			}
		}
		wrap(n, n, call)
		w.edit(n.OpPos, len(n.Op.String()), ",", 0)
	case *ast.UnaryExpr:
		if w.info.Types[n].Value == nil && n.Op == token.NOT {
			wrap(n, n, fmt.Sprintf("mutantNot(%d, ", w.mutant(n.OpPos, "!", "")))
		}
		if w.info.Types[n].Value == nil && n.Op == token.SUB {
			w.edit(n.OpPos, 1, fmt.Sprintf("mutantNeg(%d, ", w.mutant(n.OpPos, "-", "")), depth)
			w.edit(n.End(), 0, ")", -depth)
		}
	case *ast.IncDecStmt:
		if b, ok := w.info.Types[n.X].Type.(*types.Basic); ok && b.Kind() == types.Int {
			one, after := 1, "--"
			if n.Tok == token.DEC {
				one, after = -1, "++"
			}
			w.edit(n.TokPos, 2, fmt.Sprintf(" += mutantOne(%d, %d)", w.mutant(n.TokPos, n.Tok.String(), after), one), 0)
		}
	}
	return true
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// apply returns the file with all edits.
func (w *rewriter) apply(path string) []byte {
	source, err := os.ReadFile(path)
	if err != nil {
		fail(err)
	}
	slices.SortStableFunc(w.edits, func(a, b edit) int {
		return cmp.Or(cmp.Compare(a.offset, b.offset), cmp.Compare(a.order, b.order))
	})
	var out []byte
	done := 0
	for _, e := range w.edits {
		out = append(append(out, source[done:e.offset]...), e.text...)
		done = e.offset + e.length
	}
	return append(out, source[done:]...)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "mutants:", err)
	os.Exit(2)
}
