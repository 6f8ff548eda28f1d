package replicate

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
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

func mustSplit(t *testing.T, n int, seed uint64, data ...undertone.Data) [][]undertone.Data {
	t.Helper()
	arms, err := Split(n, Salt(seed), nil, data...)
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
		parts := mustSplit(t, c.parts, 1, data)[0]
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
	promptParts(t, mustSplit(t, 5, 1, answered("a", 400, 4))[0])
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
	arms := mustSplit(t, 6, 1, a, b)
	part := promptParts(t, arms[0])
	for prompt, r := range promptParts(t, arms[1]) {
		if part[prompt] != r {
			t.Fatalf("a prompt is in part %d of one arm and in part %d of the other", part[prompt], r)
		}
	}
}

// Rows of bare text are assigned by their text, in both arms to the same replicate.
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
	arms := mustSplit(t, n, 1, mixed("a", 1200), mixed("b", 600))
	part := map[undertone.Digest]int{} // of each text
	for a, parts := range arms {
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
			if want := 1200 / (1 + a) / n; p.Len() < want+36 || p.Len() > want+44 {
				t.Errorf("arm %d, part %d has %d rows, %d of bare text, want about %d in all", a, r, p.Len(), bare, want+40)
			}
		}
	}
}

// If one arm has too few prompts, no arm is divided by prompt: otherwise part r of the arms would
// hold different questions.
func TestSplitAssignsRowsIndividuallyInBothArms(t *testing.T) {
	many, few := answered("many", 240, 1), answered("few", 240, 80) // 240 prompts and 3
	for a, parts := range mustSplit(t, 6, 1, many, few) {
		for r, p := range parts {
			if p.Len() != 40 {
				t.Errorf("arm %d, part %d has %d rows, want 40", a, r, p.Len())
			}
		}
	}
}

// Rows are assigned by prompt if there are at least 8 prompts of an equal size for each replicate.
func TestSplitNeedsEightPromptsPerReplicate(t *testing.T) {
	promptParts(t, mustSplit(t, 3, 1, answered("enough", 48, 2))[0])
	dominated := undertone.NewDataset("dominated", append(answered("one", 400, 400).Examples(), answered("others", 40, 1).Examples()...))
	for reason, data := range map[string]*undertone.Dataset{"23 prompts": answered("too few", 46, 2), "40 prompts and one with 400 of 440 rows": dominated} {
		part, divided := map[undertone.Digest]int{}, false
		for r, p := range mustSplit(t, 3, 1, data)[0] {
			if each := data.Len() / 3; p.Len() < each || p.Len() > each+1 {
				t.Errorf("%s: part %d has %d of %d rows", reason, r, p.Len(), data.Len())
			}
			for i := range p.Len() {
				other, ok := part[p.GroupID(i)]
				divided = divided || ok && other != r
				part[p.GroupID(i)] = r
			}
		}
		if !divided {
			t.Errorf("%s for 3 replicates are kept together", reason)
		}
	}
}

// Rows of few prompts spread over the parts: each part of each arm has as many rows of each prompt.
func TestSplitSpreadsFewPrompts(t *testing.T) {
	for a, parts := range mustSplit(t, 6, 1, answered("a", 240, 60), answered("b", 240, 60)) {
		for r, p := range parts {
			count := map[undertone.Digest]int{}
			for i := range p.Len() {
				count[p.GroupID(i)]++
			}
			for _, n := range count {
				if n != 10 {
					t.Errorf("arm %d, part %d has rows of the prompts %v, want 10 of each", a, r, count)
					break
				}
			}
		}
	}
}

// Copies of a row, and rows of one conversation, are in one part, however few prompts there are.
func TestSplitKeepsClustersTogether(t *testing.T) {
	var rows []undertone.Example
	for i := range 240 {
		row := undertone.NewExample("prompt", fmt.Sprint("answer ", i/4)) // four copies
		if i >= 120 {
			row = undertone.NewExample("prompt", fmt.Sprint("turn ", i))
			row.Meta = map[string]json.RawMessage{"chat": json.RawMessage(fmt.Sprint(i / 6))}
		}
		rows = append(rows, row)
	}
	arms, err := Split(6, Salt(1), []string{"chat"}, undertone.NewDataset("a", rows))
	if err != nil {
		t.Fatal(err)
	}
	part := map[string]int{}
	for r, p := range arms[0] {
		if p.Len() < 38 || p.Len() > 42 {
			t.Errorf("part %d has %d rows, want about 40", r, p.Len())
		}
		for i := range p.Len() {
			row := p.(undertone.Text).Example(i)
			key := row.Completion()
			if chat, ok := row.Meta["chat"]; ok {
				key = string(chat)
			}
			if other, ok := part[key]; ok && other != r {
				t.Fatalf("rows of %s are in parts %d and %d", key, other, r)
			}
			part[key] = r
		}
	}
}

