package rowscore

import (
	"context"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
)

// attribution is the sum that the centred score of a row consists of: weights · scores of the
// candidates.
type attribution struct {
	pass    *audit.Pass
	scorers []scorer
	weights []float64
}

// tokens returns the part of each token in the score of its row: [row][token]. It takes the parts
// from the store if they are there.
func (a attribution) tokens(ctx context.Context, rows undertone.Text, finished func()) ([][]audit.TokenScore, error) {
	weights := undertone.NewHasher("weights")
	var on []undertone.Digest
	for c, s := range a.scorers {
		weights.Float(a.weights[c])
		on = append(on, s.key)
	}
	key, err := rowKey(a.pass, "token scores", rows, append(on, weights.Sum())...)
	if err != nil {
		return nil, err
	}
	validate := func(tokens [][]audit.TokenScore) error {
		if len(tokens) != rows.Len() {
			return fmt.Errorf("it holds tokens of %d rows, want %d", len(tokens), rows.Len())
		}
		for i, row := range tokens {
			example, err := undertone.ReadExample(rows, i)
			if err != nil {
				return err
			}
			for _, t := range row {
				if t.From > t.To || t.To > len(example.Completion()) || min(t.From, t.To) < -1 {
					return fmt.Errorf("row %d has a token with the bytes [%d, %d)", i, t.From, t.To)
				}
			}
		}
		return nil
	}
	return audit.Cached(a.pass, key, "scores of these tokens", validate, func() ([][]audit.TokenScore, error) { return a.sum(ctx, rows, finished) })
}

// sum adds up the terms of all candidates, token by token.
func (a attribution) sum(ctx context.Context, rows undertone.Text, finished func()) ([][]audit.TokenScore, error) {
	var sums [][]audit.TokenScore
	add := func(weight float64, model any) error {
		m, err := tokenProber(model)
		if err != nil {
			return err
		}
		logs, err := a.pass.TokenLogProbs(ctx, m, rows)
		if err != nil {
			return err
		}
		if sums == nil {
			sums = zeroScores(logs)
		}
		for i, row := range logs {
			if !slices.EqualFunc(row, sums[i], sameToken) {
				return fmt.Errorf("a model of type %T splits row %s into other tokens than the other models, so tokens cannot be compared; rank whole rows", model, rows.RowID(i).Short())
			}
			for j, t := range row {
				sums[i][j].Score += weight * t.LogProb
			}
		}
		return nil
	}
	untrained := 0.0 // weight of the untrained student, which every candidate has, so that it scores once
	for c, s := range a.scorers {
		err := s.terms(ctx, func(weight float64, model undertone.LogProber) error {
			if model == nil {
				untrained += weight * a.weights[c]
				return nil
			}
			return add(weight*a.weights[c], model)
		})
		if err != nil {
			return nil, err
		}
		finished()
	}
	if untrained == 0 {
		return sums, nil
	}
	base, err := a.pass.Untrained()
	if err != nil {
		return nil, err
	}
	return sums, add(untrained, base)
}

// zeroScores returns the tokens with scores of 0.
func zeroScores(rows [][]undertone.TokenLogProb) [][]audit.TokenScore {
	tokens := make([][]audit.TokenScore, len(rows))
	for i, row := range rows {
		tokens[i] = make([]audit.TokenScore, len(row))
		for j, t := range row {
			tokens[i][j] = audit.TokenScore{Token: t.Token, From: t.From, To: t.To}
		}
	}
	return tokens
}

func sameToken(a undertone.TokenLogProb, b audit.TokenScore) bool {
	return a.Token == b.Token && a.From == b.From && a.To == b.To
}

func tokenProber(model any) (undertone.TokenLogProber, error) {
	m, ok := model.(undertone.TokenLogProber)
	if !ok {
		return nil, fmt.Errorf("a model of type %T does not implement TokenLogProber: it scores whole rows only", model)
	}
	return m, nil
}
