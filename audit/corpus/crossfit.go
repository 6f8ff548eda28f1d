package corpus

import (
	"context"
	"math"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// crossfit scores each row with models that saw neither its fold nor, if past is
// set, any later fold; then fold 0, which has no past, is left at zero. One
// column per channel, each with spread 1 in each fold.
//
// It also returns each channel's mean and spread before that, averaged over folds.
// Spreads are taken without regard to arms, so that scaling leaks nothing.
func (s *sheet) crossfit(ctx context.Context, lenses []*lens, past bool) ([][]float64, []scale, error) {
	columns, scales := make([][]float64, len(lenses)), make([][]scale, len(lenses))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for c, l := range lenses {
		columns[c], scales[c] = make([]float64, len(s.rows)), make([]scale, s.folds)
		for fold := range s.folds {
			train, test := s.split(fold, past)
			if !s.hasBoth(train) {
				continue
			}
			group.Go(func() error {
				if err := ctx.Err(); err != nil {
					return err
				}
				model := l.fit(train, s.suspect, s.weight)
				for _, i := range test {
					columns[c][i] = model.at(i)
				}
				scales[c][fold] = standardise(columns[c], test)
				return nil
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	typical := make([]scale, len(lenses))
	for c := range lenses {
		for _, of := range scales[c] {
			typical[c].mean += of.mean / float64(s.folds)
			typical[c].spread += of.spread / float64(s.folds)
		}
	}
	return columns, typical, nil
}

// scale is what standardising took away.
type scale struct{ mean, spread float64 }

// of standardises one score; where there is no spread it is 0.
func (c scale) of(x float64) float64 {
	if c.spread < 1e-9 {
		return 0
	}
	return (x - c.mean) / c.spread
}

// standardise gives the rows of x mean 0 and spread 1; a constant becomes 0.
func standardise(x []float64, rows []int) scale {
	var c scale
	n := float64(len(rows))
	for _, i := range rows {
		c.mean += x[i] / n
	}
	for _, i := range rows {
		c.spread += (x[i] - c.mean) * (x[i] - c.mean) / n
	}
	c.spread = math.Sqrt(c.spread)
	for _, i := range rows {
		x[i] = c.of(x[i])
	}
	return c
}

// calibrate returns the slope that makes x a log-likelihood ratio in nats (Platt
// 1999, without an intercept: x has mean 0 and the arms count for half each).
// A slope below zero says that x tells nothing; it becomes 0.
func (s *sheet) calibrate(x []float64) float64 {
	features, rows := make([][]feature, len(x)), make([]int, len(x))
	for i := range x {
		features[i], rows[i] = []feature{{0, float32(x[i])}}, i
	}
	return max(0, logistic(features, 1, rows, s.suspect, s.weight, 1)[0])
}
