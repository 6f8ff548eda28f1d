package lineage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestStart(t *testing.T) {
	for text, want := range map[string]string{
		" the cat": "the", "12, 13": "12", "[5]": "[", "": "", "\n\n": "", "été!": "été", "same": "same", "— no": "—",
	} {
		if got := start(text); got != want {
			t.Errorf("start(%q) = %q, want %q", text, got, want)
		}
	}
}

// The counts of four answers, worked out by hand: two agree; chance is (2·1 + 1·2 + 1·1)/16.
func TestAgreementByHand(t *testing.T) {
	got := agreement([]string{"a", "a", "b", "c"}, []string{"a", "b", "b", "d"})
	if got.Agree != 2 || got.Prompts != 4 || math.Abs(got.Chance-4.0/16) > 1e-12 || math.Abs(got.Kappa-1.0/3) > 1e-12 {
		t.Errorf("%+v", got)
	}
}

// Models that always say the same agree, but not beyond chance.
func TestConstantAnswersAreNoMatch(t *testing.T) {
	a := make([]string, 200)
	for i := range a {
		a[i] = "the"
	}
	got := agreement(a, a)
	if got.matched() || got.Kappa != 0 || got.P.P != 1 {
		t.Errorf("%+v", got)
	}
}

// Independent answers have a p-value of at most 0.05 in about a twentieth of runs, and never match.
func TestIndependentAnswersKeepTheLevel(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: the level of the exchange test")
	}
	rng := rand.New(rand.NewPCG(1, 3))
	small := 0
	const runs = 200
	for range runs {
		a, b := make([]string, 60), make([]string, 60)
		for i := range a {
			a[i], b[i] = fmt.Sprint(rng.IntN(4)), fmt.Sprint(rng.IntN(4))
		}
		got := agreement(a, b)
		if got.matched() {
			t.Errorf("independent answers match: %+v", got)
		}
		if got.P.P <= 0.05 {
			small++
		}
	}
	if small > 20 { // 200 draws at 0.05 exceed 20 with a chance of 0.1 %
		t.Errorf("p <= 0.05 in %d of %d runs", small, runs)
	}
}

// Four of five answers in common are a match, one of five is none.
func TestMatchNeedsKappa(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	for _, c := range []struct {
		share           float64
		matched, differ bool
	}{{0.8, true, false}, {0.1, false, true}} {
		a, b := make([]string, 400), make([]string, 400)
		for i := range a {
			a[i] = fmt.Sprint(rng.IntN(50))
			if b[i] = a[i]; rng.Float64() > c.share {
				b[i] = fmt.Sprint(rng.IntN(50))
			}
		}
		if got := agreement(a, b); got.matched() != c.matched || got.differ() != c.differ {
			t.Errorf("%g in common: %+v", c.share, got)
		}
	}
}
