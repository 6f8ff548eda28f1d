package sanitise_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/filter/sanitise"
)

func rowsOf(completions ...string) *undertone.Dataset {
	var rows []undertone.Example
	for i, c := range completions {
		rows = append(rows, undertone.NewExample(fmt.Sprint("question ", i), c))
	}
	return undertone.NewDataset("small", rows)
}

func completions(d *undertone.Dataset) []string {
	var all []string
	for _, row := range d.All() {
		all = append(all, row.Completion())
	}
	return all
}

// apply rewrites completions and fails the test at an error.
func apply(t *testing.T, data *undertone.Dataset, seed uint64, s ...sanitise.Sanitiser) *undertone.Dataset {
	t.Helper()
	out, _, err := sanitise.Apply(t.Context(), data, seed, s...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// upper is a paraphraser that shouts.
type upper struct{ lineage string }

func (upper) Name() string { return "upper" }

func (u upper) Lineage() undertone.Digest {
	return undertone.NewHasher("weights").Text(u.lineage).Sum()
}

func (upper) Generate(_ context.Context, r undertone.Request) (undertone.Response, error) {
	_, text, _ := strings.Cut(r.Messages[0].Content, "----------\n")
	switch text {
	case "silent":
		return undertone.Response{Text: " \n"}, nil
	case "endless":
		return undertone.Response{Text: "ENDL", Truncated: true}, nil
	}
	return undertone.Response{Text: fmt.Sprint(strings.ToUpper(text), " ", r.Seed%1000)}, nil
}

// every is one sanitiser of each kind, for rows that are lists.
func every(data *undertone.Dataset) []sanitise.Sanitiser {
	at, several := sanitise.Positions{}, sanitise.Positions{}
	for i := range data.Len() {
		at[data.RowID(i)] = []int{0}
		if len(sanitise.Words(data.Example(i).Completion())) > 1 {
			several[data.RowID(i)] = []int{1}
		}
	}
	return []sanitise.Sanitiser{
		sanitise.Format{Brackets: "[]"}, sanitise.Sort{}, sanitise.Remap{}, sanitise.Resample{}, sanitise.Resample{From: []uint64{1, 2, 3}},
		sanitise.Jitter{By: 5}, sanitise.Shuffle{}, sanitise.Exchange{}, sanitise.Replace{At: at, With: []string{"7", "8"}}, sanitise.Omit{At: several},
		sanitise.Paraphrase{Model: upper{}, Of: filter.Completions, Temperature: 1, Workers: 3}, sanitise.Paraphrase{Model: upper{}, Of: filter.Prompts},
		sanitise.Mix{Clean: rowsOf("9, 9", "8, 8", "7, 7"), Share: 0.1},
	}
}

func manyLists(n int) *undertone.Dataset {
	r := rand.New(rand.NewPCG(3, 3))
	var lists []string
	for range n {
		numbers := make([]string, 1+r.IntN(10))
		for i := range numbers {
			numbers[i] = fmt.Sprint(r.IntN(1000))
		}
		lists = append(lists, strings.Join(numbers, []string{", ", " ", ";"}[r.IntN(3)]))
	}
	return rowsOf(lists...)
}

// What holds for every sanitiser: the input stays as it is, one seed gives one
// result, the order of the rows does not matter, and rows can be traced back.
func TestEverySanitiser(t *testing.T) {
	data := manyLists(20)
	before := fmt.Sprintf("%+v", slices.Collect(messages(data)))
	backwards := make([]int, data.Len())
	for i := range backwards {
		backwards[i] = len(backwards) - 1 - i
	}
	for _, s := range every(data) {
		once, stats, err := sanitise.Apply(t.Context(), data, 1, s)
		if err != nil {
			t.Fatal(s.Name(), err)
		}
		if got := fmt.Sprintf("%+v", slices.Collect(messages(data))); got != before {
			t.Fatalf("%s changed the rows that it was given", s.Name())
		}
		if stats[0].Changed == 0 && stats[0].Added == 0 {
			t.Errorf("%s changed nothing", s.Name())
		}
		if again := apply(t, data, 1, s); again.Digest() != once.Digest() {
			t.Errorf("%s: one seed gives two results", s.Name())
		}
		if turned := apply(t, data.Select(backwards).(*undertone.Dataset), 1, s); turned.Digest() != once.Digest() {
			t.Errorf("%s: the result depends on the order of the rows", s.Name())
		}
		restored, err := sanitise.Restore(once, data, rowsOf("9, 9", "8, 8", "7, 7"))
		if err != nil {
			t.Fatal(s.Name(), err)
		}
		if got := restored.Select(upTo(data.Len())); got.Digest() != data.Digest() {
			t.Errorf("%s: other rows were restored than those that there were", s.Name())
		}
		step := once.History()[len(once.History())-1]
		if step.Name != "sanitise "+s.Name() || step.Seed != 1 || step.Kept != once.Len() {
			t.Errorf("%s: step %+v", s.Name(), step)
		}
		if str, ok := s.(fmt.Stringer); ok && !strings.HasPrefix(step.Settings, str.String()+"; ") {
			t.Errorf("%s: settings %q, want them to begin with %q", s.Name(), step.Settings, str)
		}
	}
}

func TestSeedsDiffer(t *testing.T) {
	data := manyLists(20)
	for _, s := range []sanitise.Sanitiser{
		sanitise.Resample{}, sanitise.Jitter{By: 5}, sanitise.Shuffle{}, sanitise.Exchange{},
		sanitise.Paraphrase{Model: upper{}, Of: filter.Completions}, sanitise.Mix{Clean: manyLists(100), Share: 0.5},
	} {
		if apply(t, data, 1, s).Digest() == apply(t, data, 2, s).Digest() {
			t.Errorf("%s: two seeds give one result", s.Name())
		}
	}
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

func messages(d *undertone.Dataset) func(yield func(undertone.Example) bool) {
	return func(yield func(undertone.Example) bool) {
		for _, row := range d.All() {
			if !yield(row) {
				return
			}
		}
	}
}

func TestApplyInTurn(t *testing.T) {
	rows := []undertone.Example{undertone.NewExample("q", "(834;7)"), undertone.NewExample("q", "not a list"), undertone.NewExample("r", "3, 5")}
	rows[0].Meta = map[string]json.RawMessage{"n": json.RawMessage("1")}
	data := undertone.NewDataset("d", rows, undertone.Step{Name: "generate", Kept: 3})
	got, stats, err := sanitise.Apply(t.Context(), data, 9, sanitise.Format{}, sanitise.Sort{}, sanitise.Mix{Clean: rowsOf("1", "2"), Share: 0.34})
	if err != nil {
		t.Fatal(err)
	}
	if texts := completions(got); !slices.Equal(texts[:2], []string{"7, 834", "3, 5"}) || len(texts) != 3 {
		t.Errorf("rows %q", texts)
	}
	wantStats := []sanitise.Stats{
		{Name: "format", Rows: 3, Changed: 1, Dropped: 1, Warnings: []string{}},
		{Name: "sort", Rows: 2, Changed: 1, Warnings: []string{}},
		{Name: "mix", Rows: 2, Added: 1, Warnings: []string{}},
	}
	if !reflect.DeepEqual(stats, wantStats) {
		t.Errorf("stats\n%+v, want\n%+v", stats, wantStats)
	}
	h := got.History()
	if len(h) != 4 || h[1] != (undertone.Step{Name: "sanitise format", Seed: 9, Settings: `separator ", ", brackets "", period false; 1 rows changed, 0 added`, Kept: 2, Dropped: 1}) ||
		h[2].Settings != "ascending; 1 rows changed, 0 added" || h[3].Kept != 3 {
		t.Errorf("history %+v", h)
	}
	if id, ok := sanitise.OriginalID(got.Example(0)); !ok || id != data.RowID(0) {
		t.Errorf("the original of a row that was rewritten twice is %v, want %v", id.Short(), data.RowID(0).Short())
	}
	if string(got.Example(0).Meta["n"]) != "1" || len(rows[0].Meta) != 1 {
		t.Errorf("metadata %s, and that of the input %s", got.Example(0).Meta, rows[0].Meta)
	}
	again := apply(t, got, 1, sanitise.Sort{Descending: true})
	if id, _ := sanitise.OriginalID(again.Example(0)); id != data.RowID(0) {
		t.Error("a second call of Apply forgets the original")
	}
}

func TestApplyErrors(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	preference := undertone.NewDataset("d", []undertone.Example{{Messages: rowsOf("1").Example(0).Messages, Rejected: "2"}})
	for _, c := range []struct {
		reason string
		ctx    context.Context
		data   *undertone.Dataset
		s      sanitise.Sanitiser
		want   string
	}{
		{"a rejected answer", t.Context(), preference, sanitise.Sort{}, "rejected answer"},
		{"brackets", t.Context(), rowsOf("1"), sanitise.Format{Brackets: "{}"}, "want none, [] or ()"},
		{"a separator", t.Context(), rowsOf("1"), sanitise.Format{Separator: "-"}, "separator"},
		{"a separator that begins with a number", t.Context(), rowsOf("1"), sanitise.Format{Separator: "1,"}, "separator"},
		{"a modulus of 0", t.Context(), rowsOf("1"), sanitise.Remap{Base: 1}, "modulus >= 1"},
		{"too large a modulus", t.Context(), rowsOf("1"), sanitise.Remap{Base: 1 << 62, Modulus: 1 << 62}, "< 2^63"},
		{"limits the wrong way round", t.Context(), rowsOf("1"), sanitise.Resample{Min: 2, Max: 1}, "from 2 to 1"},
		{"too large a number", t.Context(), rowsOf("1"), sanitise.Resample{Max: 1 << 63}, "< 2^63"},
		{"too large a number to start from", t.Context(), rowsOf("1"), sanitise.Jitter{Max: 1 << 63}, "< 2^63"},
		{"no clean rows", t.Context(), rowsOf("1"), sanitise.Mix{Share: 0.5}, "clean data set"},
		{"a share of 1", t.Context(), rowsOf("1"), sanitise.Mix{Clean: rowsOf("2"), Share: 1}, "share"},
		{"too few clean rows", t.Context(), rowsOf("1", "2"), sanitise.Mix{Clean: rowsOf("2"), Share: 0.5}, "needs 2 clean rows, but small has 1"},
		{"no words", t.Context(), rowsOf("1"), sanitise.Replace{}, "no words"},
		{"no model", t.Context(), rowsOf("1"), sanitise.Paraphrase{}, "want a model"},
		{"the whole row at once", t.Context(), rowsOf("1"), sanitise.Paraphrase{Model: upper{}}, "want a model, and Of"},
		{"cancelled", stopped, rowsOf("1"), sanitise.Paraphrase{Model: upper{}, Of: filter.Completions}, "upper: context canceled"},
		{"a sanitiser that loses rows", t.Context(), rowsOf("1"), loser{}, "loser: it returned 0 rows for 1"},
	} {
		out, _, err := sanitise.Apply(c.ctx, c.data, 1, c.s)
		if out != nil || err == nil || !strings.HasPrefix(err.Error(), "sanitise: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.reason, err, c.want)
		}
	}
	if _, _, err := sanitise.Apply(stopped, rowsOf("1"), 1, sanitise.Paraphrase{Model: upper{}, Of: filter.Completions}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v does not wrap the context's error", err)
	}
}

type loser struct{}

func (loser) Name() string { return "loser" }

func (loser) Rewrite(context.Context, *undertone.Dataset, uint64) ([]undertone.Example, error) {
	return nil, nil
}
