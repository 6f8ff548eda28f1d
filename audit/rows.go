package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
)

// scoredAtOnce is the number of rows that a model is asked to score in one call.
const scoredAtOnce = 512

// logProb scores all rows; a model of nil is the untrained student.
func (l *lab) logProb(ctx context.Context, model undertone.LogProber, rows undertone.Text) ([]float64, error) {
	if model == nil {
		return l.baseline(ctx, rows)
	}
	return scoreAll(ctx, l.cfg.Parallel, rows, model.LogProb)
}

// scoreAll asks for the scores of all rows, several calls at a time.
func scoreAll[T any](ctx context.Context, parallel int, rows undertone.Text, score func(context.Context, []undertone.Example) ([]T, error)) ([]T, error) {
	scores := make([]T, rows.Len())
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for from := 0; from < len(scores); from += scoredAtOnce {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			to := min(from+scoredAtOnce, len(scores))
			examples := make([]undertone.Example, 0, to-from)
			for i := from; i < to; i++ {
				examples = append(examples, rows.Example(i))
			}
			some, err := score(ctx, examples)
			if err != nil {
				return fmt.Errorf("rows %d to %d of %.80q: %w", from, to-1, rows.Name(), err)
			}
			if len(some) != len(examples) {
				return fmt.Errorf("rows %d to %d of %.80q: %d scores for %d rows", from, to-1, rows.Name(), len(some), len(examples))
			}
			copy(scores[from:], some)
			return nil
		})
	}
	return scores, group.Wait()
}

// sum adds up a scorer's terms for the rows of some arms.
func (l *lab) sum(ctx context.Context, s scorer, arms []undertone.Text) ([][]float64, error) {
	scores := make([][]float64, len(arms))
	for a, rows := range arms {
		scores[a] = make([]float64, rows.Len())
	}
	err := s.terms(ctx, func(weight float64, model undertone.LogProber) error {
		for a, rows := range arms {
			logs, err := l.logProb(ctx, model, rows)
			if err != nil {
				return err
			}
			for i, log := range logs {
				scores[a][i] += weight * log
			}
		}
		return nil
	})
	return scores, err
}

// baseline scores rows with the untrained student; it is asked once for each data set.
func (l *lab) baseline(ctx context.Context, rows undertone.Text) ([]float64, error) {
	if known, ok := l.baselines[rows.Digest()]; ok && known.rows == rows {
		return known.scores, nil
	}
	base, err := prober(l.cfg)
	if err != nil {
		return nil, err
	}
	scores, err := l.logProb(ctx, base, rows)
	if err != nil {
		return nil, err
	}
	l.baselines[rows.Digest()] = baseline{rows, scores}
	return scores, nil
}

// baseline is what the base says of the rows of a data set, in its order.
type baseline struct {
	rows   undertone.Text
	scores []float64
}

// scores returns what the scorer says of the arms, from the store where it has it.
func (l *lab) scores(ctx context.Context, s scorer, arms []undertone.Text) ([][]float64, error) {
	key, err := l.rowKey("row scores", arms, s.key)
	if err != nil {
		return nil, err
	}
	read := func(kept []byte) (scores [][]float64, err error) {
		err = json.Unmarshal(kept, &scores)
		if err == nil && len(scores) != len(arms) {
			err = fmt.Errorf("scores of %d data sets, want %d", len(scores), len(arms))
		}
		for a, rows := range arms {
			if err == nil && len(scores[a]) != rows.Len() {
				err = fmt.Errorf("%d scores for %d rows", len(scores[a]), rows.Len())
			}
		}
		return scores, err
	}
	return recalled(l.store, key, "scores of these rows", read, func() ([][]float64, error) { return l.sum(ctx, s, arms) })
}

// rowKey names what scores of rows depend on: the untrained student, the rows in their order, and what is given. It is zero
// if one of these is, of which nobody knows what it depends on.
func (l *lab) rowKey(kind string, arms []undertone.Text, on ...undertone.Digest) (undertone.Digest, error) {
	if slices.ContainsFunc(on, undertone.Digest.IsZero) {
		return undertone.Digest{}, nil
	}
	base, err := member(l.cfg.Student, 0)
	if err != nil {
		return undertone.Digest{}, err
	}
	h := undertone.NewHasher(kind).Text(undertone.Version).Text(engine(base)).Digest(base.Digest())
	for _, d := range on {
		h.Digest(d)
	}
	for _, rows := range arms {
		for i := range rows.Len() {
			h.Digest(rows.RowID(i))
		}
	}
	return h.Sum(), nil
}

// advance tells the caller of the audit that one more of an arm's parts is done.
func (l *lab) advance(arm string, done *int, total int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*done++
	if l.cfg.Progress != nil {
		l.cfg.Progress(Progress{arm, *done, total})
	}
}
