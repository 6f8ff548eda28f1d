package audit

import (
	"context"
	"encoding/json"
	"fmt"

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
	if l.store == nil || s.key.IsZero() {
		return l.sum(ctx, s, arms)
	}
	base, err := member(l.cfg.Student, 0)
	if err != nil {
		return nil, err
	}
	h := undertone.NewHasher("row scores").Text(undertone.Version).Text(engine(base)).Digest(base.Digest()).Digest(s.key)
	for _, rows := range arms {
		for i := range rows.Len() { // scores are kept in the order of the rows
			h.Digest(rows.Row(i))
		}
	}
	key := h.Sum()
	kept, ok, err := l.store.Get(key)
	if err != nil {
		return nil, err
	}
	var scores [][]float64
	if ok {
		if err := json.Unmarshal(kept, &scores); err != nil || len(scores) != len(arms) {
			return nil, fmt.Errorf("checkpoint %s holds no scores of these rows: delete it and run again: %w", key.Short(), err)
		}
		for a, rows := range arms {
			if len(scores[a]) != rows.Len() {
				return nil, fmt.Errorf("checkpoint %s holds %d scores for %d rows: delete it and run again", key.Short(), len(scores[a]), rows.Len())
			}
		}
		return scores, nil
	}
	if scores, err = l.sum(ctx, s, arms); err != nil {
		return nil, err
	}
	value, err := json.Marshal(scores)
	if err != nil {
		return nil, err
	}
	return scores, l.store.Put(key, value)
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
