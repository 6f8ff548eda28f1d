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

// newScorer returns the scorers of one candidate of a trait, one for each kind of surrogates. All
// candidates have the same kinds.
type newScorer func(audit.Trait, candidate) []scorer

// scoring holds the scores of all arms for one trait.
type scoring struct {
	pass  *audit.Pass
	trait audit.Trait
	kinds []kindScores // one for each kind of surrogates
}

// kindScores holds the scores of one kind.
type kindScores struct {
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

// measureBy returns the Measure of a detector whose scorers depend on the pass.
func measureBy(detector string, scorers func(*audit.Pass) (newScorer, error)) func(context.Context, *audit.Pass) ([]audit.Measurement, error) {
	return func(ctx context.Context, pass *audit.Pass) ([]audit.Measurement, error) {
		of, err := scorers(pass)
		if err != nil {
			return nil, err
		}
		return measureAll(ctx, pass, detector, of)
	}
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
			scorers := of(trait, c)
			if s.kinds == nil {
				s.kinds = make([]kindScores, len(scorers))
			}
			for k, scorer := range scorers {
				scores, err := scorer.scores(ctx, pass, data)
				if err != nil {
					return fmt.Errorf("scores for %.40q: %w", c.name, err)
				}
				s.kinds[k].add(scorer, scores)
			}
			finished()
		}
		use(t, s)
	}
	return nil
}

// add adds the scores of the next candidate: [data set][row].
func (s *kindScores) add(of scorer, scores [][]float64) {
	s.scorers = append(s.scorers, of)
	s.suspect, s.control = append(s.suspect, scores[0]), append(s.control, scores[1])
	if of.measuresOvert {
		s.overt = append(s.overt, scores[2])
	}
	if len(scores) > 3 {
		s.positive = append(s.positive, scores[3])
	}
}

// centring returns how the scores are centred.
func (s kindScores) centring(units armUnits) centring {
	if s.scorers[0].regressed {
		return regression([][]float64{weights(units.suspect), weights(units.control)}, s.suspect, s.control)
	}
	return subtractMean(len(s.suspect))
}

// comparison is the comparison of the arms by the centred scores of one kind.
type comparison struct {
	kindScores
	centring             centring
	suspectBy, controlBy [][]float64 // centred scores: [candidate][row]
	effects              []float64   // means of the candidates, suspect minus control
	standardised         []float64   // effects over the scale of the centred scores
}

// compare compares the arms by the scores of each kind, and returns the index of the kind with the
// largest standardised effect of the trait.
func (s scoring) compare(units armUnits) (kinds []comparison, best int) {
	for k, scores := range s.kinds {
		c := scores.centring(units)
		of := comparison{kindScores: scores, centring: c, suspectBy: c.apply(scores.suspect), controlBy: c.apply(scores.control)}
		for i := range of.suspectBy {
			e := units.compare(of.suspectBy[i], of.controlBy[i], 0, s.pass.Seed).Mean
			of.effects, of.standardised = append(of.effects, e), append(of.standardised, e/c.scale[i])
		}
		kinds = append(kinds, of)
		if of.standardised[0] > kinds[best].standardised[0] {
			best = k
		}
	}
	return kinds, best
}

// armUnits returns the units of the rows of both arms.
func (s scoring) armUnits() armUnits {
	return armUnits{s.units(s.pass.Suspect), s.units(s.pass.Control)}
}

