package undertone

import (
	"encoding/json"
	"slices"
	"testing"
)

// foreign is Text that is no Dataset. Its digests are its own.
type foreign struct{ *Dataset }

func (foreign) RowID(int) Digest   { return storeKey("row") }
func (foreign) GroupID(int) Digest { return storeKey("group") }

func TestBuilder(t *testing.T) {
	data := NewDataset("d", numbered(4))
	same, other := data.Example(1), data.Example(1)
	same.Meta = map[string]json.RawMessage{"k": []byte("1")}
	other.Messages = NewExample("q", "other").Messages
	rejecting := data.Example(1)
	rejecting.Rejected = "worse"

	var b Builder
	b.Grow(3)
	b.Add(NewExample("q", "new"))
	b.AddRow(data, 3)
	b.AddChanged(same, data, 1)
	b.AddChanged(other, data, 1)
	b.AddChanged(rejecting, data, 1)
	b.AddRow(foreign{data}, 0)
	step := Step{Name: "mixed", Kept: 6}
	if b.Len() != 6 {
		t.Errorf("%d rows", b.Len())
	}
	built := b.Dataset("built", step)
	if built.Name() != "built" || built.Len() != 6 || !slices.Equal(built.History(), []Step{step}) {
		t.Errorf("%s has %d rows and the history %v", built.Name(), built.Len(), built.History())
	}
	for i := range 5 {
		if row := built.Example(i); built.RowID(i) != row.ID() || built.GroupID(i) != row.PromptID() {
			t.Errorf("row %d has the digests of another row", i)
		}
	}
	if built.RowID(1) != data.RowID(3) || built.RowID(2) != data.RowID(1) || string(built.Example(2).Meta["k"]) != "1" {
		t.Error("rows of the data set are not those that were added")
	}
	if built.RowID(5) != storeKey("row") || built.GroupID(5) != storeKey("group") {
		t.Error("a row of other data has not the digests of that data")
	}
	b.Add(NewExample("q", "later"))
	if built.Len() != 6 || b.Dataset("more").Len() != 7 {
		t.Error("a later row changes the data set")
	}
}

func TestDigestsAreShared(t *testing.T) {
	data := NewDataset("d", numbered(10))
	for _, c := range []struct {
		reason string
		want   int
		work   func()
	}{
		{"a selection", 2 * 2, func() { data.Select([]int{3, 5, 3}).Digest() }},
		{"a builder: one row is known, one is not, one is new", 2 * 2, func() {
			var b Builder
			b.AddRow(data, 3)
			b.AddRow(data, 0)
			b.Add(data.Example(1))
			b.Dataset("b").Digest()
		}},
		{"all rows; three are known", 2 * 7, func() { data.Digest() }},
		{"all again", 0, func() { data.Subset([]int{9, 8}, Step{}).Digest(); data.Named("n").Digest(); data.RowID(2) }},
		{"derived rows are new", 2 * 2, func() { data.Derive(data.Examples()[:2], Step{}).Digest() }},
	} {
		if got := CountDigests(c.work); got != c.want {
			t.Errorf("%s: %d digests were computed, want %d", c.reason, got, c.want)
		}
	}
}
