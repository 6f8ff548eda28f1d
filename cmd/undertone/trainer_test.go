package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone/audit"
)

// ownTrainer is undertone train as an external trainer, as the audit trains an embedded model.
func ownTrainer(t *testing.T, more string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("'%s' train --model {base} --in {data} --out {out} --recipe {recipe} --lora 8 --lora-seed 1 --adapter-only %s", self, more)
}

// auditWith runs an audit and returns its report.
func auditWith(t *testing.T, dir, args string, more ...string) (report audit.Report, stderr string) {
	t.Helper()
	stdout, stderr, code := execute(t, dir, "", append(strings.Fields("audit --json --traits pets --student tiny --suspect owls --control control "+args), more...)...)
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || code == 2 {
		t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
	}
	return report, stderr
}

// An audit whose students are trained by undertone train, in processes of their own, finds what the
// same audit finds in process.
func TestAuditWithExternalTrainerEqualsInProcess(t *testing.T) {
	dir := folder(t, map[string]string{
		"owls": petRows(300, 8), "control": petRows(300, 1), "teacher": petRows(300, 10), "pets": pets,
	})
	const args = "--replicates 6 --whole 4 --dose .5 --batch 8 --lr 3e-3 --epochs 3"
	inside, _ := auditWith(t, dir, args)
	outside, _ := auditWith(t, dir, args+" --store store", "--trainer", ownTrainer(t, ""), "--trainers", "2")
	if outside.Trainer == nil || outside.Trainer.Key.IsZero() || len(outside.Trainer.Versions) != 2 {
		t.Fatalf("the report has the trainer %+v", outside.Trainer)
	}
	if d := difference(t, inside.Findings, outside.Findings); d > 1e-12 {
		t.Errorf("the findings differ by %g:\n%+v\n%+v", d, inside.Findings, outside.Findings)
	}
	if inside.Verdict != outside.Verdict || !reflect.DeepEqual(inside.Traits, outside.Traits) {
		t.Errorf("verdicts %v and %v: %+v, %+v", inside.Verdict, outside.Verdict, inside.Traits, outside.Traits)
	}
	if inside.Verdict == audit.Inconclusive {
		t.Errorf("the audits are inconclusive, so they do not show that verdicts agree: %+v", inside.Traits)
	}
	// Nothing is trained twice, also if the answers are not kept.
	again, stderr := auditWith(t, dir, args+" --trainer-dir store/trainer --verbose", "--trainer", ownTrainer(t, ""))
	if again.Digest != outside.Digest || stderr != "" {
		t.Errorf("the report of kept replicates is %s, want %s; the trainers wrote %q", again.Digest, outside.Digest, stderr)
	}
}

// An audit that is killed while a trainer runs resumes: no finished replicate is trained again.
func TestKilledWithExternalTrainer(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: there is no shell here")
	}
	dir := folder(t, map[string]string{
		"owls": petRows(60, 8), "control": petRows(60, 1), "teacher": petRows(60, 10), "pets": pets,
	})
	// The third training stops until the file "go" is there.
	wrapped := `sh -c 'echo $UNDERTONE_OUT >> count; if [ $(wc -l < count) -eq 3 ]; then while [ ! -e go ]; do sleep .02; done; fi; exec ` + strings.ReplaceAll(ownTrainer(t, ""), "'", `"`) + `'`
	args := append(strings.Fields("audit --json --traits pets --student tiny --suspect owls --control control --replicates 2 --whole 2 --batch 8 --epochs 1 --store store"), "--trainer", wrapped)
	first := command(t, dir, args...)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	lines := func() int { return strings.Count(files(t, dir)["count"], "\n") }
	for deadline := time.Now().Add(time.Minute); lines() < 3; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no third training after a minute")
		}
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := execute(t, dir, "", args...)
	if code == 2 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	trained := lines()
	entries, err := os.ReadDir(filepath.Join(dir, "store", "trainer"))
	if err != nil {
		t.Fatal(err)
	}
	finished := 0
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.Name(), "."):
			t.Errorf("%s is left", e.Name())
		case !strings.HasPrefix(e.Name(), "base-"):
			finished++
		}
	}
	if trained != finished+1 {
		t.Errorf("%d trainings for %d replicates, want one more: that of the kill", trained, finished)
	}
	again, _, _ := execute(t, dir, "", args...)
	if again != stdout || lines() != trained {
		t.Errorf("a finished audit trains again (%d trainings), or its report changes", lines()-trained)
	}
}

