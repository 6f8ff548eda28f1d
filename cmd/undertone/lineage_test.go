package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/provenance/lineage"
	"github.com/undertone-audit/undertone/provenance/lineage/lineagetest"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/tensor/transformer"
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
		{"tiny tiny-other", lineage.Unrelated, "no related neurons in 4 compared parts"},
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
		{"tiny tuned --weights-only", lineage.Shared, "4 of 4 compared parts have related neurons"},
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
		"tiny absent --weights-only":      "stat absent: no such file or directory",
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

// hiddenCopy saves a changed copy of the embedded model to a folder.
func hiddenCopy(t *testing.T, dir string, change func(*transformer.Model) (*transformer.Model, error), edits ...lineagetest.Edit) {
	t.Helper()
	m, err := tiny.Base()
	if err != nil {
		t.Fatal(err)
	}
	original := t.TempDir()
	if err := m.Save(original); err != nil {
		t.Fatal(err)
	}
	net, err := transformer.Load(original)
	if err != nil {
		t.Fatal(err)
	}
	if net, err = change(net); err != nil {
		t.Fatal(err)
	}
	if net, err = lineagetest.Apply(net, edits...); err != nil {
		t.Fatal(err)
	}
	copied, err := lm.New(net, m.Tokenizer(), lm.Options{Tokenizer: original, Settings: m.Settings()})
	if err != nil {
		t.Fatal(err)
	}
	if err := copied.Save(dir); err != nil {
		t.Fatal(err)
	}
}

// The gate refuses rows of a generator whose relation to the student was hidden and is shown by the
// weights.
func TestGateRefusesHiddenCopies(t *testing.T) {
	dir := folder(t, map[string]string{"policy": `{"schema": "undertone.policy/1", "generators": {"shared_base": "refuse"}}`})
	hiddenCopy(t, filepath.Join(dir, "moved"), func(m *transformer.Model) (*transformer.Model, error) { return lineagetest.PickLayers(m, 1, 0, 1) },
		lineagetest.PermuteNeurons(1), lineagetest.PermuteHeads(1), lineagetest.Rotate(1), lineagetest.Int8())
	hiddenCopy(t, filepath.Join(dir, "split"), func(m *transformer.Model) (*transformer.Model, error) { return lineagetest.SplitNeurons(m, 10, 1) },
		lineagetest.Renew(1, func(name string) bool { return strings.Contains(name, "self_attn") }), lineagetest.Rotate(1))
	for generator, want := range map[string][2]string{
		"moved":      {"shares the base of the student", "--generator moved and the student: shared base, by weights"},
		"split":      {"shares the base of the student", "--generator split and the student: shared base, by weights"},
		"tiny-other": {"allowed by the policy", "--generator tiny-other and the student: unrelated: "},
	} {
		succeed(t, dir, "generate --model "+generator+" --prompts lists --rows 20 --out rows-"+generator)
		stdout, stderr, code := execute(t, dir, "", strings.Fields("verify --policy policy --student tiny --data rows-"+generator+" --generator "+generator)...)
		if (code == 0) != (generator == "tiny-other") || !strings.Contains(stdout, want[0]) || !strings.Contains(stdout, want[1]) {
			t.Errorf("%s: exit code %d, want %q: %s%s", generator, code, want, stdout, stderr)
		}
	}
}
