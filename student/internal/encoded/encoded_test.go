package encoded

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/undertone-audit/undertone"
)

var errEmpty = errors.New("the row is empty")

// lengths encodes an example as the length of its completion, and counts the calls.
func lengths(kind string, calls *atomic.Int64) Encoder[int] {
	return Encoder[int]{undertone.NewHasher(kind).Sum(), func(e undertone.Example) (int, error) {
		calls.Add(1)
		if e.Completion() == "" {
			return 0, errEmpty
		}
		return len(e.Completion()), nil
	}}
}

// texts returns rows with the given completions.
func texts(completions ...string) *undertone.Dataset {
	rows := make([]undertone.Example, len(completions))
	for i, c := range completions {
		rows[i] = undertone.NewExample("?", c)
	}
	return undertone.NewDataset("texts", rows)
}

func keep[T any](t *testing.T, e Encoder[T], text undertone.Text) undertone.Text {
	t.Helper()
	kept, err := e.Keep(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// check reports whether rows have these lengths, -1 standing for errEmpty.
func check(t *testing.T, e Encoder[int], data undertone.Data, want ...int) {
	t.Helper()
	text := data.(undertone.Text)
	var got []int
	for i := range text.Len() {
		n, err := e.Row(text, i)
		if err != nil {
			if n = -1; err != errEmpty {
				t.Errorf("row %d: error %v", i, err)
			}
		}
		got = append(got, n)
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows %v, want %v", got, want)
	}
}

func TestKeep(t *testing.T) {
	var calls atomic.Int64
	e := lengths("a", &calls)
	data := texts("a", "", "ccc", "bb")
	kept := keep(t, e, data)
	if n := calls.Load(); n != 4 {
		t.Fatalf("%d encodings of 4 rows", n)
	}
	if kept.Name() != data.Name() || kept.Len() != 4 || kept.Digest() != data.Digest() {
		t.Errorf("kept rows are %q, %d, %s", kept.Name(), kept.Len(), kept.Digest())
	}
	for i := range 4 {
		if kept.RowID(i) != data.RowID(i) || kept.GroupID(i) != data.GroupID(i) || kept.Example(i).Completion() != data.Example(i).Completion() {
			t.Errorf("row %d is another one", i)
		}
	}
	check(t, e, kept, 1, -1, 3, 2)
	picked := kept.Select([]int{2, 1, 2})
	if picked.Digest() != data.Select([]int{2, 1, 2}).Digest() {
		t.Error("the selected rows are others")
	}
	check(t, e, picked, 3, -1, 3)
	if again := keep(t, e, kept); again != kept {
		t.Error("rows that have encodings are wrapped again")
	}
	if n := calls.Load(); n != 4 {
		t.Errorf("%d encodings of 4 rows", n)
	}
	check(t, e, data, 1, -1, 3, 2)
	if n := calls.Load(); n != 8 {
		t.Errorf("%d encodings after those of rows that keep none, want 8", n)
	}
}

func TestKeysDoNotMix(t *testing.T) {
	var ofA, ofB, ofC atomic.Int64
	a, b := lengths("a", &ofA), lengths("b", &ofB)
	c := Encoder[string]{undertone.NewHasher("c").Sum(), func(e undertone.Example) (string, error) {
		ofC.Add(1)
		return e.Completion(), nil
	}}
	onlyA := keep(t, a, texts("a", "bb"))
	check(t, b, onlyA, 1, 2)
	if ofB.Load() != 2 {
		t.Errorf("%d encodings under key b, want 2: those of key a were used", ofB.Load())
	}
	all := keep(t, b, keep(t, c, onlyA)).Select([]int{1, 0}).(undertone.Text)
	check(t, a, all, 2, 1)
	check(t, b, all, 2, 1)
	if s, err := c.Row(all, 0); s != "bb" || err != nil {
		t.Errorf("row 0 under key c is %q, error %v", s, err)
	}
	if ofA.Load() != 2 || ofB.Load() != 4 || ofC.Load() != 2 {
		t.Errorf("%d, %d and %d encodings, want 2, 4 and 2", ofA.Load(), ofB.Load(), ofC.Load())
	}
}

// halves is text with two parts.
type halves struct{ *undertone.Dataset }

func (h halves) Part(r, n int) (undertone.Data, error) { return h.Dataset.Select([]int{r}), nil }

func TestPartitionerPassesThrough(t *testing.T) {
	var calls atomic.Int64
	e := lengths("a", &calls)
	plain := keep(t, e, texts("a", "bb"))
	if _, ok := plain.(undertone.Partitioner); ok {
		t.Error("rows without parts have parts once they are encoded")
	}
	kept := keep(t, e, halves{texts("a", "bb")})
	p, ok := kept.(undertone.Partitioner)
	if !ok {
		t.Fatal("rows with parts have none once they are encoded")
	}
	part, err := p.Part(1, 2)
	if err != nil {
		t.Fatal(err)
	}
	check(t, e, part, 2)
	before := calls.Load()
	check(t, e, kept, 1, 2)
	if calls.Load() != before {
		t.Error("rows with parts are encoded again")
	}
}

func TestKeepStopsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var calls atomic.Int64
	e := lengths("a", &calls)
	encode := e.Encode
	e.Encode = func(x undertone.Example) (int, error) {
		cancel()
		return encode(x)
	}
	kept, err := e.Keep(ctx, texts(make([]string, 1000)...))
	if kept != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if calls.Load() > 500 {
		t.Errorf("%d rows were encoded after the first, which cancelled", calls.Load()-1)
	}
}

// unread is rows whose second row cannot be read.
type unread struct {
	*undertone.Dataset
	err error
}

func (u unread) Example(i int) undertone.Example {
	if i == 1 {
		return undertone.Example{}
	}
	return u.Dataset.Example(i)
}

func (u unread) Err() error { return u.err }

// A row that cannot be read is that error, and not the encoding of an empty row.
func TestRowsThatCannotBeRead(t *testing.T) {
	e := lengths("lengths", new(atomic.Int64))
	gone := errors.New("the disk is gone")
	text := unread{texts("a", "b", "c"), gone}
	if _, err := e.Keep(t.Context(), text); err != gone {
		t.Errorf("Keep: %v", err)
	}
	if _, err := e.Row(text, 1); err != gone {
		t.Errorf("Row: %v", err)
	}
	if n, err := e.Row(text, 2); n != 1 || err != nil {
		t.Errorf("another row: %d, %v", n, err)
	}
	text.err = nil
	kept := keep(t, e, unread{texts("a"), nil})
	if err := undertone.ReadErr(kept); err != nil {
		t.Error(err)
	}
	text.err = gone
	if err := undertone.ReadErr(wrap(&rows[int]{text, e.Key, nil})); err != gone {
		t.Errorf("kept rows that can no longer be read: %v", err)
	}
}
