package audit

import (
	"context"
	"fmt"
	"math"

	gonum "gonum.org/v1/gonum/stat"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
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

// transfer trains students of all rows, which give the size of the shift, and pairs of students of
// parts of the rows, which give its p-value, look by look until every trait is decided. A positive
// control is trained only if the verdict needs it.
func transfer(ctx context.Context, pass *Pass) ([]Measurement, error) {
	e, err := newExperiment(pass)
	if err != nil {
		return nil, err
	}
	if err := e.checkProbes(ctx); err != nil {
		return nil, err
	}
	if err := e.extendWhole(ctx); err != nil {
		return nil, err
	}
	for e.pairs() < pass.Replicates {
		if err := e.extend(ctx, &e.tested, pass.nextLook(e.pairs())); err != nil {
			return nil, err
		}
		if decided, err := e.decided(ctx); err != nil {
			return nil, err
		} else if decided {
			break
		}
	}
	if err := e.relabelled(ctx); err != nil {
		return nil, err
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
	untrained Answers      // of the replicates that were asked so far
	tested    arms         // replicate pairs that give the p-value
	whole     *arms        // replicate pairs on all rows that give the size; nil if tested does
	exchanged *arms        // replicate pairs after exchanges of rows that give the p-value; nil if tested does
	positive  []*arm       // by trait; nil until it is needed
	probes    []probeCheck // by trait
}

// arms are the two arms of replicate pairs.
type arms struct {
	suspect, control arm
	rows             int     // of each replicate, a mean
	used             float64 // share of the suspect rows in all parts
}

// arm is a data set, divided among the replicates of a design, and the answers of the replicates
// trained so far.
type arm struct {
	name    string
	parts   []undertone.Data
	dose    float64 // share of positive-control rows, of a positive control
	answers Answers
}

// newExperiment divides the rows. Nothing is trained.
func newExperiment(pass *Pass) (*experiment, error) {
	train := pass.Training()
	e := &experiment{Pass: pass, train: train, untrained: Answers{of: train}, positive: make([]*arm, len(pass.Traits))}
	parts, err := train.Split(pass.Suspect, pass.Control)
	if err != nil {
		return nil, err
	}
	e.tested = newArms(train, parts, "")
	if train.cfg.Whole == 0 || dividesItself(pass.Suspect) || dividesItself(pass.Control) {
		return e, nil
	}
	if parts, err = train.Whole(train.cfg.Whole, pass.Suspect, pass.Control); err != nil {
		return nil, err
	}
	whole := newArms(train, parts, ", all rows")
	e.whole = &whole
	return e, nil
}

// dividesItself reports whether data has parts of its own. Each is then a whole data set.
func dividesItself(data undertone.Data) bool {
	_, ok := data.(undertone.Partitioner)
	return ok
}

func newArms(train *Replicates, parts Parts, suffix string) arms {
	none := Answers{of: train}
	return arms{
		suspect: arm{name: "suspect" + suffix, parts: parts.Of[0], answers: none},
		control: arm{name: "control" + suffix, parts: parts.Of[1], answers: none},
		rows:    parts.Each, used: parts.Used[0],
	}
}

// sized returns the arms whose students give the size of the shift.
func (e *experiment) sized() *arms {
	if e.whole != nil {
		return e.whole
	}
	return &e.tested
}

// pairs returns the number of tested replicate pairs so far.
func (e *experiment) pairs() int { return e.tested.suspect.answers.Len() }

// checkProbes asks the untrained student the probes of all traits before anything is trained. It
// returns an error if a probe can show nothing.
func (e *experiment) checkProbes(ctx context.Context) error {
	base, err := e.Untrained()
	if err != nil {
		return err
	}
	if e.untrained, err = e.train.Untrained(ctx, 0, 1); err != nil {
		return err
	}
	for t, trait := range e.Traits {
		check, err := checkProbes(ctx, base, trait, e.untrained.to(e.train.direct[t])[0])
		if err != nil {
			return fmt.Errorf("trait %.40q: %w", trait.Name, err)
		}
		e.probes = append(e.probes, check)
	}
	return nil
}

// extendWhole trains the pairs on all rows.
func (e *experiment) extendWhole(ctx context.Context) error {
	if e.whole == nil {
		return nil
	}
	return e.extend(ctx, e.whole, len(e.whole.suspect.parts))
}

// extend trains both arms up to n pairs.
func (e *experiment) extend(ctx context.Context, a *arms, n int) error {
	if asked := e.untrained.Len(); asked < n {
		more, err := e.train.Untrained(ctx, asked, n)
		if err != nil {
			return err
		}
		e.untrained = e.untrained.Append(more)
	}
	if err := a.control.extend(ctx, e.train, n); err != nil {
		return err
	}
	return a.suspect.extend(ctx, e.train, n)
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
// undetected even if its adjusted p-value is the strictest that the audit can give, or the students
// of all rows show a shift below the tolerance.
func (e *experiment) decided(ctx context.Context) (bool, error) {
	if e.pairs() == e.Replicates {
		return true, nil
	}
	for t, trait := range e.Traits {
		m := e.shift(t)
		j := e.Provisional(m)
		switch {
		case j.Verdict == Detected:
			continue
		case e.whole != nil && m.Effect.Mean < m.Tolerance:
			continue // the size is known, and no p-value makes it larger
		case !j.Interval.Within(m.Tolerance) || trait.PositiveControl == nil:
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
	trait, sized := e.Traits[t], e.sized()
	d := e.tested.differences(t, trait, trait.Target)
	m := Measurement{
		Unit: trait.Scale.Unit(), Effect: pairEstimate(d), Tolerance: trait.Tolerance,
		Replicates: &ReplicateMeasurement{
			Scale: trait.Scale, Differences: d, SD: gonum.StdDev(d, nil), RowsEach: e.tested.rows, SuspectUsed: e.suspectUsed(),
			PartOnly:   e.train.cfg.Rows == PartRows && !dividesItself(e.Suspect),
			NeverGiven: e.probes[t].neverGiven, Samples: samplesFor(e.Student, trait), Judge: trait.Judge,
			Planned: e.Replicates, Interim: e.InterimEvery > 0, Seed: e.Seed,
		},
		Warnings: []string{},
	}
	r := m.Replicates
	m.P, r.EValue = e.testDifferences(d, trait.Tolerance)
	if e.exchanged != nil {
		r.Exchanged = e.exchanged.differences(t, trait, trait.Target)
		m.P = exchangeTest(m.Effect.Mean, r.Exchanged)
	}
	if e.whole != nil {
		all := e.whole.differences(t, trait, trait.Target)
		m.Effect, r.Whole = pairEstimate(all), &Whole{e.whole.rows, all, gonum.StdDev(all, nil)}
	}
	untrained := e.before(sized)
	r.Control = pairEstimate(sized.control.answers.Differences(untrained, t, trait.Scale, trait.Target))
	for _, a := range untrained.to(e.train.direct[t]) {
		r.Mass += mass(seen(a, r.Samples)) / float64(untrained.Len())
	}
	m.Placebos, r.PPlacebo = e.rankPlacebos(t, m.Effect.Mean)
	return m
}

// before returns the answers of the untrained students of the arms.
func (e *experiment) before(a *arms) Answers {
	return Answers{e.train, e.untrained.each[:a.suspect.answers.Len()]}
}

// differences returns suspect minus control for outcomes of the probes of trait t, replicate by
// replicate.
func (a *arms) differences(t int, trait Trait, target []int) []float64 {
	return a.suspect.answers.Differences(a.control.answers, t, trait.Scale, target)
}

// suspectUsed returns the share of the suspect rows that the students which give the size were
// trained on so far.
func (e *experiment) suspectUsed() float64 {
	seen := e.shared.suspect.seen()
	if e.whole != nil || e.train.cfg.Rows == ShareRows {
		return seen * e.sized().used
	}
	return seen * e.tested.used * float64(e.pairs()) / float64(e.Replicates)
}

// pairEstimate returns the mean of replicate differences.
func pairEstimate(d []float64) Estimate {
	mean, sd := gonum.MeanStdDev(d, nil)
	return Estimate{Mean: mean, SE: sd / math.Sqrt(float64(len(d))), N: len(d), DF: float64(len(d) - 1)}
}

// measure returns the complete measurement of trait t.
func (e *experiment) measure(ctx context.Context, t int) (Measurement, error) {
	m, trait := e.shift(t), e.Traits[t]
	r := m.Replicates
	m.Warnings = append(m.Warnings, e.probes[t].warnings...)
	r.DistributionShift = e.distributionShift(e.train.direct[t], trait.Probes)
	if probes := e.train.indirect[t]; len(probes) > 0 {
		r.Indirect = e.distributionShift(probes, trait.Indirect)
		if w := r.Indirect.indirectWarning(); w != "" {
			m.Warnings = append(m.Warnings, w)
		}
	}
	r.Shifts = e.shifts(t, trait)
	if e.Provisional(m).Verdict == Detected {
		return m, nil
	}
	if trait.PositiveControl != nil && e.pairs() >= e.ReplicatesNeeded {
		var err error
		if m.PositiveControl, err = e.positiveControl(ctx, t); err != nil {
			return m, err
		}
	}
	return m, nil
}

// distributionShift compares the answers of the tested students to the probes at the given indices.
func (e *experiment) distributionShift(at []int, probes []Probe) *DistributionShift {
	a := &e.tested
	before, suspect, control := e.before(a).to(at), a.suspect.answers.to(at), a.control.answers.to(at)
	m := distributionShift(before, suspect, control, e.Seed)
	m.Answers = answerShifts(probes, before, suspect, control)
	return m
}

// shifts returns the shift of trait t on all scales, of the students that give the size.
func (e *experiment) shifts(t int, trait Trait) map[Scale]Shift {
	a, shifts := e.sized(), map[Scale]Shift{}
	before := e.before(a)
	mean := func(answers Answers, s Scale) float64 {
		return sum(answers.Values(t, s, trait.Target)) / float64(answers.Len())
	}
	for _, s := range scales {
		shifts[s] = Shift{
			mean(before, s), mean(a.suspect.answers, s), mean(a.control.answers, s),
			a.suspect.answers.Differences(a.control.answers, t, s, trait.Target),
		}
	}
	return shifts
}

func sum(x []float64) float64 {
	var total float64
	for _, v := range x {
		total += v
	}
	return total
}

// minPlacebos is the smallest number of placebos with which the shift of a trait is tested as one
// more of theirs.
const minPlacebos = 3

// rankPlacebos ranks the shift of trait t among those of its placebos, and tests it as one more of
// them. Without placebos the rank is nil; with fewer than [minPlacebos] the p-value is 0.
func (e *experiment) rankPlacebos(t int, shift float64) (*PlaceboRank, float64) {
	trait := e.Traits[t]
	if len(trait.Placebos) == 0 {
		return nil, 0
	}
	p := &PlaceboRank{Rank: 1, Of: 1 + len(trait.Placebos)}
	effects := make([]float64, len(trait.Placebos))
	for k, placebo := range trait.Placebos {
		effects[k] = gonum.Mean(e.sized().differences(t, trait, placebo.Target), nil)
		if effects[k] > shift {
			p.Rank++
		}
		p.Effects = append(p.Effects, PlaceboEffect{placebo.Name, effects[k]})
	}
	if len(effects) < minPlacebos {
		return p, 0
	}
	return p, stats.OutlierTest(shift, effects)
}

// positiveControl trains students of planted rows as the students that give the size of the shift
// are trained, and compares them with the control.
func (e *experiment) positiveControl(ctx context.Context, t int) (*PositiveControl, error) {
	trait, sized := e.Traits[t], e.sized()
	if e.positive[t] == nil {
		planted, err := e.planted(ctx, trait)
		if err != nil {
			return nil, fmt.Errorf("positive control of trait %.40q: %w", trait.Name, err)
		}
		e.positive[t] = planted
	}
	positive := e.positive[t]
	if err := positive.extend(ctx, e.train, sized.control.answers.Len()); err != nil {
		return nil, err
	}
	d := positive.answers.Differences(sized.control.answers, t, trait.Scale, trait.Target)
	c := &PositiveControl{
		Data: DescribeData(trait.PositiveControl), Dose: positive.dose,
		Effect: pairEstimate(d), Differences: d, P: stats.MeanTest(d),
	}
	c.Candidates = []float64{c.Effect.Mean}
	for _, placebo := range trait.Placebos {
		c.Candidates = append(c.Candidates, gonum.Mean(positive.answers.Differences(sized.control.answers, t, trait.Scale, placebo.Target), nil))
	}
	return c, nil
}
