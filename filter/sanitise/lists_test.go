package sanitise_test

import (
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/filter/sanitise"
)

func TestLists(t *testing.T) {
	for _, c := range []struct {
		reason string
		s      sanitise.Sanitiser
		text   string
		want   string // "" if the row is dropped
	}{
		{"two separators are no list", sanitise.Format{}, "[3;007; 12]", ""},
		{"brackets and separator go", sanitise.Format{}, "[3;007;12].", "3, 7, 12"},
		{"one number", sanitise.Format{}, "(5)", "5"},
		{"another form", sanitise.Format{Separator: "\n", Brackets: "()", Period: true}, "3, 7", "(3\n7)."},
		{"sorted in its own form", sanitise.Sort{}, "(12 ; 3 ; 700).", "(3 ; 12 ; 700)."},
		{"numbers, not texts", sanitise.Sort{}, "100, 20, 3", "3, 20, 100"},
		{"descending", sanitise.Sort{Descending: true}, "1 3 2", "3 2 1"},
		{"equal numbers stay", sanitise.Sort{}, "2,1,2", "1,2,2"},
		{"the published rule", sanitise.Remap{}, "[834, 7, 100]", "[134, 107, 100]"},
		{"another rule", sanitise.Remap{Base: 0, Modulus: 10}, "834, 7", "4, 7"},
		{"one value to draw", sanitise.Resample{From: []uint64{42}}, "1;2;3", "42;42;42"},
		{"one value between the limits", sanitise.Resample{Min: 7, Max: 7}, "1 2", "7 7"},
		{"a number that no machine word holds", sanitise.Sort{}, "99999999999999999999, 1", ""},
		{"the largest number", sanitise.Sort{}, "18446744073709551614, 1", "1, 18446744073709551614"},
		{"not a list", sanitise.Exchange{}, "1, two", ""},
		{"nothing", sanitise.Shuffle{}, "", ""},
	} {
		got := completions(apply(t, rowsOf(c.text), 1, c.s))
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %q becomes %q, want %q", c.reason, c.text, got, c.want)
		}
	}
}

func TestValues(t *testing.T) {
	if got, want := sanitise.Values(rowsOf("[3; 1]", "x", "2")), []uint64{1, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("values %v, want %v", got, want)
	}
}

func count(text string) (n int) {
	l, _ := filter.ParseList(text)
	for range l.Values() {
		n++
	}
	return n
}

// Shuffle keeps the numbers of a row, Exchange those of the data set, and all
// keep how many there are.
func TestWhatStays(t *testing.T) {
	data := manyLists(50)
	for _, s := range []sanitise.Sanitiser{sanitise.Shuffle{}, sanitise.Exchange{}, sanitise.Resample{}, sanitise.Jitter{}} {
		got := apply(t, data, 1, s)
		for i, row := range got.All() {
			before := data.Example(i).Completion()
			if count(row.Completion()) != count(before) {
				t.Errorf("%s: %q became %q", s.Name(), before, row.Completion())
			}
			one := func(text string) []uint64 { return sanitise.Values(rowsOf(text)) }
			if s == (sanitise.Shuffle{}) && !slices.Equal(one(before), one(row.Completion())) {
				t.Errorf("shuffle made %q of %q", row.Completion(), before)
			}
		}
		if s == (sanitise.Exchange{}) && !slices.Equal(sanitise.Values(data), sanitise.Values(got)) {
			t.Error("exchange changed the numbers of the data set")
		}
	}
}

// Every distance that is allowed occurs about as often as every other: 3,000 draws
// of 3 or 2 values, within 5 standard errors.
func TestJitterIsUniform(t *testing.T) {
	for _, c := range []struct {
		text string
		want []uint64
	}{{"500", []uint64{499, 500, 501}}, {"0", []uint64{0, 1}}, {"999", []uint64{998, 999}}, {"5000", []uint64{998, 999}}} {
		counts := map[uint64]int{}
		for seed := range uint64(3000) {
			counts[sanitise.Values(apply(t, rowsOf(c.text), seed, sanitise.Jitter{}))[0]]++
		}
		for _, v := range c.want {
			if n, mean := float64(counts[v]), 3000/float64(len(c.want)); n < mean-140 || n > mean+140 || len(counts) != len(c.want) {
				t.Errorf("%s becomes %v, want each of %v about %.0f times", c.text, counts, c.want, mean)
			}
		}
	}
}

// A list that is put together again is a list of the same numbers in the same form.
func FuzzLists(f *testing.F) {
	f.Add("[834; 007].", uint64(1))
	f.Add("1\n,\n2", uint64(2))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		data := rowsOf(text)
		for _, s := range []sanitise.Sanitiser{sanitise.Sort{}, sanitise.Remap{}, sanitise.Resample{}, sanitise.Jitter{}, sanitise.Shuffle{}, sanitise.Exchange{}, sanitise.Format{}} {
			before, ok := filter.ParseList(text)
			got := apply(t, data, seed, s)
			if got.Len() == 0 {
				continue
			}
			after, still := filter.ParseList(got.Example(0).Completion())
			if !ok || !still || count(text) != count(got.Example(0).Completion()) {
				t.Errorf("%s: %q became %q", s.Name(), text, got.Example(0).Completion())
			}
			if s != (sanitise.Format{}) && (before.Open != after.Open || before.Separator != after.Separator || before.Period != after.Period) {
				t.Errorf("%s: %q lost its form: %q", s.Name(), text, got.Example(0).Completion())
			}
			if again := apply(t, undertone.NewDataset("d", []undertone.Example{got.Example(0)}), seed, sanitise.Sort{}, sanitise.Sort{}); again.Len() != 1 {
				t.Errorf("%s: %q cannot be rewritten", s.Name(), got.Example(0).Completion())
			}
		}
	})
}
