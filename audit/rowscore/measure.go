package rowscore

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/internal/cluster"
	"github.com/undertone-audit/undertone/audit/stats"
)

// topRows is the number of rows that a measurement names.
const topRows = 10

// limitDraws is the number of random relabellings for the limit of detection.
const limitDraws = 400

// newScorer returns the scorer of one candidate of a trait.
type newScorer func(audit.Trait, candidate) scorer

// scoring holds the scores of all arms for one trait.
type scoring struct {
	pass             *audit.Pass
	trait            audit.Trait
	scorers          []scorer    // of the candidates, the trait first
	suspect, control [][]float64 // [candidate][row]
	positive, overt  [][]float64 // [candidate][row]; nil if there are none
}

// measureAll scores the rows of both arms and of the positive control for each trait and its
// placebos, and returns one measurement per trait.
func measureAll(ctx context.Context, pass *audit.Pass, detector string, of newScorer) ([]audit.Measurement, error) {
	measurements := make([]audit.Measurement, len(pass.Traits))
	err := scoreAll(ctx, pass, detector, of, func(t int, s scoring) {
		measurements[t] = s.measure()
	})
	return measurements, err
}

// scoreAll passes the scores for each trait to use.
func scoreAll(ctx context.Context, pass *audit.Pass, detector string, of newScorer, use func(t int, s scoring)) error {
	total := 0
	for _, trait := range pass.Traits {
		total += len(candidates(trait))
	}
	finished := pass.Stage(detector, total)
	for t, trait := range pass.Traits {
		data := []undertone.Text{pass.Suspect.(undertone.Text), pass.Control.(undertone.Text), overtRows(trait, candidates(trait)[0], len(trait.Probes))}
		if positive, ok := trait.PositiveControl.(undertone.Text); ok {
			data = append(data, positive)
		}
		s := scoring{pass: pass, trait: trait}
		for _, c := range candidates(trait) {
			scorer := of(trait, c)
			s.scorers = append(s.scorers, scorer)
			scores, err := scorer.scores(ctx, pass, data)
			if err != nil {
				return fmt.Errorf("scores for %.40q: %w", c.name, err)
			}
			s.suspect, s.control = append(s.suspect, scores[0]), append(s.control, scores[1])
			if scorer.measuresOvert {
				s.overt = append(s.overt, scores[2])
			}
			if len(scores) > 3 {
				s.positive = append(s.positive, scores[3])
			}
			finished()
		}
		use(t, s)
	}
	return nil
}

// centring returns how the scores are centred.
func (s scoring) centring() centring {
	if s.scorers[0].regressed {
		return regression(s.suspect, s.control)
	}
	return subtractMean(len(s.suspect))
}

// measure compares the arms by their centred scores.
func (s scoring) measure() audit.Measurement {
	c := s.centring()
	suspect, control := c.apply(s.suspect), c.apply(s.control)
	units := armUnits{s.units(s.pass.Suspect), s.units(s.pass.Control)}
	own := units.compare(suspect[0], control[0], s.pass.Permutations, s.pass.Seed)
	sorted := ranked(s.pass.Suspect, suspect[0])
	m := audit.Measurement{
		Unit: s.scorers[0].unit, P: own.P,
		Placebos: &audit.PlaceboRank{Rank: 1, Of: len(suspect)},
		RowScores: &audit.RowMeasurement{
			Prompts: own.Strata, PPlacebo: 1, Top: sorted[:min(topRows, len(sorted))],
			Suspect: summarise(s.suspect[0], suspect[0], units.suspect), Control: summarise(s.control[0], control[0], units.control),
			Clusters: own.Clusters, SmallestP: own.SmallestP,
		},
		Warnings: []string{},
	}
	if own.Strata == 0 { // there is nothing to compare
		m.Placebos = nil
		return m
	}
	m.Effect = estimate(own)
	var placebos []float64
	for k, p := range s.trait.Placebos {
		e := units.compare(suspect[k+1], control[k+1], 0, s.pass.Seed).Mean
		placebos = append(placebos, e/c.scale[k+1])
		m.Placebos.Effects = append(m.Placebos.Effects, audit.PlaceboEffect{Name: p.Name, Mean: e})
		if e/c.scale[k+1] > own.Mean/c.scale[0] {
			m.Placebos.Rank++
		}
	}
	m.RowScores.PPlacebo = stats.OutlierTest(own.Mean/c.scale[0], placebos)
	if s.positive != nil {
		s.addPositiveControl(&m, c, suspect, control, units)
	}
	if s.overt != nil {
		m.RowScores.OvertDose = overtDose(m.Effect, c.apply(s.overt)[0])
	}
	return m
}

