package audit

import (
	"context"
	"fmt"
	"math"

	gonum "gonum.org/v1/gonum/stat"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
)

const transferName = "transfer"

// Transfer is the reference detector: it trains students and asks them. Replicate r of both arms
// shares its initial weights, the order of its prompts and its seeds. The difference between the
// two students after training is the shift.
var Transfer = Detector{
	Name:        transferName,
	Doc:         "trains paired students on suspect and control rows and compares their answers to the traits' probes",
	Observes:    "behaviour that this student acquires from the rows under this recipe",
	Limitations: "traits that were not probed, other students, other recipes, and shifts below the tolerance",
	Clears:      true,
	Measure:     transfer,
	Judge:       JudgeReplicates,
}

// transfer trains both arms, look by look, until every trait is decided or all replicates are
// trained. A positive control is trained only if the verdict needs it.
func transfer(ctx context.Context, pass *Pass) ([]Measurement, error) {
	e, err := newExperiment(pass)
	if err != nil {
		return nil, err
	}
	for e.pairs() < pass.Replicates {
		if err := e.extend(ctx, pass.nextLook(e.pairs())); err != nil {
			return nil, err
		}
		if decided, err := e.decided(ctx); err != nil {
			return nil, err
		} else if decided {
			break
		}
	}
	measurements := make([]Measurement, len(pass.Traits))
	for t := range measurements {
		if measurements[t], err = e.measure(ctx, t); err != nil {
			return nil, err
		}
	}
	return measurements, nil
}

// experiment holds the arms of one transfer audit.
type experiment struct {
	*Pass
	train     *Replicates
	rowsEach  int     // rows that each replicate is trained on
	used      float64 // share of the suspect rows in the parts
	untrained Answers
	suspect   arm
	control   arm
	positive  []*arm // by trait; nil until it is needed
}

// arm is a data set, divided among all replicates of the design, and the answers of the replicates
// trained so far.
type arm struct {
	name    string
	parts   []undertone.Data
	answers Answers
}

// newExperiment divides the rows. Nothing is trained.
func newExperiment(pass *Pass) (*experiment, error) {
	train := pass.Training()
	e := &experiment{Pass: pass, train: train, positive: make([]*arm, len(pass.Traits))}
	parts, err := train.Split(pass.Suspect, pass.Control)
	if err != nil {
		return nil, err
	}
	none := Answers{of: train}
	e.rowsEach, e.used, e.untrained = parts.Each, parts.Used[0], none
	e.suspect = arm{"suspect", parts.Of[0], none}
	e.control = arm{"control", parts.Of[1], none}
	return e, nil
}

// pairs returns the number of replicate pairs trained so far.
func (e *experiment) pairs() int { return e.suspect.answers.Len() }

// extend trains both arms up to n pairs.
func (e *experiment) extend(ctx context.Context, n int) error {
	more, err := e.train.Untrained(ctx, e.untrained.Len(), n)
	if err != nil {
		return err
	}
	e.untrained = e.untrained.Append(more)
	if err := e.control.extend(ctx, e.train, n); err != nil {
		return err
	}
	return e.suspect.extend(ctx, e.train, n)
}

// extend trains the arm up to n replicates.
func (a *arm) extend(ctx context.Context, train *Replicates, n int) error {
	more, err := train.Train(ctx, a.name, a.parts, a.answers.Len(), n)
	if err != nil {
		return err
	}
	a.answers = a.answers.Append(more)
	return nil
}

// decided reports whether more pairs cannot improve a verdict: every trait is detected or
// undetected even if its adjusted p-value is the strictest that the audit can give.
func (e *experiment) decided(ctx context.Context) (bool, error) {
	if e.pairs() == e.Replicates {
		return true, nil
	}
	for t, trait := range e.Traits {
		m := e.shift(t)
		j := e.Provisional(m)
		if j.Verdict == Detected {
			continue
		}
		if !j.Interval.Within(m.Tolerance) || trait.PositiveControl == nil {
			return false, nil
		}
		var err error
		if m.PositiveControl, err = e.positiveControl(ctx, t); err != nil {
			return false, err
		}
		if e.Provisional(m).Verdict == Inconclusive {
			return false, nil
		}
	}
	return true, nil
}

// shift returns the measurement of trait t with what its verdict rests on but the positive control.
func (e *experiment) shift(t int) Measurement {
	trait := e.Traits[t]
	d := e.suspect.answers.Differences(e.control.answers, t, trait.Scale, trait.Target)
	m := Measurement{
		Unit: trait.Scale.Unit(), Effect: pairEstimate(d), Tolerance: trait.Tolerance,
		Replicates: &ReplicateMeasurement{
			Scale: trait.Scale, Differences: d, SD: gonum.StdDev(d, nil), RowsEach: e.rowsEach, SuspectUsed: e.suspectUsed(),
			Planned: e.Replicates, Interim: e.InterimEvery > 0, Seed: e.Seed,
		},
		Warnings: []string{},
	}
	m.P, m.Replicates.EValue = e.testDifferences(d, trait.Tolerance)
	m.Replicates.Control = pairEstimate(e.control.answers.Differences(e.untrained, t, trait.Scale, trait.Target))
	for _, a := range e.untrained.to(e.train.direct[t]) {
		m.Replicates.Mass += mass(a) / float64(len(d))
	}
	return m
}

