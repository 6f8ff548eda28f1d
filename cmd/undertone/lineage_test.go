package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/provenance/lineage"
)

// The exit code is 0 whatever the grade, and both forms have it.
func TestLineage(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args  string
		grade lineage.Grade
		text  string
	}{
		{"tiny tiny", lineage.Shared, "shared base, by digest"},
		{"tiny tiny-other", lineage.Unrelated, "no related neurons in 2 compared layers"},
		{"tiny tiny-other --weights-only", lineage.Unknown, "not compared, as requested"},
	} {
		text, stderr, code := execute(t, dir, "", append([]string{"lineage"}, strings.Fields(c.args)...)...)
		if code != 0 || stderr != "" || !strings.Contains(text, c.text) || !strings.Contains(text, string(c.grade)) {
			t.Errorf("%s: exit code %d, %s%s", c.args, code, text, stderr)
		}
		form, _, _ := execute(t, dir, "", append([]string{"lineage", "--json"}, strings.Fields(c.args)...)...)
		var got lineage.Result
		if err := json.Unmarshal([]byte(form), &got); err != nil || got.Grade != c.grade || got.Schema != lineage.Schema {
			t.Errorf("%s: %v: %s", c.args, err, form)
		}
	}
}

// Trained folders and adapters declare their base; folders are compared without loading a model.
func TestLineageOfTrainedModels(t *testing.T) {
	dir := folder(t, map[string]string{"rows": petRows(40, 8)})
	for _, args := range []string{
		"train --model tiny --in rows --out tuned --lora 0 --epochs 3 --lr 3e-3",
		"train --model tiny-other --in rows --out adapter --lora 4 --adapter-only",
	} {
		if _, stderr, code := execute(t, dir, "", strings.Fields(args)...); code != 0 {
			t.Fatalf("%s: %s", args, stderr)
		}
	}
	for _, c := range []struct {
		args  string
		grade lineage.Grade
		text  string
	}{
		{"tuned tiny", lineage.Shared, "by declaration: both declare the same base"},
		{"tiny tuned --weights-only", lineage.Shared, "2 of 2 compared layers have related neurons"},
		{"adapter tiny-other", lineage.Shared, "the first is an adapter that declares the second"},
		{"adapter tuned", lineage.Unknown, "the weights of a model are not known"},
		{"tuned tiny-other --prompts-from rows", lineage.Unrelated, "prompts of the caller"},
	} {
		text, stderr, code := execute(t, dir, "", append([]string{"lineage"}, strings.Fields(c.args)...)...)
		if code != 0 || !strings.Contains(text, c.text) || !strings.Contains(strings.Join(strings.Fields(text), " "), "grade "+string(c.grade)+" ") {
			t.Errorf("%s: exit code %d, %s%s", c.args, code, text, stderr)
		}
	}
}

func TestLineageErrors(t *testing.T) {
	dir := folder(t, map[string]string{"rows": `{"text": "no prompt"}` + "\n"})
	for args, want := range map[string]string{
		"tiny absent":                     "absent is neither a folder nor an embedded model",
		"tiny absent --weights-only":      "absent has neither config.json nor adapter_config.json",
		"tiny tiny --prompts-from rows":   "--prompts-from rows: no row has a prompt",
		"tiny tiny --prompts-from absent": "absent",
		"tiny tiny --server-kind vllm":    "neither model is a URL",
		"tiny":                            "expected",
	} {
		if _, stderr, code := execute(t, dir, "", append([]string{"lineage"}, strings.Fields(args)...)...); code != 2 || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d, %q, want %q", args, code, stderr, want)
		}
	}
}

// audit states the relation of --generator and student.
func TestAuditGenerator(t *testing.T) {
	dir := folder(t, map[string]string{"a": petRows(120, 1), "b": petRows(121, 1), "pets": strings.Replace(pets, `, "positive_control": "teacher"`, "", 1)})
	args := strings.Fields("audit --suspect a --control b --student tiny --traits pets --detectors influence --rows 100 --generator")
	text, stderr, _ := execute(t, dir, "", append(args, "tiny", "--json")...)
	var report audit.Report
	if err := json.Unmarshal([]byte(text), &report); err != nil || report.Lineage == nil || report.Lineage.Grade != lineage.Shared || !report.Verify() {
		t.Errorf("%v: %s%s", err, text, stderr)
	}
	if _, stderr, code := execute(t, dir, "", append(args, "absent")...); code != 2 || !strings.Contains(stderr, "--generator: absent is neither") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}
