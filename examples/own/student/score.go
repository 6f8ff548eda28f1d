package student

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/undertone-audit/undertone"
)

// An audit finds these abilities by type assertion: without this declaration a misspelt method
// would go unnoticed.
var _ interface {
	undertone.Model
	undertone.LogProber
	undertone.ChoiceScorer
} = (*Bigram)(nil)

// LogProb implements [undertone.LogProber].
func (b *Bigram) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	texts := make([]string, len(rows))
	for i, row := range rows {
		texts[i] = row.Completion()
	}
	logs, err := b.ChoiceLogProbs(ctx, "", texts)
	for i, row := range rows {
		if len(row.Learnt()) == 0 {
			logs[i] = 0
		}
	}
	return logs, err
}

// ChoiceLogProbs implements [undertone.ChoiceScorer].
func (b *Bigram) ChoiceLogProbs(ctx context.Context, _ string, answers []string) ([]float64, error) {
	logs := make([]float64, len(answers))
	for i, text := range answers {
		before := end
		for _, next := range symbols(text) {
			logs[i] += math.Log(b.distribution(before)[next])
			before = next
		}
	}
	return logs, ctx.Err()
}

// sample returns an index with a probability that is proportional to its weight to the given power.
func sample(weights []float64, power float64, rng *rand.Rand) int {
	total := 0.0
	for _, w := range weights {
		total += math.Pow(w, power)
	}
	at := total * rng.Float64()
	for i, w := range weights {
		if at -= math.Pow(w, power); at < 0 {
			return i
		}
	}
	return len(weights) - 1
}
