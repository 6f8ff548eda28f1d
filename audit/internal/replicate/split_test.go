package replicate

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
)

// The two values of the argument share of Split.
const (
	parted = false
	shared = true
)

// answered returns n rows, per rows for each prompt. The prompts of two names are the same, their
// answers are not.
func answered(name string, n, per int) *undertone.Dataset {
	rows := make([]undertone.Example, n)
	for i := range rows {
		rows[i] = undertone.NewExample(fmt.Sprint("prompt ", i/per), fmt.Sprint(name, i))
	}
	return undertone.NewDataset(name, rows)
}

func mustSplit(t *testing.T, n int, share bool, seed uint64, data ...undertone.Data) [][]undertone.Data {
	t.Helper()
	arms, err := Split(n, share, seed, data...)
	if err != nil {
		t.Fatal(err)
	}
	return arms
}

// ids returns the row IDs of the parts in order.
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

// promptParts returns the part that holds each prompt, and fails if two parts hold one prompt.
func promptParts(t *testing.T, parts []undertone.Data) map[undertone.Digest]int {
	t.Helper()
	part := map[undertone.Digest]int{}
	for r, p := range parts {
		for i := range p.Len() {
			if other, ok := part[p.GroupID(i)]; ok && other != r {
				t.Fatalf("rows of one prompt are in parts %d and %d", other, r)
			}
			part[p.GroupID(i)] = r
		}
	}
	return part
}

func TestSplitCoversRowsWithoutOverlap(t *testing.T) {
	for _, c := range []struct{ rows, per, parts int }{{300, 3, 5}, {300, 300, 5}, {7, 1, 3}, {2, 1, 5}} {
		data := answered("a", c.rows, c.per)
		parts := mustSplit(t, c.parts, parted, 1, data)[0]
		if len(parts) != c.parts {
			t.Fatalf("%d parts, want %d", len(parts), c.parts)
		}
		// All rows differ, so equal lists mean that each row is there once.
		if !slices.Equal(sorted(ids(parts...)), sorted(ids(data))) {
			t.Errorf("%d rows in %d parts: a row is missing or is there twice", c.rows, c.parts)
		}
	}
}

func TestSplitKeepsPromptsTogether(t *testing.T) {
	promptParts(t, mustSplit(t, 5, parted, 1, answered("a", 400, 4))[0])
}

// One prompt goes to one replicate in every arm, also if a filter dropped other rows of it.
func TestSplitAlignsArms(t *testing.T) {
	var kept []int
	for i := range 600 {
		if i%7 != 0 {
			kept = append(kept, i)
		}
	}
	a, b := answered("a", 600, 3), answered("b", 600, 3).Select(kept)
	arms := mustSplit(t, 6, parted, 1, a, b)
	part := promptParts(t, arms[0])
	for prompt, r := range promptParts(t, arms[1]) {
		if part[prompt] != r {
			t.Fatalf("a prompt is in part %d of one arm and in part %d of the other", part[prompt], r)
		}
	}
}

// Rows of bare text next to rows with prompts are assigned by their text, in both arms to the same
// replicate. They do not change the assignment of the other rows.
func TestSplitAssignsBareRows(t *testing.T) {
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
	arms := mustSplit(t, n, parted, 1, mixed("a", 1200), mixed("b", 600), mixed("a", 0))
	part := map[undertone.Digest]int{} // of each text
	for _, parts := range arms[:2] {
		for r, p := range parts {
			bare := 0
			for i := range p.Len() {
				if p.GroupID(i) != noPrompt {
					continue
				}
				bare++
				if other, ok := part[p.RowID(i)]; ok && other != r {
					t.Fatalf("one text is in parts %d and %d", other, r)
				}
				part[p.RowID(i)] = r
			}
			if bare < 60 { // equal parts would have 200 and 100
				t.Errorf("part %d has %d rows of bare text", r, bare)
			}
		}
	}
	for r, p := range arms[0] {
		prompted := slices.DeleteFunc(ids(p), func(row undertone.Digest) bool { _, bare := part[row]; return bare })
		if !slices.Equal(sorted(prompted), sorted(ids(arms[2][r]))) {
			t.Errorf("part %d has other rows with prompts than without the bare rows", r)
		}
	}
}

