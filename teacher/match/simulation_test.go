package match

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/undertone-audit/undertone"
)

// scene writes arms with two rows per prompt. Rows depend on their prompt, so they are neither
// independent nor identically distributed; the arms are exchangeable. The suspect writes one word
// in a share of lift of its positions, and another separator in a share of lift of its rows.
func scene(rng *rand.Rand, lift float64) (suspect, control *undertone.Dataset) {
	write := func(favourite int, lift float64) string {
		text, separator := "", ", "
		if rng.Float64() < lift+0.1*float64(favourite%5) {
			separator = ";"
		}
		for i := range 4 + favourite%5 {
			v := favourite
			switch u := rng.Float64(); {
			case u < lift:
				v = 7
			case u < 0.7:
				v = rng.IntN(40)
			}
			if i > 0 {
				text += separator
			}
			text += fmt.Sprint(v)
		}
		return text
	}
	var arms [2][]undertone.Example
	for p := range 40 {
		favourite := rng.IntN(40)
		for k := range arms {
			for range 2 {
				arms[k] = append(arms[k], undertone.NewExample(fmt.Sprint("q", p), write(favourite, lift*float64(1-k))))
			}
		}
	}
	return undertone.NewDataset("s", arms[0]), undertone.NewDataset("k", arms[1])
}

// In pairs without a difference each divergence has p <= .05, some category has an adjusted p <=
// .05, and something is found, with probability .05 at most. With a difference nearly all are
// found.
func TestErrorRates(t *testing.T) {
	rates := func(lift float64, pairs int) map[string]float64 {
		rng := rand.New(rand.NewPCG(3, uint64(1000*lift)))
		r := make(map[string]float64)
		for i := range pairs {
			s, k := scene(rng, lift)
			c, err := mustPair(t, s, k).Confounds(Settings{Permutations: 99, Seed: uint64(i), Top: 1})
			if err != nil {
				t.Fatal(err)
			}
			for what, hit := range map[string]bool{
				"lengths": c.Length.Divergence.P.P <= 0.05, "formats": c.Formats.Divergence.P.P <= 0.05, "words": c.Words.Divergence.P.P <= 0.05,
				"first words": c.FirstWords.Divergence.P.P <= 0.05, "a word": c.Words.Top[0].P.P <= 0.05, "found": len(c.Found) > 0,
			} {
				if hit {
					r[what] += 1 / float64(pairs)
				}
			}
		}
		return r
	}
	const pairs = 400
	limit := 0.05 + 3*math.Sqrt(0.05*0.95/pairs)
	null := rates(0, pairs)
	for what, rate := range null {
		if rate > limit {
			t.Errorf("no difference: %s: %.3f, want at most %.3f", what, rate, limit)
		}
	}
	// The divergences of words and lengths are nearly continuous, so they reject with nearly α.
	if null["words"] < 0.02 || null["lengths"] < 0.02 {
		t.Errorf("no difference: %v: a test that never rejects has no level", null)
	}
	planted := rates(0.25, 40)
	t.Logf("no difference: %.3v\nplanted: %.3v", null, planted)
	for _, what := range []string{"formats", "words", "a word", "found"} {
		if planted[what] < 0.95 {
			t.Errorf("planted difference: %s: %.3f, want at least .95", what, planted[what])
		}
	}
}
