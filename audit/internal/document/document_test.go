package document

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClip(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"12345", "12345"},
		{"123456", "12345 […]"},
		{"1234ä", "1234 […]"},       // the cut is inside of ä
		{"12\xff", "12\uFFFD"},      // U+FFFD has 3 bytes
		{"日本語", "日 […]"},            // the cut is inside of the second letter
		{"12\xff4", "12\uFFFD […]"}, // one byte too long
	} {
		if got := Clip(c.text, 5); got != c.want || !utf8.ValidString(got) {
			t.Errorf("%q is cut to %q, want %q", c.text, got, c.want)
		}
	}
}

var table = [][]string{{"data", "rows", "γ"}, {"a b", "7", "0.5"}, {"c d e f g", "12345", "-"}}

func TestAlignedTable(t *testing.T) {
	var out strings.Builder
	AlignedTable(&out, table)
	want := "" +
		"  data       rows   γ\n" +
		"  a b        7      0.5\n" +
		"  c d e f g  12345  -\n"
	if out.String() != want {
		t.Errorf("\n%s\nwant\n%s", out.String(), want)
	}
}

func TestMarkdownTable(t *testing.T) {
	var out strings.Builder
	MarkdownTable(&out, table)
	want := "" +
		"| data | rows | γ |\n" +
		"|---|---|---|\n" +
		"| a b | 7 | 0.5 |\n" +
		"| c d e f g | 12345 | - |\n"
	if out.String() != want {
		t.Errorf("\n%q\nwant\n%q", out.String(), want)
	}
}
