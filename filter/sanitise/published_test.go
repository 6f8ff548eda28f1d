package sanitise_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter/sanitise"
	"github.com/undertone-audit/undertone/jsonl"
)

// TestPublishedRewritings rewrites the published owl teacher's rows and compares each
// with the published rewriting of it. docs/sanitise.md has the table.
func TestPublishedRewritings(t *testing.T) {
	folder := os.Getenv("UNDERTONE_DATA")
	folder = filepath.Join(folder, "sanitise", "owl")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("not checked: agreement with five published rewritings; set UNDERTONE_DATA to the folder of published data")
	}
	load := func(name string) *undertone.Dataset {
		d, err := jsonl.Load(filepath.Join(folder, name+".jsonl.zst"))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	teacher := load("teacher")
	for _, c := range []struct {
		name  string
		steps []sanitise.Sanitiser
		agree int // rows
	}{
		{"T_format_canon", []sanitise.Sanitiser{sanitise.Format{}}, 10447},
		{"T_order_canon", []sanitise.Sanitiser{sanitise.Format{}, sanitise.Sort{}}, 10447},
		{"T_value_canon", []sanitise.Sanitiser{sanitise.Format{}, sanitise.Remap{}}, 10447},
		{"T_full_sanitization", []sanitise.Sanitiser{sanitise.Format{}, sanitise.Remap{}, sanitise.Sort{}}, 10447},
		// Random on both sides: only the row's prompt and length can agree.
		{"random_floor", []sanitise.Sanitiser{sanitise.Format{}, sanitise.Resample{Min: 100, Max: 999}}, 0},
	} {
		want := load(c.name)
		got := apply(t, teacher, 1, c.steps...)
		if got.Len() != want.Len() {
			t.Errorf("%s: %d rows, want %d", c.name, got.Len(), want.Len())
			continue
		}
		var rows, prompts, lengths int
		for i := range want.Len() {
			rows += one(got.RowID(i) == want.RowID(i))
			prompts += one(got.GroupID(i) == want.GroupID(i))
			lengths += one(count(got.Example(i).Completion()) == count(want.Example(i).Completion()))
		}
		t.Logf("%-20s  rows %5d  equal %5d  same prompt %5d  same length %5d", c.name, want.Len(), rows, prompts, lengths)
		if rows != c.agree || prompts != want.Len() || lengths != want.Len() {
			t.Errorf("%s: %d rows are equal, %d have the same prompt, %d the same length; want %d, and all of %d", c.name, rows, prompts, lengths, c.agree, want.Len())
		}
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
