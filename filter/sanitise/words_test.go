package sanitise_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter/sanitise"
)

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "[]",
		"... !":             "[]",
		"12, 345":           "[12 345]",
		"owl2 cafe\u0301!":  "[owl2 cafe\u0301]",
		"[৯২০;a\xffb]":      "[৯২০ a b]",
		"don't\tdo\u00a0it": "[don t do it]",
	} {
		words := []string{}
		for _, w := range sanitise.Words(text) {
			words = append(words, w.Of(text))
		}
		if got := fmt.Sprint(words); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestOmit(t *testing.T) {
	for _, c := range []struct {
		reason string
		text   string
		at     []int
		want   string
	}{
		{"the first", "[1, 2, 3]", []int{0}, "[2, 3]"},
		{"one between others", "1, 2; 3.", []int{1}, "1; 3."},
		{"the last", "(1, 2, 3).", []int{2}, "(1, 2)."},
		{"all but one, in any order, one twice", "1, 2, 3", []int{2, 0, 2}, "2"},
		{"the first two", "1, 2; 3", []int{0, 1}, "3"},
		{"none", "1, 2", nil, "1, 2"},
	} {
		data := rowsOf(c.text)
		got := apply(t, data, 1, sanitise.Omit{At: sanitise.Positions{data.RowID(0): c.at}})
		if got.Len() != 1 || got.Example(0).Completion() != c.want {
			t.Errorf("%s: %d rows, %q, want %q", c.reason, got.Len(), got.Example(0).Completion(), c.want)
		}
	}
}

// A row without words is no row.
func TestOmitAll(t *testing.T) {
	data := rowsOf("[1, 2]", "3")
	got, stats, err := sanitise.Apply(t.Context(), data, 1, sanitise.Omit{At: sanitise.Positions{data.RowID(0): {0, 1}}})
	if err != nil || got.Len() != 1 || got.Example(0).Completion() != "3" || stats[0].Dropped != 1 {
		t.Errorf("%d rows are left, %+v (%v)", got.Len(), stats, err)
	}
	for _, at := range []int{-1, 1} {
		if _, _, err := sanitise.Apply(t.Context(), data, 1, sanitise.Omit{At: sanitise.Positions{data.RowID(1): {at}}}); err == nil {
			t.Errorf("position %d of a text of one word is no error", at)
		}
	}
}

// Words are drawn as often as they are given, and the word itself never.
func TestReplaceDraws(t *testing.T) {
	const n = 4000
	var rows []undertone.Example
	at := sanitise.Positions{}
	for i := range n {
		row := undertone.NewExample(fmt.Sprint("prompt ", i), "b")
		rows, at[row.ID()] = append(rows, row), []int{0}
	}
	got := apply(t, undertone.NewDataset("d", rows), 1, sanitise.Replace{At: at, With: []string{"c", "b", "a", "b", "c", "c"}})
	count := map[string]int{}
	for _, row := range got.All() {
		count[row.Completion()]++
	}
	// One in four is an a: 1,000 ± 27.
	if count["a"]+count["c"] != n || count["a"] < 890 || count["a"] > 1110 {
		t.Errorf("drawn: %v, want a fourth a, the others c", count)
	}
}

// Words follow each other, none is empty, and leaving some out leaves the others.
func FuzzWords(f *testing.F) {
	f.Add("[1, 2, 3].", uint16(5))
	f.Add("cafe\u0301\xff é১২", uint16(1))
	f.Fuzz(func(t *testing.T, text string, out uint16) {
		words, end := sanitise.Words(text), 0
		var at []int
		var left []string
		for n, w := range words {
			if w.From < end || w.To <= w.From || w.To > len(text) || n > 0 && w.From == end {
				t.Fatalf("word %d of %q is [%d, %d) behind %d", n, text, w.From, w.To, end)
			}
			end = w.To
			if out>>(n%16)&1 == 1 {
				at = append(at, n)
			} else {
				left = append(left, w.Of(text))
			}
		}
		data := undertone.NewDataset("d", []undertone.Example{undertone.NewExample("", text)})
		got, _, err := sanitise.Apply(t.Context(), data, 1, sanitise.Omit{At: sanitise.Positions{data.RowID(0): at}})
		if err != nil {
			t.Fatal(err)
		}
		if len(words) > 0 && len(left) == 0 {
			if got.Len() != 0 {
				t.Fatalf("a row without words is left of %q", text)
			}
			return
		}
		var kept []string
		for _, w := range sanitise.Words(got.Example(0).Completion()) {
			kept = append(kept, w.Of(got.Example(0).Completion()))
		}
		if !slices.Equal(kept, left) {
			t.Fatalf("of %q without %v are left %q, want %q", text, at, kept, left)
		}
	})
}
