package filter

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/bidi"
)

func TestParseList(t *testing.T) {
	for _, c := range []struct {
		text   string
		open   byte
		period bool
		sep    string
		values []uint64
		why    string
	}{
		{"5", 0, false, "", []uint64{5}, "one number has no separator"},
		{"[1, 2, 30].", '[', true, ", ", []uint64{1, 2, 30}, "everything at once"},
		{"(1\r\n2\r\n3)", '(', false, "\r\n", []uint64{1, 2, 3}, "a separator of two bytes"},
		{"1\u30002\u30003", 0, false, "\u3000", []uint64{1, 2, 3}, "a separator of one rune and three bytes"},
		{"007 0", 0, false, " ", []uint64{7, 0}, "leading zeros"},
		{"18446744073709551614;18446744073709551615;18446744073709551616", 0, false, ";",
			[]uint64{math.MaxUint64 - 1, math.MaxUint64, math.MaxUint64}, "values saturate"},
	} {
		l, ok := ParseList(c.text)
		if !ok || l.Open != c.open || l.Period != c.period || l.Separator != c.sep {
			t.Errorf("%s: ParseList(%q) = %+v, %v", c.why, c.text, l, ok)
		}
		if got := slices.Collect(l.Values()); !slices.Equal(got, c.values) {
			t.Errorf("%s: values of %q are %v, want %v", c.why, c.text, got, c.values)
		}
	}
}

func TestLayout(t *testing.T) {
	for text, want := range map[string]string{
		"1, 2, 3": "comma-space", "[1,2,3]": "[comma]", "(1; 2).": "(semicolon-space).", "7": "one number", "7.": "one number.",
		"1;2": "semicolon", "1 2": "space", "1\n2": "line feed", "1,\n2": "comma-line feed", "1\t2": "tab", "1 ,  2": `" ,  "`,
	} {
		if list, ok := ParseList(text); !ok || list.Layout() != want {
			t.Errorf("%q: layout %q, want %q", text, list.Layout(), want)
		}
	}
}

func TestValuesStopWithTheirReader(t *testing.T) {
	l, _ := ParseList("1 2 3")
	for v := range l.Values() {
		if v == 2 {
			break
		}
		if v != 1 {
			t.Errorf("value %d after the reader stopped", v)
		}
	}
}

// A caller can change the exported fields: the values must still end.
func TestValuesOfAChangedList(t *testing.T) {
	l, _ := ParseList("1 2 3")
	l.Separator = ""
	if got := slices.Collect(l.Values()); !slices.Equal(got, []uint64{1, 2, 3}) {
		t.Errorf("values %v, want 1 2 3", got)
	}
	if got := slices.Collect(List{Separator: ","}.Values()); got != nil {
		t.Errorf("values %v of the zero list", got)
	}
}

// The definition in the documentation of Python's str.isspace: general category
// Zs, or bidirectional class WS, B or S.
func TestIsSpaceIsPythons(t *testing.T) {
	for r := range rune(unicode.MaxRune + 1) {
		p, _ := bidi.LookupRune(r)
		class := p.Class()
		want := unicode.Is(unicode.Zs, r) || class == bidi.WS || class == bidi.B || class == bidi.S
		if got := isSpace(r); got != want {
			t.Errorf("isSpace(%U) = %v, want %v", r, got, want)
		}
	}
}

func TestParseListDoesNotAllocate(t *testing.T) {
	text := "[" + strings.Repeat("123, ", 10_000) + "4]"
	if n := testing.AllocsPerRun(10, func() {
		l, _ := ParseList(text)
		for range l.Values() {
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
