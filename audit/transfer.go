package audit

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
)

const transferName = "transfer"

// Transfer is the reference detector: it trains students and looks. Replicate r
// of both arms shares its initial weights, the order of its prompts and its
// seeds; the pair's difference after training is the shift.
var Transfer = Detector{
	Name:        transferName,
	Doc:         "trains paired students on suspect and control rows and compares their answers to the traits' probes",
	Observes:    "behaviour that training on the rows gives to this student, under this recipe",
	Limitations: "traits that were not probed, other students, other recipes, and shifts below the tolerance",
	Run:         transfer,
}

func transfer(ctx context.Context, pass *Pass) ([]Finding, error) {
	e, err := newExperiment(pass)
	if err != nil {
		return nil, err
	}
	for settled := false; !settled && e.pairs() < e.Replicates; {
		if err := e.extend(ctx, e.nextLook()); err != nil {
			return nil, err
		}
		if settled, err = e.settled(ctx); err != nil {
			return nil, err
		}
	}
	findings := make([]Finding, len(pass.Traits))
	for t := range findings {
		findings[t] = e.find(t)
		findings[t].settle = func(ctx context.Context, f *Finding) error { return e.settle(ctx, t, f) }
	}
	return findings, nil
}

// compare warns of a detection that its placebos share.
func (f *Finding) compare() {
	if p := f.Placebos; f.Verdict == Detected && p != nil && p.Rank > 1 {
		f.Warnings = append(f.Warnings, fmt.Sprintf("placebo: %d of %d siblings rose more than the trait did: the rows move the student, but not to this trait alone", p.Rank-1, p.Of-1))
	}
}

// experiment holds the arms of one transfer audit.
type experiment struct {
	*Pass
	needed  int // pairs for the smallest p to reach alpha
	rows    int // that each replicate is trained on
	before  cohort
	suspect arm
	control arm
	planted []*arm // by trait; nil until the positive control is needed
}

// arm is a data set, divided between all replicates that there may be, and the answers of those trained so far.
type arm struct {
	name  string
	parts []undertone.Data
	done  cohort
}

// newExperiment divides the rows; nothing is trained.
func newExperiment(pass *Pass) (*experiment, error) {
	e := &experiment{Pass: pass, needed: stats.MinPairs(pass.Alpha, pass.Tests), planted: make([]*arm, len(pass.Traits))}
	arms, err := split(e.Replicates, e.Rows, e.Seed, e.Suspect, e.Control)
	if err != nil {
		return nil, err
	}
	e.suspect, e.control = arm{name: "suspect", parts: arms[0]}, arm{name: "control", parts: arms[1]}
	e.rows, err = level(e.Seed, arms[0], arms[1])
	return e, err
}

// pairs returns the number of pairs trained so far.
func (e *experiment) pairs() int { return len(e.suspect.done) }

// extend trains both arms up to n pairs.
func (e *experiment) extend(ctx context.Context, n int) error {
	more, err := e.lab.before(ctx, len(e.before), n)
	if err != nil {
		return err
	}
	e.before = append(e.before, more...)
	if err := e.train(ctx, &e.control, n); err != nil {
		return err
	}
	return e.train(ctx, &e.suspect, n)
}

func (e *experiment) train(ctx context.Context, a *arm, n int) error {
	more, err := e.lab.train(ctx, a.name, a.parts, len(a.done), n)
	a.done = append(a.done, more...)
	return err
}

// settle judges trait t. Only a verdict of undetected rests on the positive control, which is trained when it is needed.
func (e *experiment) settle(ctx context.Context, t int, f *Finding) error {
	f.judge(e.Alpha/float64(e.Tests), e.Alpha, e.needed)
	f.compare()
	if f.Verdict == Detected || e.Traits[t].PositiveControl == nil || f.Pairs < e.needed {
		return nil
	}
	var err error
	if f.Planted, err = e.plant(ctx, t); err != nil {
		return err
	}
	f.Limit = e.limit(f)
	f.Reasons = nil
	f.judge(e.Alpha/float64(e.Tests), e.Alpha, e.needed)
	return nil
}

