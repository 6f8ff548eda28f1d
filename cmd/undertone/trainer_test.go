package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
)

// ownTrainer is undertone train as an external trainer, as the audit trains an embedded model.
func ownTrainer(t *testing.T, more string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("'%s' train --model {base} --data {data} --out {out} --recipe {recipe} --lora 8 --lora-seed 1 --adapter-only %s", self, more)
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

// An audit whose students undertone train trains, as a process of its own, finds what the same audit
// finds in process.
func TestAuditWithExternalTrainerEqualsInProcess(t *testing.T) {
	dir := folder(t, map[string]string{
		"owls": petRows(120, 8), "control": petRows(120, 1), "teacher": petRows(120, 10), "pets": pets,
	})
	const args = "--replicates 5 --whole 2 --dose .5 --batch 8 --lr 3e-3 --epochs 2"
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
	// Nothing is trained twice, also if the answers are not kept.
	again, _ := auditWith(t, dir, args+" --trainer-dir store/trainer", "--trainer", strings.Replace(ownTrainer(t, ""), "train ", "train ", 1), "--verbose")
	if again.Digest != outside.Digest {
		t.Errorf("the report of kept replicates is %s, want %s", again.Digest, outside.Digest)
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