// measure compares the arms by their centred scores.
func (s scoring) measure() audit.Measurement {
	units := s.armUnits()
	kinds, best := s.compare(units)
	k := kinds[best]
	own := units.compare(k.suspectBy[0], k.controlBy[0], s.pass.Permutations, s.pass.Seed)
	sorted := ranked(s.pass.Suspect, k.suspectBy[0])
	m := audit.Measurement{
		Unit: k.scorers[0].unit, P: overKinds(own.P, len(kinds)),
		Placebos: &audit.PlaceboRank{Rank: 1, Of: len(k.suspect)},
		RowScores: &audit.RowMeasurement{
			Prompts: own.Strata, PPlacebo: 1, Top: sorted[:min(topRows, len(sorted))],
			Suspect: summarise(k.suspect[0], k.suspectBy[0], units.suspect), Control: summarise(k.control[0], k.controlBy[0], units.control),
			Clusters: own.Clusters, SmallestP: overKinds(stats.PValue{P: own.SmallestP}, len(kinds)).P,
		},
		Warnings: []string{},
	}
	if len(kinds) > 1 {
		m.RowScores.Kinds, m.RowScores.Kind = len(kinds), k.scorers[0].kind
	}
	if own.Strata == 0 { // there is nothing to compare
		m.Placebos = nil
		return m
	}
	m.Effect = estimate(own)
	largest := slices.Clone(k.standardised)
	for _, other := range kinds {
		for i, e := range other.standardised {
			largest[i] = max(largest[i], e)
		}
	}
	for i, p := range s.trait.Placebos {
		mean := k.effects[i+1]
		if len(kinds) > 1 {
			mean = largest[i+1] * k.centring.scale[0]
		}
		m.Placebos.Effects = append(m.Placebos.Effects, audit.PlaceboEffect{Name: p.Name, Mean: mean})
		if largest[i+1] > largest[0] {
			m.Placebos.Rank++
		}
	}
	m.RowScores.PPlacebo = stats.OutlierTest(largest[0], largest[1:])
	m.RowScores.NullQuantiles = nullQuantiles(k, units, s.pass.Seed)
	if k.positive != nil {
		s.addPositiveControl(&m, kinds, best, units)
	}
	if k.overt != nil {
		m.RowScores.OvertDose = overtDose(m.Effect, k.centring.apply(k.overt)[0])
	}
	return m
}

// overKinds returns the p-value of the kind with the largest effect, multiplied by the number of
// kinds (Bonferroni).
func overKinds(p stats.PValue, kinds int) stats.PValue {
	if kinds == 1 {
		return p
	}
	n := float64(kinds)
	return stats.PValue{P: min(1, n*p.P), Floor: min(1, n*p.Floor)}
}

// addPositiveControl compares the positive control with the control rows as measure does the
// suspect rows, and adds what the limit of detection is computed from. The effect has the unit of
// the scores of the kind that measure reports.
func (s scoring) addPositiveControl(m *audit.Measurement, kinds []comparison, reported int, units armUnits) {
	against := armUnits{s.units(s.trait.PositiveControl), units.control}
	var effects []float64
	relabelled := make([][]float64, limitDraws)
	best, candidates := 0, len(kinds[0].suspect)
	for k, of := range kinds {
		positive := of.centring.apply(of.positive)
		for i := range positive {
			effects = append(effects, against.compare(positive[i], of.controlBy[i], 0, 0).Mean/of.centring.scale[i])
		}
		if effects[k*candidates] > effects[best*candidates] {
			best = k
		}
		for d, e := range stats.ClusteredNull(of.suspectBy, of.controlBy, units.suspect, units.control, limitDraws, s.pass.Seed) {
			for i := range e {
				relabelled[d] = append(relabelled[d], e[i]/of.centring.scale[i])
			}
		}
	}
	k := kinds[best]
	scores := k.centring.apply(k.positive)[0]
	own := against.compare(scores, k.controlBy[0], s.pass.Permutations, s.pass.Seed)
	if own.Strata == 0 {
		return // no prompt in common: the positive control says nothing
	}
	effect, ratio := estimate(own), 1.0
	if best != reported {
		ratio = kinds[reported].centring.scale[0] / k.centring.scale[0]
		effect.Mean, effect.SE = effect.Mean*ratio, effect.SE*ratio
	}
	m.PositiveControl = &audit.PositiveControl{
		Data: audit.DescribeData(s.trait.PositiveControl), Effect: effect, P: overKinds(own.P, len(kinds)), Candidates: effects,
		ScoreQuantiles: quantiles(scores, ratio),
	}
	m.RowScores.Relabelled = relabelled
}

// armUnits holds, for each row of the arms, a key of its prompt and one of the rows that were not
// sampled independently of it: its copies, or those of its conversation or episode.
type armUnits struct{ suspect, control stats.Units }

// compare compares scores of the arms within prompts.
func (u armUnits) compare(suspect, control []float64, draws int, seed uint64) stats.Comparison {
	return stats.CompareClustered(suspect, control, u.suspect, u.control, 0.95, draws, seed)
}

// weights returns the weight of each row of an arm, 1 divided by the size of its cluster.
func weights(of stats.Units) []float64 {
	sizes := cluster.Sizes(of.Clusters)
	w := make([]float64, len(of.Clusters))
	for i, key := range of.Clusters {
		w[i] = 1 / float64(sizes[key])
	}
	return w
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
	s := audit.Scores{Rows: len(raw), Quantiles: quantiles(centred, 1), Sign: signTest(raw, cluster.Join([][]uint64{units.Strata}, [][]uint64{units.Clusters})[0])}
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
