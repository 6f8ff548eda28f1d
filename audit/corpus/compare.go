package corpus

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone"
)

// Compare tests whether the completions of suspect and control rows can be told apart. A design
// that is too small is no error: its result is inconclusive, and its reasons say what it needs.
func Compare(ctx context.Context, suspect, control undertone.Text, config Config) (*Result, error) {
	config, err := config.withDefaults()
	if err == nil && (suspect == nil || control == nil) {
		err = errNoData
	}
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	m, origin, err := newDesignMatrix(suspect, control, config)
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	tested, matched := m.testedRows()
	r := &Result{Design: Design{
		Suspect: suspect.Digest(), Control: control.Digest(), Matched: matched,
		TestedRows: len(tested), Components: m.components, SharedPrompts: m.sharedPrompts(), Settings: config,
	}}
	for _, arm := range m.suspect {
		r.Design.SuspectRows += btoi(arm)
	}
	r.Design.ControlRows = len(m.rows) - r.Design.SuspectRows
	r.Warnings = m.warnings(suspect, control, r.Design)
	if need := m.needs(tested, matched, config); need != "" {
		r.Reasons = []string{need}
		return r, nil
	}
	if err := m.measure(ctx, r, tested, origin); err != nil {
		return nil, fmt.Errorf("corpus: comparing %.80q with %.80q: %w", suspect.Name(), control.Name(), err)
	}
	found := false
	if config.PositiveControl != nil {
		withoutPositive := config
		withoutPositive.PositiveControl = nil
		positive, err := Compare(ctx, config.PositiveControl, control, withoutPositive)
		if err != nil {
			return nil, fmt.Errorf("corpus: positive control: %w", err)
		}
		found = positive.Outcome == Differ
	}
	r.judge(config.PositiveControl != nil, found)
	return r, nil
}

// The random streams of the permutation tests. Content channel c has the stream c.
const (
	contentStream = 100
	layoutStream  = 101
	mmdStream     = 102
)

// measure fills everything of the result but the outcome.
func (m *designMatrix) measure(ctx context.Context, r *Result, tested, origin []int) error {
	config := r.Design.Settings
	blocksOf := m.promptBlocks
	if !r.Design.Matched {
		blocksOf = m.foldBlocks
	}
	c := comparison{m, config, tested, blocksOf(tested)}
	channels := make([]*featureChannel, len(contentChannels))
	for k := range contentChannels {
		channels[k] = newFeatureChannel(contentChannels[k], m.rows)
	}
	results, _, err := c.channels(ctx, channels, 0)
	if err != nil {
		return err
	}
	r.Channels = results
	content, scores, err := c.channels(ctx, []*featureChannel{newFeatureChannel(contentChannel, m.rows)}, contentStream)
	if err != nil {
		return err
	}
	r.Content = &content[0]
	r.Rows = m.topRows(scores[0], origin, config.Top)
	r.Features = m.featureShares(channels, tested, config.Top)

	layout, _, err := c.channels(ctx, []*featureChannel{newFeatureChannel(layoutChannel, m.rows)}, layoutStream)
	if err != nil {
		return err
	}
	r.Layout = &layout[0]
	if err := ctx.Err(); err != nil {
		return err
	}
	r.MMD = m.mmdTest(channels, tested, blocksOf, config.Permutations, config.Seed, rand.New(rand.NewPCG(config.Seed, mmdStream)))
	return nil
}

// comparison is what all channels of a comparison share.
type comparison struct {
	*designMatrix
	config Config
	tested []int
	blocks []block
}

// channels compares the arms by each channel. It also returns the calibrated scores of all rows,
// one column per channel. Channel k draws its permutations from the random stream stream+k.
//
// Effects come from ordinary cross-validation, and p-values from models of earlier folds.
func (c comparison) channels(ctx context.Context, channels []*featureChannel, stream uint64) ([]ChannelResult, [][]float64, error) {
	outOfFold, _, err := c.crossfit(ctx, channels, false)
	if err != nil {
		return nil, nil, err
	}
	earlier, _, err := c.crossfit(ctx, channels, true)
	if err != nil {
		return nil, nil, err
	}
	results, scores := make([]ChannelResult, len(channels)), make([][]float64, len(channels))
	for k, ch := range channels {
		results[k] = ChannelResult{
			Channel: ch.name, Observes: ch.observes,
			Row: c.auroc(outOfFold[k], c.tested, 1, c.config.Seed),
			Bag: c.auroc(outOfFold[k], c.tested, c.config.Bag, c.config.Seed),
			P:   scoreTest(c.blocks, earlier[k], c.config.Permutations, rand.New(rand.NewPCG(c.config.Seed, stream+uint64(k)))),
		}
		scores[k] = make([]float64, len(outOfFold[k]))
		axpy(c.calibrate(outOfFold[k]), outOfFold[k], scores[k])
		results[k].Shift = c.shift(scores[k], c.tested)
	}
	return results, scores, nil
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

// topRows returns the suspect rows with the highest scores. Equal completions count once.
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
