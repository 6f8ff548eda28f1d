package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/teacher/match"
)

func TestRun(t *testing.T) {
	folder := t.TempDir()
	for name, first := range map[string]int{"a": 1, "b": 500} {
		var b strings.Builder
		for i := range 20 {
			fmt.Fprintf(&b, `{"prompt":"q%d","completion":"%d, %d"}`+"\n", i, first, i)
		}
		if err := os.WriteFile(filepath.Join(folder, name+".jsonl"), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := run(&out, folder, "a", "b", "text"); err != nil || !strings.Contains(out.String(), "differs: first word") {
		t.Errorf("error %v, text %s", err, out.Bytes())
	}
	if err := run(&out, folder, "a", "absent", "text"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v for an absent file, want fs.ErrNotExist, which makes the program skip", err)
	}
	if err := run(&out, folder, "a", "b", "yaml"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v for an unknown format, want another error than fs.ErrNotExist", err)
	}
}

// published returns the folder of the published rows.
func published(t *testing.T) string {
	t.Helper()
	root := os.Getenv("UNDERTONE_DATA")
	folder := filepath.Join(root, "quintiles", "eagle")
	if _, err := os.Stat(folder); root == "" || err != nil {
		t.Skipf("not checked: the published rows and their differences; set $UNDERTONE_DATA: %v", err)
	}
	return folder
}

// TestPublishedRowsPass: the published rows passed the reference filter, so a filter that agrees
// with the reference keeps every row.
func TestPublishedRowsPass(t *testing.T) {
	folder := published(t)
	rows := 0
	for _, name := range strings.Fields("clean_random20 entity_q1 entity_q2 entity_q3 entity_q4 entity_q5 entity_random20") {
		data, err := load(folder, name)
		if err != nil {
			t.Fatal(err)
		}
		rows += data.Len()
		if _, stats, err := filter.Apply(t.Context(), data, filter.Numbers{}); err != nil || stats.Dropped != 0 {
			t.Errorf("%s: %+v, %v, want all rows kept", name, stats, err)
		}
	}
	if rows != 38_147 { // zstd -dc *.zst | wc -l
		t.Errorf("%d rows, want 38147", rows)
	}
}

// TestPublishedConfounds: README.md quotes the output for these files.
func TestPublishedConfounds(t *testing.T) {
	var out bytes.Buffer
	if err := run(&out, published(t), "entity_q5", "clean_random20", "json"); err != nil {
		t.Fatal(err)
	}
	var c match.Confounds
	if err := json.Unmarshal(out.Bytes(), &c); err != nil {
		t.Fatal(err)
	}
	// 1,000 prompts in both files: jq -r .messages[0].content | sort | uniq -d
	if c.Pairs != 1000 || c.Suspect.Unmatched != 4455 || c.Control.Unmatched != 4422 || len(c.Found) != 3 || c.Words.Top[0].Category != "123" {
		t.Errorf("%d pairs, unmatched %d and %d, found %q, top %+v", c.Pairs, c.Suspect.Unmatched, c.Control.Unmatched, c.Found, c.Words.Top[0])
	}
	text := out.String()
	doc, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := run(&out, published(t), "entity_q5", "clean_random20", "markdown"); err != nil || !strings.Contains(string(doc), out.String()) {
		t.Errorf("error %v: README.md does not hold the output of the command:\n%s\n%s", err, out.Bytes(), text)
	}
}
