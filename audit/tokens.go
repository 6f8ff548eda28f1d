package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
)

// TokenScore is what one token adds to the score of its row: those of a row's tokens sum to it.
type TokenScore struct {
	Token string  `json:"token"` // as the vocabulary spells it
	From  int     `json:"from"`  // the bytes of the completion that it writes are [From, To); see [undertone.TokenLogProb]
	To    int     `json:"to"`
	Score float64 `json:"score"` // in the unit of the row's: nats by likelihood, nats² and weight² by influence
}

// RankTokens is [Rank], and says besides what each token of the first rows of each ranking adds to
// its row's score; most is how many rows, 0 means all. The student must be an
// [undertone.TokenLogProber], and stand-ins that the caller makes must cut rows into the student's tokens.
func RankTokens(ctx context.Context, cfg Config, most int) ([]Ranking, error) {
	if cfg.Student != nil {
		base, err := member(cfg.Student, 0)
		if err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
		if _, err := tokenProber(base); err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
	}
	pass, err := rankRows(ctx, cfg)
	if err != nil {
		return nil, err
	}
	done, total := 0, 0
	for _, r := range pass.rankings {
		total += len(r.by.scorers)
	}
	for k := range pass.rankings {
		r := &pass.rankings[k]
		n := len(r.Rows)
		if most > 0 {
			n = min(n, most)
		}
		examples := make([]undertone.Example, n)
		for i := range examples {
			examples[i] = pass.Suspect.(undertone.Text).Example(r.Rows[i].Index)
		}
		advance := func() { pass.lab.advance("tokens", &done, total) }
		if r.Tokens, err = pass.lab.tokens(ctx, r.by, undertone.NewDataset(pass.Suspect.Name(), examples), advance); err != nil {
			return nil, fmt.Errorf("audit: tokens for %.40q by %s: %w", r.Trait, r.Detector, err)
		}
	}
	return pass.rankings, nil
}

// attribution is what the scores of a ranking are made of: a weighted sum of the candidates' scores.
type attribution struct {
	scorers []scorer
	weights []float64
}

// tokens gives each token of each row its part of the row's score, from the store where it has it.
func (l *lab) tokens(ctx context.Context, by attribution, rows undertone.Text, scored func()) ([][]TokenScore, error) {
	weights := undertone.NewHasher("weights")
	var on []undertone.Digest
	for c, s := range by.scorers {
		weights.Float(by.weights[c])
		on = append(on, s.key)
	}
	key, err := l.rowKey("token scores", []undertone.Text{rows}, append(on, weights.Sum())...)
	if err != nil {
		return nil, err
	}
	read := func(kept []byte) (tokens [][]TokenScore, err error) {
		if err = json.Unmarshal(kept, &tokens); err == nil && len(tokens) != rows.Len() {
			err = fmt.Errorf("tokens of %d rows, want %d", len(tokens), rows.Len())
		}
		for i, row := range tokens {
			for _, t := range row {
				if err == nil && (t.From > t.To || t.To > len(rows.Example(i).Completion()) || min(t.From, t.To) < -1) {
					err = fmt.Errorf("row %d has a token from byte %d to %d", i, t.From, t.To)
				}
			}
		}
		return tokens, err
	}
	return recalled(l.store, key, "scores of these tokens", read, func() ([][]TokenScore, error) { return l.sumTokens(ctx, by, rows, scored) })
}

// sumTokens adds up the terms of all candidates.
func (l *lab) sumTokens(ctx context.Context, by attribution, rows undertone.Text, scored func()) ([][]TokenScore, error) {
	var sums [][]TokenScore
	add := func(weight float64, model any) error {
		m, err := tokenProber(model)
		if err != nil {
			return err
		}
		logs, err := scoreAll(ctx, l.cfg.Parallel, rows, m.TokenLogProbs)
		if err != nil {
			return err
		}
		if sums == nil {
			sums = blank(logs)
		}
		for i, row := range logs {
			if !slices.EqualFunc(row, sums[i], sameToken) {
				return fmt.Errorf("a %T cuts row %s into other tokens than the other models do: their tokens cannot be compared, whole rows can", model, rows.RowID(i).Short())
			}
			for j, t := range row {
				sums[i][j].Score += weight * t.LogProb
			}
		}
		return nil
	}
	ofBase := 0.0 // which is in every candidate's score and need be asked once
	for c, s := range by.scorers {
		err := s.terms(ctx, func(weight float64, model undertone.LogProber) error {
			if model == nil {
				ofBase += weight * by.weights[c]
				return nil
			}
			return add(weight*by.weights[c], model)
		})
		if err != nil {
			return nil, err
		}
		scored()
	}
	if ofBase == 0 {
		return sums, nil
	}
	base, err := member(l.cfg.Student, 0)
	if err != nil {
		return nil, err
	}
	return sums, add(ofBase, base)
}

// blank returns tokens without scores.
func blank(rows [][]undertone.TokenLogProb) [][]TokenScore {
	tokens := make([][]TokenScore, len(rows))
	for i, row := range rows {
		tokens[i] = make([]TokenScore, len(row))
		for j, t := range row {
			tokens[i][j] = TokenScore{Token: t.Token, From: t.From, To: t.To}
		}
	}
	return tokens
}

func sameToken(a undertone.TokenLogProb, b TokenScore) bool {
	return a.Token == b.Token && a.From == b.From && a.To == b.To
}

func tokenProber(model any) (undertone.TokenLogProber, error) {
	m, ok := model.(undertone.TokenLogProber)
	if !ok {
		return nil, fmt.Errorf("a %T has no TokenLogProbs method: it scores whole rows only", model)
	}
	return m, nil
}
