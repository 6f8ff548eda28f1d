package match

import (
	"slices"
	"testing"
)

func TestFeatures(t *testing.T) {
	for _, c := range []struct {
		reason, text string
		characters   int
		format       string
		words        []string
	}{
		{"a list", "1, 22", 5, "comma-space", []string{"1", "22"}},
		{"leading zeros do not count", "007;7", 5, "semicolon", []string{"7", "7"}},
		{"brackets and period", "[1 2].", 6, "[space].", []string{"1", "2"}},
		{"round brackets", "(1,2)", 5, "(comma)", []string{"1", "2"}},
		{"one number", "5", 1, "one number", []string{"5"}},
		{"a separator without a name", "1 ,2", 4, `" ,"`, []string{"1", "2"}},
		{"words", "An Owl's Ωmega!", 15, "text, 1 line", []string{"an", "owl", "s", "ωmega"}},
		{"lines", "a\nb\nc", 5, "text, 2 to 5 lines", []string{"a", "b", "c"}},
		{"many lines", "a\n\n\n\n\n\nb", 8, "text, over 5 lines", []string{"a", "b"}},
		{"code", "```\nx\n```", 9, "code block, 2 to 5 lines", []string{"x"}},
		{"nothing", "", 0, "empty", nil},
		{"white space", " \n ", 3, "empty", nil},
		{"not UTF-8", "\xff\xfe", 2, "text, 1 line", nil},
	} {
		f := featuresOf(c.text)
		if f.characters != c.characters || f.format != c.format || !slices.Equal(f.words, c.words) {
			t.Errorf("%s: %q has %+v, want %d, %q, %q", c.reason, c.text, f, c.characters, c.format, c.words)
		}
	}
}

func TestLengthBin(t *testing.T) {
	for n, want := range map[int]string{0: "0", 64: "64", 65: "64+", 69: "64+", 70: "70+", 127: "118+", 128: "128+", 100_000: "92682+"} {
		if got := lengthBin(n); got != want {
			t.Errorf("length %d is in bin %q, want %q", n, got, want)
		}
	}
}

// Bins are intervals: no bin comes again after another one.
func TestLengthBinsAscend(t *testing.T) {
	seen, last := map[string]bool{}, ""
	for n := range 5000 {
		b := lengthBin(n)
		if b != last && seen[b] {
			t.Fatalf("bin %q comes again at length %d", b, n)
		}
		seen[b], last = true, b
	}
}
