package filter_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// variedRows returns rows that the filters of the tests below treat differently, some of them
// twice.
func variedRows(n int) []undertone.Example {
	texts := []string{"1", "2", "3", "x", "2000", "an owl", "42, 1000", ""}
	rows := make([]undertone.Example, n)
	for i := range rows {
		rows[i] = undertone.NewExample(fmt.Sprint("question ", i%1000), texts[i*i%len(texts)]+strings.Repeat(" 7", i%5))
	}
	return rows
}

// serially is the specification of Apply: one row after the other.
func serially(data *undertone.Dataset, filters []filter.Filter) (kept []int, reasons map[string]int) {
	filters = slices.Clone(filters)
	for i, f := range filters {
		if s, ok := f.(filter.Starter); ok {
			filters[i] = s.Start()
		}
	}
	reasons = map[string]int{}
	for i, row := range data.All() {
		keep := true
		for _, f := range filters {
			for _, r := range f.Reasons(row) {
				keep = false
				reasons[f.Name()+": "+string(r)]++
			}
		}
		if keep {
			kept = append(kept, i)
		}
	}
	return kept, reasons
}

func TestApplyDoesNotDependOnTheCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	data := undertone.NewDataset("d", variedRows(3000))
	for name, filters := range map[string][]filter.Filter{
		"none":               nil,
		"independent":        {odd{}, filter.Numbers{Banned: []int{42}}, filter.Words("owl")},
		"a starter":          {filter.Duplicates{Of: filter.Completions}},
		"starters and other": {filter.Duplicates{}, odd{}, filter.NearDuplicates{Of: filter.Prompts}, filter.Words("owl")},
	} {
		rows, reasons := serially(data, filters)
		for _, cores := range []int{1, 2, 7} {
			runtime.GOMAXPROCS(cores)
			kept, stats := apply(t, data, filters...)
			counted := map[string]int{}
			for _, f := range stats.Filters {
				for _, r := range f.Reasons {
					counted[f.Name+": "+string(r.Reason)] = r.Rows
				}
			}
			if kept.Len() != len(rows) || stats.Kept != len(rows) || stats.Dropped != data.Len()-len(rows) || !reflect.DeepEqual(counted, reasons) {
				t.Errorf("%s, %d cores: kept %d rows, counts %+v; want %d and %v", name, cores, kept.Len(), stats, len(rows), reasons)
				continue
			}
			for i, row := range kept.All() {
				if want := data.Example(rows[i]); row.Prompt() != want.Prompt() || kept.RowID(i) != want.ID() || kept.GroupID(i) != want.PromptID() {
					t.Fatalf("%s, %d cores: row %d is %q, want row %d of the input", name, cores, i, row.Prompt(), rows[i])
				}
			}
		}
	}
}

// hook is a filter that calls a function for each row and keeps all.
type hook struct{ call func(undertone.Example) }

func (hook) Name() string { return "hook" }

func (h hook) Reasons(row undertone.Example) []filter.Reason {
	h.call(row)
	return nil
}

func TestApplyIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var seen atomic.Int64
	data := undertone.NewDataset("rows", variedRows(100_000))
	kept, _, err := filter.Apply(ctx, data, hook{func(undertone.Example) {
		if seen.Add(1) == 500 {
			cancel()
		}
	}})
	if kept != nil || !errors.Is(err, context.Canceled) || err.Error() != "filter: rows: context canceled" {
		t.Errorf("kept %v, error %v", kept != nil, err)
	}
	if seen.Load() == 100_000 {
		t.Error("all rows were filtered after the cancellation")
	}
}

func TestApplyPassesAPanicOn(t *testing.T) {
	defer func() {
		if p := fmt.Sprint(recover()); !strings.HasPrefix(p, "broken filter") {
			t.Errorf("recovered %q", p)
		}
	}()
	_, _, _ = filter.Apply(t.Context(), undertone.NewDataset("d", variedRows(10)), hook{func(undertone.Example) { panic("broken filter") }})
}

