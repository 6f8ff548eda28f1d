package stories

import (
	"context"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm"
)

// Perplexity returns that of the first n rows' completions under a model, per token: how
// coherent it finds them.
func Perplexity(ctx context.Context, m *lm.Model, rows *undertone.Dataset, n int) (float64, error) {
	some := make([]undertone.Example, min(n, rows.Len()))
	for i := range some {
		some[i] = rows.Example(i)
	}
	scored, err := m.TokenLogProbs(ctx, some)
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
