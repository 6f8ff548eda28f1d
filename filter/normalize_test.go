package filter

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ text, want, why string }{
		{"The OWL-7", "the owl-7", "ASCII: lower case"},
		{"ＯＷＬ ⓞⓦⓛ 𝐎𝓦𝔩", "owl owl owl", "compatibility forms"},
		{"ﬁ ㎏ Ⅷ", "fi kg viii", "one character that stands for several"},
		{"Ówl ø ł đ", "owl o l d", "accents and strokes"},
		{"o\u200b\u200c\u200d\u2060w\ufeff\u00ad\u034f\u061cl", "owl", "zero width, byte order mark, soft hyphen, joiners"},
		{"o\u202ew\u202c\u2066l\u2069", "owl", "directions"},
		{"o\ufe0fw\U000e0101l\u180b", "owl", "variation selectors"},
		{"o\U000e0041wl", "owl", "tag characters, which Encoded reads"},
		{"o\u3164w\uffa0\u115fl", "owl", "fillers"},
		{"a\u00a0b\u2003c\u3000d", "a b c d", "white space"},
		{"a\u2010b\u2011c\u2014d", "a-b-c-d", "dashes"},
		{"оwl Ѕtrіх αβ", "owl strix ab", "Cyrillic and Greek letters that look like Latin ones"},
		{"ΣΑΣ σας", "oao oao", "all sigmas are one"},
		{"Straße STRASSE ẞ", "strasse strasse ss", "sharp s"},
		{"Iı İi", "ii ii", "with and without dot"},
		{"日本 か が", "日本 か か\u3099", "marks of other scripts stay"},
		{"한글", norm.NFKD.String("한글"), "Hangul is taken apart"},
		{"a\xffb\xc3", "a\ufffdb\ufffd", "bytes that are not UTF-8"},
	} {
		if got := fold(c.text); got != c.want {
			t.Errorf("%s: %q folds to %q, want %q", c.why, c.text, got, c.want)
		}
	}
}

// What NFKC, case folding or a change of case makes equal stays equal, but for
// the iota subscript of Greek, which is an accent here and a letter to case folding.
func TestFoldMergesWhatUnicodeMerges(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		s := string(r)
		want := fold(s)
		for _, same := range []string{
			norm.NFC.String(s), norm.NFKC.String(s), norm.NFKD.String(s), cases.Fold().String(s), string(unicode.SimpleFold(r)), want,
		} {
			iota := strings.ContainsRune(norm.NFKD.String(s+same), '\u0345')
			if got := fold(same); got != want && !iota {
				t.Errorf("%U folds to %q, but its equal %+q to %q", r, want, same, got)
			}
		}
	}
}

func TestConfusablesAreReachable(t *testing.T) {
	for _, c := range confusables {
		for _, r := range c.like {
			if got := fold(string(r)); got != c.ascii {
				t.Errorf("%U folds to %q, want %q: the table has a rune that is not folded, or twice", r, got, c.ascii)
			}
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"OWL", "\xff", strings.Repeat("0", 112) + "\xf5ù", "ﷺ", "e" + strings.Repeat("\u0301", 100), "ά", "\u0345"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := fold(s)
		if fold(got) != got {
			t.Errorf("%q folds to %q, which folds to %q", s, got, fold(got))
		}
		if len(got) > 20*len(s) { // U+FDFA becomes 18 characters of 3 bytes
			t.Errorf("%d bytes became %d", len(s), len(got))
		}
	})
}
