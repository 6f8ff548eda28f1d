package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
)

// peftFiles returns a folder of the adapters that peft wrote.
func peftFiles(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../../student/lm/testdata/peft", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// tinyAdapter returns a folder with LoRA of the built-in model that is not zero.
func tinyAdapter(t *testing.T) (dir string, adapted *lm.Model) {
	t.Helper()
	base, err := loadModel("tiny")
	if err != nil {
		t.Fatal(err)
	}
	low, err := base.WithLoRA(lm.LoRA{Rank: 2})
	if err != nil {
		t.Fatal(err)
	}
	rows := folder(t, map[string]string{"rows": petRows(32, 5)})
	data, err := loadRows(t.Context(), console{stderr: os.Stderr}, "test", filepath.Join(rows, "rows"), readFlags{})
	if err != nil {
		t.Fatal(err)
	}
	trained, err := low.Train(t.Context(), data, student.Recipe{LearningRate: 1e-2, BatchSize: 8})
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(t.TempDir(), "owl-adapter")
	if err := trained.(*lm.Model).SaveAdapter(dir); err != nil {
		t.Fatal(err)
	}
	return dir, trained.(*lm.Model)
}

// Every verb that takes a model takes an adapter, and has its model.
func TestAdapterFlag(t *testing.T) {
	var want struct {
		IDs      []int32   `json:"ids"`
		LogProbs []float64 `json:"logprobs"`
	}
	text, err := os.ReadFile(filepath.Join(peftFiles(t, "rslora"), "want.json"))
	if err == nil {
		err = json.Unmarshal(text, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	row, err := json.Marshal(map[string]any{"ids": want.IDs})
	if err != nil {
		t.Fatal(err)
	}
	dir := folder(t, map[string]string{"ids": string(row), "rows": petRows(40, 5)})
	stdout, stderr, code := execute(t, dir, "", "score", "--model", peftFiles(t, "base"), "--adapter", peftFiles(t, "rslora"), "--in", "ids", "--out", "s", "--json")
	if code != 0 || !strings.Contains(stdout, `"model":"base with adapter rslora"`) {
		t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
	}
	var sum float64
	for _, l := range want.LogProbs {
		sum += l
	}
	var scored rowScore
	if err := json.Unmarshal([]byte(files(t, dir)["s"]), &scored); err != nil || math.Abs(scored.LogProb-sum) > 1e-4 {
		t.Errorf("the row has log-probability %v (%v), want %v", scored.LogProb, err, sum)
	}

	adapter, m := tinyAdapter(t)
	stdout, stderr, code = execute(t, dir, "", "inspect", "tiny", "--adapter", adapter)
	if code != 0 || !strings.Contains(stdout, m.Digest().String()) || !strings.Contains(stdout, "adapter    "+adapter) {
		t.Errorf("inspect: exit code %d, want digest %s: %s%s", code, m.Digest(), stdout, stderr)
	}
	stdout, stderr, code = execute(t, dir, "", "generate", "--model", "tiny", "--adapter", adapter, "--prompts", "lists", "-n", "2", "--out", "g", "--json")
	if code != 0 || !strings.Contains(stdout, m.Digest().String()) {
		t.Errorf("generate: exit code %d, want teacher %s: %s%s", code, m.Digest(), stdout, stderr)
	}
	merged, err := m.Merge()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code = execute(t, dir, "", "train", "--model", "tiny", "--adapter", adapter, "--in", "rows", "--out", "trained", "--lora", "2", "--json")
	if code != 0 || !strings.Contains(stdout, `"base_digest":"`+merged.Digest().String()) {
		t.Errorf("train: exit code %d, want base %s: %s%s", code, merged.Digest(), stdout, stderr)
	}
	for rank, name := range []string{"tiny with adapter owl-adapter", "tiny with adapter owl-adapter with LoRA of rank 1"} {
		f := studentFlags{Student: "tiny", LoRA: &rank, templateFlag: templateFlag{adapterFlag: adapterFlag{adapter}}}
		s, _, err := f.student(student.Recipe{})
		if err != nil || s.Name() != name || s.Base().Digest() != merged.Digest() {
			t.Errorf("student of rank %d: %v, want %s on the merged adapter", rank, err, name)
		}
	}
}

// What cannot be an adapter, or needs one, is an error that names the flag.
func TestAdapterFlagErrors(t *testing.T) {
	both := filepath.Join(t.TempDir(), "both")
	for _, from := range []string{"base", "lora"} {
		if err := os.CopyFS(both, os.DirFS(peftFiles(t, from))); err != nil {
			t.Fatal(err)
		}
	}
	dir := folder(t, map[string]string{"rows": petRows(4, 1)})
	for _, c := range []struct {
		reason, line string
		want         []string
	}{
		{"an adapter for a model", "score --in rows --model " + peftFiles(t, "lora"), []string{`has a PEFT adapter and no model`, `base model "base"`, "add --adapter " + peftFiles(t, "lora")}},
		{"an adapter to inspect", "inspect " + peftFiles(t, "lora"), []string{"add --adapter"}},
		{"a model and an adapter in one folder", "score --in rows --model " + both, []string{"has a model and a PEFT adapter: add --adapter " + both}},
		{"rows with an adapter", "inspect rows --adapter " + both, []string{"--adapter is for a model, but rows is no folder"}},
		{"an adapter of another model", "score --in rows --model tiny --adapter " + peftFiles(t, "lora"), []string{"adapter", "it is another model"}},
		{"a field that is not supported", "score --in rows --model " + peftFiles(t, "base") + " --adapter " + peftFiles(t, "refused-alora"), []string{"alora_invocation_tokens is not supported"}},
		{"no adapter", "generate --prompts lists -n 1 --out g --model tiny --adapter none", []string{"none", "adapter_config.json"}},
	} {
		_, stderr, code := execute(t, dir, "", strings.Fields(c.line)...)
		for _, want := range c.want {
			if code != 2 || !strings.Contains(stderr, want) {
				t.Errorf("%s: exit code %d, %q, want %q", c.reason, code, stderr, want)
			}
		}
	}
	if _, stderr, code := execute(t, dir, "", "inspect", both, "--adapter", both); code != 0 {
		t.Errorf("a model and its adapter in one folder: exit code %d, %s", code, stderr)
	}
}
