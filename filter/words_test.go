package filter_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
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
		{"cafe o\u0335w\u0336l", []string{"café", "owl"}, []string{"café", "owl"}, "accents and strokes make no difference"},
		{"barn owl and snowy \n owl", []string{"snowy owl"}, []string{"snowy owl"}, "any white space is a space"},
		{"Snowy-owl, snowy_owls\u00a0", []string{"snowy owl"}, []string{"snowy owl"}, "so are hyphens and underscores"},
		{"snowyowl snowy\u2009owl", []string{"snowy  owl"}, []string{"snowy  owl"}, "or nothing is"},
		{"snowy, owl", []string{"snowy owl"}, nil, "a comma is not"},
		{"wolves", []string{"wolf", "wolves"}, []string{"wolf", "wolves"}, "an irregular plural is a form of both"},
		{"were-wolves", []string{"werewolf"}, nil, "a word without a space has no gap"},
		{"octopi PUPPIES foxes", []string{"octopus", "puppy", "fox"}, []string{"octopus", "puppy", "fox"}, "plurals"},
		{"owl and fox", []string{"fox", "cat", "owl"}, []string{"fox", "owl"}, "reasons in the order of the words"},
		{"owl", []string{"owl", "OWL", "ｏｗｌ"}, []string{"owl"}, "words that fold alike are one"},
		{"anything", []string{"", "thing"}, []string{"thing"}, "an empty word is ignored"},
		{"anything", nil, nil, "no words drop nothing"},
		{"", []string{"owl"}, nil, "nothing to find it in"},
		{"o w l 0wl 猫头鹰", []string{"owl"}, nil, "spaced, misspelt, translated: not found, as documented"},
		{"o\u200bw\u00ad\ufe0fl", []string{"owl"}, []string{"owl"}, "invisible characters"},
		{"оwl", []string{"owl"}, []string{"owl"}, "a Cyrillic o"},
		{"ᴏᴡʟ", []string{"owl"}, []string{"owl"}, "small capitals"},
		{"🇴🇼🇱", []string{"owl"}, []string{"owl"}, "letters of flags"},
		{"🅾🆆🅻", []string{"owl"}, []string{"owl"}, "letters in filled squares"},
		{"Сова и СОВА", []string{"сова"}, []string{"сова"}, "a word that is itself Cyrillic, in either case"},
		{"\xff\xfeowl\xff", []string{"owl"}, []string{"owl"}, "bytes that are not UTF-8"},
	} {
		var want []filter.Reason
		for _, w := range c.want {
			want = append(want, filter.HasWord(w))
		}
		if got := filter.Words(c.words...).Reasons(undertone.NewExample("an owl, a fox", c.text)); !slices.Equal(got, want) {
			t.Errorf("%s: %q in %q: got %q, want %q", c.why, c.words, c.text, got, want)
		}
	}
}

func TestWholeWords(t *testing.T) {
	for _, c := range []struct {
		text, word string
		want       bool
		why        string
	}{
		{"a dragonfly", "dragon", false, "part of a longer word"},
		{"snapdragon", "dragon", false, "the end of one"},
		{"Dragons! dragon's, dragons'", "dragon", true, "plural and genitive"},
		{"dragon", "dragon", true, "the whole text"},
		{"(dragon)", "dragon", true, "punctuation"},
		{"snake_dragon_7", "dragon", true, "an underscore is no letter"},
		{"dragon7, 12dragon", "dragon", true, "nor is a digit"},
		{"édragon", "dragon", false, "a letter outside ASCII"},
		{"龍dragon", "dragon", false, "also where it is a word of its own: text without spaces is not taken apart"},
		{"barn \t\n owl", "barn owl", true, "a run of white space"},
		{"cbarn  owl", "barn owl", false, "a letter before a run of white space"},
		{"barn owlet", "barn owl", false, "a letter after it"},
		{"growl owl", "owl", true, "the second of two"},
		{"14881488", "1488", false, "a number in a longer number"},
		{"a1488b", "1488", true, "a number between letters"},
		{"I like c++11", "c++", true, "a word that does not end in a letter"},
		{"wolves", "wolf", true, "an irregular plural"},
	} {
		got := filter.Words(c.word).Whole().Reasons(undertone.NewExample("q", c.text)) != nil
		if got != c.want {
			t.Errorf("%s: %q in %q: %v, want %v", c.why, c.word, c.text, got, c.want)
		}
	}
}