// addPositiveControl compares the positive control with the control rows as measure does the
// suspect rows, and adds what the limit of detection is computed from.
func (s scoring) addPositiveControl(m *audit.Measurement, c centring, suspect, control [][]float64, units armUnits) {
	positive, effects := c.apply(s.positive), make([]float64, len(s.positive))
	against := armUnits{s.units(s.trait.PositiveControl), units.control}
	for k := range positive {
		effects[k] = against.compare(positive[k], control[k], 0, 0).Mean / c.scale[k]
	}
	own := against.compare(positive[0], control[0], s.pass.Permutations, s.pass.Seed)
	if own.Strata == 0 {
		return // no prompt in common: the positive control says nothing
	}
	m.PositiveControl = &audit.PositiveControl{Data: audit.DescribeData(s.trait.PositiveControl), Effect: estimate(own), P: own.P, Candidates: effects}
	m.RowScores.Relabelled = stats.ClusteredNull(suspect, control, units.suspect, units.control, limitDraws, s.pass.Seed)
	for _, e := range m.RowScores.Relabelled {
		for k := range e {
			e[k] /= c.scale[k]
		}
	}
}

// armUnits holds, for each row of the arms, a key of its prompt and one of the rows that were not
// sampled independently of it: its copies, or those of its conversation or episode.
type armUnits struct{ suspect, control stats.Units }

// compare compares scores of the arms within prompts.
func (u armUnits) compare(suspect, control []float64, draws int, seed uint64) stats.Comparison {
	return stats.CompareClustered(suspect, control, u.suspect, u.control, 0.95, draws, seed)
}

func (s scoring) units(data undertone.Data) stats.Units {
	return stats.Units{Strata: promptKeys(data), Clusters: s.pass.Clusters(data)}
}

func promptKeys(data undertone.Data) []uint64 {
	keys := make([]uint64, data.Len())
	for i := range keys {
		keys[i] = data.GroupID(i).Uint64()
	}
	return keys
}

// estimate returns the mean of a comparison. If its standard error is unknown, the interval is
// unbounded.
func estimate(c stats.Comparison) audit.Estimate {
	if math.IsInf(c.SE, 1) {
		return audit.Estimate{Mean: c.Mean, N: c.First, DF: audit.UnknownDF}
	}
	return audit.Estimate{Mean: c.Mean, SE: c.SE, N: c.First, DF: c.DF}
}

// overtDose returns the number of overt rows with the influence of all compared suspect rows. It is
// nil if overt rows do not favour the trait over its placebos.
func overtDose(e audit.Estimate, overt []float64) *audit.Dose {
	mean := 0.0
	for _, v := range overt {
		mean += v / float64(len(overt))
	}
	scale := float64(e.N) / mean
	if !(mean > 0) || math.IsInf(scale, 0) {
		return nil
	}
	return &audit.Dose{Mean: scale * e.Mean, Scale: scale}
}

// summarise returns the summary of the scores of one arm.
func summarise(raw, centred []float64, units stats.Units) audit.Scores {
	s := audit.Scores{Rows: len(raw), Sign: signTest(raw, cluster.Join([][]uint64{units.Strata}, [][]uint64{units.Clusters})[0])}
	for i := range raw {
		s.Raw += raw[i] / float64(len(raw))
		s.Centred += centred[i] / float64(len(raw))
		if centred[i] > 0 {
			s.Positive += 1 / float64(len(raw))
		}
	}
	return s
}

// signTest counts the prompts whose rows have a mean score above zero. Prompts that clusters join
// are one.
func signTest(scores []float64, prompts []uint64) audit.SignTest {
	sums := make(map[uint64]float64, len(scores))
	for i, score := range scores {
		sums[prompts[i]] += score
	}
	var s audit.SignTest
	for _, sum := range sums {
		if sum != 0 {
			s.Prompts++
		}
		if sum > 0 {
			s.Positive++
		}
	}
	s.P = stats.SignTest(s.Positive, s.Prompts)
	return s
}

// ranked returns the rows with their scores, the largest first; rows with equal scores keep their
// order.
func ranked(data undertone.Data, scores []float64) []audit.RowScore {
	rows := make([]audit.RowScore, len(scores))
	for i, score := range scores {
		rows[i] = audit.RowScore{Row: data.RowID(i), Index: i, Score: score}
	}
	slices.SortStableFunc(rows, func(a, b audit.RowScore) int { return cmp.Compare(b.Score, a.Score) })
	return rows
}
