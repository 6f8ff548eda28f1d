package corpus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
)

// Bag is rows of one writer, with a label.
type Bag struct {
	Rows    []undertone.Example
	Suspect bool
}

// Classifier scores rows. [Train] makes it. It is safe for concurrent use.
type Classifier struct {
	// CrossValidated is the AUROC of rows and of bags in the training data, with prompts and
	// contents held out. The cross-validation is nested: the penalty of a fold is chosen within the
	// other folds. It holds for new rows of the same writers, and not for other teachers. The area
	// of bags is NaN if no fold has a bag of each label.
	CrossValidated struct{ Row, Bag AUROC }

	// Penalty is the precision of the prior on the weights, chosen by cross-validation.
	Penalty float64

	model    fittedChannel
	location location
	slope    float64
	bytes    int // bytes of a completion that are read
	alpha    float64
}

// Train trains a classifier of suspect bags against control bags. It trains on the distinct rows of
// the bags. A row in several bags of one label has the weight of its number of occurrences divided
// by the median number, rounded, and at least 1. Train uses Seed, Folds, Bag and Alpha of config.
// Bag is the size of the bags in cross-validation (default the size of the first bag).
func Train(ctx context.Context, bags []Bag, config Config) (*Classifier, error) {
	if config.Bag == 0 && len(bags) > 0 {
		config.Bag = max(1, len(bags[0].Rows))
	}
	config, err := config.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	m, err := distinctRows(bags, config)
	if err != nil {
		return nil, fmt.Errorf("corpus: training: %w", err)
	}
	m.stop = func() bool { return ctx.Err() != nil }
	channel := m.channel(contentChannel)
	columns, locations, err := m.crossfit(ctx, []*featureChannel{channel}, true)
	if err != nil {
		return nil, fmt.Errorf("corpus: training: %w", err)
	}
	scores := columns[0]
	all := make([]int, len(m.rows))
	for i := range all {
		all[i] = i
	}
	c := &Classifier{location: locations[0], slope: m.calibrate(scores), bytes: byteBudget(len(m.rows)), alpha: config.Alpha}
	area := func(bag int) AUROC {
		area, se := m.auroc(scores, all, bag, bootstraps, config.Seed)
		return aurocOf(bag, area, se, config.Alpha)
	}
	c.CrossValidated.Row, c.CrossValidated.Bag = area(1), area(config.Bag)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("corpus: training: %w", err)
	}
	c.Penalty = m.choosePenalty(channel, all)
	c.model = channel.fit(all, m.suspect, m.weight, c.Penalty)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("corpus: training: %w", err)
	}
	return c, nil
}

var (
	errOneLabel = errors.New("needs bags of both labels")
	errFewRows  = errors.New("needs more different rows than folds, with both labels in each fold")
)

// distinctRows makes a design matrix of the distinct rows of each label.
func distinctRows(bags []Bag, config Config) (*designMatrix, error) {
	type labelled struct {
		id      undertone.Digest
		suspect bool
	}
	index := map[labelled]int{}
	var keys []labelled
	var rows []undertone.Example
	var count []float64
	for _, bag := range bags {
		for _, e := range bag.Rows {
			k := labelled{e.ID(), bag.Suspect}
			at, ok := index[k]
			if !ok {
				at = len(rows)
				index[k] = at
				rows, keys, count = append(rows, e), append(keys, k), append(count, 0)
			}
			count[at]++
		}
	}
	label := func(suspect bool) func(labelled) bool { return func(k labelled) bool { return k.suspect == suspect } }
	if !slices.ContainsFunc(keys, label(true)) || !slices.ContainsFunc(keys, label(false)) {
		return nil, errOneLabel
	}
	sorted := slices.Sorted(slices.Values(count))
	median := sorted[len(sorted)/2]
	bytes := byteBudget(len(rows))
	m := &designMatrix{folds: config.Folds}
	for i, e := range rows {
		m.add(e.Completion(), keys[i].id, e.PromptID(), keys[i].id.Uint64(), keys[i].suspect, max(1, math.Round(count[i]/median)), bytes)
	}
	m.connect()
	m.assignFolds(config.Seed)
	for fold := range m.folds {
		train, test := m.split(fold)
		if len(test) == 0 || !m.hasBothArms(train) {
			return nil, errFewRows
		}
	}
	return m, nil
}

// Score returns the log-likelihood ratio of the rows as one bag, in nats: rows with a score > 0
// resemble suspect rows. It is the sum over rows, as if they were independent, calibrated on the
// training data. No rows score 0.
func (c *Classifier) Score(rows ...undertone.Example) float64 {
	sum := 0.0
	for _, e := range rows {
		r := parse(e.Completion(), c.bytes)
		sum += c.location.standardised(c.model.scoreNew(&r))
	}
	return c.slope * sum
}

// Test scores labelled bags that were not trained on. The interval of the level 1 − Alpha is
// normal, with the standard error of [stats.AUROCStandardError]. The unit is the bag, so the
// interval is too narrow for bags that share rows. The area is NaN without bags of both labels.
func (c *Classifier) Test(bags []Bag) AUROC {
	var scores [2][]float64
	for _, b := range bags {
		arm := btoi(b.Suspect)
		scores[arm] = append(scores[arm], c.Score(b.Rows...))
	}
	area := stats.AUROC(scores[1], scores[0])
	result := aurocOf(0, area, stats.AUROCStandardError(scores[1], scores[0]), c.alpha)
	if len(bags) > 0 {
		result.Bag = len(bags[0].Rows)
	}
	return result
}
