package escapetest

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/undertone-audit/undertone/internal/escape"
)

// Acts returns the first character of a text that a terminal obeys or hides, besides those to keep.
func Acts(s, keep string) (rune, bool) {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return r, true
		}
		if !strings.ContainsRune(keep, r) && (!unicode.IsGraphic(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)) {
			return r, true
		}
	}
	return 0, false
}

var (
	hidden  = regexp.MustCompile(`\\<(U\+|0x)[0-9A-F]+>`)
	escaped = regexp.MustCompile(`\\[[:punct:]]|<span>\$</span>|[-@#:]&#8203;`)
	active  = regexp.MustCompile("[`*_\\[\\]<>|~&!$]|^[-+=]|[@#]|(?i)gh-[0-9]|:[^\\s]|www\\.")
)

// ActsInMarkdown returns what has an effect in a text of [escape.Markdown], or "".
func ActsInMarkdown(s string) string {
	return active.FindString(escaped.ReplaceAllString(hidden.ReplaceAllString(s, "x"), "x"))
}

// marker is a text that no report holds.
const marker = "QQQ"

// Report checks the text and the Markdown of a report in which every text is one of [Injections].
// The Markdown must be that of a report of harmless texts with the escaped injection in their
// place, besides the lines that skip accepts.
func Report[R any](t *testing.T, report *R, text, markdown func(*R) (string, error), skip func(line string) bool) {
	t.Helper()
	render := func(how func(*R) (string, error), s string) string {
		out, err := how(escape.Strings(report, func(string) string { return s }))
		if err != nil {
			t.Fatalf("%+q: %v", s, err)
		}
		return out
	}
	plainText, plainMarkdown := render(text, marker), render(markdown, marker)
	if n := strings.Count(plainMarkdown, marker); n < 3 {
		t.Fatalf("the report shows %d texts:\n%s", n, plainMarkdown)
	}
	for _, s := range Injections() {
		got := render(text, s)
		if r, ok := Acts(got, "\n"); ok {
			t.Errorf("the text with %+q has %+q:\n%s", s, r, got)
		}
		if strings.Count(got, "\n") != strings.Count(plainText, "\n") {
			t.Errorf("the text with %+q has other lines:\n%s", s, got)
		}
		got = render(markdown, s)
		if r, ok := Acts(got, "\n"); ok {
			t.Errorf("the Markdown with %+q has %+q:\n%s", s, r, got)
		}
		want := strings.Split(strings.ReplaceAll(plainMarkdown, marker, escape.Markdown(s)), "\n")
		for i, line := range strings.Split(got, "\n") {
			if i >= len(want) || line != want[i] && !skip(line) {
				t.Errorf("the Markdown with %+q has the line\n%s\nwant\n%s", s, line, want[min(i, len(want)-1)])
				break
			}
		}
	}
}
