package corpus

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
)

// Compare tests whether the completions of suspect and control rows can be told apart. A design
// that is too small is no error: its result is inconclusive, and its reasons say what it needs.
func Compare(ctx context.Context, suspect, control undertone.Text, config Config) (*Result, error) {
	r, err := compareArms(ctx, suspect, control, config)
	if err != nil {
		return nil, err
	}
	if err := r.setDigest(); err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	return r, nil
}

// compareArms returns a result without a digest.
func compareArms(ctx context.Context, suspect, control undertone.Text, config Config) (*Result, error) {
	config, err := config.withDefaults()
	if err == nil && (suspect == nil || control == nil) {
		err = errNoData
	}
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	m, origin, err := newDesignMatrix(ctx, suspect, control, config)
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	tested, matched := m.testedRows()
	blocks, paired := m.blocks(tested, matched)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	r := &Result{Design: m.design(tested, blocks, config)}
	r.Design.SuspectName, r.Design.ControlName = suspect.Name(), control.Name()
	r.Design.Suspect, r.Design.Control, r.Design.Matched = suspect.Digest(), control.Digest(), matched
	r.Warnings = m.warnings(suspect, control, r.Design, paired)
	if need := m.needs(tested, matched, blocks, config); need != "" {
		r.Reasons = []string{need}
		return r, nil
	}
	if err := m.measure(ctx, r, tested, blocks, origin); err != nil {
		return nil, fmt.Errorf("corpus: comparing %.80q with %.80q: %w", suspect.Name(), control.Name(), err)
	}
	if config.PositiveControl != nil {
		if r.PositiveControl, err = positiveControl(ctx, control, config); err != nil {
			return nil, fmt.Errorf("corpus: positive control: %w", err)
		}
	}
	r.judge()
	return r, nil
}

// positiveControl compares the positive control with the control rows.
func positiveControl(ctx context.Context, control undertone.Text, config Config) (*PositiveControl, error) {
	data := config.PositiveControl
	config.PositiveControl = nil
	r, err := compareArms(ctx, data, control, config)
	if err != nil {
		return nil, err
	}
	return &PositiveControl{
		Data: data.Digest(), Found: slices.Contains(r.By, byContent),
		Outcome: r.Outcome, Reasons: r.Reasons, Content: r.Content,
	}, nil
}

// design describes the rows, without the digests of the data sets.
func (m *designMatrix) design(tested []int, blocks []block, config Config) Design {
	d := Design{TestedRows: len(tested), Components: m.components, SharedPrompts: m.sharedPrompts(), Settings: config}
	for _, arm := range m.suspect {
		d.SuspectRows += btoi(arm)
	}
	d.ControlRows = len(m.rows) - d.SuspectRows
	for _, u := range unitsOf(blocks) {
		d.UnitRows += len(u.rows)
		d.SuspectUnits += btoi(u.suspect)
		d.ControlUnits += btoi(!u.suspect)
	}
	return d
}

// The random streams of the permutation tests.
const (
	armStream = 100
	mmdStream = 102
)

// measure fills everything of the result but the outcome.
func (m *designMatrix) measure(ctx context.Context, r *Result, tested []int, blocks []block, origin []int) error {
	config := r.Design.Settings
	channels := make([]*featureChannel, len(contentChannels))
	for k := range contentChannels {
		channels[k] = m.channel(contentChannels[k])
	}
	content, layout := m.channel(contentChannel), m.channel(layoutChannel)
	all := append(slices.Clone(channels), content, layout)
	if err := ctx.Err(); err != nil {
		return err // the channels may be incomplete
	}
	given := newCovariates(layout, m.rows)
	results, scores, err := m.areas(ctx, all, given.residuals(m.informative(blocks)), tested, config)
	if err != nil {
		return err
	}
	if err := m.test(ctx, all, given, blocks, config, results); err != nil {
		return err
	}
	n := len(channels)
	r.Channels, r.Content, r.Layout, r.Beyond = results[:n:n], &results[n], &results[n+1], &results[n+2]
	r.Rows = m.topRows(scores, origin, config.Top)
	r.Features = m.featureShares(channels, tested, config.Top)
	if err := ctx.Err(); err != nil {
		return err
	}
	r.MMD = m.mmdTest(channels, blocks, config.Permutations, rand.New(rand.NewPCG(config.Seed, mmdStream)))
	return ctx.Err()
}

