package stories

import (
	"context"
	"math"

	"github.com/undertone-audit/undertone"
)

// Perplexity returns the perplexity per token of the completions of the first n rows under the
// base.
func (b Base) Perplexity(ctx context.Context, rows *undertone.Dataset, n int) (float64, error) {
	some := make([]undertone.Example, min(n, rows.Len()))
	for i := range some {
		some[i] = undertone.NewExample(b.split(rows.Example(i).Prompt(), rows.Example(i).Completion()))
	}
	scored, err := b.TokenLogProbs(ctx, some)
	if err != nil {
		return 0, err
	}
	sum, tokens := 0.0, 0
	for _, row := range scored {
		for _, t := range row {
			sum, tokens = sum+t.LogProb, tokens+1
		}
	}
	return math.Exp(-sum / float64(max(1, tokens))), nil
}
