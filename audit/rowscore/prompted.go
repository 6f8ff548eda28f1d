package rowscore

import (
	"context"
	"slices"

	"github.com/undertone-audit/undertone"
)

// prompted is a model with a system prompt before every row. Its scores minus those of the model
// are log p(row | prompt) − log p(row), which needs no training ("logit-linear selection", arXiv
// 2602.04863).
type prompted struct {
	undertone.LogProber
	system string
}

// LogProb implements [undertone.LogProber].
func (p prompted) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	return p.LogProber.LogProb(ctx, p.prepend(rows))
}

// TokenLogProbs implements [undertone.TokenLogProber] if the model does.
func (p prompted) TokenLogProbs(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	model, err := tokenProber(p.LogProber)
	if err != nil {
		return nil, err
	}
	return model.TokenLogProbs(ctx, p.prepend(rows))
}

// prepend returns the rows with the system prompt. The system prompt of a row follows it.
func (p prompted) prepend(rows []undertone.Example) []undertone.Example {
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