// Without one row, all other rows are divided anew.
func TestSplitDependsOnAllRows(t *testing.T) {
	a, b := answered("a", 240, 1), answered("b", 240, 1)
	kept := make([]int, 239)
	for i := range kept {
		kept[i] = i + 1
	}
	of := func(suspect, control undertone.Data) map[undertone.Digest]int {
		arms, err := Split(6, Salt(1, suspect, control), nil, suspect, control)
		if err != nil {
			t.Fatal(err)
		}
		return promptParts(t, arms[0])
	}
	whole := of(a, b)
	for reason, other := range map[string]map[undertone.Digest]int{
		"a suspect row less": of(a.Select(kept), b), "a control row less": of(a, b.Select(kept)),
	} {
		same := 0
		for prompt, r := range other {
			if whole[prompt] == r {
				same++
			}
		}
		if same > 80 { // 40 by chance
			t.Errorf("%s: %d of 239 prompts stay in their part", reason, same)
		}
	}
}

func TestSplitIsStableUnderShuffling(t *testing.T) {
	data := answered("a", 300, 3)
	backwards := make([]int, data.Len())
	for i := range backwards {
		backwards[i] = data.Len() - 1 - i
	}
	a := mustSplit(t, 5, 1, data)[0]
	b := mustSplit(t, 5, 1, data.Select(backwards))[0]
	// The parts are cut to 4 rows, so that their order counts.
	small := mustSplit(t, 5, 1, answered("small", 20, 20))[0]
	for _, parts := range [][]undertone.Data{a, b} {
		if n, err := Equalise(Salt(1), parts, slices.Clone(small)); err != nil || n != 4 {
			t.Fatalf("%d rows (%v), want 4", n, err)
		}
	}
	for r := range a {
		if a[r].Digest() != b[r].Digest() {
			t.Errorf("part %d depends on the order of the rows in the file", r)
		}
	}
}

func TestSplitDependsOnTheSeedIfRowsAreAssignedIndividually(t *testing.T) {
	data := answered("a", 60, 60)
	if mustSplit(t, 3, 1, data)[0][0].Digest() == mustSplit(t, 3, 2, data)[0][0].Digest() {
		t.Error("two seeds give the same parts")
	}
}

func TestSharedRowsGoToAllReplicates(t *testing.T) {
	data := answered("a", 30, 1)
	arms, err := Share(4, data)
	if err != nil || len(arms[0]) != 4 {
		t.Fatalf("%d parts, error %v", len(arms[0]), err)
	}
	for r, p := range arms[0] {
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
	shared, err := Share(4, data)
	if err != nil {
		t.Fatal(err)
	}
	for reason, arms := range map[string][][]undertone.Data{"split": mustSplit(t, 4, 1, data), "share": shared} {
		for r, p := range arms[0] {
			if p.Len() != 1 || p.RowID(0) != data.RowID(r) {
				t.Errorf("%s: part %d is not the part of the data", reason, r)
			}
		}
	}
	torn := errors.New("torn")
	if _, err := Split(4, Salt(1), nil, single{data, torn}); !errors.Is(err, torn) {
		t.Errorf("error %v, want that of the data", err)
	}
	if _, err := Share(4, single{data, torn}); !errors.Is(err, torn) {
		t.Errorf("error %v, want that of the data", err)
	}
}

// The parts of a replicate are cut to the smallest of them; those of other replicates keep theirs.
func TestEqualiseCutsToTheSmallestPartOfTheReplicate(t *testing.T) {
	arms := [][]undertone.Data{
		{answered("a", 10, 1), answered("b", 7, 1)},
		{answered("c", 8, 1), answered("d", 9, 1)},
	}
	n, err := Equalise(Salt(1), arms...)
	if err != nil || n != 7 {
		t.Fatalf("%d rows (%v), want a mean of 7.5, rounded down", n, err)
	}
	for a, parts := range arms {
		for r, want := range []int{8, 7} {
			if got := parts[r].Len(); got != want {
				t.Errorf("arm %d, part %d has %d rows, want %d", a, r, got, want)
			}
		}
	}
	if _, err := Equalise(Salt(1), []undertone.Data{answered("a", 3, 1), answered("b", 0, 1)}); !errors.Is(err, errNoRows) {
		t.Errorf("an empty part gives the error %v", err)
	}
}

// Replicates of one large arm are trained on different rows of it, all of them by and by.
func TestEqualiseLeavesOutOtherRowsOfEachReplicate(t *testing.T) {
	large := slices.Repeat([]undertone.Data{answered("large", 40, 1)}, 8)
	small := slices.Repeat([]undertone.Data{answered("small", 20, 1)}, 8)
	if n, err := Equalise(Salt(1), large, small); err != nil || n != 20 {
		t.Fatalf("%d rows (%v), want 20", n, err)
	}
	if all := slices.Compact(sorted(ids(large...))); len(all) < 38 {
		t.Errorf("8 replicates are trained on %d of 40 rows", len(all))
	}
	if small[0].Digest() != small[7].Digest() {
		t.Error("the smaller arm is cut")
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
