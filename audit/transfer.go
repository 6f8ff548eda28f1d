package audit

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/stat"
)

// Transfer is the reference detector: it trains students and looks. Replicate r
// of both arms shares its initial weights, the order of its prompts and its
// seeds; the pair's difference after training is the shift.
var Transfer = Detector{
	Name:  "transfer",
	Doc:   "trains paired students on suspect and control rows and compares their answers to the traits' probes",
	Sees:  "behaviour that training on the rows gives to this student, under this recipe",
	Blind: "traits that were not probed, other students, other recipes, and shifts below the tolerance",
	Run:   transfer,
}

func transfer(ctx context.Context, pass *Pass) ([]Finding, error) {
	e := &experiment{Pass: pass}
	if err := e.run(ctx); err != nil {
		return nil, err
	}
	findings := make([]Finding, len(pass.Traits))
	p := make([]float64, len(findings))
	for t := range findings {
		findings[t] = e.find(t)
		p[t] = findings[t].P.P
	}
	needed := stat.PairsNeeded(pass.Alpha, len(findings))
	for t, adjusted := range stat.Holm(p) {
		f := &findings[t]
		f.PAdjusted = adjusted
		f.judge(pass.Alpha, needed)
		f.compare()
		if f.Verdict == Detected || pass.Traits[t].Planted == nil || f.Pairs < needed {
			continue
		}
		// Only a verdict of undetected rests on the positive control.
		if err := e.plant(ctx, t, f); err != nil {
			return nil, err
		}
		f.Reasons = nil
		f.judge(pass.Alpha, needed)
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
	rows                     int              // that each replicate is trained on
	controls                 []undertone.Data // part by part
	before, suspect, control cohort
}

func (e *experiment) run(ctx context.Context) error {
	arms, err := split(e.Replicates, e.Rows, e.Seed, e.Suspect, e.Control)
	if err != nil {
		return err
	}
	suspects := arms[0]
	e.controls = arms[1]
	if e.rows, err = level(e.Seed, suspects, e.controls); err != nil {
		return err
	}
	if e.before, err = e.lab.before(ctx); err != nil {
		return err
	}
	if e.control, err = e.lab.train(ctx, "control", e.controls); err != nil {
		return err
	}
	e.suspect, err = e.lab.train(ctx, "suspect", suspects)
	return err
}

// find measures trait t; the verdict is left to judge.
func (e *experiment) find(t int) Finding {
	trait := e.Traits[t]
	before, suspect, control := e.lab.trait(e.before, t), e.lab.trait(e.suspect, t), e.lab.trait(e.control, t)
	shift := differences(suspect, control, trait.Measure, trait.Target)
	f := Finding{
		Detector: "transfer", Trait: trait.Name,
		Measure: trait.Measure, Tolerance: trait.Tolerance,
		Pairs: len(shift), Rows: e.rows,
		Effect:   effect(shift, 1-e.Alpha),
		P:        P(stat.SignFlip(shift, e.Seed)),
		Measured: map[Measure]Shift{},
		Moved:    e.moved(before, suspect, control),
		Warnings: []string{},
	}
	for _, m := range measures {
		f.Measured[m] = Shift{
			mean(before, m, trait.Target), mean(suspect, m, trait.Target), mean(control, m, trait.Target),
			effect(differences(suspect, control, m, trait.Target), 1-e.Alpha),
		}
	}
	if len(trait.Placebos) > 0 {
		f.Placebos = rank(f.Effect.Mean, suspect, control, trait)
	}
	return f
}

// plant runs the same test with the trait's planted rows in place of the suspect's.
func (e *experiment) plant(ctx context.Context, t int, f *Finding) error {
	trait := e.Traits[t]
	arms, err := split(e.Replicates, e.Rows, e.Seed, trait.Planted)
	if err != nil {
		return err
	}
	parts := arms[0]
	if _, err := level(e.Seed, parts); err != nil {
		return fmt.Errorf("planted rows of trait %.40q: %w", trait.Name, err)
	}
	for r := range parts {
		parts[r] = cut(parts[r], e.rows, e.Seed)
	}
	planted, err := e.lab.train(ctx, "planted", parts)
	if err != nil {
		return err
	}
	shift := differences(e.lab.trait(planted, t), e.lab.trait(e.control, t), trait.Measure, trait.Target)
	p := &Planted{Data: note(trait.Planted), Effect: effect(shift, 1-e.Alpha), P: P(stat.SignFlip(shift, e.Seed))}
	p.Found = p.P.P*float64(len(e.Traits)) <= e.Alpha && p.Effect.Mean >= trait.Tolerance
	f.Planted = p
	return nil
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
		d := stat.MeanInterval(differences(suspect, control, trait.Measure, sibling.Target), 0.5).Mean
		if d > shift {
			p.Rank++
		}
		p.Effects = append(p.Effects, PlaceboEffect{sibling.Name, d})
	}
	return p
}

// moved compares the distributions of answers before and after, and between the arms.
func (e *experiment) moved(before, suspect, control []answers) *Moved {
	m := &Moved{}
	n := len(suspect)
	rows := make([][]float64, n) // differences between the arms, all probes' outcomes in one vector
	for r := range n {
		m.BeforeSuspect.add(diverge(before[r], suspect[r]), 1/float64(n))
		m.BeforeControl.add(diverge(before[r], control[r]), 1/float64(n))
		m.ControlSuspect.add(diverge(control[r], suspect[r]), 1/float64(n))
		for i := range suspect[r] {
			p, q := suspect[r].distribution(i), control[r].distribution(i)
			for j := range p {
				rows[r] = append(rows[r], p[j]-q[j])
			}
		}
	}
	scale := 0.5 / float64(n*len(suspect[0]))
	variation := func(sum []float64) float64 {
		var total float64
		for _, d := range sum {
			total += max(d, -d)
		}
		return scale * total
	}
	sum := make([]float64, len(rows[0]))
	for _, row := range rows {
		for j, d := range row {
			sum[j] += d
		}
	}
	m.TotalVariation = variation(sum)
	m.P = P(stat.SignFlipVector(rows, variation, e.Seed))
	return m
}
