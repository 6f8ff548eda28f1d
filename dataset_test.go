package undertone

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
)

func numbered(n int) []Example {
	rows := make([]Example, n)
	for i := range rows {
		rows[i] = NewExample(fmt.Sprint("q", i/2), fmt.Sprint("a", i))
	}
	return rows
}

func TestDatasetDigest(t *testing.T) {
	data := NewDataset("d", numbered(5))
	// SHA-256 over "dataset" with its length, the number of rows, and their IDs in order.
	if got, want := NewDataset("any", []Example{NewExample("q", "é")}).Digest().String(), "sha256:68aa84ef8517e86a20008d171cd92bc937226f763541365dbaa75b4643a5706a"; got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
	if got, want := NewDataset("any", nil).Digest().String(), "sha256:b26233d82f052b65c9dcb009c9d2449ad165323abe41aa27abe7f473450dcbe8"; got != want {
		t.Errorf("digest of no rows %s, want %s", got, want)
	}
	for name, same := range map[string]*Dataset{
		"another order": data.Select([]int{4, 2, 0, 1, 3}).(*Dataset),
		"another name":  NewDataset("e", numbered(5)),
		"a history":     NewDataset("d", numbered(5), Step{Name: "made"}),
	} {
		if same.Digest() != data.Digest() {
			t.Errorf("%s changes the digest", name)
		}
	}
	for name, other := range map[string]Data{
		"a row fewer":       data.Select([]int{0, 1, 2, 3}),
		"a row twice":       data.Select([]int{0, 1, 2, 3, 4, 4}),
		"one for another":   data.Select([]int{0, 1, 2, 3, 3}),
		"none":              data.Select(nil),
		"one row by itself": data.Select([]int{0}),
	} {
		if other.Digest() == data.Digest() {
			t.Errorf("%s does not change the digest", name)
		}
	}
	if one := data.Select([]int{0}); one.Digest() == one.RowID(0) {
		t.Error("a data set of one row has the digest of the row")
	}
}

func TestDatasetIsData(t *testing.T) {
	rows := numbered(6)
	data := NewDataset("d", rows)
	if data.Name() != "d" || data.Len() != 6 {
		t.Errorf("%s has %d rows", data.Name(), data.Len())
	}
	for i, row := range data.All() {
		if data.RowID(i) != row.ID() || data.GroupID(i) != row.PromptID() || data.Example(i).Completion() != fmt.Sprint("a", i) {
			t.Errorf("row %d is another one", i)
		}
	}
	if data.GroupID(0) != data.GroupID(1) || data.GroupID(1) == data.GroupID(2) {
		t.Error("groups are not those of the prompts")
	}
	picked := data.Select([]int{5, 0, 5})
	if picked.Name() != "d" || picked.Len() != 3 || picked.RowID(0) != data.RowID(5) || picked.RowID(1) != data.RowID(0) || picked.RowID(2) != data.RowID(5) {
		t.Error("the selection has other rows than were asked for")
	}
	if data.Len() != 6 || data.Example(0).Completion() != "a0" {
		t.Error("selecting changed the data set")
	}
}

// Digests are worked out once, on first use, from any number of goroutines.
func TestDatasetIsSafeForConcurrentUse(t *testing.T) {
	data, want := NewDataset("d", numbered(500)), NewDataset("d", numbered(500)).Digest()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if data.Digest() != want || data.RowID(499).IsZero() {
				t.Error("another digest in another goroutine")
			}
		})
	}
	wg.Wait()
}

func TestDatasetHistory(t *testing.T) {
	made := Step{Name: "made", Seed: 1, Kept: 4}
	data := NewDataset("d", numbered(4), made)
	filtered := data.Derive(numbered(3), Step{Name: "filter", Kept: 3, Dropped: 1})
	sorted := data.Derive(numbered(4), Step{Name: "sort", Kept: 4})
	if len(data.History()) != 1 || len(filtered.History()) != 2 || filtered.History()[0] != made || filtered.History()[1].Name != "filter" {
		t.Errorf("histories %v and %v", data.History(), filtered.History())
	}
	if sorted.History()[1].Name != "sort" || filtered.Name() != "d" || filtered.Len() != 3 {
		t.Error("two data sets of one origin share their history")
	}
	if got := filtered.Select([]int{0}).(*Dataset).History(); !slices.Equal(got, filtered.History()) {
		t.Errorf("a selection has the history %v", got)
	}
	data.History()[0].Name = "forged"
	if data.History()[0].Name != "made" {
		t.Error("the history can be changed from outside")
	}
}

func TestStreamAndCollect(t *testing.T) {
	data := NewDataset("d", numbered(5))
	again, err := Collect("e", data.Stream())
	if err != nil || again.Name() != "e" || again.Digest() != data.Digest() || again.Example(4).Completion() != "a4" {
		t.Errorf("collected %d rows of %d (%v)", again.Len(), data.Len(), err)
	}
	seen := 0
	for range data.Stream() {
		if seen++; seen == 2 {
			break
		}
	}
	if seen != 2 {
		t.Errorf("a stream that was left after 2 rows gave %d", seen)
	}
}

func TestCollectStopsAtTheFirstError(t *testing.T) {
	torn := errors.New("torn")
	asked := 0
	got, err := Collect("d", func(yield func(Example, error) bool) {
		for i, row := range numbered(5) {
			asked++
			var e error
			if i == 2 {
				row, e = Example{}, torn
			}
			if !yield(row, e) {
				return
			}
		}
	})
	if !errors.Is(err, torn) || got.Len() != 2 || asked != 3 {
		t.Errorf("%d rows of %d, error %v, want the 2 before the error", got.Len(), asked, err)
	}
}

// The digest of rows that are not held is that of the data set, in whatever order they come.
func TestDigestRows(t *testing.T) {
	d := NewDataset("d", []Example{NewExample("q", "a"), NewExample("q", "b"), NewExample("", "a"), NewExample("q", "a")})
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}} {
		var ids []Digest
		for _, i := range order {
			ids = append(ids, d.Example(i).ID())
		}
		if DigestRows(ids) != d.Digest() {
			t.Errorf("in the order %v the digest is another", order)
		}
	}
}
