// Package factorial audits several data sets and several traits together, in a crossed design. It
// asks whether each data set moves the student to the trait that it is named for, more than to the
// others.
package factorial

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/stats"
	"github.com/undertone-audit/undertone/student"
)

// Config describes a crossed experiment: data sets that are each said to carry another trait, whose
// students are all asked for all traits. The zero value of a field means the stated default.
type Config struct {
	Arms    []undertone.Data // Arms[i] is by a teacher said to have Traits[i], >= 2; the same prompts and filters
	Traits  []audit.Trait    // on one scale; their positive controls are not used
	Control undertone.Data   // trait-free rows, whose students are the reference (default: the untrained student); γ does not depend on it
	Student student.Student  // the model that would be trained; it is not changed

	Recipe       student.Recipe // how each replicate is trained; its Seed is ignored
	audit.Design                // as in [audit.Config]; InterimEvery must be 0

	Store    undertone.Store      // finished replicates; an audit of the same rows and traits shares them (default none)
	Progress func(audit.Progress) // called after each finished replicate (default none)
	Warn     func(string)         // called with a sentence about each damaged value of the store (default none)
	Parallel int                  // replicates trained at once (default GOMAXPROCS)
}

// Run carries out the experiment. It trains the students of all arms of a replicate from the same
// initial weights and in the same order of prompts, asks them for all traits, and fits
//
//	lift_ijk = μ + α_i + β_j + γ·1[i=j] + ε_ijk
//
// to the lift of trait j in the student of arm i and replicate k. α_i is what the rows of arm i do
// to every trait, as any fine-tuning does something. β_j is how easily trait j rises, whatever the
// rows. γ is how much more a data set moves students to the trait that it is named for; an audit of
// a single trait cannot separate it from α and β.
//
// For a square table the least-squares γ is the mean lift on the diagonal minus the mean lift off
// the diagonal: each row and each column has one element on the diagonal, so α and β cancel
// (derived at [stats.DiagonalEffect]).
//
// Two tests answer two questions. Detected needs both at alpha, and γ of at least the mean
// tolerance of the traits:
//
//   - Are the students the cause? The unit is the replicate. Under [audit.SplitRows], γ_k is a draw
//     of rows and order of its own; the answers of one student are never units. The sign-flip test
//     and Student's t interval are over γ_k. They are about these teachers: all replicates share
//     what the rows of a teacher happen to do to each trait, so enough replicates detect it.
//   - Are the teachers the cause? The unit is the data set. The permutation test compares γ of the
//     mean table with γ under every other assignment of data sets to traits. Its smallest p-value
//     is 1/n!, so fewer than 4 data sets cannot reach 0.05, and one strong data set alone has a
//     p-value of about 1/n.
//
// The larger of the two p-values tests the union of both nulls (Berger 1982), so alpha is kept.
//
// The verdict is never undetected: γ is a mean over data sets, and any of them may carry its trait
// when γ is small. [audit.Run] can clear one data set.
//
// Run returns ctx's error soon after ctx is done; finished replicates are in c.Store.
func Run(ctx context.Context, c Config) (*Report, error) {
	report, err := c.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("factorial: %w", err)
	}
	return report, nil
}

func (c Config) run(ctx context.Context) (*Report, error) {
	train, err := audit.NewReplicates(audit.Config{
		Student: c.Student, Traits: c.Traits, Recipe: c.Recipe, Design: c.Design,
		Store: c.Store, Progress: c.Progress, Warn: c.Warn, Parallel: c.Parallel,
	})
	if err != nil {
		return nil, err
	}
	design, err := c.Design.WithDefaults()
	if err != nil {
		return nil, err
	}
	design.Whole, design.Dose = 0, 0 // nothing is cleared
	cfg := audit.Config{Student: c.Student, Traits: train.Traits(), Recipe: train.Recipe(), Design: design}
	if err := c.validate(cfg.Traits); err != nil {
		return nil, err
	}
	data := slices.Clone(c.Arms)
	if c.Control != nil {
		data = append(data, c.Control)
	}
	parts, err := train.Split(data...)
	if err != nil {
		return nil, err
	}
	var reference audit.Answers
	if c.Control != nil {
		reference, err = train.Train(ctx, "control", parts.Of[len(c.Arms)], 0, cfg.Replicates)
	} else {
		reference, err = train.Untrained(ctx, 0, cfg.Replicates)
	}
	if err != nil {
		return nil, err
	}
	tables := newTables(cfg.Replicates, len(c.Arms))
	for i := range c.Arms {
		students, err := train.Train(ctx, cfg.Traits[i].Name, parts.Of[i], 0, cfg.Replicates)
		if err != nil {
			return nil, err
		}
		for j, t := range cfg.Traits {
			for k, lift := range students.Differences(reference, j, t.Scale, t.Target) {
				tables[k][i][j] = lift
			}
		}
	}
	r := newReport(c, cfg, parts.Each)
	r.measure(tables)
	r.judge()
	return r, r.seal()
}

