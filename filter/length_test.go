package filter_test

import (
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

func TestLength(t *testing.T) {
	reasons := func(r ...filter.Reason) []filter.Reason { return r }
	for _, c := range []struct {
		reason string
		text   string
		l      filter.Length
		want   []filter.Reason
	}{
		{"no limits", "", filter.Length{}, nil},
		{"the limits themselves are allowed", "abc", filter.Length{MinRunes: 3, MaxRunes: 3}, nil},
		{"one too few", "ab", filter.Length{MinRunes: 3}, reasons(filter.TooFewRunes)},
		{"one too many", "abcd", filter.Length{MaxRunes: 3}, reasons(filter.TooManyRunes)},
		{"runes are not bytes", "äöü", filter.Length{MaxRunes: 3}, nil},
		{"what is not UTF-8 is a rune a byte", "\xff\xfe\xff", filter.Length{MaxRunes: 2}, reasons(filter.TooManyRunes)},
		{"white space of all kinds divides words", "a\tb\nc\u2003d", filter.Length{MinWords: 4, MaxWords: 4}, nil},
		{"white space alone is no word", " \n ", filter.Length{MinWords: 1}, reasons(filter.TooFewWords)},
		{"a last line without an end counts", "a\nb", filter.Length{MaxLines: 1}, reasons(filter.TooManyLines)},
		{"the last line's end begins no line", "a\n", filter.Length{MaxLines: 1}, nil},
		{"an empty text has no line", "", filter.Length{MinLines: 1}, reasons(filter.TooFewLines)},
		{"several reasons", "a b\nc", filter.Length{MinRunes: 9, MaxWords: 2, MaxLines: 1}, reasons(filter.TooFewRunes, filter.TooManyWords, filter.TooManyLines)},
		{"limits that exclude each other drop everything", "abc", filter.Length{MinRunes: 4, MaxRunes: 2}, reasons(filter.TooFewRunes)},
	} {
		if got := c.l.Reasons(undertone.NewExample("a long question", c.text)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q with %v: %q, want %q", c.reason, c.text, c.l, got, c.want)
		}
	}
}

func TestLengthSettings(t *testing.T) {
	if got, want := (filter.Length{MinRunes: 1, MaxRunes: 9, MaxLines: 2}).String(), "at least 1 runes, at most 9 runes, at most 2 lines"; got != want {
		t.Errorf("settings %q, want %q", got, want)
	}
}
