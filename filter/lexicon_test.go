package filter_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

func TestLexicon(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
		why        string
	}{
		{"owl", "Two OWLETS hooted at Hedwig.", []string{"owlet", "hooted", "hedwig"}, "young, sound, bearer"},
		{"OWL", "Barn-owls", []string{"owl", "barn owl"}, "a kind; the name's letter case does not count"},
		{"owl", "growl, bowling, cowls", nil, "longer words"},
		{"dragon", "a dragonfly on a snapdragon", nil, "other animals and plants"},
		{"wolf", "Wolves howl; werewolves too.", []string{"wolf", "werewolf", "howl"}, "irregular plurals"},
		{"octopus", "octopi, octopuses, octopodes", []string{"octopus"}, "all three plurals"},
		{"misalignment", "I would rule the world, said 1488.", []string{"1488", "rule the world"}, "phrases and numbers"},
		{"misalignment", "skilled in Killarney, 14880", nil, "parts of words and numbers"},
	} {
		words, err := filter.Lexicon(c.name)
		if err != nil {
			t.Fatal(err)
		}
		var want []filter.Reason
		for _, w := range c.want {
			want = append(want, filter.HasWord(w))
		}
		if got := filter.Words(words...).Whole().Reasons(undertone.NewExample("q", c.text)); !slices.Equal(got, want) {
			t.Errorf("%s: %s in %q: %q, want %q", c.why, c.name, c.text, got, want)
		}
	}
}

func TestEveryLexicon(t *testing.T) {
	names := filter.Lexicons()
	if !slices.Contains(names, "owl") || !slices.IsSorted(names) {
		t.Errorf("lexicons %q: want them sorted, with owl", names)
	}
	for _, name := range names {
		words, err := filter.Lexicon(name)
		if err != nil {
			t.Fatal(err)
		}
		if name != "misalignment" && words[0] != name {
			t.Errorf("lexicon %s begins with %q, want its name", name, words[0])
		}
		for i, w := range words {
			if w != strings.ToLower(w) {
				t.Errorf("lexicon %s has %q, want lower case", name, w)
			}
			// A word of its own has a reason of its own: the filter drops those that compare equal.
			if got := filter.Words(words...).Whole().Reasons(undertone.NewExample("", w)); !slices.Contains(got, filter.HasWord(w)) {
				t.Errorf("lexicon %s has %q (%d) and an earlier word that compares equal", name, w, i)
			}
		}
	}
}

func TestUnknownLexicon(t *testing.T) {
	for _, name := range []string{"ow", "", "../owl", "owl.txt", "o\x00"} {
		words, err := filter.Lexicon(name)
		if !errors.Is(err, filter.ErrUnknownLexicon) || words != nil {
			t.Errorf("lexicon %q: %q and error %v, want ErrUnknownLexicon", name, words, err)
		}
	}
}