// newTables returns a table of n rows and n columns for each replicate.
func newTables(replicates, n int) [][][]float64 {
	tables := make([][][]float64, replicates)
	for k := range tables {
		tables[k] = make([][]float64, n)
		for i := range tables[k] {
			tables[k][i] = make([]float64, n)
		}
	}
	return tables
}

// validate returns an error if the arms and traits do not make a crossed design. traits have their
// defaults.
func (c Config) validate(traits []audit.Trait) error {
	if c.InterimEvery != 0 {
		return errors.New("a crossed experiment has no interim looks; leave InterimEvery at 0")
	}
	if replicates := c.Design.Replicates; replicates > maxReplicates || len(c.Arms) > maxArms {
		return fmt.Errorf("%d replicates of %d arms, want at most %d of at most %d", replicates, len(c.Arms), maxReplicates, maxArms)
	}
	if len(c.Arms) != len(traits) || len(c.Arms) < 2 {
		return fmt.Errorf("%d arms for %d traits, want one arm for each of at least 2 traits", len(c.Arms), len(traits))
	}
	known := map[undertone.Digest]int{}
	for i, d := range c.Arms {
		if d == nil || d.Len() == 0 {
			return fmt.Errorf("arm %d has no rows", i)
		}
		if first, twice := known[d.Digest()]; twice {
			return fmt.Errorf("arms %d and %d have the same rows", first, i)
		}
		known[d.Digest()] = i
	}
	if c.Control != nil {
		if c.Control.Len() == 0 {
			return errors.New("the control data set has no rows; leave it nil to compare with the untrained student")
		}
		if i, twice := known[c.Control.Digest()]; twice {
			return fmt.Errorf("arm %d and the control have the same rows", i)
		}
	}
	names := map[string]bool{}
	for _, t := range traits {
		if names[t.Name] {
			return fmt.Errorf("trait %.40q is listed twice", t.Name)
		}
		names[t.Name] = true
		if t.Scale != traits[0].Scale {
			return fmt.Errorf("trait %.40q is on the scale %q and %.40q on %q: one table needs one scale", t.Name, t.Scale, traits[0].Name, traits[0].Scale)
		}
	}
	return nil
}

// measure fills in the tables, γ and its tests. tables[k][i][j] is the lift of trait j in the
// student of arm i and replicate k.
func (r *Report) measure(tables [][][]float64) {
	n := len(r.Arms)
	r.Lifts = newTables(1, n)[0]
	gammas := make([]float64, len(tables))
	for k, table := range tables {
		gammas[k] = stats.DiagonalEffect(table)
		for i, row := range table {
			for j, lift := range row {
				r.Lifts[i][j] += lift / float64(len(tables))
			}
		}
	}
	r.Residuals = stats.DoubleCentre(r.Lifts)
	for i := range r.Arms {
		own := make([]float64, len(tables))
		for k := range tables {
			own[k] = tables[k][i][i]
		}
		r.Arms[i].Lift, r.Arms[i].Rank = r.interval(own), r.rank(i)
	}
	r.ByReplicate, r.Gamma = gammas, r.interval(gammas)
	r.PReplicates, r.PAssignments = r.testReplicates(), r.testAssignments()
}

// rank returns the rank of the residual of its own trait among those of arm i.
func (r *Report) rank(i int) int {
	rank := 1
	for _, other := range r.Residuals[i] {
		if other > r.Residuals[i][i] {
			rank++
		}
	}
	return rank
}

// testReplicates tests γ of the replicates.
func (r *Report) testReplicates() stats.PValue {
	return stats.SignFlip(r.ByReplicate, stats.Permutations(r.Design.Alpha), r.Design.Seed)
}

// testAssignments tests the lifts under other assignments of data sets to traits.
func (r *Report) testAssignments() stats.PValue { return stats.AssignmentTest(r.Lifts, r.Design.Seed) }

func (r *Report) interval(x []float64) Effect {
	level := 1 - r.Design.Alpha
	i := stats.MeanInterval(x, level)
	return Effect{i.Mean, i.SD, audit.Interval{Low: i.Low, High: i.High, Level: level}}
}