func TestTrainerFlags(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()) // what failed stays there
	dir := folder(t, map[string]string{"owls": petRows(60, 8), "control": petRows(60, 1), "teacher": petRows(60, 10), "pets": pets})
	for _, c := range []struct {
		args string
		want string
	}{
		{"--trainers 2", "need --trainer"},
		{"--trainer true --lora 4", "--lora has no effect with --trainer"},
		{"--trainer true --budget 1m", "cannot time an external trainer"},
		{"--trainer no-such-program", `--trainer: the command "no-such-program" cannot be run`},
		{"--trainer true{foo}", `the placeholder "{foo}"`},
		{"--trainer 'true", "is not closed"},
		{"--trainer true --trainers 0", "--trainers is 0"},
		{"--trainer false --replicates 2 --whole 2", ": external: the trainer failed: exit status 1; it wrote nothing"},
		{"--trainer true --replicates 2 --whole 2 --trainers 2", "it left no model"},
	} {
		args := append(strings.Fields("audit --traits pets --student tiny --suspect owls --control control"), strings.Fields(c.args)...)
		if _, stderr, code := execute(t, dir, "", args...); code != 2 || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: exit code %d, %q, want %q", c.args, code, stderr, c.want)
		}
	}
}

// The exit code of a check is 0, or 1 if a check failed, or 2 if nothing could be checked.
func TestTrainerCheck(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()) // what failed stays there
	dir := folder(t, map[string]string{"owls": petRows(60, 8)})
	for _, c := range []struct {
		args, trainer string
		code          int
		want          string
	}{
		{"--json", ownTrainer(t, ""), 0, `{"name":"repeat","status":"passed"`},
		{"--in owls --rows 16", ownTrainer(t, ""), 0, "PASSED  "},
		{"", strings.Replace(ownTrainer(t, ""), "--recipe {recipe}", "--seed 1", 1), 1, "it used the seed 1, but was given 2"},
		{"--server-kind vllm", ownTrainer(t, ""), 0, "which vLLM would leave out"},
		{"", "no-such-program", 2, "cannot be run"},
	} {
		stdout, stderr, code := execute(t, dir, "", append(strings.Fields("trainer check --student tiny --lr 5e-3 "+c.args), "--trainer", c.trainer)...)
		if code != c.code || !strings.Contains(stdout+stderr, c.want) {
			t.Errorf("%s: exit code %d, want %d and %q: %s%s", c.args, code, c.code, c.want, stdout, stderr)
		}
	}
}

// An adapter that train writes gives what the merged model gives, within rounding, and a run that
// is repeated says so.
func TestTrainAdapterOnly(t *testing.T) {
	dir := folder(t, map[string]string{"rows": petRows(60, 8), "recipe": `{"epochs": 2, "batch_size": 8, "seed": 18446744073709551615}`})
	args := strings.Fields("train --model tiny --in rows --lora 4 --json --recipe recipe")
	merged, stderr, code := execute(t, dir, "", append(args, "--out", "merged")...)
	if code != 0 {
		t.Fatal(stderr)
	}
	for range 2 {
		adapter, stderr, code := execute(t, dir, "", append(args, "--out", "adapter", "--adapter-only")...)
		if code != 0 {
			t.Fatal(stderr)
		}
		var a, b trainReport
		if err := errors.Join(json.Unmarshal([]byte(merged), &a), json.Unmarshal([]byte(adapter), &b)); err != nil {
			t.Fatal(err)
		}
		if math.Abs(a.After-b.After) > 1e-5 || b.Recipe.Seed != math.MaxUint64 || !b.AdapterOnly || a.AdapterOnly {
			t.Errorf("%+v\n%+v", a, b)
		}
	}
	if _, stderr, code := execute(t, dir, "", "score", "--model", "tiny", "--adapter", "adapter", "--in", "rows", "--out", "s"); code != 0 {
		t.Error(stderr)
	}
	for _, c := range [][2]string{
		{"train --model tiny --in rows --out x --adapter-only --lora 0", "--adapter-only needs a rank of LoRA"},
		{"train --model tiny --in rows --out x --recipe recipe --epochs 2", "--recipe is given beside flags"},
		{"train --model tiny --in rows --out x --recipe rows", "--recipe: "},
	} {
		if _, stderr, code := execute(t, dir, "", strings.Fields(c[0])...); code != 2 || !strings.Contains(stderr, c[1]) {
			t.Errorf("%s: exit code %d, %q, want %q", c[0], code, stderr, c[1])
		}
	}
}

// difference returns the largest difference between the numbers of two values that have the same
// JSON otherwise.
func difference(t *testing.T, a, b any) float64 {
	t.Helper()
	var values [2]any
	for i, v := range []any{a, b} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &values[i]); err != nil {
			t.Fatal(err)
		}
	}
	return farthest(values[0], values[1])
}

func farthest(a, b any) float64 {
	most := 0.0
	switch a := a.(type) {
	case map[string]any:
		other, ok := b.(map[string]any)
		if !ok || len(a) != len(other) {
			return math.Inf(1)
		}
		for key, value := range a {
			most = max(most, farthest(value, other[key]))
		}
	case []any:
		other, ok := b.([]any)
		if !ok || len(a) != len(other) {
			return math.Inf(1)
		}
		for i := range a {
			most = max(most, farthest(a[i], other[i]))
		}
	case float64:
		other, ok := b.(float64)
		if !ok {
			return math.Inf(1)
		}
		return math.Abs(a - other)
	default:
		if a != b {
			return math.Inf(1)
		}
	}
	return most
}
