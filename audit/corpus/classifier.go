package corpus

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
)

// Bag is rows of one writer, with a label.
type Bag struct {
	Rows    []undertone.Example
	Suspect bool
}

// Classifier scores rows after [Train]. It is safe for concurrent use.
type Classifier struct {
	// CrossValidated is the AUROC of rows and of bags inside the training data, with
	// prompts and contents held out; it holds for folds of the data, not for other teachers.
	// The area of bags is NaN where no fold has a bag of each label.
	CrossValidated struct{ Row, Bag AUROC }

	model fitted
	scale scale
	slope float64
	bytes int // of a completion that are looked at
}

// Train learns to tell suspect bags from control bags. Bags are dissolved into
// rows; a row that stands in many bags of one label counts once, or as often as
// it exceeds the median row. Of config it uses Seed, Folds, and Bag for
// cross-validation (default: the size of the first bag).
func Train(ctx context.Context, bags []Bag, config Config) (*Classifier, error) {
	if config.Bag == 0 && len(bags) > 0 {
		config.Bag = max(1, len(bags[0].Rows))
	}
	config, err := config.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	s, err := dissolve(bags, config)
	if err != nil {
		return nil, fmt.Errorf("corpus: training: %w", err)
	}
	l := newLens(content, s.rows)
	columns, scales, err := s.crossfit(ctx, []*lens{l}, false)
	if err != nil {
		return nil, fmt.Errorf("corpus: training: %w", err)
	}
	score := columns[0]
	every := make([]int, len(s.rows))
	for i := range every {
		every[i] = i
	}
	c := &Classifier{scale: scales[0], slope: s.calibrate(score), bytes: budget(len(s.rows))}
	c.CrossValidated.Row = s.areaOf(score, every, 1, config.Seed)
	c.CrossValidated.Bag = s.areaOf(score, every, config.Bag, config.Seed)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("corpus: training: %w", err)
	}
	c.model = l.fit(every, s.suspect, s.weight)
	return c, nil
}

var (
	errOneLabel = errors.New("needs bags of both labels")
	errFewRows  = errors.New("needs more different rows than folds, of both labels in each")
)

// dissolve makes a sheet of the different rows of each label.
func dissolve(bags []Bag, config Config) (*sheet, error) {
	type of struct {
		id      undertone.Digest
		suspect bool
	}
	index := map[of]int{}
	var rows []undertone.Example
	var suspect []bool
	var count []float64
	for _, bag := range bags {
		for _, e := range bag.Rows {
			k := of{e.ID(), bag.Suspect}
			at, ok := index[k]
			if !ok {
				at = len(rows)
				index[k] = at
				rows, suspect, count = append(rows, e), append(suspect, bag.Suspect), append(count, 0)
			}
			count[at]++
		}
	}
	s := &sheet{folds: config.Folds}
	if !slices.Contains(suspect, true) || !slices.Contains(suspect, false) {
		return nil, errOneLabel
	}
	sorted := slices.Sorted(slices.Values(count))
	median := sorted[len(sorted)/2]
	bytes := budget(len(rows))
	for i, e := range rows {
		s.add(e, e.PromptID(), suspect[i], max(1, math.Round(count[i]/median)), bytes)
	}
	s.link(config.Seed)
	for fold := range s.folds {
		train, test := s.split(fold, false)
		if len(test) == 0 || !s.hasBoth(train) {
			return nil, errFewRows
		}
	}
	return s, nil
}

// Score returns the log-likelihood ratio of the rows as one bag, in nats: above
// 0 they look like suspect rows. It is the sum over rows, as if these were
// independent, calibrated on the training data.
func (c *Classifier) Score(rows ...undertone.Example) float64 {
	sum := 0.0
	for _, e := range rows {
		r := parse(e.Completion(), c.bytes)
		sum += c.scale.of(c.model.of(&r))
	}
	return c.slope * sum
}

// Test scores labelled bags that were not trained on. The 95 % interval is
// that of DeLong, DeLong and Clarke-Pearson (1988) over bags; bags that share rows
// make it too narrow. Without both labels the area is NaN.
func (c *Classifier) Test(bags []Bag) AUROC {
	var scores [2][]float64
	for _, b := range bags {
		arm := btoi(b.Suspect)
		scores[arm] = append(scores[arm], c.Score(b.Rows...))
	}
	area := delong(scores[1], scores[0])
	if len(bags) > 0 {
		area.Bag = len(bags[0].Rows)
	}
	return area
}

// delong returns the AUROC and its interval from the variance of placements:
// the shares of the other arm that each score exceeds.
func delong(suspect, control []float64) AUROC {
	area := auroc(suspect, control)
	variance := 0.0
	for arm, scores := range [2][]float64{suspect, control} {
		sum := 0.0
		for _, s := range scores {
			placement := 0.0
			if arm == 0 {
				placement = auroc([]float64{s}, control)
			} else {
				placement = auroc(suspect, []float64{s})
			}
			sum += (placement - area) * (placement - area)
		}
		n := float64(len(scores))
		variance += sum / (n - 1) / n
	}
	half := 1.96 * math.Sqrt(variance)
	return AUROC{Area: area, Low: max(0, area-half), High: min(1, area+half)}
}