// areas measures how well each channel tells the arms apart, by cross-validation that is repeated
// with other folds. The last result is that of the content given the layout, whose scores are the
// residuals of the content's after a regression on the covariates. The content is the channel
// before the last one. areas also returns the calibrated content scores of all rows, averaged over
// the repetitions.
func (m *designMatrix) areas(ctx context.Context, channels []*featureChannel, residuals func(scores []float64), tested []int, config Config) ([]ChannelResult, []float64, error) {
	content := len(channels) - 2
	estimates := make([]estimate, len(channels)+1)
	sums := make([][]float64, len(channels)+1)
	for repeat := range config.Repeats {
		m.assignFolds(config.Seed + uint64(repeat)*0x9e3779b97f4a7c15)
		columns, _, err := m.crossfit(ctx, channels, false)
		if err != nil {
			return nil, nil, err
		}
		beyond := slices.Clone(columns[content])
		residuals(beyond)
		for k, column := range append(columns, beyond) {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			if sums[k] == nil {
				sums[k] = make([]float64, len(column))
			}
			axpy(1/float64(config.Repeats), column, sums[k])
			estimates[k].add(m, column, tested, config, uint64(repeat))
		}
	}
	results := make([]ChannelResult, len(estimates))
	var scores []float64
	for k := range results {
		calibrated := make([]float64, len(sums[k]))
		axpy(m.calibrate(sums[k]), sums[k], calibrated)
		row, bag := estimates[k].result(config)
		results[k] = ChannelResult{Row: row, Bag: bag, Shift: m.shift(calibrated, tested)}
		if k < len(channels) {
			results[k].Channel, results[k].Observes = channels[k].name, channels[k].observes
		} else {
			results[k].Channel, results[k].Observes = beyondLayout, "what the layout does not explain of the content"
		}
		if k == content {
			scores = calibrated
		}
	}
	return results, scores, nil
}

// beyondLayout is the name of the content given the layout.
const beyondLayout = "content given layout"

// estimate averages the areas of several repetitions of cross-validation.
type estimate struct{ row, bag average }

type average struct{ area, variance, n float64 }

func (e *estimate) add(m *designMatrix, scores []float64, tested []int, config Config, repeat uint64) {
	draws := max(20, bootstraps/config.Repeats)
	e.row.add(m.auroc(scores, tested, 1, draws, mix(config.Seed, repeat)))
	e.bag.add(m.auroc(scores, tested, config.Bag, draws, mix(config.Seed, repeat)))
}

func (a *average) add(area, se float64) {
	if math.IsNaN(area) {
		return // no fold has a bag of each arm
	}
	a.area, a.variance, a.n = a.area+area, a.variance+se*se, a.n+1
}

func (a *average) auroc(bag int, alpha float64) AUROC {
	if a.n == 0 {
		return AUROC{Bag: bag, Area: .5, Low: 0, High: 1}
	}
	return aurocOf(bag, a.area/a.n, math.Sqrt(a.variance/a.n), alpha)
}

// result returns the mean areas. The interval is that of one repetition, on average: repetitions
// share all rows.
func (e *estimate) result(config Config) (row, bag AUROC) {
	return e.row.auroc(1, config.Alpha), e.bag.auroc(config.Bag, config.Alpha)
}

// test fills the p-values of the results of [designMatrix.areas].
func (m *designMatrix) test(ctx context.Context, channels []*featureChannel, given *covariates, blocks []block, config Config, results []ChannelResult) error {
	t := newArmTest(m.parts(m.informative(blocks)), config.Permutations, rand.New(rand.NewPCG(config.Seed, armStream)))
	small := t.small()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	content := len(channels) - 2
	for k := range results {
		group.Go(func() (err error) {
			switch {
			case k < content:
				results[k].P, _, err = small.p(ctx, channels[k], nil, onePenalty)
			case k < len(channels):
				results[k].P, _, err = t.p(ctx, channels[k], nil, penalties)
			default:
				results[k].P, results[k].Overlap, err = t.p(ctx, channels[content], given, penalties)
			}
			return err
		})
	}
	return group.Wait()
}

// shift returns the mean score of the suspect rows minus that of the control rows.
func (m *designMatrix) shift(scores []float64, rows []int) float64 {
	var sum, n [2]float64
	for _, i := range rows {
		sum[btoi(m.suspect[i])] += scores[i]
		n[btoi(m.suspect[i])]++
	}
	return sum[1]/n[1] - sum[0]/n[0]
}

// topRows returns the suspect rows with the highest scores. Equal contents count once.
func (m *designMatrix) topRows(scores []float64, origin []int, n int) []Row {
	var rows []int
	for i, suspect := range m.suspect {
		if suspect {
			rows = append(rows, i)
		}
	}
	slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	var top []Row
	seen := map[undertone.Digest]bool{}
	for _, i := range rows {
		if len(top) == n {
			break
		}
		if !seen[m.content[i]] {
			seen[m.content[i]] = true
			top = append(top, Row{ID: m.id[i], Prompt: m.prompt[i], Index: origin[i], Score: scores[i]})
		}
	}
	return top
}
