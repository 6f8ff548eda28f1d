package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/provenance"
)

// failAt makes a step of writing each file whose path contains a text fail as on a full disk. The
// argument is STEP:TEXT, or empty.
func failAt(step string) {
	step, part, ok := strings.Cut(step, ":")
	if !ok {
		return
	}
	atomicfile.Failpoint = func(at atomicfile.Step, path string) error {
		if string(at) == step && strings.Contains(filepath.Base(path), part) {
			return syscall.ENOSPC
		}
		return nil
	}
}

// writers are command lines that write files; one of them has the text fails in its name. The files
// are those of writerFiles.
var writers = []struct{ args, fails string }{
	{"filter --in rows --filters numbers --out out", "out"},
	{"filter --in rows --filters numbers --out out --rejects rejects", "rejects"},
	{"filter --in rows --filters numbers --out out.gz", "out.gz"},
	{"filter --in rows --filters numbers --out out", "out" + provenance.Suffix},
	{"sanitise --in rows --steps sort --out out", "out" + provenance.Suffix},
	{"sanitise --in rows --steps sort --out out", "out"},
	{"match --suspect lists --control more --out-suspect out --out-control other", "out"},
	{"match --suspect lists --control more --out-suspect out --out-control other", "other"},
	{"generate --model tiny --prompts lists --rows 3 --out out", "out"},
	{"generate --model tiny --prompts lists --rows 3 --out out --recording answers", "answers"},
	{"train --model tiny --in s --out model", "model.safetensors"},
	{"train --model tiny --in s --out model", trainingFile},
	{"score --model tiny --in s --out out", "out"},
	{"audit" + writerArms + " --epochs 1 --replicates 2 --whole 2 --out out", "out"},
	{"factorial --arm owl=s --arm cat=c --student tiny --traits zoo --epochs 1 --replicates 5 --out out", "out"},
	{"rank" + writerArms + " --surrogates 1 --out out", "out"},
	{"clean" + writerArms + " --surrogates 1 --epochs 1 --replicates 2 --whole 2 --shares .1 --share .1 --out out", "out"},
	{"example --rows 60 case", suspectFile},
	{"example --rows 60 case", traitsFile},
	{"inspect --in rows --row 0 --index", "rows.undertone-index"},
}

const writerArms = " --suspect s --control c --student tiny --traits pets"

// writerFiles are the inputs of the writers. Some outputs exist already.
func writerFiles() map[string]string {
	const trait = `{"kind": "pet", "value": %q, "candidates": ["owl", "cat", "dog", "fox", "wolf", "bear"], "questions": ["Pet 1000?"]}`
	return map[string]string{
		"rows": row1 + row2 + row3 + row4 + "\n", "lists": numberRows(1, 400, 900), "more": numberRows(2, 400, 900),
		"s": petRows(60, 4), "c": petRows(61, 1), "pets": fmt.Sprintf(`{"traits": [`+trait+`]}`, "owl"), "zoo": fmt.Sprintf(`{"traits": [`+trait+", "+trait+`]}`, "owl", "cat"),
		"out": "old", "out.gz": "old", "rejects": "old", "other": "old",
	}
}

// A disk that is full at any step of writing any file ends a verb with an error that names the
// file. The old file stays and nothing else is left, besides what a resumed run needs.
func TestWritersOnAFullDisk(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: a full disk has another error here")
	}
	resumed := regexp.MustCompile(`^\.(out\.recording|model\.training)$`)
	for _, w := range writers {
		steps := []atomicfile.Step{atomicfile.StepCreate, atomicfile.StepWrite, atomicfile.StepSync, atomicfile.StepRename}
		if testing.Short() {
			steps = []atomicfile.Step{atomicfile.StepRename}
		}
		for _, step := range steps {
			given := writerFiles()
			dir := folder(t, given)
			c := command(t, dir, strings.Fields(w.args)...)
			c.Env = append(c.Env, "UNDERTONE_TEST_FAIL="+string(step)+":"+w.fails)
			var stderr strings.Builder
			c.Stderr = &stderr
			_ = c.Run()
			code, text := c.ProcessState.ExitCode(), stderr.String()
			if code != 2 || !strings.Contains(text, w.fails) || !strings.Contains(text, "no space left on device") || strings.Count(text, "\n") != 1 {
				t.Errorf("%s: full at %s of %s: exit code %d, %q", w.args, step, w.fails, code, text)
			}
			got := files(t, dir)
			maps.DeleteFunc(got, func(name, _ string) bool { return resumed.MatchString(name) })
			for name, text := range given {
				if got[name] != text && !(name == "rejects" || name == "out" && (w.fails == "other" || strings.HasSuffix(w.fails, provenance.Suffix))) {
					t.Errorf("%s: full at %s of %s: %s holds %.40q", w.args, step, w.fails, name, got[name])
				}
				delete(got, name)
			}
			delete(got, "answers")
			if len(got) > 0 {
				t.Errorf("%s: full at %s of %s: it leaves %q", w.args, step, w.fails, got)
			}
		}
	}
}

// A folder that cannot be written ends every verb that writes with an error.
func TestWritersWithoutPermission(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("not checked: this user may write into every folder")
	}
	for _, w := range writers {
		dir := folder(t, writerFiles())
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		_, stderr, code := execute(t, dir, "", strings.Fields(w.args)...)
		_ = os.Chmod(dir, 0o700)
		if code != 2 || !strings.Contains(stderr, "permission denied") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d, %q", w.args, code, stderr)
		}
	}
}

// A large output fails while it is written and not when it is flushed; the error names it too.
func TestLargeOutputOnAFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("not checked: a full device, since there is no /dev/full")
	}
	dir := folder(t, map[string]string{"s": petRows(6000, 4), "c": petRows(6001, 1), "pets": writerFiles()["pets"], "lists": strings.Repeat(row1, 6000)})
	for _, args := range []string{
		"rank" + writerArms + " --surrogates 1", "sanitise --in lists --steps sort", "match --suspect s --control c --out-control m", "score --model tiny --in s",
	} {
		flag := " --out"
		if strings.HasPrefix(args, "match") {
			flag = " --out-suspect"
		}
		_, stderr, code := execute(t, dir, "", strings.Fields(args+flag+" /dev/full")...)
		if code != 2 || !strings.Contains(stderr, "/dev/full") || !strings.Contains(stderr, "no space left on device") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d, %q", args, code, stderr)
		}
	}
}

func TestWritersToAFullDevice(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("not checked: a full device, since there is no /dev/full")
	}
	for _, w := range writers {
		if !strings.Contains(w.args, "--out out") || w.fails != "out" || strings.Contains(w.args, "match") {
			continue
		}
		dir := folder(t, writerFiles())
		_, stderr, code := execute(t, dir, "", strings.Fields(strings.Replace(w.args, "--out out", "--out /dev/full", 1))...)
		if code != 2 || !strings.Contains(stderr, "/dev/full") || !strings.Contains(stderr, "no space left on device") || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%s: exit code %d, %q", w.args, code, stderr)
		}
	}
}
