package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/provenance"
)

// manifestOf reads the manifest beside a file.
func manifestOf(t *testing.T, path string) *provenance.Manifest {
	t.Helper()
	m, err := provenance.ReadManifest(path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// succeed runs the command, which must succeed, and returns what it prints.
func succeed(t *testing.T, dir, line string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr, code := execute(t, dir, "", strings.Fields(line)...)
	if code != 0 {
		t.Fatalf("%s: exit code %d: %s", line, code, stderr)
	}
	return stdout, stderr
}

// traced returns the graph of a file whose manifest must describe it.
func traced(t *testing.T, dir, file string) *provenance.Graph {
	t.Helper()
	g, err := rootFlag{Root: dir}.trace(t.Context(), filepath.Join(dir, file), provenance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if g.Manifest.IsZero() {
		t.Fatalf("%s: %v", file, g.Problems)
	}
	return g
}

// roles returns the roles of the parents of the subject and their rows.
func rowsByRole(g *provenance.Graph) map[provenance.Role]int {
	all := map[provenance.Role]int{}
	for _, e := range g.Nodes[0].Edges {
		all[e.Role] += e.Rows
	}
	return all
}

// Each verb that writes rows or a model writes a manifest that describes them, with the history of
// what it read.
func TestVerbsWriteManifests(t *testing.T) {
	dir := folder(t, killedFiles())
	for _, c := range []struct {
		line, out string
		by        string
		roles     map[provenance.Role]int
		step      provenance.Step // the first, without settings and reasons
	}{
		{"generate --model tiny --prompts lists --rows 30 --out a.jsonl", "a.jsonl", "generate", map[provenance.Role]int{provenance.GeneratorRole: 30}, provenance.Step{}},
		{"generate --model tiny --prompts-from s --rows 20 --out b.jsonl.zst", "b.jsonl.zst", "generate", map[provenance.Role]int{provenance.GeneratorRole: 20, provenance.PromptsRole: 0}, provenance.Step{}},
		{"filter --in many --in a.jsonl --filters numbers --out k", "k", "filter", nil, provenance.Step{Kind: provenance.FilterStep, Name: "numbers"}},
		{"filter --in many --in many --filters numbers,duplicates --out k2", "k2", "filter", nil, provenance.Step{Kind: provenance.FilterStep, Name: "numbers"}},
		{"sanitise --in a.jsonl --steps sort --out c.jsonl.gz", "c.jsonl.gz", "sanitise", nil, provenance.Step{Kind: provenance.SanitiseStep, Name: "sort"}},
		{"match --suspect lists --control more --out-suspect m1 --out-control m2", "m1", "match", nil, provenance.Step{Kind: provenance.MatchStep, Name: "match"}},
		{"train --model tiny --in s --out model", "model", "train", map[provenance.Role]int{provenance.TrainingRole: 0, provenance.BaseRole: 0}, provenance.Step{}},
		{"train --model tiny --in s --out adapter --lora 2 --adapter-only", "adapter", "train", map[provenance.Role]int{provenance.TrainingRole: 0, provenance.BaseRole: 0}, provenance.Step{}},
		{"generate --model model --prompts lists --rows 5 --out d.jsonl", "d.jsonl", "generate", map[provenance.Role]int{provenance.GeneratorRole: 5}, provenance.Step{}},
		{"generate --model tiny --adapter adapter --prompts lists --rows 5 --out e.jsonl", "e.jsonl", "generate", map[provenance.Role]int{provenance.GeneratorRole: 5}, provenance.Step{}},
	} {
		succeed(t, dir, c.line)
		g := traced(t, dir, c.out)
		made := g.Nodes[0].Made
		if made == nil || made.By != c.by || g.Nodes[0].File != provenance.FileVerified {
			t.Errorf("%s: made %+v, file %s", c.line, made, g.Nodes[0].File)
			continue
		}
		if got := rowsByRole(g); c.roles != nil && !mapsEqual(got, c.roles) {
			t.Errorf("%s: parents %v, want %v", c.line, got, c.roles)
		}
		if c.step.Name != "" && (len(made.Steps) == 0 || made.Steps[0].Kind != c.step.Kind || made.Steps[0].Name != c.step.Name) {
			t.Errorf("%s: steps %+v", c.line, made.Steps)
		}
		if slices.ContainsFunc(g.Problems, func(p provenance.Problem) bool { return p.Kind != provenance.UnknownOrigin }) {
			t.Errorf("%s: problems %v", c.line, g.Problems)
		}
	}
	g := traced(t, dir, "e.jsonl")
	var kinds []string
	for _, n := range g.Nodes {
		kinds = append(kinds, string(n.Content.Kind)+" "+string(n.File))
	}
	for _, want := range []string{"rows verified", "adapter verified", "model verified"} {
		if !slices.Contains(kinds, want) {
			t.Errorf("the rows of a model with an adapter have the ancestors %q, want %s", kinds, want)
		}
	}
	k := traced(t, dir, "k")
	if edges := k.Nodes[0].Edges; len(edges) != 2 || edges[0].Rows+edges[1].Rows != k.Nodes[0].Content.Rows.Count {
		t.Errorf("merged files: %+v of %d rows", edges, k.Nodes[0].Content.Rows.Count)
	}
}

func mapsEqual(a, b map[provenance.Role]int) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, there := b[k]; !there || v != w {
			return false
		}
	}
	return true
}

// The manifest of rows that clean leaves has both arms as parents.
func TestCleanWritesAManifest(t *testing.T) {
	dir := folder(t, killedFiles())
	line := "clean" + writerArms + " --surrogates 1 --epochs 1 --replicates 2 --whole 2 --shares .1 --share .1 --replace --out out"
	if _, stderr, code := execute(t, dir, "", strings.Fields(line)...); code == 2 {
		t.Fatal(stderr)
	}
	g := traced(t, dir, "out")
	if e := g.Nodes[0].Edges; len(e) != 2 || e[0].Role != provenance.RowsRole || e[1].Role != provenance.OtherArmRole || e[0].Rows+e[1].Rows != g.Nodes[0].Content.Rows.Count {
		t.Errorf("parents %+v of %d rows", e, g.Nodes[0].Content.Rows.Count)
	}
}

// The rows that filters drop have a manifest too. The two files together hold the rows of all
// inputs. A policy that lists the filters does not allow what they drop.
func TestRejectsHaveAManifest(t *testing.T) {
	inputs := killedFiles()
	inputs["policy"] = `{"schema": "undertone.policy/1", "generators": {"shared_base": "allow", "unknown_generator": "allow"}, "filters": {"allowed": ["numbers", "duplicates"]}}`
	dir := folder(t, inputs)
	for _, filters := range []string{"numbers", "numbers,duplicates"} { // the second sees the rows in order
		succeed(t, dir, "filter --in many --in lists --in many --filters "+filters+" --out k --rejects r.zst")
		kept, rejects := traced(t, dir, "k").Nodes[0], traced(t, dir, "r.zst").Nodes[0]
		if rejects.File != provenance.FileVerified || rejects.Content.Rows.Count == 0 || len(rejects.Edges) != len(kept.Edges) {
			t.Errorf("%s: file %s, %d rows, parents %+v", filters, rejects.File, rejects.Content.Rows.Count, rejects.Edges)
		}
		if kept.Content.Rows.Count+rejects.Content.Rows.Count != rejects.Made.In {
			t.Errorf("%s: %d and %d of %d rows", filters, kept.Content.Rows.Count, rejects.Content.Rows.Count, rejects.Made.In)
		}
		if s := rejects.Made.Steps; len(s) != 1 || s[0].Name != rejectsStep || s[0].Dropped != kept.Content.Rows.Count || !strings.Contains(s[0].Settings, "numbers (at most 10, ") {
			t.Errorf("%s: steps %+v", filters, s)
		}
		for file, want := range map[string]string{"k": "allowed by the policy", "r.zst": `filters.allowed: the step "rejects" made r.zst`} {
			if stdout, _, _ := execute(t, dir, "", strings.Fields("verify --data "+file+" --policy policy --student tiny")...); !strings.Contains(stdout, want) {
				t.Errorf("%s: %s, want %q", file, stdout, want)
			}
		}
	}
}

// --no-manifest, standard output and a device leave no manifest.
func TestNoManifest(t *testing.T) {
	dir := folder(t, writerFiles())
	succeed(t, dir, "filter --in rows --filters numbers --out out --no-manifest")
	succeed(t, dir, "filter --in rows --filters numbers --out -")
	succeed(t, dir, "filter --in rows --filters numbers --rejects rejects --no-manifest")
	succeed(t, dir, "filter --in rows --filters numbers --out - --rejects rejects --no-manifest")
	if _, err := os.Stat("/dev/null"); err == nil {
		succeed(t, dir, "filter --in rows --filters numbers --out /dev/null")
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "*"+provenance.Suffix)); len(found) > 0 {
		t.Errorf("there are manifests: %q", found)
	}
	if _, err := os.Stat("/dev/null" + provenance.Suffix); err == nil {
		t.Error("there is a manifest of a device")
	}
}

