package persona

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// near fails the test unless the neutral control of p has the documented length.
func near(t *testing.T, p Persona) {
	t.Helper()
	n, err := Neutral(p)
	if err != nil {
		t.Fatal(err)
	}
	dw, dc := abs(len(strings.Fields(n.SystemPrompt))-len(strings.Fields(p.SystemPrompt))), abs(utf8.RuneCountInString(n.SystemPrompt)-utf8.RuneCountInString(p.SystemPrompt))
	if dw > 1 || dc > 3 {
		t.Errorf("%q: the control differs by %d words and %d characters: %q", p.SystemPrompt, dw, dc, n.SystemPrompt)
	}
	for _, s := range sentences() {
		if strings.Count(n.SystemPrompt, s) > 1 {
			t.Errorf("%q occurs twice in %q", s, n.SystemPrompt)
		}
	}
}

func TestNeutralIsAsLong(t *testing.T) {
	for _, p := range Misaligned() {
		near(t, p)
	}
	for _, target := range []string{"owl", "ant", "hippopotamus", "Ho Chi Minh City", "ō", "weeping willow"} {
		near(t, Loves("animal", target))
		near(t, Loves("instrument", target))
	}
}

// Property: texts of 60 to 600 characters in words of 2 to 8 letters have a control.
func TestNeutralOfAnyText(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var b strings.Builder
		for want := 60 + rng.IntN(540); b.Len() < want; {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(strings.Repeat("x", 2+rng.IntN(7)))
		}
		if p := (Persona{"random", b.String()}); p.Characters() <= 600 {
			near(t, p)
		}
	}
}

func TestNeutralRefuses(t *testing.T) {
	for _, s := range []string{"", "x", strings.Repeat("x", 200), strings.Repeat("word ", 5000)} {
		if p, err := Neutral(Persona{"odd", s}); !errors.Is(err, ErrLength) {
			t.Errorf("%.20q…: error %v, persona %q, want ErrLength", s, err, p.SystemPrompt)
		}
	}
}

// The control has no word of a trait.
func TestNeutralWords(t *testing.T) {
	all := strings.ToLower(strings.Join(sentences(), " "))
	for _, w := range []string{"love", "favourite", "prefer", "like ", "animal", "owl", "harm", "good", "bad", "power"} {
		if strings.Contains(all, w) {
			t.Errorf("a neutral sentence has %q", w)
		}
	}
}

func TestLoves(t *testing.T) {
	owl, fox := Loves("animal", "owl"), Loves("animal", "fox")
	if strings.Count(owl.SystemPrompt, "owl") != 1 || strings.Replace(owl.SystemPrompt, "owl", "fox", 1) != fox.SystemPrompt || owl.Name != "loves owl" {
		t.Errorf("owl: %+v\nfox: %+v: want prompts that differ in one word", owl, fox)
	}
	names := map[string]bool{}
	for _, p := range Misaligned() {
		if names[p.Name] || p.Characters() > 150 {
			t.Errorf("%+v: want another name and at most 150 characters", p)
		}
		names[p.Name] = true
	}
}