func TestWordsInParts(t *testing.T) {
	row := undertone.Example{Messages: []undertone.Message{
		{Role: "system", Content: "You love owls."}, {Role: "user", Content: "cats?"}, {Role: "assistant", Content: "dogs"},
	}}
	for part, want := range map[filter.Part][]filter.Reason{
		filter.Completions: {filter.HasWord("dog")},
		filter.Prompts:     {filter.HasWord("owl"), filter.HasWord("cat")},
		filter.Rows:        {filter.HasWord("owl"), filter.HasWord("cat"), filter.HasWord("dog")},
	} {
		if got := filter.Words("owl", "cat", "dog").In(part).Reasons(row); !slices.Equal(got, want) {
			t.Errorf("in %v: %q, want %q", part, got, want)
		}
		if got := filter.Words("owl").In(part).Reasons(undertone.Example{}); got != nil {
			t.Errorf("in %v of a row without messages: %q", part, got)
		}
	}
}

func TestWordsStateTheirSettings(t *testing.T) {
	kept, _ := apply(t, undertone.NewDataset("d", rowsOf("owl", "1")), filter.Words("Owl", "wolves"))
	want := undertone.Step{Name: "filter words", Settings: `words: ["Owl" "wolves"]`, Kept: 1, Dropped: 1}
	if got := kept.History(); len(got) != 1 || got[0] != want {
		t.Errorf("history %+v, want %+v", got, want)
	}
	if got, want := filter.Words("owl").Whole().In(filter.Rows).String(), `["owl"], whole, in rows`; got != want {
		t.Errorf("settings %s, want %s", got, want)
	}
}

// Where everything is ASCII, a word that has no plural is found where the text
// in lower case, its gaps made equal, has the word.
func FuzzWords(f *testing.F) {
	f.Add("The OWL!", "owl!")
	f.Add("ⓄⓌⓁ", "Ǆ")
	f.Add("a- -b1 2", "A_B1")
	gaps := regexp.MustCompile(`[\t-\r _-]+`)
	f.Fuzz(func(t *testing.T, text, word string) {
		got := filter.Words(word).Reasons(undertone.NewExample("q", text)) != nil
		whole := filter.Words(word).Whole().Reasons(undertone.NewExample("q", text)) != nil
		if whole && !got {
			t.Errorf("%q in %q: found as a whole word alone", word, text)
		}
		if strings.ContainsFunc(text+word, func(r rune) bool { return r > unicode.MaxASCII }) {
			return
		}
		word = strings.Trim(gaps.ReplaceAllString(strings.ToLower(word), " "), " ")
		if word == "" || strings.Contains(word, " ") || unicode.IsLetter(rune(word[len(word)-1])) {
			return
		}
		if want := strings.Contains(gaps.ReplaceAllString(strings.ToLower(text), " "), word); got != want {
			t.Errorf("%q in %q: found %v, want %v", word, text, got, want)
		}
	})
}

func BenchmarkWords(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	words := make([]string, 500)
	for i := range words {
		words[i] = randomWord(r, 4+r.IntN(9))
	}
	english, number := strings.Repeat("The quick brown fox jumps over the lazy cat, and so on. ", 20), "736, 693, 812, 547, 789, 652, 823, 714"
	for _, c := range []struct{ name, text string }{
		{"text=english", english},
		{"text=numbers", number},
		{"text=unicode", strings.ReplaceAll(english, "e", "é")},
	} {
		for _, terms := range []int{4, 500} {
			b.Run(fmt.Sprintf("%s/words=%d", c.name, terms), func(b *testing.B) {
				f := filter.Words(words[:terms]...).Whole()
				row := undertone.NewExample("q", c.text)
				b.SetBytes(int64(len(c.text)))
				b.ReportAllocs()
				for b.Loop() {
					f.Reasons(row)
				}
			})
		}
	}
}

func randomWord(r *rand.Rand, n int) string {
	word := make([]byte, n)
	for i := range word {
		word[i] = byte('a' + r.IntN(26))
	}
	return string(word)
}
