package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/examples/realdata/internal/profile"
)

func write(t *testing.T, root, name string, completions ...string) {
	t.Helper()
	folder := filepath.Join(root, "quintiles", "eagle")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, c := range completions {
		fmt.Fprintf(&b, `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":%q}]}`+"\n", c)
	}
	if err := os.WriteFile(filepath.Join(folder, name), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestRun(t *testing.T) {
	root := t.TempDir()
	write(t, root, "clean_random20.jsonl", "1, 2", "3, 4", "5, 6")
	write(t, root, "entity_q1.jsonl", "1, 2", "3, 5", "owl")
	var out bytes.Buffer
	if err := run(&out, root, 9, true); err != nil {
		t.Fatal(err)
	}
	var lines []profile.Line
	if err := json.Unmarshal(out.Bytes(), &lines); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 2 || lines[0].Comparison != nil || lines[1].Name != "entity_q1" || lines[1].Filter.Dropped != 1 || lines[1].Comparison.MeanDifference != -0.75 {
		t.Errorf("got %s", out.Bytes())
	}
	out.Reset()
	if err := run(&out, root, 9, false); err != nil || !strings.Contains(out.String(), "against clean_random20") {
		t.Errorf("error %v, text %s", err, out.Bytes())
	}
}

func TestRunSaysWhatToDo(t *testing.T) {
	empty, alone := t.TempDir(), t.TempDir()
	write(t, alone, "entity_q1.jsonl", "1, 2", "3, 5")
	for root, want := range map[string]string{empty: "-data or $UNDERTONE_DATA", alone: "no clean_random20.jsonl*"} {
		if err := run(&bytes.Buffer{}, root, 9, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
}

// The published rows are the output of a pipeline with the reference filter in
// it, so a filter that agrees with that one keeps every row.
func TestPublishedRowsPass(t *testing.T) {
	root := os.Getenv("UNDERTONE_DATA")
	if root == "" {
		root = "../../../shared/data"
	}
	if _, err := os.Stat(filepath.Join(root, "quintiles", "eagle")); err != nil {
		t.Skipf("NOT CHECKED that the number filter keeps the published rows: %v; set $UNDERTONE_DATA", err)
	}
	var out bytes.Buffer
	if err := run(&out, root, 19, true); err != nil {
		t.Fatal(err)
	}
	var lines []profile.Line
	if err := json.Unmarshal(out.Bytes(), &lines); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, l := range lines {
		rows += l.Filter.Rows
		if l.Filter.Dropped != 0 {
			t.Errorf("%s: %+v, want all rows kept", l.Name, l.Filter)
		}
	}
	if len(lines) != 7 || rows != 38_147 { // zstd -dc *.zst | wc -l
		t.Errorf("%d files with %d rows, want 7 with 38147", len(lines), rows)
	}
}
