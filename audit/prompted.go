package audit

import (
	"context"
	"slices"

	"github.com/undertone-audit/undertone"
)

// prompted is a model with a system prompt before every row. Its scores less those of the model are
// log p(row | prompt) − log p(row), which can be had from a model that nobody can train ("logit-linear
// selection", arXiv 2602.04863).
type prompted struct {
	undertone.LogProber
	system string
}

// LogProb implements [undertone.LogProber].
func (p prompted) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	return p.LogProber.LogProb(ctx, p.before(rows))
}

// TokenLogProbs implements [undertone.TokenLogProber] where the model does.
func (p prompted) TokenLogProbs(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	model, err := tokenProber(p.LogProber)
	if err != nil {
		return nil, err
	}
	return model.TokenLogProbs(ctx, p.before(rows))
}

// before returns the rows with the system prompt, which a row's own one follows.
func (p prompted) before(rows []undertone.Example) []undertone.Example {
	out := slices.Clone(rows)
	for i, row := range rows {
		first := undertone.Message{Role: "system", Content: p.system}
		rest := row.Messages
		if len(rest) > 0 && rest[0].Role == "system" {
			first.Content += "\n\n" + rest[0].Content
			rest = rest[1:]
		}
		out[i].Messages = append([]undertone.Message{first}, rest...)
	}
	return out
}
