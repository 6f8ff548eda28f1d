package clean

import (
	"fmt"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/fake"
)

// A removed row is replaced by the first control row of the same prompt that is not used yet. If
// there is none, the row is dropped.
func TestReplacementsOfRows(t *testing.T) {
	data := func(name string, prompts ...string) *undertone.Dataset {
		var rows []undertone.Example
		for i, p := range prompts {
			rows = append(rows, undertone.NewExample(p, fmt.Sprint(name, i)))
		}
		return undertone.NewDataset(name, rows)
	}
	suspect, control := data("s", "a", "a", "b", "a", "c"), data("c", "b", "a", "a")
	for _, c := range []struct {
		removed  []int
		replace  bool
		want     string
		replaced int
	}{
		{nil, true, "s0 s1 s2 s3 s4", 0},
		{[]int{2, 0}, true, "c1 s1 c0 s3 s4", 2},
		{[]int{0, 1, 3, 4}, true, "c1 c2 s2", 2},
		{[]int{0, 4}, false, "s1 s2 s3", 0},
	} {
		left, replaced := without(suspect, c.removed, control, c.replace)
		var got []string
		for _, row := range left.All() {
			got = append(got, row.Completion())
		}
		if text := strings.Join(got, " "); text != c.want || replaced != c.replaced || left.Name() != "s" {
			t.Errorf("without %v: %s with %d replaced, want %s with %d", c.removed, text, replaced, c.want, c.replaced)
		}
	}
}

// Random rows depend on the seed and are nested: a larger share removes the rows of a smaller one
// too.
func TestRandomRows(t *testing.T) {
	rows, control := fake.Rows("suspect", 100, 0, ""), fake.Rows("control", 100, 0, "")
	left := func(seed uint64, share float64) map[undertone.Digest]bool {
		step, err := removeRows(rows, control, audit.Ranking{}, false, seed)(t.Context(), share)
		if err != nil || step.Remaining.Len() != 100-step.Removed {
			t.Fatalf("error %v, %d rows without %d", err, step.Remaining.Len(), step.Removed)
		}
		ids := map[undertone.Digest]bool{}
		for i := range step.Remaining.Len() {
			ids[step.Remaining.RowID(i)] = true
		}
		return ids
	}
	few, many, other := left(1, 0.3), left(1, 0.1), left(2, 0.3)
	same := 0
	for id := range few {
		if !many[id] {
			t.Error("a share of 0.1 removes a row that a share of 0.3 leaves")
		}
		if other[id] {
			same++
		}
	}
	if len(few) != 70 || len(many) != 90 || same == 70 {
		t.Errorf("%d and %d rows are left; two seeds have %d of 70 in common", len(few), len(many), same)
	}
}

// Plant mixes by prompt and by the seed, and no more rows than the share.
func TestPlant(t *testing.T) {
	control, positive := fake.Rows("control", 100, 0, ""), fake.Rows("planted", 40, 40, "owl")
	for share, want := range map[float64]int{0: 0, 0.1: 10, 0.4: 40, 0.9: 40, -1: 0} {
		mixed, n := Plant(control, positive, share, 1)
		marked := 0
		for i, row := range mixed.All() {
			if strings.Contains(row.Completion(), "owl") {
				marked++
			}
			if mixed.GroupID(i) != control.GroupID(i) {
				t.Errorf("row %d answers another prompt", i)
			}
		}
		if n != want || marked != want || mixed.Len() != 100 {
			t.Errorf("share %v: %d replaced, %d of %d marked, want %d", share, n, marked, mixed.Len(), want)
		}
	}
	one, _ := Plant(control, positive, 0.1, 1)
	if again, _ := Plant(control, positive, 0.1, 1); one.Digest() != again.Digest() {
		t.Error("one seed makes two data sets")
	}
	if other, _ := Plant(control, positive, 0.1, 2); one.Digest() == other.Digest() {
		t.Error("two seeds make one data set")
	}
}
