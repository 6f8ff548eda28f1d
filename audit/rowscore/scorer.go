package rowscore

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
)

// scorer gives each row a score for one candidate: a weighted sum of its log-likelihoods under
// several models.
type scorer struct {
	unit string
	kind string           // of the surrogates; "" if there is one kind
	key  undertone.Digest // of what the scores depend on besides the untrained student and the rows; zero: unknown, scores are not stored

	// terms passes each model with its weight to add. A nil model is the untrained student.
	terms func(ctx context.Context, add addTerm) error

	// measuresOvert says that the scores of overt rows are a unit for those of other rows: scores
	// add up over rows as their influence on the student does.
	measuresOvert bool

	// regressed says that scores are log-likelihood ratios, which are centred by [regression];
	// other scores are centred by [subtractMean].
	regressed bool
}

// addTerm receives one term of the sum of a scorer.
type addTerm func(weight float64, model undertone.LogProber) error

// scores returns the score of every row of the given data sets: [data set][row]. It takes those of
// a data set from the store if they are there, so that several audits with one control score its
// rows once.
func (s scorer) scores(ctx context.Context, pass *audit.Pass, data []undertone.Text) ([][]float64, error) {
	keys := make([]undertone.Digest, len(data))
	for d, rows := range data {
		var err error
		if keys[d], err = rowKey(pass, "row scores", rows, s.key); err != nil {
			return nil, err
		}
	}
	validate := func(d int, scores []float64) error {
		if len(scores) != data[d].Len() {
			return fmt.Errorf("it holds %d scores for %d rows", len(scores), data[d].Len())
		}
		return nil
	}
	return audit.CachedEach(pass, keys, "scores of these rows", validate, func(missing []int) ([][]float64, error) {
		var left []undertone.Text
		for _, d := range missing {
			left = append(left, data[d])
		}
		return s.sum(ctx, pass, left)
	})
}

// sum adds up the terms of the scorer for the rows of the data sets.
func (s scorer) sum(ctx context.Context, pass *audit.Pass, data []undertone.Text) ([][]float64, error) {
	scores := make([][]float64, len(data))
	for d, rows := range data {
		scores[d] = make([]float64, rows.Len())
	}
	err := s.terms(ctx, func(weight float64, model undertone.LogProber) error {
		for d, rows := range data {
			logs, err := pass.LogProb(ctx, model, rows)
			if err != nil {
				return err
			}
			for i, log := range logs {
				scores[d][i] += weight * log
			}
		}
		return nil
	})
	return scores, err
}

// rowKey returns the key of scores in the store: it covers the untrained student, the rows in their
// order, and the given digests. It is zero if one of these is zero, that is unknown.
func rowKey(pass *audit.Pass, kind string, rows undertone.Text, on ...undertone.Digest) (undertone.Digest, error) {
	h, err := pass.Key(kind)
	if err != nil {
		return undertone.Digest{}, err
	}
	for _, d := range on {
		if d.IsZero() {
			return undertone.Digest{}, nil
		}
		h.Digest(d)
	}
	for i := range rows.Len() {
		h.Digest(rows.RowID(i))
	}
	return h.Sum(), nil
}
