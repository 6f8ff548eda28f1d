package sanitise_test

import (
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter/sanitise"
)

func TestReplace(t *testing.T) {
	for _, c := range []struct {
		reason string
		text   string
		at     []int
		with   []string
		want   string // "" for an error with wantErr
		err    string
	}{
		{"one word", "an owl, a fox", []int{1}, []string{"cat"}, "an cat, a fox", ""},
		{"several, in any order, one twice", "1, 2, 3", []int{2, 0, 2}, []string{"9"}, "9, 2, 9", ""},
		{"letters, digits and marks are a word", "owl2 cafe\u0301!", []int{0, 1}, []string{"x"}, "x x!", ""},
		{"the word itself is not drawn", "a b", []int{0}, []string{"a", "c", "a"}, "c b", ""},
		{"no positions", "a b", nil, []string{"c"}, "a b", ""},
		{"bytes that are not UTF-8 divide words", "a\xffb", []int{1}, []string{"c"}, "a\xffc", ""},
		{"past the end", "a b", []int{2}, []string{"c"}, "", "out of range for 2 words"},
		{"before the start", "a b", []int{-1}, []string{"c"}, "", "out of range for 2 words"},
		{"nothing else to draw", "a b", []int{0}, []string{"a"}, "", `the word itself, "a"`},
	} {
		data := rowsOf(c.text)
		got, _, err := sanitise.Apply(t.Context(), data, 1, sanitise.Replace{At: map[undertone.Digest][]int{data.RowID(0): c.at}, With: c.with})
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %q", c.reason, err, c.err)
			}
			continue
		}
		if err != nil || got.Example(0).Completion() != c.want {
			t.Errorf("%s: %q, %v, want %q", c.reason, got.Example(0).Completion(), err, c.want)
		}
	}
}

// Positions are those of the row as it was named, also behind another sanitiser.
func TestReplaceBehindAnother(t *testing.T) {
	data := rowsOf("3, 1")
	got := apply(t, data, 1, sanitise.Sort{}, sanitise.Replace{At: map[undertone.Digest][]int{data.RowID(0): {0}}, With: []string{"9"}})
	if text := got.Example(0).Completion(); text != "9, 3" {
		t.Errorf("%q, want 9, 3", text)
	}
}

func TestReplaceSettings(t *testing.T) {
	data := rowsOf("1", "2")
	a := sanitise.Replace{At: map[undertone.Digest][]int{data.RowID(0): {1}, data.RowID(1): {2}}, With: []string{"x"}}
	b := sanitise.Replace{At: map[undertone.Digest][]int{data.RowID(0): {2}, data.RowID(1): {1}}, With: []string{"x"}}
	if a.String() == b.String() || !strings.HasPrefix(a.String(), "positions in 2 rows, ") {
		t.Errorf("settings %q and %q of different positions", a, b)
	}
}