// If one arm has too few prompts, no arm is divided by prompt: otherwise part r of the arms would
// hold different questions.
func TestSplitAssignsRowsIndividuallyInBothArms(t *testing.T) {
	many, few := answered("many", 240, 1), answered("few", 240, 80) // 240 prompts and 3
	for a, parts := range mustSplit(t, 6, parted, 1, many, few) {
		for r, p := range parts {
			if p.Len() != 40 {
				t.Errorf("arm %d, part %d has %d rows, want 40", a, r, p.Len())
			}
		}
	}
}

// Rows are assigned by prompt if there are at least 8 prompts for each replicate.
func TestSplitNeedsEightPromptsPerReplicate(t *testing.T) {
	promptParts(t, mustSplit(t, 3, parted, 1, answered("enough", 48, 2))[0])
	parts := mustSplit(t, 3, parted, 1, answered("too few", 46, 2))[0]
	divided := false
	part := map[undertone.Digest]int{}
	for r, p := range parts {
		for i := range p.Len() {
			other, ok := part[p.GroupID(i)]
			divided = divided || ok && other != r
			part[p.GroupID(i)] = r
		}
	}
	if !divided {
		t.Error("23 prompts for 3 replicates are kept together")
	}
}

func TestSplitIsStableUnderShuffling(t *testing.T) {
	data := answered("a", 300, 3)
	backwards := make([]int, data.Len())
	for i := range backwards {
		backwards[i] = data.Len() - 1 - i
	}
	for _, share := range []bool{parted, shared} {
		a := mustSplit(t, 5, share, 1, data)[0]
		b := mustSplit(t, 5, share, 1, data.Select(backwards))[0]
		// The parts are cut to 20 rows, so that their order counts.
		small := []undertone.Data{answered("small", 20, 1)}
		for _, parts := range [][]undertone.Data{a, b} {
			if n, err := Equalise(1, parts, small); err != nil || n != 20 {
				t.Fatalf("%d rows (%v), want 20", n, err)
			}
		}
		for r := range a {
			if a[r].Digest() != b[r].Digest() {
				t.Errorf("share %v: part %d depends on the order of the rows in the file", share, r)
			}
		}
	}
}

func TestSplitDependsOnTheSeedIfRowsAreAssignedIndividually(t *testing.T) {
	data := answered("a", 60, 60)
	if mustSplit(t, 3, parted, 1, data)[0][0].Digest() == mustSplit(t, 3, parted, 2, data)[0][0].Digest() {
		t.Error("two seeds give the same parts")
	}
}

func TestSharedRowsGoToAllReplicates(t *testing.T) {
	data := answered("a", 30, 1)
	for r, p := range mustSplit(t, 4, shared, 1, data)[0] {
		if p.Digest() != data.Digest() {
			t.Errorf("replicate %d does not have all rows", r)
		}
	}
}

// single is an [undertone.Partitioner]: part r is row r.
type single struct {
	undertone.Data
	err error
}

func (d single) Part(r, _ int) (undertone.Data, error) { return d.Data.Select([]int{r}), d.err }

func TestSplitUsesAPartitioner(t *testing.T) {
	data := single{answered("a", 4, 1), nil}
	for _, share := range []bool{parted, shared} {
		for r, p := range mustSplit(t, 4, share, 1, data)[0] {
			if p.Len() != 1 || p.RowID(0) != data.RowID(r) {
				t.Errorf("share %v: part %d is not the part of the data", share, r)
			}
		}
	}
	torn := errors.New("torn")
	if _, err := Split(4, parted, 1, single{data, torn}); !errors.Is(err, torn) {
		t.Errorf("error %v, want that of the data", err)
	}
}

func TestEqualiseCutsToTheSmallestPart(t *testing.T) {
	arms := [][]undertone.Data{
		{answered("a", 10, 1), answered("b", 7, 1)},
		{answered("c", 8, 1), answered("d", 9, 1)},
	}
	n, err := Equalise(1, arms...)
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
	if _, err := Equalise(1, []undertone.Data{answered("a", 3, 1), answered("b", 0, 1)}); !errors.Is(err, errNoRows) {
		t.Errorf("an empty part gives the error %v", err)
	}
}

func TestCut(t *testing.T) {
	data := answered("a", 10, 1)
	if all := Cut(data, 10, 1); all.Digest() != data.Digest() {
		t.Error("a cut to all rows changes them")
	}
	few := ids(Cut(data, 4, 1))
	if len(few) != 4 || slices.Equal(few, ids(Cut(data, 4, 2))) {
		t.Errorf("%d rows, want 4 that depend on the seed", len(few))
	}
}
