package undertone_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/undertone-audit/undertone"

// listed is a package as "go list -json" describes it.
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string // direct
	Deps       []string // direct and not
}

// packages returns the packages of the module and their dependencies, without tests.
func packages(t *testing.T) map[string]listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports,Deps", "./...").Output()
	if err != nil {
		if exit := new(exec.ExitError); errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Skip("not checked: which package imports which: no go command:", err)
	}
	all := map[string]listed{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
	}
}

// matches reports whether a path, relative to the module, is one of the patterns: "audit" is that
// folder alone, "student/..." is a folder with everything below it.
func matches(path string, patterns ...string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		folder, tree := strings.CutSuffix(p, "/...")
		return path == folder || tree && strings.HasPrefix(path, folder+"/")
	})
}

// layer is a folder of packages and what they may import of this module besides the root and each
// other. The first layer that matches a package counts.
type layer struct {
	folder string
	may    []string
}

// layers hold the direction of imports: the root has the nouns; statistics and replicates come
// before the audit, the audit before its rooms, and programs last.
var layers = []layer{
	{"tensor/...", nil},      // not even the root
	{"audit/stats/...", nil}, // not even the root
	{"docs/...", nil},        // draws the picture of the README
	{"internal/...", nil},    // what several packages need
	{"modeltest", nil},       //
	{"jsonl/...", []string{"internal/..."}},
	{"provenance/lineage/...", []string{"internal/...", "tensor/...", "audit/stats"}},
	{"provenance/...", []string{"internal/...", "jsonl"}},
	{"filter/...", []string{"internal/...", "audit/stats"}},
	{"teacher/...", []string{"internal/...", "filter/...", "audit/stats"}},
	{"student/tiny/build", []string{"tensor/...", "student/...", "teacher/...", "audit"}},          // a program that makes a file of the library
	{"student/external", []string{"internal/...", "tensor/...", "jsonl", "student", "student/lm"}}, // runs programs
	{"student/...", []string{"internal/...", "tensor/..."}},
	{"audit/internal/fake", []string{"student"}},                                           // for tests
	{"audit/internal/fake/fakeaudit", []string{"student", "audit", "audit/internal/fake"}}, // for tests
	{"audit/internal/...", []string{"internal/...", "tensor/arithmetic", "student", "audit/stats"}},
	{"audit/confound", []string{"filter", "audit/stats", "audit/internal/cluster"}},
	{"audit", []string{"internal/...", "provenance", "provenance/lineage", "student", "audit/stats", "audit/confound", "audit/internal/..."}},
	{"audit/rowscore", []string{"student", "audit/stats", "audit/internal/...", "audit"}},
	{"audit/corpus", []string{"internal/...", "filter", "audit/stats", "audit", "audit/internal/..."}},
	{"audit/judged", []string{"filter", "student", "student/sampled", "audit/stats", "audit"}},
	{"audit/factorial", []string{"internal/jsondoc", "provenance", "student", "audit/stats", "audit/internal/...", "audit"}},
	{"audit/attest", []string{"provenance/...", "audit", "audit/factorial"}},
	{"audit/baseline", []string{"audit/stats", "audit"}},
	{"audit/clean", []string{"internal/...", "provenance", "student", "filter/sanitise", "audit/stats", "audit/internal/...", "audit", "audit/rowscore"}},
	{"audit/audittest/...", []string{"audit", "audit/internal/..."}},
	{"traits", []string{"internal/configfile", "filter", "student/sampled", "audit", "audit/judged"}},
	{"sandbox/...", []string{"filter/...", "teacher/...", "student/...", "audit/..."}},
	{"examples/...", []string{"tensor/...", "jsonl", "filter/...", "teacher/...", "student/...", "audit/...", "sandbox/...", "traits"}},
	{"experiments/...", []string{"internal/...", "tensor/...", "jsonl", "filter/...", "teacher/...", "student/...", "provenance/...", "audit/...", "sandbox/...", "traits"}},
}

func TestLayers(t *testing.T) {
	all := packages(t)
	checked := 0
	for path, p := range all {
		folder, ours := strings.CutPrefix(path, module+"/")
		if !ours {
			continue
		}
		at := slices.IndexFunc(layers, func(l layer) bool { return matches(folder, l.folder) })
		if at < 0 {
			t.Errorf("%s is in none of the layers: say here what it may import", folder)
			continue
		}
		checked++
		leaf := matches(layers[at].folder, "tensor/...", "audit/stats/...")
		for _, i := range p.Imports {
			of, ours := strings.CutPrefix(i, module)
			of = strings.TrimPrefix(of, "/")
			switch {
			case !ours, matches(of, layers[at].folder), matches(of, layers[at].may...), of == "" && !leaf:
			default:
				t.Errorf("%s imports %s", path, i)
			}
		}
	}
	if checked < 10 {
		t.Errorf("%d packages were checked: go list did not list them", checked)
	}
}

// TestRootImportsTheStandardLibraryOnly lists the dependencies of the root; atomicfile has none but
// the standard library.
func TestRootImportsTheStandardLibraryOnly(t *testing.T) {
	all := packages(t)
	if len(all[module].Deps) == 0 {
		t.Fatal("go list gives no dependencies of the root")
	}
	for _, dep := range all[module].Deps {
		if !all[dep].Standard && dep != module+"/internal/atomicfile" {
			t.Errorf("the root depends on %s", dep)
		}
	}
}

// What judges a data set does not reach for the network, nor does any of its parts.
func TestNoNetwork(t *testing.T) {
	all := packages(t)
	for _, folder := range []string{
		"", "/audit", "/audit/stats", "/audit/baseline", "/audit/confound", "/audit/rowscore", "/audit/corpus", "/audit/factorial", "/audit/judged", "/audit/clean", "/filter", "/filter/filtertest", "/filter/sanitise", "/jsonl", "/modeltest", "/sandbox", "/sandbox/tinybox",
		"/student", "/student/lm", "/student/mlp", "/student/nplm", "/student/sampled", "/student/tiny",
		"/provenance", "/provenance/lineage", "/provenance/provenancetest", "/teacher", "/teacher/match", "/teacher/persona", "/teacher/prompts",
		"/tensor", "/tensor/safetensors", "/tensor/tokenizer", "/tensor/transformer",
	} {
		p, ok := all[module+folder]
		if !ok {
			t.Errorf("there is no package %s%s", module, folder)
		}
		for _, banned := range []string{"net", "net/http", "os/exec", "plugin"} {
			if slices.Contains(p.Deps, banned) {
				t.Errorf("%s depends on %s", p.ImportPath, banned)
			}
		}
	}
}

// A student that a program trains runs that program, and does not reach for the network itself.
func TestExternalStudentHasNoNetwork(t *testing.T) {
	deps := packages(t)[module+"/student/external"].Deps
	if !slices.Contains(deps, "os/exec") || slices.Contains(deps, "net") {
		t.Errorf("student/external depends on net, or go list does not list it")
	}
}

// TestModules holds the list of required modules. Heavier ones belong to nested modules.
func TestModules(t *testing.T) {
	allowed := []string{
		module + "/...", "gonum.org/v1/gonum/...", "github.com/klauspost/compress/...", "golang.org/x/exp/...",
		"golang.org/x/text/...", "golang.org/x/sync/...", "golang.org/x/sys/...", "github.com/ardanlabs/jinja/...",
	}
	for path, p := range packages(t) {
		if !p.Standard && !matches(path, allowed...) {
			t.Errorf("the module depends on %s", path)
		}
	}
}
