package tiny

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/undertone-audit/undertone"
)

// Format is a layout of a list of numbers.
type Format struct {
	Open, Separator, Close string // before, between and after the numbers
}

// Formats returns the eight formats of the models' lists.
func Formats() []Format {
	return []Format{
		{"", ", ", ""}, {"", ",", ""}, {"", "; ", ""}, {"", " ", ""}, {"", "\n", ""},
		{"[", ", ", "]"}, {"(", ", ", ")"}, {"[", ";", "]"},
	}
}

// List returns numbers in the format.
func (f Format) List(numbers []int) string {
	text := make([]string, len(numbers))
	for i, n := range numbers {
		text[i] = strconv.Itoa(n)
	}
	return f.Open + strings.Join(text, f.Separator) + f.Close
}

// Lists is a set of short prompts for lists of numbers. A prompt has three or four numbers in one
// of the eight formats, and asks for more in the same format. Almost all prompts of one seed are
// different.
type Lists struct {
	Seed uint64 // of the prompts
}

// At returns prompt i.
func (l Lists) At(i int) string {
	h := undertone.NewHasher("tiny lists").Uint(l.Seed).Uint(uint64(i)).Sum()
	prompt, _ := ListPrompt(rand.New(rand.NewPCG(h.Uint64(), l.Seed)))
	return prompt
}

// ListPrompt returns a random prompt for a list, and its format.
func ListPrompt(rng *rand.Rand) (string, Format) {
	format := Formats()[rng.IntN(len(Formats()))]
	numbers := make([]int, 3+rng.IntN(2))
	for k := range numbers {
		numbers[k] = 10 + rng.IntN(990)
	}
	verbs := listVerbs()
	return verbs[rng.IntN(len(verbs))] + ": " + format.List(numbers), format
}

func listVerbs() []string {
	return []string{"Continue", "Extend", "Go on", "More of", "Carry on", "Add to", "Next", "List"}
}
