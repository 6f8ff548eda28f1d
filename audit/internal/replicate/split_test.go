package replicate

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
)

// answered returns rows that answer prompts 0 … n/per−1, the answers being the name's own.
func answered(name string, n, per int) *undertone.Dataset {
	rows := make([]undertone.Example, n)
	for i := range rows {
		rows[i] = undertone.NewExample(fmt.Sprint("prompt ", i/per), fmt.Sprint(name, i))
	}
	return undertone.NewDataset(name, rows)
}

func mustSplit(t *testing.T, n int, plan RowPlan, seed uint64, data ...undertone.Data) [][]undertone.Data {
	t.Helper()
	arms, err := split(n, plan, seed, data...)
	if err != nil {
		t.Fatal(err)
	}
	return arms
}

// ids returns the rows of the parts in order.
func ids(parts ...undertone.Data) []undertone.Digest {
	var all []undertone.Digest
	for _, p := range parts {
		for i := range p.Len() {
			all = append(all, p.RowID(i))
		}
	}
	return all
}

func sorted(ids []undertone.Digest) []undertone.Digest {
	return slices.SortedFunc(slices.Values(ids), func(a, b undertone.Digest) int { return slices.Compare(a[:], b[:]) })
}

func TestSplitCoversRowsWithoutOverlap(t *testing.T) {
	for _, c := range []struct{ rows, per, parts int }{{300, 3, 5}, {300, 300, 5}, {7, 1, 3}, {2, 1, 5}} {
		data := answered("a", c.rows, c.per)
		parts := mustSplit(t, c.parts, SplitRows, 1, data)[0]
		if len(parts) != c.parts {
			t.Fatalf("%d parts, want %d", len(parts), c.parts)
		}
		// The rows are all different, so equal lists mean each row once.
		if !slices.Equal(sorted(ids(parts...)), sorted(ids(data))) {
			t.Errorf("%d rows in %d parts: a row is missing or stands twice", c.rows, c.parts)
		}
	}
}

func TestSplitKeepsPromptsTogether(t *testing.T) {
	data := answered("a", 400, 4)
	home := map[undertone.Digest]int{}
	for r, p := range mustSplit(t, 5, SplitRows, 1, data)[0] {
		for i := range p.Len() {
			if at, ok := home[p.GroupID(i)]; ok && at != r {
				t.Fatalf("rows of one prompt are in parts %d and %d", at, r)
			}
			home[p.GroupID(i)] = r
		}
	}
}

// One prompt falls to one replicate in every arm, also where the filter took other rows of it.
func TestSplitAlignsArms(t *testing.T) {
	a, b := answered("a", 600, 3), answered("b", 600, 3).Select(rowsBut(600, 7))
	arms := mustSplit(t, 6, SplitRows, 1, a, b)
	home := map[undertone.Digest]int{}
	for r, p := range arms[0] {
		for i := range p.Len() {
			home[p.GroupID(i)] = r
		}
	}
	for r, p := range arms[1] {
		for i := range p.Len() {
			if home[p.GroupID(i)] != r {
				t.Fatalf("a prompt of part %d is in part %d of the other arm", r, home[p.GroupID(i)])
			}
		}
	}
}

func rowsBut(n, every int) []int {
	var rows []int
	for i := range n {
		if i%every != 0 {
			rows = append(rows, i)
		}
	}
	return rows
}

// Rows of bare text beside rows with prompts are shared out as well, a text to the same replicate in both
// arms, and the others fall to the parts that they would fall to without them.
func TestSplitSharesOutBareRows(t *testing.T) {
	const n = 6
	mixed := func(name string, bare int) *undertone.Dataset {
		var rows []undertone.Example
		for i := range 240 {
			rows = append(rows, undertone.NewExample(fmt.Sprint("prompt ", i), fmt.Sprint(name, i)))
		}
		for i := range bare {
			rows = append(rows, undertone.NewExample("", fmt.Sprint("text ", i/2))) // each text twice
		}
		return undertone.NewDataset(name, rows)
	}
	a, b, without := mixed("a", 1200), mixed("b", 600), mixed("a", 0)
	arms := mustSplit(t, n, SplitRows, 1, a, b, without)
	home := map[undertone.Digest]int{}
	for _, parts := range arms[:2] {
		for r, p := range parts {
			bare := 0
			for i := range p.Len() {
				if p.GroupID(i) != noPrompt {
					continue
				}
				bare++
				if at, ok := home[p.RowID(i)]; ok && at != r {
					t.Fatalf("one text is in parts %d and %d", at, r)
				}
				home[p.RowID(i)] = r
			}
			if bare < 60 { // 200 and 100 are a fair share
				t.Errorf("part %d has %d rows of bare text", r, bare)
			}
		}
	}
	for r, p := range arms[0] {
		prompted := slices.DeleteFunc(ids(p), func(row undertone.Digest) bool { _, bare := home[row]; return bare })
		if !slices.Equal(sorted(prompted), sorted(ids(arms[2][r]))) {
			t.Errorf("part %d has other rows with prompts than without the bare ones", r)
		}
	}
}

