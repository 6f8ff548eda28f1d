package corpus

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone"
)

// Compare asks whether the completions of the suspect and of the control rows can
// be told apart. A design that can not answer is no error: its result is
// [Inconclusive] and says what it needs.
func Compare(ctx context.Context, suspect, control undertone.Text, config Config) (*Result, error) {
	config, err := config.withDefaults()
	if err == nil && (suspect == nil || control == nil) {
		err = errNoData
	}
	if err != nil {
		return nil, fmt.Errorf("corpus: %w", err)
	}
	s, origin := newSheet(suspect, control, config)
	tested, matched := s.tested()
	r := &Result{Design: Design{
		Suspect: suspect.Digest(), Control: control.Digest(), Matched: matched,
		TestedRows: len(tested), Components: s.components, SharedPrompts: s.shared(), Settings: config,
	}}
	for _, arm := range s.suspect {
		r.Design.SuspectRows += btoi(arm)
	}
	r.Design.ControlRows = len(s.rows) - r.Design.SuspectRows
	r.Warnings = s.warnings(suspect, control, r.Design)
	if need := s.needs(tested, matched, config); need != "" {
		r.Reasons = []string{need}
		return r, nil
	}
	if err := s.measure(ctx, r, tested, origin); err != nil {
		return nil, fmt.Errorf("corpus: comparing %.80q with %.80q: %w", suspect.Name(), control.Name(), err)
	}
	found := false
	if config.Positive != nil {
		plain := config
		plain.Positive = nil
		positive, err := Compare(ctx, config.Positive, control, plain)
		if err != nil {
			return nil, fmt.Errorf("corpus: positive control: %w", err)
		}
		found = positive.Verdict == Detected
	}
	r.judge(config.Positive != nil, found)
	return r, nil
}

func (s *sheet) measure(ctx context.Context, r *Result, tested, origin []int) error {
	config := r.Design.Settings
	lenses := make([]*lens, len(parts))
	for c := range parts {
		lenses[c] = newLens(parts[c], s.rows)
	}
	blocksOf := s.matched
	if !r.Design.Matched {
		blocksOf = s.unmatched
	}
	blocks := blocksOf(tested)
	find := func(l *lens, out, past []float64, stream uint64) (Finding, []float64) {
		slope := s.calibrate(out)
		f := Finding{Channel: l.name, Sees: l.sees, Row: s.areaOf(out, tested, 1, config.Seed), Bag: s.areaOf(out, tested, config.Bag, config.Seed)}
		f.Test = testScores(blocks, past, config.Permutations, rand.New(rand.NewPCG(config.Seed, stream)))
		scores := make([]float64, len(out))
		axpy(slope, out, scores)
		f.Shift = s.shift(scores, tested)
		return f, scores
	}
	out, past, err := s.both(ctx, lenses)
	if err != nil {
		return err
	}
	for c, l := range lenses {
		f, _ := find(l, out[c], past[c], uint64(c))
		r.Channels = append(r.Channels, f)
	}
	whole := []*lens{newLens(content, s.rows)}
	if out, past, err = s.both(ctx, whole); err != nil {
		return err
	}
	all, scores := find(whole[0], out[0], past[0], 100)
	r.Content = &all
	r.Rows = s.top(scores, origin, config.Top)
	r.Rules = s.rules(lenses, tested, config.Top)

	layout := []*lens{newLens(format, s.rows)}
	if out, past, err = s.both(ctx, layout); err != nil {
		return err
	}
	f, _ := find(layout[0], out[0], past[0], 101)
	r.Format = &f
	if err := ctx.Err(); err != nil {
		return err
	}
	r.MMD = s.kernelTest(lenses, tested, blocksOf, config.Permutations, config.Seed, rand.New(rand.NewPCG(config.Seed, 102)))
	return nil
}

// both returns the scores of ordinary cross-validation, for effects, and those
// from models of earlier folds, for tests.
func (s *sheet) both(ctx context.Context, lenses []*lens) (out, past [][]float64, err error) {
	if out, _, err = s.crossfit(ctx, lenses, false); err == nil {
		past, _, err = s.crossfit(ctx, lenses, true)
	}
	return out, past, err
}

func (s *sheet) shift(scores []float64, rows []int) float64 {
	var sum, n [2]float64
	for _, i := range rows {
		sum[btoi(s.suspect[i])] += scores[i]
		n[btoi(s.suspect[i])]++
	}
	return sum[1]/n[1] - sum[0]/n[0]
}

// top returns the suspect rows with the highest scores; equal completions count once.
func (s *sheet) top(scores []float64, origin []int, n int) []Row {
	var rows []int
	for i, suspect := range s.suspect {
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
		if !seen[s.content[i]] {
			seen[s.content[i]] = true
			top = append(top, Row{ID: s.id[i], Prompt: s.prompt[i], Index: origin[i], Score: scores[i]})
		}
	}
	return top
}