// textBatch is a batch of completions; an empty one cannot be read.
type textBatch struct {
	completions []string
	kept        []string
}

var errRow = errors.New("row cannot be read")

func (b *textBatch) Rows() iter.Seq2[undertone.Example, error] {
	return func(yield func(undertone.Example, error) bool) {
		for _, c := range b.completions {
			if c == "" {
				yield(undertone.Example{}, errRow)
				return
			}
			if !yield(undertone.NewExample("q", c), nil) {
				return
			}
		}
	}
}

func (b *textBatch) Filtered(row undertone.Example, _ [][]filter.Reason, keep bool) {
	if keep {
		b.kept = append(b.kept, row.Completion())
	}
}

// batches yields batches of the lines' words, then err if it is not nil.
func batches(err error, lines ...string) iter.Seq2[*textBatch, error] {
	return func(yield func(*textBatch, error) bool) {
		for _, l := range lines {
			if !yield(&textBatch{completions: strings.Split(l, " ")}, nil) {
				return
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

func TestEach(t *testing.T) {
	full, torn := errors.New("disk is full"), errors.New("file is torn")
	for _, c := range []struct {
		reason  string
		batches iter.Seq2[*textBatch, error]
		full    int // the number of calls of done after which it fails
		kept    string
		rows    int
		want    error
	}{
		{"all", batches(nil, "1 2 x", "4", "x 6"), 9, "1 2 4 6", 6, nil},
		{"no batch", batches(nil), 9, "", 0, nil},
		{"the source fails", batches(torn, "1 2 x", "4"), 9, "1 2 4", 4, torn},
		{"a row fails: its batch is not counted", batches(nil, "1 2 x", "4  5", "6"), 9, "1 2", 3, errRow},
		{"done fails", batches(nil, "1", "2 x", "3", "4"), 1, "1", 3, full},
	} {
		for _, filters := range [][]filter.Filter{{filter.Numbers{}}, {filter.Duplicates{}, filter.Numbers{}}} {
			var kept []string
			calls := 0
			stats, err := filter.Each(t.Context(), c.batches, func(b *textBatch) error {
				if calls++; calls > c.full {
					return full
				}
				kept = append(kept, b.kept...)
				return nil
			}, filters...)
			if !errors.Is(err, c.want) || strings.Join(kept, " ") != c.kept || stats.Rows != c.rows {
				t.Errorf("%s, %d filters: kept %q of %d rows, error %v; want %q of %d, %v", c.reason, len(filters), kept, stats.Rows, err, c.kept, c.rows, c.want)
			}
		}
	}
}

// Each holds a bounded number of batches, however many there are.
func TestEachHoldsFewBatches(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	var held, most atomic.Int64
	source := func(yield func(*textBatch, error) bool) {
		for range 500 {
			most.Store(max(most.Load(), held.Add(1)))
			if !yield(&textBatch{completions: []string{"1"}}, nil) {
				return
			}
		}
	}
	stats, err := filter.Each(t.Context(), source, func(*textBatch) error {
		held.Add(-1)
		return nil
	}, filter.Numbers{})
	if err != nil || stats.Rows != 500 || most.Load() > 2*4+2 {
		t.Errorf("%d rows, error %v, %d batches were held at a time, want at most 10", stats.Rows, err, most.Load())
	}
}

func BenchmarkApply(b *testing.B) {
	data := undertone.NewDataset("d", variedRows(100_000))
	for name, filters := range map[string][]filter.Filter{
		"numbers":            {filter.Numbers{}},
		"words":              {filter.Words("owl", "eagle")},
		"numbers,duplicates": {filter.Numbers{}, filter.Duplicates{}},
	} {
		b.Run(fmt.Sprintf("rows=%d/filters=%s", data.Len(), name), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := filter.Apply(b.Context(), data, filters...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
