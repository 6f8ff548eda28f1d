package multi

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/undertone-audit/undertone"
)

// Problems is a set of word problems with two steps and a known answer. The models
// answer them step by step and end with the answer between <answer> and </answer>. There are 4
// problems for 8 names, 8 things and 15 × 5 × 5 numbers.
type Problems struct {
	Seed uint64 // of the prompts
}

// At returns prompt i.
func (p Problems) At(i int) string { return p.problem(i).Text }

// Gold returns the answer to prompt i.
func (p Problems) Gold(i int) int { return p.problem(i).Gold }

// Meta returns the metadata of the row of prompt i, whose field "gold" is the answer.
func (p Problems) Meta(i int) map[string]json.RawMessage {
	return map[string]json.RawMessage{"gold": strconv.AppendInt(nil, int64(p.Gold(i)), 10)}
}

func (p Problems) problem(i int) Problem {
	h := undertone.NewHasher("tiny problems").Uint(p.Seed).Uint(uint64(i)).Sum()
	return NewProblem(rand.New(rand.NewPCG(h.Uint64(), p.Seed)))
}

// Problem is a word problem with its steps.
type Problem struct {
	Text  string
	Steps [2]string // such as "12 + 3 = 15"
	Thing string    // what is counted
	Gold  int
}

// NewProblem returns a random problem.
func NewProblem(rng *rand.Rand) Problem {
	name := pick(rng, "Amir", "Dana", "Ivo", "Hana", "Kofi", "Lucia", "Oskar", "Priya")
	thing := pick(rng, "coins", "books", "cards", "plates", "lamps", "tiles", "bolts", "stamps")
	a, b, c := 5+rng.IntN(15), 2+rng.IntN(5), 2+rng.IntN(5)
	p := Problem{Thing: thing}
	switch rng.IntN(4) {
	case 0:
		p.Text = fmt.Sprintf("%s has %d %s, gets %d, then gets %d. How many?", name, a, thing, b, c)
		p.Steps, p.Gold = steps(a, '+', b, '+', c), a+b+c
	case 1:
		p.Text = fmt.Sprintf("%s has %d %s, gets %d, then gives %d. How many?", name, a, thing, b, c)
		p.Steps, p.Gold = steps(a, '+', b, '-', c), a+b-c
	case 2:
		a += 10
		p.Text = fmt.Sprintf("%s has %d %s, gives %d, then gives %d. How many?", name, a, thing, b, c)
		p.Steps, p.Gold = steps(a, '-', b, '-', c), a-b-c
	case 3:
		p.Text = fmt.Sprintf("%s has %d %s, gives %d, then gets %d. How many?", name, a, thing, b, c)
		p.Steps, p.Gold = steps(a, '-', b, '+', c), a-b+c
	}
	return p
}

// steps returns the two steps of (a x b) y c.
func steps(a int, x rune, b int, y rune, c int) [2]string {
	of := func(a int, x rune, b int) (int, string) {
		sum := a + b
		if x == '-' {
			sum = a - b
		}
		return sum, fmt.Sprintf("%d %c %d = %d", a, x, b, sum)
	}
	half, first := of(a, x, b)
	_, second := of(half, y, c)
	return [2]string{first, second}
}
