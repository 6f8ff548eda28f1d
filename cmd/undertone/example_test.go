package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/provenance"
)

// The case that the command writes is complete: its audit detects the trait.
func TestExampleVerb(t *testing.T) {
	dir := t.TempDir()
	stdout, stderr, code := execute(t, dir, "", "example", "case")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	want := []string{controlFile, overtFile, positiveControlFile, suspectFile, traitsFile}
	if got := slices.Sorted(maps.Keys(files(t, filepath.Join(dir, "case")))); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("the folder holds %q beside the case", slices.Sorted(maps.Keys(got)))
	}
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	args, ok := strings.CutPrefix(lines[len(lines)-1], "undertone ")
	if !ok {
		t.Fatalf("the last line is %q, want a command", lines[len(lines)-1])
	}
	if stdout, stderr, code := execute(t, dir, "", strings.Fields(args)...); code != 1 {
		t.Errorf("the audit: exit code %d\n%s%s", code, stdout, stderr)
	}
}

// Each file of rows of an example has a manifest, back to the embedded base.
func TestExampleManifests(t *testing.T) {
	dir := t.TempDir()
	succeed(t, dir, "example case --rows 200")
	for _, file := range []string{controlFile, overtFile, positiveControlFile, suspectFile} {
		g := traced(t, filepath.Join(dir, "case"), file)
		made, wrote := g.Nodes[0].Made, rowsByRole(g)[provenance.GeneratorRole]
		if len(g.Problems) > 0 || made == nil || made.By != "example" || len(made.Steps) == 0 || wrote != g.Nodes[0].Content.Rows.Count {
			t.Errorf("%s: made %+v, %d rows by a model, problems %v", file, made, wrote, g.Problems)
		}
	}
	if g := traced(t, filepath.Join(dir, "case"), suspectFile); len(g.Nodes) != 4 || g.Nodes[1].Made.Training == nil || g.Nodes[1].Made.Training.LoRA != 8 {
		t.Errorf("the suspect has the ancestors %+v", g.Nodes[1:])
	}
}

func TestExampleVerbErrors(t *testing.T) {
	dir := folder(t, map[string]string{"case": ""})
	for _, c := range []struct{ args, want string }{
		{"example case", "undertone: case exists; name a new folder, or remove it\n"},
		{"example new --rows 0", "undertone: --rows is 0, want >= 1\n"},
		{"example none/new", "undertone: "},
	} {
		if _, stderr, code := execute(t, dir, "", strings.Fields(c.args)...); code != 2 || !strings.HasPrefix(stderr, c.want) {
			t.Errorf("%s: exit code %d, %q, want %q", c.args, code, stderr, c.want)
		}
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("the folder holds %q", slices.Sorted(maps.Keys(got)))
	}
}
