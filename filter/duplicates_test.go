package filter_test

import (
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// askAll returns a data set of prompt, completion, prompt, completion and so on.
func askAll(texts ...string) *undertone.Dataset {
	var rows []undertone.Example
	for pair := range slices.Chunk(texts, 2) {
		rows = append(rows, undertone.NewExample(pair[0], pair[1]))
	}
	return undertone.NewDataset("d", rows)
}

func TestDuplicates(t *testing.T) {
	for _, c := range []struct {
		reason string
		of     filter.Part
		rows   []string
		want   []int // rows that are kept
	}{
		{"the first of its kind stays", filter.Rows, []string{"q", "1", "q", "1", "q", "1"}, []int{0}},
		{"another prompt is another row", filter.Rows, []string{"q", "1", "r", "1"}, []int{0, 1}},
		{"the prompt does not count", filter.Completions, []string{"q", "1", "r", "1", "q", "2"}, []int{0, 2}},
		{"the completion does not count", filter.Prompts, []string{"q", "1", "r", "1", "q", "2"}, []int{0, 1}},
		{"case, compatibility forms and white space", filter.Rows, []string{"An Owl", "ﬁnch", "an  owl\n", " FINCH"}, []int{0}},
		{"what the prompt ends with is not what the completion begins with", filter.Rows, []string{"a b", "c", "a", "b c"}, []int{0, 1}},
		{"the accent makes a difference", filter.Rows, []string{"q", "café", "q", "cafe"}, []int{0, 1}},
		{"empty texts are equal", filter.Completions, []string{"q", "", "r", " "}, []int{0}},
	} {
		data := askAll(c.rows...)
		kept, _ := apply(t, data, filter.Duplicates{Of: c.of})
		if want := data.Select(c.want); kept.Digest() != want.Digest() {
			t.Errorf("%s: kept %q, want rows %v", c.reason, completions(kept), c.want)
		}
	}
}

func TestDuplicatesCanBeUsedAgain(t *testing.T) {
	f := filter.Duplicates{Of: filter.Completions}
	data := undertone.NewDataset("d", rowsOf("1", "2", "1"))
	stream, stats := filter.Stream(data.Stream(), f)
	for pass := range 2 { // what one run saw is no duplicate in the next
		if kept, _ := apply(t, data, f); kept.Len() != 2 {
			t.Errorf("pass %d of Apply keeps %d rows, want 2", pass, kept.Len())
		}
		kept, err := undertone.Collect("d", stream)
		if err != nil || kept.Len() != 2 || stats.Filters[0].Reasons[0] != (filter.ReasonCount{Reason: filter.Duplicate, Rows: 1}) {
			t.Errorf("pass %d of Stream keeps %d rows, %+v, %v, want 2", pass, kept.Len(), *stats, err)
		}
	}
	for range 2 {
		if got := f.Reasons(data.Example(0)); got != nil {
			t.Errorf("a filter that was not started gives %q", got)
		}
	}
}

// A window of 2 remembers "2" and "3" when the second "1" comes, but not "1".
func TestDuplicatesForget(t *testing.T) {
	data := undertone.NewDataset("d", rowsOf("1", "2", "1", "3", "1", "3"))
	kept, _ := apply(t, data, filter.Duplicates{Of: filter.Completions, Window: 2})
	if got, want := completions(kept), []string{"1", "2", "3", "1"}; !slices.Equal(got, want) {
		t.Errorf("kept %q, want %q", got, want)
	}
	want := "duplicates: of completions, window 2"
	if h := kept.History(); h[0].Settings != want {
		t.Errorf("settings %q, want %q", h[0].Settings, want)
	}
}
