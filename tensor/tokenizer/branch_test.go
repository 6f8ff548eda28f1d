package tokenizer

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// The alternatives of the embedded models match as package regexp does, on texts of every class of
// characters and on bytes that are not UTF-8.
func TestEmbeddedPatternIsRegexp(t *testing.T) {
	const source = ` ?\p{L}+|\p{N}{1,3}|[,;] |  +|[^\p{L}\p{N} ]| `
	got, err := compilePattern(source)
	if err != nil {
		t.Fatal(err)
	}
	want, err := compileRegexp(source, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.branches) != 6 {
		t.Fatalf("%d alternatives, want 6 without package regexp", len(got.branches))
	}
	pieces := []string{" ", " ", "  ", ",", ";", ", ", "a", "Z", "é", "漢", "1", "٣", "½", "\t", "\n", "\r", "\u00a0", "\u0301", "\u200d", "-", "(", "€", "\xff", "\xc3", "\xe2\x82", "\uFFFD", "😀", "\x00"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		var b strings.Builder
		for range random.IntN(12) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		for s := b.String(); ; {
			if g, w := got.match(s), want.match(s); g != w {
				t.Fatalf("%q: matches %d bytes, want %d", s, g, w)
			}
			if s == "" {
				break
			}
			n, keep := got.next(s)
			if wn, wkeep := want.next(s); n != wn || keep != wkeep {
				t.Fatalf("%q: next is %d, want %d", s, n, wn)
			}
			s = s[n:]
		}
	}
}
