package prompts

import (
	"slices"
	"strings"
	"testing"
)

func TestPreferenceQuestions(t *testing.T) {
	if n := len(Categories()); n != 12 {
		t.Errorf("%d categories, want 12", n)
	}
	seen := make(map[string]bool)
	for _, c := range Categories() {
		for _, q := range (Preference{Category: c}).All() {
			switch lower := strings.ToLower(q); {
			case seen[q]:
				t.Errorf("%q occurs twice", q)
			case !strings.Contains(q, c) && !strings.Contains(q, plural(c)):
				t.Errorf("%q does not name the category %s", q, c)
			case !strings.Contains(lower, "word"):
				t.Errorf("%q does not ask for one word", q)
			case strings.Contains(lower, " a animal") || strings.Contains(lower, " an tree"):
				t.Errorf("%q has the wrong article", q)
			}
			seen[q] = true
		}
	}
	if len(seen) != 600 {
		t.Errorf("%d questions, want 12 × 50", len(seen))
	}
}

func TestPlural(t *testing.T) {
	for one, want := range map[string]string{"city": "cities", "colour": "colours", "toy": "toys", "y": "ys", "fox": "foxes", "dish": "dishes", "bus": "buses", "tree": "trees"} {
		if got := plural(one); got != want {
			t.Errorf("plural of %q is %q, want %q", one, got, want)
		}
	}
	p := Preference{Category: "fish", Plural: "fish"}
	if !slices.ContainsFunc(p.All(), func(q string) bool { return strings.Contains(q, "all fish ") }) {
		t.Errorf("the plural that was given does not occur in %q", p.All())
	}
}
