// Mutants changes one operator of a package at a time and runs the package's tests. A change that no
// test notices is a survivor: a test is missing, or the change has no effect. docs/mutation.md lists
// the known survivors.
//
//	.ci/mutants ./audit/stats             # all files of a package
//	.ci/mutants ./audit rules.go limit.go # some files
//	.ci/mutants -run Judge ./audit        # these tests first; survivors run all tests
//
// Nothing in the tree changes: the changed file is an overlay of the go command. The exit status is
// 1 if a mutant survives.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// swaps are the changes of each binary operator: arithmetic, the end of a range, its negation.
var swaps = map[token.Token][]string{
	token.ADD: {"-"}, token.SUB: {"+"}, token.MUL: {"/"}, token.QUO: {"*"}, token.REM: {"*"},
	token.LSS: {"<=", ">="}, token.LEQ: {"<", ">"}, token.GTR: {">=", "<="}, token.GEQ: {">", "<"},
	token.EQL: {"!="}, token.NEQ: {"=="}, token.LAND: {"||"}, token.LOR: {"&&"},
}

type mutant struct {
	file             string
	at               token.Position
	before, after    string
	killed, unviable bool
}

func main() {
	first := flag.String("run", "", "tests to run first; a mutant that survives them runs all tests of the package")
	timeout := flag.Duration("timeout", 2*time.Minute, "a mutant that runs for longer is killed")
	workers := flag.Int("workers", 2, "mutants at a time")
	flag.Parse()
	if flag.NArg() == 0 {
		fail(errors.New("usage: .ci/mutants [-run REGEXP] PACKAGE [FILE...]"))
	}
	folder := flag.Arg(0)
	if out, err := exec.Command("go", "test", "-short", folder).CombinedOutput(); err != nil {
		fail(fmt.Errorf("the tests fail without a change: %w\n%s", err, out))
	}
	mutants := find(folder, flag.Args()[1:])
	work := make(chan *mutant)
	var wait sync.WaitGroup
	for range *workers {
		wait.Go(func() {
			for m := range work {
				if *first != "" {
					m.try(folder, *first, *timeout)
				}
				if !m.killed && !m.unviable {
					m.try(folder, ".", *timeout)
				}
				if !m.killed && !m.unviable {
					fmt.Printf("%s:%d:%d: %s → %s survives\n", m.file, m.at.Line, m.at.Column, m.before, m.after)
				}
			}
		})
	}
	for _, m := range mutants {
		work <- m
	}
	close(work)
	wait.Wait()
	var killed, viable int
	for _, m := range mutants {
		if !m.unviable {
			viable++
		}
		if m.killed {
			killed++
		}
	}
	fmt.Printf("%s: %d of %d mutants killed; %d more do not compile\n", folder, killed, viable, len(mutants)-viable)
	if killed < viable {
		os.Exit(1)
	}
}

// find returns the mutants of the named files, by default of all files of the folder that are no
// tests.
func find(folder string, names []string) (all []*mutant) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		fail(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || len(names) > 0 && !slices.Contains(names, filepath.Base(file)) {
			continue
		}
		positions := token.NewFileSet()
		tree, err := parser.ParseFile(positions, file, nil, parser.SkipObjectResolution)
		if err != nil {
			fail(err)
		}
		add := func(at token.Pos, before string, after ...string) {
			for _, a := range after {
				all = append(all, &mutant{file: file, at: positions.Position(at), before: before, after: a})
			}
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.BinaryExpr:
				add(n.OpPos, n.Op.String(), swaps[n.Op]...)
			case *ast.UnaryExpr:
				if n.Op == token.SUB || n.Op == token.NOT {
					add(n.OpPos, n.Op.String(), " ")
				}
			case *ast.IncDecStmt:
				add(n.TokPos, n.Tok.String(), map[token.Token]string{token.INC: "--", token.DEC: "++"}[n.Tok])
			}
			return true
		})
	}
	return all
}

// try runs the tests that match a regular expression with the mutant in place of its file.
func (m *mutant) try(folder, run string, timeout time.Duration) {
	temporary, err := os.MkdirTemp("", "mutant")
	if err != nil {
		fail(err)
	}
	defer os.RemoveAll(temporary)
	source, err := os.ReadFile(m.file)
	if err != nil {
		fail(err)
	}
	changed := slices.Concat(source[:m.at.Offset], []byte(m.after), source[m.at.Offset+len(m.before):])
	path, err := filepath.Abs(m.file)
	if err != nil {
		fail(err)
	}
	mutated, overlay := filepath.Join(temporary, "mutated.go"), filepath.Join(temporary, "overlay.json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{path: mutated}})
	if err = errors.Join(err, os.WriteFile(mutated, changed, 0o600), os.WriteFile(overlay, replace, 0o600)); err != nil {
		fail(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout+time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", "test", "-short", "-failfast", "-vet=off",
		"-run", run, "-timeout", timeout.String(), "-overlay", overlay, folder).CombinedOutput()
	m.killed = err != nil
	if m.unviable = strings.Contains(string(out), "[build failed]"); m.unviable {
		m.killed = false
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "mutants:", err)
	os.Exit(2)
}