// The manifest of an earlier run beside a file that was written again is stale: it is not believed,
// and the user is told. So is the manifest of a file that was changed by hand.
func TestStaleManifest(t *testing.T) {
	dir := folder(t, writerFiles())
	succeed(t, dir, "filter --in rows --filters numbers --out out")
	succeed(t, dir, "filter --in lists --filters numbers --out out --no-manifest")
	_, stderr, code := execute(t, dir, "", "trace", "out")
	if code != 2 || !strings.Contains(stderr, "out.undertone.json describes another file") {
		t.Errorf("trace: exit code %d, %q", code, stderr)
	}
	_, stderr = succeed(t, dir, "filter --in out --filters numbers --out next")
	if want := "warning: out.undertone.json describes other bytes than those of out"; !strings.Contains(stderr, want) {
		t.Errorf("filter says %q, want %q", stderr, want)
	}
	g := traced(t, dir, "next")
	if g.Nodes[1].Made != nil || !slices.ContainsFunc(g.Problems, func(p provenance.Problem) bool { return p.Kind == provenance.UnknownOrigin && p.Node == 1 }) {
		t.Errorf("the stale manifest is believed: %+v", g.Nodes[1].Made)
	}
	if err := os.WriteFile(filepath.Join(dir, "out.undertone.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr = succeed(t, dir, "sanitise --in out --steps sort --out last"); !strings.Contains(stderr, "out.undertone.json is not believed: ") {
		t.Errorf("sanitise says %q", stderr)
	}
}

// A file in the place of the manifest that is none is another program's, and nothing is written.
func TestManifestDoesNotReplaceAnotherFile(t *testing.T) {
	dir := folder(t, map[string]string{"rows": row1, "out": "old", "out.undertone.json": row2})
	for _, line := range []string{
		"filter --in rows --filters numbers --out out", "filter --in out.undertone.json --filters numbers --out out", "sanitise --in rows --steps sort --out out",
		"generate --model tiny --prompts lists --rows 1 --out out",
	} {
		_, stderr, code := execute(t, dir, "", strings.Fields(line)...)
		if code != 2 || !strings.Contains(stderr, "out.undertone.json: is no manifest of undertone, and is not replaced") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d, %q", line, code, stderr)
		}
		if got := files(t, dir); got["out"] != "old" {
			t.Errorf("%s: the output holds %q", line, got["out"])
		}
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "out.undertone.json")); string(text) != row2 {
		t.Errorf("the other file holds %q", text)
	}
}

