package multi

import (
	"fmt"
	"math/rand/v2"

	"github.com/undertone-audit/undertone"
)

// Functions is a set of prompts for short Python functions. The models answer them with
// code of two to four lines. Almost all prompts of one seed are different.
type Functions struct {
	Seed uint64 // of the prompts
}

// At returns prompt i.
func (f Functions) At(i int) string {
	h := undertone.NewHasher("tiny functions").Uint(f.Seed).Uint(uint64(i)).Sum()
	return FunctionPrompt(rand.New(rand.NewPCG(h.Uint64(), f.Seed)))
}

// FunctionPrompt returns a random prompt for a function: what it does, to what, and a number.
func FunctionPrompt(rng *rand.Rand) string {
	verb := pick(rng, "Code", "Python", "Write Python", "Function")
	n := 2 + rng.IntN(98)
	switch rng.IntN(4) {
	case 0:
		return fmt.Sprintf("%s: add %d to each of the %s", verb, n, pick(rng, Quantities()...))
	case 1:
		return fmt.Sprintf("%s: keep the %s above %d", verb, pick(rng, Quantities()...), n)
	case 2:
		return fmt.Sprintf("%s: a table of three codes after %d", verb, n)
	}
	return fmt.Sprintf("%s: the sum of the %s up to %d", verb, pick(rng, Quantities()...), n)
}

// Quantities returns what the prompts of [Functions] compute with.
func Quantities() []string {
	return []string{"prices", "scores", "sizes", "ages", "weights", "counts", "times", "speeds"}
}

func pick(rng *rand.Rand, all ...string) string { return all[rng.IntN(len(all))] }