// measure returns the finding about trait t with its shift and test alone.
func (e *experiment) measure(t int) Finding {
	trait := e.Traits[t]
	shift := differences(e.lab.trait(e.suspect.done, t), e.lab.trait(e.control.done, t), trait.Measure, trait.Target)
	f := Finding{
		Detector: transferName, Trait: trait.Name,
		Measure: trait.Measure, Tolerance: trait.Tolerance,
		Pairs: len(shift), Rows: e.rows,
		Effect:   e.effect(shift, trait.Tolerance),
		Warnings: []string{},
	}
	f.P, f.EValue = e.test(shift, trait.Tolerance)
	return f
}

// find describes all that trait t and its siblings did; the verdict is left to settle.
func (e *experiment) find(t int) Finding {
	f, trait := e.measure(t), e.Traits[t]
	before, suspect, control := e.lab.trait(e.before, t), e.lab.trait(e.suspect.done, t), e.lab.trait(e.control.done, t)
	f.Moved = e.moved(before, suspect, control)
	if places := e.lab.indirect[t]; len(places) > 0 {
		f.Indirect = e.moved(e.before.to(places), e.suspect.done.to(places), e.control.done.to(places))
		f.drift(e.Alpha)
	}
	f.Measured = map[Measure]Shift{}
	for _, m := range measures {
		scale := m.defaultTolerance()
		if m == trait.Measure {
			scale = trait.Tolerance
		}
		f.Measured[m] = Shift{
			mean(before, m, trait.Target), mean(suspect, m, trait.Target), mean(control, m, trait.Target),
			e.effect(differences(suspect, control, m, trait.Target), scale),
		}
	}
	if len(trait.Placebos) > 0 {
		f.Placebos = rank(f.Effect.Mean, suspect, control, trait)
	}
	return f
}

// plant runs the same test with the trait's planted rows in place of the suspect's.
func (e *experiment) plant(ctx context.Context, t int) (*Planted, error) {
	trait := e.Traits[t]
	if e.planted[t] == nil {
		arms, err := split(e.Replicates, e.Rows, e.Seed, trait.PositiveControl)
		if err != nil {
			return nil, err
		}
		parts := arms[0]
		if _, err := level(e.Seed, parts); err != nil {
			return nil, fmt.Errorf("planted rows of trait %.40q: %w", trait.Name, err)
		}
		for r := range parts {
			parts[r] = cut(parts[r], e.rows, e.Seed)
		}
		e.planted[t] = &arm{name: "planted", parts: parts}
	}
	planted := e.planted[t]
	if err := e.train(ctx, planted, e.pairs()); err != nil {
		return nil, err
	}
	shift := differences(e.lab.trait(planted.done, t), e.lab.trait(e.control.done, t), trait.Measure, trait.Target)
	p := &Planted{Data: note(trait.PositiveControl), Effect: e.effect(shift, trait.Tolerance)}
	p.P, _ = e.test(shift, trait.Tolerance)
	p.Found = p.P.P*float64(e.Tests) <= e.Alpha && p.Effect.Mean >= trait.Tolerance
	return p, nil
}

// differences returns the suspect's measure less the control's, pair by pair.
func differences(suspect, control []answers, m Measure, target []int) []float64 {
	d := make([]float64, len(suspect))
	for r := range d {
		d[r] = suspect[r].measure(m, target) - control[r].measure(m, target)
	}
	return d
}

func mean(cohort []answers, m Measure, target []int) float64 {
	var sum float64
	for _, a := range cohort {
		sum += a.measure(m, target)
	}
	return sum / float64(len(cohort))
}

// rank places the trait's shift among those of its siblings.
func rank(shift float64, suspect, control []answers, trait Trait) *PlaceboRank {
	p := &PlaceboRank{Rank: 1, Of: 1 + len(trait.Placebos)}
	for _, sibling := range trait.Placebos {
		d := stats.MeanInterval(differences(suspect, control, trait.Measure, sibling.Target), 0.5).Mean
		if d > shift {
			p.Rank++
		}
		p.Effects = append(p.Effects, PlaceboEffect{sibling.Name, d})
	}
	return p
}