// If one arm has too few prompts to share out, no arm is divided by prompt: part r of
// the arms would hold different questions.
func TestSplitDealsSinglyInBothArms(t *testing.T) {
	many, few := answered("many", 240, 1), answered("few", 240, 80) // 240 prompts and 3
	arms := mustSplit(t, 6, SplitRows, 1, many, few)
	for a, parts := range arms {
		for r, p := range parts {
			if p.Len() != 40 {
				t.Errorf("arm %d, part %d has %d rows, want 40", a, r, p.Len())
			}
		}
	}
}

func TestSplitIsStableUnderShuffling(t *testing.T) {
	data := answered("a", 300, 3)
	backwards := make([]int, data.Len())
	for i := range backwards {
		backwards[i] = data.Len() - 1 - i
	}
	for _, plan := range []RowPlan{SplitRows, ShareRows} {
		a := mustSplit(t, 5, plan, 1, data)
		b := mustSplit(t, 5, plan, 1, data.Select(backwards))
		// Cut below the smallest part, so that it shows which rows come first.
		small := []undertone.Data{answered("small", 20, 1)}
		for _, arms := range [][][]undertone.Data{a, b} {
			if n, err := level(1, arms[0], small); err != nil || n != 20 {
				t.Fatalf("%d rows (%v), want 20", n, err)
			}
		}
		for r := range a[0] {
			if a[0][r].Digest() != b[0][r].Digest() {
				t.Errorf("%s: part %d depends on where the rows stand in the file", plan, r)
			}
		}
	}
}

func TestSplitDependsOnTheSeedWhereRowsAreDealt(t *testing.T) {
	data := answered("a", 60, 60)
	if mustSplit(t, 3, SplitRows, 1, data)[0][0].Digest() == mustSplit(t, 3, SplitRows, 2, data)[0][0].Digest() {
		t.Error("two seeds deal the rows alike")
	}
}

func TestShareRowsGivesAllRowsToAll(t *testing.T) {
	data := answered("a", 30, 1)
	for _, p := range mustSplit(t, 4, ShareRows, 1, data)[0] {
		if p.Digest() != data.Digest() {
			t.Error("a replicate does not see all rows")
		}
	}
}

// single is Data that divides itself: part r is row r.
type single struct {
	undertone.Data
	err error
}

func (d single) Part(r, _ int) (undertone.Data, error) { return d.Data.Select([]int{r}), d.err }

func TestSplitAsksAPartitioner(t *testing.T) {
	data := single{answered("a", 4, 1), nil}
	for _, plan := range []RowPlan{SplitRows, ShareRows} {
		for r, p := range mustSplit(t, 4, plan, 1, data)[0] {
			if p.Len() != 1 || p.RowID(0) != data.RowID(r) {
				t.Errorf("%s: part %d is not the one that the data gave", plan, r)
			}
		}
	}
	torn := errors.New("torn")
	if _, err := split(4, SplitRows, 1, single{data, torn}); !errors.Is(err, torn) {
		t.Errorf("error %v, want that of the data", err)
	}
}

func TestLevelCutsToTheSmallestPart(t *testing.T) {
	arms := [][]undertone.Data{
		{answered("a", 10, 1), answered("b", 7, 1)},
		{answered("c", 8, 1), answered("d", 9, 1)},
	}
	n, err := level(1, arms...)
	if err != nil || n != 7 {
		t.Fatalf("%d rows (%v), want 7", n, err)
	}
	for a, parts := range arms {
		for r, p := range parts {
			if p.Len() != 7 {
				t.Errorf("arm %d, part %d has %d rows", a, r, p.Len())
			}
		}
	}
	if _, err := level(1, []undertone.Data{answered("a", 3, 1), answered("b", 0, 1)}); !errors.Is(err, errNoRows) {
		t.Errorf("an empty part gives the error %v", err)
	}
}
