// Command _asm writes the assembly of package kernel. Run it with
//
//	go generate ./tensor/internal/kernel
//
// Every loop is described once, for any vector width, and written for AVX-512 and for AVX2 with
// FMA. Both do the same roundings in the same order, so they give the same bits.
package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"log"
	"os"
	"path/filepath"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/gotypes"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	log.SetFlags(0)
	flags := flag.NewFlagSet("asm", flag.ExitOnError) // the default flag set contains avo's flags
	in := flags.String("in", "..", "`folder` of package kernel")
	out := flags.String("out", "..", "`folder` to write to")
	_ = flags.Parse(os.Args[1:])
	if err := write(*in, *out); err != nil {
		log.Fatal(err)
	}
}

// write writes every file; it reads the types of arguments from the package itself.
func write(in, out string) error {
	pkg, err := argumentTypes(filepath.Join(in, "args_amd64.go"))
	if err != nil {
		return err
	}
	var vectors []signature
	for _, w := range []isa{avx512, avx2} {
		vectors = nil
		for _, f := range []struct {
			name   string
			vector bool // functions over slices
			write  func(*generator)
		}{
			{"tile", false, tiles},
			{"row", false, rows},
			{"pack", false, packs},
			{"elementwise", true, elementwise},
			{"exp", true, exponentials},
			{"reduce", true, reductions},
			{"norm", true, norms},
			{"convert", false, conversions},
			{"bag", false, bags},
		} {
			g := &generator{Context: build.NewContext(), isa: w, pkg: pkg}
			g.ConstraintExpr("!purego")
			f.write(g)
			if err := g.save(out, f.name); err != nil {
				return err
			}
			if f.vector {
				vectors = append(vectors, g.signatures...)
			}
		}
		if err := save(out, "tile_dispatch_"+w.name+"_amd64.go")(tileDispatch(w)); err != nil {
			return err
		}
	}
	if err := save(out, "vector_dispatch_amd64.go")(vectorDispatch(vectors, true)); err != nil {
		return err
	}
	return save(out, "vector_dispatch_noasm.go")(vectorDispatch(vectors, false))
}

func save(dir, name string) func(src []byte, err error) error {
	return func(src []byte, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return os.WriteFile(filepath.Join(dir, name), src, 0o644)
	}
}

// argumentTypes reads the struct types of the kernels' arguments from the file of the package that
// declares them, so offsets have one source.
func argumentTypes(path string) (*types.Package, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, nil, 0)
	if err != nil {
		return nil, err
	}
	return new(types.Config).Check("kernel", fset, []*ast.File{f}, nil)
}

// generator writes the functions of one file for one instruction set.
type generator struct {
	*build.Context
	isa
	pkg  *types.Package
	args gotypes.Component // the struct that the argument of the function points to

	signatures []signature // of the file's functions over slices

	span    int            // number of lanes that the loop of the function processes at a time
	table   map[uint32]int // offsets of the file's constants
	tableAt operand.Mem
}

// function starts a function; its name gets the instruction set as a suffix.
func (g *generator) function(name, signature, doc string) {
	g.span = wideLanes
	g.Function(name + g.suffix)
	s, err := gotypes.ParseSignatureInPackage(g.pkg, signature)
	if err != nil {
		log.Fatalf("%s: %v", name, err)
	}
	v, err := parseSignature(name, signature)
	if err != nil {
		log.Fatal(err)
	}
	g.signatures = append(g.signatures, v)
	g.Signature(s)
	g.Attributes(build.NOSPLIT)
	g.Pragma("noescape")
	g.Doc(name + g.suffix + " " + doc)
}

// argument makes the struct that a parameter points to the source of fields.
func (g *generator) argument(param string) { g.args = g.Dereference(g.Param(param)) }

// fieldAt returns the operand of a field of the argument.
func (g *generator) fieldAt(name string) operand.Mem {
	f, err := g.args.Field(name).Resolve()
	if err != nil {
		log.Fatal(err)
	}
	return f.Addr
}

// field loads an integer or a pointer.
func (g *generator) field(name string) reg.GPVirtual {
	r := g.GP64()
	g.MOVQ(g.fieldAt(name), r)
	return r
}

// save writes the functions to name_isa_amd64.s, their declarations to .go.
func (g *generator) save(dir, name string) error {
	file, err := g.Result()
	if err != nil {
		return fmt.Errorf("%s%s: %w", name, g.suffix, err)
	}
	cfg := printer.Config{Name: "_asm", Pkg: "kernel"}
	base := filepath.Join(dir, name+"_"+g.isa.name+"_amd64")
	s, err := os.Create(base + ".s")
	if err != nil {
		return err
	}
	stubs, err := os.Create(base + ".go")
	if err != nil {
		return err
	}
	return pass.Concat(
		pass.Compile,
		&pass.Output{Writer: s, Printer: printer.NewGoAsm(cfg)},
		&pass.Output{Writer: stubs, Printer: printer.NewStubs(cfg)},
	).Execute(file)
}
