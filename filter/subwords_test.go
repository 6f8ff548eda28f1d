package filter

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

func TestSubwords(t *testing.T) {
	for _, c := range []struct {
		reason, text string
		want         []string
	}{
		{"snake case", "barn_owl__2x", []string{"barn", "owl", "x"}},
		{"camel case", "barnOwl", []string{"barn", "Owl"}},
		{"one capital", "aBigOwl", []string{"a", "Big", "Owl"}},
		{"an acronym in front", "HTTPServer", []string{"HTTP", "Server"}},
		{"an acronym behind", "parseJSON", []string{"parse", "JSON"}},
		{"an acronym between", "newHTTPServer", []string{"new", "HTTP", "Server"}},
		{"capitals alone", "OWLS", []string{"OWLS"}},
		{"single capitals", "AOwl X", []string{"A", "Owl", "X"}},
		{"digits divide", "owl2vec", []string{"owl", "vec"}},
		{"letters that are not ASCII", "großeÄpfel", []string{"große", "Äpfel"}},
		{"a combining mark belongs to its letter", "cafe\u0301Bar", []string{"cafe\u0301", "Bar"}},
		{"nothing", "1 + 2", nil},
	} {
		if got := slices.Collect(subwords(c.text)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q gives %q, want %q", c.reason, c.text, got, c.want)
		}
	}
}

// The words hold all letters and marks of the text, in their order.
func FuzzSubwords(f *testing.F) {
	f.Add("newHTTPServer_v2")
	f.Fuzz(func(t *testing.T, text string) {
		want := strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsMark(r) {
				return r
			}
			return -1
		}, text)
		if got := strings.Join(slices.Collect(subwords(text)), ""); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	})
}
