package corpus

import (
	"context"
	"math"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// crossfit scores the rows of each fold with models of the other folds. The result has one column
// per channel, standardised within each fold. nested chooses the penalty of each model within its
// training rows; otherwise it is that of the channel.
//
// crossfit also returns the mean and the standard deviation that standardisation removed, averaged
// over folds. Standardisation does not use the arms, so it leaks no labels.
func (m *designMatrix) crossfit(ctx context.Context, channels []*featureChannel, nested bool) ([][]float64, []location, error) {
	columns, locations := make([][]float64, len(channels)), make([][]location, len(channels))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for c, ch := range channels {
		columns[c], locations[c] = make([]float64, len(m.rows)), make([]location, m.folds)
		for fold := range m.folds {
			train, test := m.split(fold)
			if !m.hasBothArms(train) {
				continue
			}
			group.Go(func() error {
				if err := ctx.Err(); err != nil {
					return err
				}
				penalty := ch.lambda
				if nested {
					penalty = m.choosePenalty(ch, train)
				}
				model := ch.fit(train, m.suspect, m.weight, penalty)
				for _, i := range test {
					columns[c][i] = model.score(i)
				}
				locations[c][fold] = standardise(columns[c], test)
				return nil
			})
		}
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	average := make([]location, len(channels))
	for c := range channels {
		for _, l := range locations[c] {
			average[c].mean += l.mean / float64(m.folds)
			average[c].sd += l.sd / float64(m.folds)
		}
	}
	return columns, average, nil
}

// location is the mean and the standard deviation of scores.
type location struct{ mean, sd float64 }

// standardised returns (x − mean)/sd, or 0 if there is no spread.
func (l location) standardised(x float64) float64 {
	if l.sd < 1e-9 {
		return 0
	}
	return (x - l.mean) / l.sd
}

// standardise changes the rows of x to mean 0 and standard deviation 1. Equal values become 0.
func standardise(x []float64, rows []int) location {
	var l location
	n := float64(len(rows))
	for _, i := range rows {
		l.mean += x[i] / n
	}
	for _, i := range rows {
		l.sd += (x[i] - l.mean) * (x[i] - l.mean) / n
	}
	l.sd = math.Sqrt(l.sd)
	for _, i := range rows {
		x[i] = l.standardised(x[i])
	}
	return l
}

// calibrate returns the slope that turns the scores x into log-likelihood ratios in nats (Platt
// 1999, without an intercept: x has mean 0, and each arm counts for one half). A slope below 0
// means that x carries no information; it becomes 0.
func (m *designMatrix) calibrate(x []float64) float64 {
	features, rows := make([][]feature, len(x)), make([]int, len(x))
	for i := range x {
		features[i], rows[i] = []feature{{0, float32(x[i])}}, i
	}
	return max(0, logistic(features, 1, rows, m.suspect, m.weight, 1, m.stop)[0])
}
