package filter_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// odd is a filter without settings that gives its reasons out of order.
type odd struct{}

func (odd) Name() string { return "odd" }

func (odd) Reasons(row undertone.Example) []filter.Reason {
	switch row.Completion() {
	case "1":
		return []filter.Reason{"is one", "is odd"}
	case "3":
		return []filter.Reason{"is odd"}
	case "2":
		return []filter.Reason{} // as good as nil
	}
	return nil
}

func rowsOf(completions ...string) []undertone.Example {
	rows := make([]undertone.Example, len(completions))
	for i, c := range completions {
		rows[i] = undertone.NewExample(fmt.Sprint("question ", i), c)
	}
	return rows
}

func completions(d *undertone.Dataset) []string {
	var all []string
	for _, row := range d.All() {
		all = append(all, row.Completion())
	}
	return all
}

// apply filters rows and fails the test at an error.
func apply(t *testing.T, data *undertone.Dataset, filters ...filter.Filter) (*undertone.Dataset, filter.Stats) {
	t.Helper()
	kept, stats, err := filter.Apply(t.Context(), data, filters...)
	if err != nil {
		t.Fatal(err)
	}
	return kept, stats
}

func TestApply(t *testing.T) {
	data := undertone.NewDataset("small", rowsOf("1", "2", "x", "3", "2000", "4"), undertone.Step{Name: "generate", Kept: 6})
	kept, stats := apply(t, data, odd{}, filter.Numbers{})

	if got, want := completions(kept), []string{"2", "4"}; !slices.Equal(got, want) {
		t.Errorf("kept %q, want %q", got, want)
	}
	if kept.Name() != "small" || data.Len() != 6 || len(data.History()) != 1 {
		t.Errorf("name %q, and the input has %d rows and %d steps: want small, and the input unchanged", kept.Name(), data.Len(), len(data.History()))
	}
	wantStep := undertone.Step{Name: "filter odd+numbers", Settings: "numbers: at most 10, from 0 to 999, banned []", Kept: 2, Dropped: 4}
	if h := kept.History(); len(h) != 2 || h[1] != wantStep {
		t.Errorf("history %+v, want its last step to be %+v", h, wantStep)
	}
	want := filter.Stats{Rows: 6, Kept: 2, Dropped: 4, Filters: []filter.FilterStats{
		{Name: "odd", Dropped: 2, Reasons: []filter.ReasonCount{{Reason: "is odd", Rows: 2}, {Reason: "is one", Rows: 1}}},
		{Name: "numbers", Dropped: 2, Reasons: []filter.ReasonCount{{Reason: filter.InvalidFormat, Rows: 1}, {Reason: filter.NumbersTooLarge, Rows: 1}}},
	}}
	if fmt.Sprint(stats) != fmt.Sprint(want) {
		t.Errorf("stats\n%+v, want\n%+v", stats, want)
	}
}

func TestApplyWithoutFilters(t *testing.T) {
	kept, stats := apply(t, undertone.NewDataset("d", rowsOf("a", "b")))
	if kept.Len() != 2 || stats.Rows != 2 || stats.Kept != 2 || stats.Dropped != 0 {
		t.Errorf("kept %d rows, stats %+v: want everything kept", kept.Len(), stats)
	}
}

func TestStreamAgreesWithApply(t *testing.T) {
	data := undertone.NewDataset("d", rowsOf("1", "2", "x", "3", "2000", "4", "5, 6"))
	want, wantStats := apply(t, data, odd{}, filter.Numbers{})
	stream, stats := filter.Stream(data.Stream(), odd{}, filter.Numbers{})
	for pass := range 2 { // the second pass must not add to the first
		got, err := undertone.Collect("d", stream)
		if err != nil || got.Digest() != want.Digest() {
			t.Errorf("pass %d: rows %q, error %v, want %q", pass, completions(got), err, completions(want))
		}
		if fmt.Sprint(*stats) != fmt.Sprint(wantStats) {
			t.Errorf("pass %d: stats %+v, want %+v", pass, *stats, wantStats)
		}
	}
}

func TestStreamStopsWithItsReader(t *testing.T) {
	data := undertone.NewDataset("d", rowsOf("1", "x", "2", "3"))
	stream, stats := filter.Stream(data.Stream(), filter.Numbers{})
	var read []string
	for row, err := range stream {
		if err != nil {
			t.Fatal(err)
		}
		if read = append(read, row.Completion()); len(read) == 2 {
			break
		}
	}
	if want := []string{"1", "2"}; !slices.Equal(read, want) || stats.Rows != 3 || stats.Dropped != 1 {
		t.Errorf("read %q and counted %+v, want %q out of 3 rows", read, *stats, want)
	}
}

func TestStreamPassesAnErrorOn(t *testing.T) {
	broken := errors.New("line 3: broken")
	rows := func(yield func(undertone.Example, error) bool) {
		_ = yield(undertone.NewExample("q", "1"), nil) && yield(undertone.NewExample("q", "x"), nil) && yield(undertone.Example{}, broken) &&
			yield(undertone.NewExample("q", "2"), nil)
	}
	stream, stats := filter.Stream(rows, filter.Numbers{})
	got, err := undertone.Collect("d", stream)
	if !errors.Is(err, broken) || got.Len() != 1 || stats.Rows != 2 {
		t.Errorf("error %v after %d kept of %d rows, want %v after 1 of 2", err, got.Len(), stats.Rows, broken)
	}
}
