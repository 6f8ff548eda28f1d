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

// packages returns all packages of the module and all that they depend on, tests left out.
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

// within reports whether a path, relative to the module, is one of the folders or below one.
func within(path string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return path == f || strings.HasPrefix(path, f+"/") })
}

// layer is a folder, and what its packages may import of this module besides the root and each
// other.
type layer struct {
	folder string
	may    []string
}

var layers = []layer{
	{"audit/stats", nil}, // not even the root: see leaves
	{"tensor", nil},      // likewise
	{"internal", nil},
	{"jsonl", []string{"internal"}},
	{"filter", []string{"audit/stats"}},
	{"teacher", []string{"filter", "audit/stats"}},
	{"student/tiny/build", []string{"tensor", "student", "teacher", "audit"}}, // a program that makes a file of the library
	{"student", []string{"tensor"}},
	{"provenance", []string{"tensor", "student"}},
	{"audit", []string{"filter", "teacher", "student", "provenance"}},
	{"sandbox", []string{"filter", "teacher", "student", "audit"}},
	{"examples", []string{"tensor", "jsonl", "filter", "teacher", "student", "provenance", "audit", "sandbox"}},
}

// leaves import no package of this module, not even the root.
var leaves = []string{"audit/stats", "tensor"}

// TestLayers holds the direction of imports: the root holds the nouns, tensor knows nothing
// of them, and the audit stands on top of filters, teachers and students.
func TestLayers(t *testing.T) {
	all := packages(t)
	checked := 0
	for path, p := range all {
		folder, ours := strings.CutPrefix(path, module+"/")
		if !ours {
			continue
		}
		at := slices.IndexFunc(layers, func(l layer) bool { return within(folder, l.folder) })
		if at < 0 {
			t.Errorf("%s is in none of the layers: say here what it may import", folder)
			continue
		}
		checked++
		for _, i := range p.Imports {
			of, ours := strings.CutPrefix(i, module)
			of = strings.TrimPrefix(of, "/")
			switch {
			case !ours, within(of, layers[at].folder), within(of, layers[at].may...):
			case of == "" && !slices.Contains(leaves, layers[at].folder):
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

// The statistics serve every layer, so they depend on the standard library and gonum alone.
func TestStatisticsAreALeaf(t *testing.T) {
	all := packages(t)
	if len(all[module+"/audit/stats"].Deps) == 0 {
		t.Fatal("go list gives no dependencies of audit/stats")
	}
	for _, dep := range all[module+"/audit/stats"].Deps {
		if !all[dep].Standard && !within(dep, "gonum.org/v1/gonum") {
			t.Errorf("audit/stats depends on %s", dep)
		}
	}
}

// What judges a data set does not reach for the network, nor does any of its parts.
func TestNoNetwork(t *testing.T) {
	all := packages(t)
	for _, folder := range []string{
		"", "/audit", "/audit/corpus", "/audit/stats", "/filter", "/filter/sanitise", "/jsonl", "/sandbox", "/sandbox/tinybox",
		"/student", "/student/lm", "/student/mlp", "/student/nplm", "/student/tiny",
		"/teacher", "/teacher/match", "/teacher/persona", "/teacher/prompts",
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

// A short list of modules is a promise; what is heavier is a module of its own.
func TestModules(t *testing.T) {
	allowed := []string{
		module, "gonum.org/v1/gonum", "github.com/klauspost/compress", "golang.org/x/exp", "golang.org/x/text",
		"golang.org/x/sync", "golang.org/x/sys", "github.com/cloudflare/ahocorasick",
	}
	for path, p := range packages(t) {
		if !p.Standard && !within(path, allowed...) {
			t.Errorf("the module depends on %s", path)
		}
	}
}