// suspectUsed returns the share of the suspect rows that a replicate was trained on so far.
func (e *experiment) suspectUsed() float64 {
	if e.train.cfg.Rows == ShareRows {
		return e.used
	}
	return e.used * float64(e.pairs()) / float64(e.Replicates)
}

// pairEstimate returns the mean of replicate differences.
func pairEstimate(d []float64) Estimate {
	mean, sd := gonum.MeanStdDev(d, nil)
	return Estimate{Mean: mean, SE: sd / math.Sqrt(float64(len(d))), N: len(d), DF: float64(len(d) - 1)}
}

// measure returns the complete measurement of trait t.
func (e *experiment) measure(ctx context.Context, t int) (Measurement, error) {
	m, trait := e.shift(t), e.Traits[t]
	untrained, suspect, control := e.untrained, e.suspect.answers, e.control.answers
	r := m.Replicates
	asked := untrained.to(e.train.direct[t])
	base, err := e.Untrained()
	if err != nil {
		return m, err
	}
	m.Warnings = append(m.Warnings, checkProbes(ctx, base, trait, asked[0])...)
	r.DistributionShift = distributionShift(untrained.to(e.train.direct[t]), suspect.to(e.train.direct[t]), control.to(e.train.direct[t]), e.Seed)
	if probes := e.train.indirect[t]; len(probes) > 0 {
		r.Indirect = distributionShift(untrained.to(probes), suspect.to(probes), control.to(probes), e.Seed)
		if w := r.Indirect.indirectWarning(); w != "" {
			m.Warnings = append(m.Warnings, w)
		}
	}
	r.Shifts = map[Scale]Shift{}
	for _, s := range scales {
		r.Shifts[s] = Shift{
			sum(untrained.Values(t, s, trait.Target)) / float64(untrained.Len()),
			sum(suspect.Values(t, s, trait.Target)) / float64(suspect.Len()),
			sum(control.Values(t, s, trait.Target)) / float64(control.Len()),
			suspect.Differences(control, t, s, trait.Target),
		}
	}
	m.Placebos = e.rankPlacebos(t, m.Effect.Mean)
	if e.Provisional(m).Verdict == Detected {
		return m, nil
	}
	if trait.PositiveControl != nil && e.pairs() >= e.ReplicatesNeeded {
		if m.PositiveControl, err = e.positiveControl(ctx, t); err != nil {
			return m, err
		}
	}
	return m, nil
}

func sum(x []float64) float64 {
	var total float64
	for _, v := range x {
		total += v
	}
	return total
}

// rankPlacebos ranks the shift of trait t among those of its placebos; nil without placebos.
func (e *experiment) rankPlacebos(t int, shift float64) *PlaceboRank {
	trait := e.Traits[t]
	if len(trait.Placebos) == 0 {
		return nil
	}
	p := &PlaceboRank{Rank: 1, Of: 1 + len(trait.Placebos)}
	for _, placebo := range trait.Placebos {
		d := gonum.Mean(e.suspect.answers.Differences(e.control.answers, t, trait.Scale, placebo.Target), nil)
		if d > shift {
			p.Rank++
		}
		p.Effects = append(p.Effects, PlaceboEffect{placebo.Name, d})
	}
	return p
}

// positiveControl runs the same test with the positive control of trait t in place of the suspect
// rows.
func (e *experiment) positiveControl(ctx context.Context, t int) (*PositiveControl, error) {
	trait := e.Traits[t]
	if e.positive[t] == nil {
		parts, err := e.train.Split(trait.PositiveControl)
		if err != nil {
			return nil, fmt.Errorf("positive control of trait %.40q: %w", trait.Name, err)
		}
		for r, part := range parts.Of[0] {
			parts.Of[0][r] = replicate.Cut(part, e.rowsEach, e.Seed)
		}
		e.positive[t] = &arm{"positive control", parts.Of[0], Answers{of: e.train}}
	}
	positive := e.positive[t]
	if err := positive.extend(ctx, e.train, e.pairs()); err != nil {
		return nil, err
	}
	d := positive.answers.Differences(e.control.answers, t, trait.Scale, trait.Target)
	c := &PositiveControl{Data: DescribeData(trait.PositiveControl), Effect: pairEstimate(d), Differences: d}
	c.P, _ = e.testDifferences(d, trait.Tolerance)
	return c, nil
}
