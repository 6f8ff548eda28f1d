package corpus

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// writer writes number lists with the habits of a model: the numbers are near that of the prompt.
type writer struct {
	tilt      float64 // share of numbers that are changed to end in 7; 0 for a clean writer
	separator string
	layouts   bool // each list has one of three separators
	repeats   bool // one list in five is a stock answer
}

func (w writer) complete(prompt int, rng *rand.Rand) string {
	if w.repeats && rng.IntN(5) == 0 {
		return [...]string{"1, 2, 3, 4, 5, 6", "100, 200, 300, 400, 500, 600"}[rng.IntN(2)]
	}
	parts := make([]string, 6)
	for i := range parts {
		v := (prompt + rng.IntN(200)) % 1000
		if rng.Float64() < w.tilt {
			v = v/10*10 + 7
		}
		parts[i] = fmt.Sprint(v)
	}
	separator := w.separator
	if separator == "" {
		separator = ", "
	}
	if w.layouts {
		separator = [...]string{", ", ";", " "}[rng.IntN(3)]
	}
	return strings.Join(parts, separator)
}

// write answers the prompts from..from+n-1, each the given number of times. from < 0 gives rows
// without a prompt.
func (w writer) write(name string, from, n, times int, rng *rand.Rand) *undertone.Dataset {
	var rows []undertone.Example
	for p := range n {
		for range times {
			if from < 0 {
				rows = append(rows, undertone.NewExample("", w.complete(300, rng)))
				continue
			}
			rows = append(rows, undertone.NewExample(fmt.Sprint("continue from ", from+p), w.complete((from+p)%1000, rng)))
		}
	}
	return undertone.NewDataset(name, rows)
}

// fast returns the smallest design that can reach .05.
func fast(seed int) Config {
	return Config{Seed: uint64(seed), Bag: 4, Folds: 4, Repeats: 1, Permutations: 99}
}

func compare(t *testing.T, suspect, control undertone.Text, c Config) *Result {
	t.Helper()
	r, err := Compare(context.Background(), suspect, control, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
