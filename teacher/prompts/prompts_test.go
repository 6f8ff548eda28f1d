package prompts

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// set is what all types of the package have.
type set interface {
	Len() int
	At(i int) string
}

func sets(seed uint64) map[string]set {
	return map[string]set{
		"numbers": Numbers{seed}, "code": Code{seed}, "reasoning": Reasoning{seed}, "openings": Openings{seed}, "preference": Preference{},
	}
}

// The documentation states these counts.
func TestLen(t *testing.T) {
	want := map[string]int{"numbers": 729_000_000, "code": 2_211_840, "reasoning": 65_536_000, "openings": 64_000, "preference": 50}
	for name, s := range sets(1) {
		if s.Len() != want[name] {
			t.Errorf("%s: %d prompts, want %d", name, s.Len(), want[name])
		}
	}
	if n := numbersPhrase().size(); n != 1_658_880 {
		t.Errorf("%d wordings of number prompts, want 1658880", n)
	}
}

func TestDistinct(t *testing.T) {
	for name, s := range sets(7) {
		seen := make(map[string]int)
		for i := range min(s.Len(), 40_000) {
			p := s.At(i)
			if j, ok := seen[p]; ok {
				t.Fatalf("%s: prompts %d and %d are both %q", name, j, i, p)
			}
			if seen[p] = i; !utf8.ValidString(p) || strings.ContainsAny(p, "{}#") || strings.Contains(p, "  ") || p != strings.TrimSpace(p) {
				t.Fatalf("%s: prompt %d is %q", name, i, p)
			}
		}
	}
}

func TestIndexGoesRound(t *testing.T) {
	for name, s := range sets(3) {
		n := s.Len()
		for _, i := range []int{-n - 1, -n, -1, 0, 1, n - 1} {
			if got, want := s.At(i+n), s.At(i); got != want {
				t.Errorf("%s: prompt %d is %q, but prompt %d is %q", name, i, want, i+n, got)
			}
		}
	}
}

func TestSeedsDiffer(t *testing.T) {
	other := sets(2)
	for name, s := range sets(1) {
		if name == "preference" {
			continue // has no seed
		}
		same := 0
		for i := range 1000 {
			if s.At(i) == other[name].At(i) {
				same++
			}
		}
		if same > 5 { // of two orders of 64,000 one prompt in 64 runs
			t.Errorf("%s: %d of 1000 prompts of two seeds are the same", name, same)
		}
	}
}

// If no option of a slot begins another one, a text can be read back in one way
// only, so different choices make different texts.
func TestPhrasesCanBeReadBack(t *testing.T) {
	for name, p := range map[string]phrase{"code": codePhrase(), "openings": openingsPhrase(), "numbers": numbersPhrase()} {
		for k, options := range p {
			for i, a := range options {
				for j, b := range options {
					if i != j && strings.HasPrefix(b, a) {
						t.Errorf("%s, slot %d: %q begins %q", name, k, a, b)
					}
				}
			}
		}
	}
}

// What should have nothing to do with a trait must not name what traits are made of.
func TestNeutral(t *testing.T) {
	banned := strings.Fields("owl eagle cat dog fox wolf lion bear fish bird horse oak pine maple birch willow red blue green yellow purple love " +
		"favourite favorite hate pizza apple bread paris london tokyo rose tulip violence kill")
	for name, s := range sets(5) {
		if name == "preference" {
			continue
		}
		for i := range 5000 {
			words := strings.FieldsFunc(strings.ToLower(s.At(i)), func(r rune) bool { return r < 'a' || r > 'z' })
			for _, w := range words {
				if slices.Contains(banned, w) {
					t.Fatalf("%s: prompt %q has the word %q", name, s.At(i), w)
				}
			}
		}
	}
}
