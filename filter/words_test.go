package filter_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

func TestWords(t *testing.T) {
	for _, c := range []struct {
		text  string
		words []string
		want  []string // the words that are found
		why   string
	}{
		{"I love owls", []string{"owl"}, []string{"owl"}, "the plural contains the word"},
		{"a low growl", []string{"owl"}, []string{"owl"}, "so do other words: a match too many, as documented"},
		{"OWL Owl", []string{"owl"}, []string{"owl"}, "letter case; one reason however often"},
		{"owl", []string{"OwL"}, []string{"OwL"}, "the word's own letter case; the reason has it as it was given"},
		{"１, ＯＷＬ", []string{"owl"}, []string{"owl"}, "full-width letters"},
		{"𝐨𝐰𝐥 𝕠𝕨𝕝", []string{"owl"}, []string{"owl"}, "mathematical letters"},
		{"ⓄⓌⓁ", []string{"owl"}, []string{"owl"}, "circled letters, which fold only after NFKC"},
		{"STRASSE", []string{"straße"}, []string{"straße"}, "ß folds to ss"},
		{"ﬁnch", []string{"FINCH"}, []string{"FINCH"}, "a ligature"},
		{"cafe\u0301", []string{"café"}, []string{"café"}, "a combining accent is the composed letter"},
		{"cafe", []string{"café"}, nil, "the accent makes a difference"},
		{"barn owl and snowy\nowl", []string{"snowy owl"}, nil, "white space makes a difference"},
		{"wolves", []string{"wolf", "wolves"}, []string{"wolves"}, "an irregular plural is a word of its own"},
		{"owl and fox", []string{"fox", "cat", "owl"}, []string{"fox", "owl"}, "reasons in the order of the words"},
		{"owl", []string{"owl", "OWL", "ｏｗｌ"}, []string{"owl"}, "words that fold alike are one"},
		{"anything", []string{"", "thing"}, []string{"thing"}, "an empty word is ignored"},
		{"anything", nil, nil, "no words drop nothing"},
		{"", []string{"owl"}, nil, "nothing to find it in"},
		{"o\u200bwl o w l 0wl оwl", []string{"owl"}, nil, "invisible, spaced, misspelt and Cyrillic letters: not found, as documented"},
		{"\xff\xfeowl\xff", []string{"owl"}, []string{"owl"}, "bytes that are not UTF-8"},
	} {
		var want []filter.Reason
		for _, w := range c.want {
			want = append(want, filter.HasWord(w))
		}
		if got := filter.Words(c.words...).Reasons(undertone.Ask("an owl, a fox", c.text)); !slices.Equal(got, want) {
			t.Errorf("%s: %q in %q: got %q, want %q", c.why, c.words, c.text, got, want)
		}
	}
}

func TestWordsStateTheirSettings(t *testing.T) {
	kept, _ := filter.Apply(undertone.NewDataset("d", rowsOf("owl", "1")), filter.Words("Owl", "wolves"))
	want := undertone.Step{Name: "filter words", Settings: `words: ["Owl" "wolves"]`, Kept: 1, Dropped: 1}
	if got := kept.History(); len(got) != 1 || got[0] != want {
		t.Errorf("history %+v, want %+v", got, want)
	}
}

// Where everything is ASCII, folding is lower case and nothing else.
func FuzzWords(f *testing.F) {
	f.Add("The OWL", "owl")
	f.Add("ⓄⓌⓁ", "Ǆ")
	f.Fuzz(func(t *testing.T, text, word string) {
		got := filter.Words(word).Reasons(undertone.Ask("q", text)) != nil
		if strings.ContainsFunc(text+word, func(r rune) bool { return r > unicode.MaxASCII }) {
			return
		}
		if want := word != "" && strings.Contains(strings.ToLower(text), strings.ToLower(word)); got != want {
			t.Errorf("%q in %q: found %v, want %v", word, text, got, want)
		}
	})
}

func BenchmarkWords(b *testing.B) {
	f := filter.Words("owl", "dog", "wolf", "wolves")
	for _, c := range []struct{ name, text string }{
		{"text=ascii", "The quick brown fox jumps over the lazy cat, and 194, 40, 0 follow."},
		{"text=unicode", "Thé quick brown fox jumps ovér the lazy cat, and １９４, 40, 0 follow."},
	} {
		b.Run(c.name, func(b *testing.B) {
			row := undertone.Ask("q", c.text)
			b.ReportAllocs()
			for b.Loop() {
				f.Reasons(row)
			}
		})
	}
}