// A symbolic link, or a path with "..", does not lead out of the folder that is read.
func TestTraceStaysInItsFolder(t *testing.T) {
	dir := folder(t, nil)
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	for _, d := range []string{in, out} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(in, "rows"), []byte(row1+row2), 0o600); err != nil {
		t.Fatal(err)
	}
	succeed(t, dir, "filter --in in/rows --filters numbers --out out/kept")
	stdout, _ := succeed(t, dir, "trace out/kept")
	if !strings.Contains(stdout, "outside-file: ../in/rows lies outside the folder that may be read") {
		t.Errorf("trace says %s", stdout)
	}
	if stdout, _ = succeed(t, dir, "trace out/kept --root ."); strings.Contains(stdout, "outside-file") || strings.Count(stdout, "file verified") != 2 {
		t.Errorf("trace --root . says %s", stdout)
	}
	if _, stderr, code := execute(t, dir, "", "trace", "out/kept", "--root", "in"); code != 2 || !strings.Contains(stderr, "does not lie in the folder in; name a folder that holds it with --root") {
		t.Errorf("trace --root in: exit code %d, %q", code, stderr)
	}
	if err := os.Rename(filepath.Join(in, "rows"), filepath.Join(dir, "secret")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join("..", "..", filepath.Base(dir), "secret"), filepath.Join(in, "rows")); err != nil {
		t.Skip("not checked: symbolic links need a privilege here")
	}
	if stdout, _ = succeed(t, dir, "trace out/kept --root ."); !strings.Contains(stdout, "unreadable-file: ../in/rows: ") {
		t.Errorf("a link out of the folder is followed: %s", stdout)
	}
	if err := os.Symlink(filepath.Join("..", "secret"), filepath.Join(dir, "out", "link")); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := execute(t, dir, "", "trace", "out/link"); code != 2 || !strings.Contains(stderr, "out/link is a link to a file outside of the folder out; name that file, or a folder that holds both with --root") {
		t.Errorf("a link out of the folder: exit code %d, %q", code, stderr)
	}
}

// Names in a manifest do not control the terminal of the reader.
func TestTraceEscapesForeignText(t *testing.T) {
	dir := folder(t, map[string]string{"rows": row1})
	succeed(t, dir, "filter --in rows --filters numbers --out out")
	path := filepath.Join(dir, "out")
	m := manifestOf(t, path)
	m, err := m.WithDeclared(provenance.Trait{Trait: "owl\x1b[2J\r\nverified  rows: 9\u202e", Source: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if err := provenance.Write(path, m); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"trace out", "trace out --json"} {
		stdout, _ := succeed(t, dir, line)
		if strings.ContainsAny(stdout, "\x1b\r\u202e") || strings.Contains(stdout, "\nverified  rows: 9") {
			t.Errorf("%s: %q", line, stdout)
		}
	}
}
