package main

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/provenance"
)

// hangAt makes the process stop for ever before a step of writing the file of a name, and create a
// marker. The argument is STEP:NAME, or empty.
func hangAt(step, marker string) {
	step, name, ok := strings.Cut(step, ":")
	if !ok {
		return
	}
	atomicfile.Failpoint = func(at atomicfile.Step, path string) error {
		if string(at) == step && filepath.Base(path) == name {
			_ = os.WriteFile(marker, nil, 0o600)
			select {}
		}
		return nil
	}
}

// killAt runs the command, and kills it before a step of writing the file of a name.
func killAt(t *testing.T, dir, line, step string) {
	t.Helper()
	marker := filepath.Join(t.TempDir(), "reached")
	c := command(t, dir, strings.Fields(line)...)
	c.Env = append(c.Env, "UNDERTONE_TEST_HANG="+step, "UNDERTONE_TEST_REACHED="+marker)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(marker); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %s was not reached", line, step)
		}
	}
	_ = c.Process.Kill()
	_ = c.Wait()
}

// A verb that is killed at any step of writing its output or its manifest leaves no manifest that
// lies: it describes the file beside it, or it is stale and says so. The old file has an old
// manifest. The same command then completes both.
func TestKilledBetweenFileAndManifest(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: what a killed process leaves stays here")
	}
	verbs := []struct{ before, line, out string }{
		{"filter --in lists --filters numbers --out out", "filter --in rows --filters numbers --out out", "out"},
		{"generate --model tiny --prompts lists --rows 4 --out out", "generate --model tiny --prompts lists --rows 5 --seed 2 --out out", "out"},
		{"sanitise --in lists --steps sort --out out", "sanitise --in rows --steps sort --out out", "out"},
		{"match --suspect more --control lists --out-suspect out --out-control other", "match --suspect lists --control more --out-suspect out --out-control other", "other"},
		{"", "train --model tiny --in s --out model", "model"},
		{"clean" + writerArms + " --surrogates 1 --epochs 1 --replicates 2 --whole 2 --shares .1 --share .1 --store store --out out",
			"clean" + writerArms + " --surrogates 1 --epochs 1 --replicates 2 --whole 2 --shares .2 --share .2 --store store --out out", "out"},
	}
	if testing.Short() {
		verbs = verbs[:3]
	}
	for _, v := range verbs {
		dir := folder(t, writerFiles())
		for _, step := range []string{"rename:" + v.out, "create:" + provenance.Path(v.out), "write:" + provenance.Path(v.out), "rename:" + provenance.Path(v.out)} {
			if v.before != "" {
				if _, stderr, code := execute(t, dir, "", strings.Fields(v.before)...); code == 2 {
					t.Fatalf("%s: %s", v.before, stderr)
				}
			} else {
				_ = os.RemoveAll(filepath.Join(dir, v.out))
				_ = os.Remove(filepath.Join(dir, provenance.Path(v.out)))
			}
			killAt(t, dir, v.line, step)
			checkNoLie(t, dir, v.out, v.line+", killed before "+step)
			if _, stderr, code := execute(t, dir, "", strings.Fields(v.line)...); code == 2 {
				t.Errorf("%s: again: %s", v.line, stderr)
			}
			if g := traced(t, dir, v.out); g.Nodes[0].Made == nil || g.Nodes[0].Made.By != strings.Fields(v.line)[0] {
				t.Errorf("%s: after the second run it was made by %+v", v.line, g.Nodes[0].Made)
			}
		}
		leftovers, _ := filepath.Glob(filepath.Join(dir, ".*.tmp"))
		if len(leftovers) > 0 {
			t.Errorf("%s: temporary files are left: %q", v.line, leftovers)
		}
	}
}

// checkNoLie fails the test if the manifest beside a file is believed and does not describe it.
func checkNoLie(t *testing.T, dir, out, when string) {
	t.Helper()
	path := filepath.Join(dir, out)
	info, err := os.Stat(path)
	if err != nil {
		if _, err := os.Stat(provenance.Path(path)); err == nil {
			t.Errorf("%s: there is a manifest and no file", when)
		}
		return
	}
	g, err := rootFlag{Root: dir}.trace(t.Context(), path, provenance.Options{})
	if err != nil {
		t.Fatal(err)
	}
	honest := []provenance.ProblemKind{provenance.NoManifest, provenance.StaleManifest}
	if g.Manifest.IsZero() {
		if !slices.Contains(honest, g.Problems[0].Kind) {
			t.Errorf("%s: %v", when, g.Problems[0])
		}
		return
	}
	if info.IsDir() {
		return // the digest of the folder was compared
	}
	found, err := provenance.DescribeRows(t.Context(), os.DirFS(dir), out)
	if err != nil || *found.Rows != *g.Nodes[0].Content.Rows || found.Bytes != g.Nodes[0].Content.Bytes {
		t.Errorf("%s: the manifest says %+v, the file holds %+v (%v)", when, g.Nodes[0].Content.Rows, found.Rows, err)
	}
}
