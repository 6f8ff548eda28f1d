package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
	"github.com/undertone-audit/undertone/student"
)

// Crossing is an experiment over several traits at once: data sets that are each said to carry another
// trait, all of whose students are asked for all traits. The zero value of a field means the stated default.
type Crossing struct {
	Arms    []undertone.Data // Arms[i] is by a teacher that is said to have Traits[i]; at least 2, of the same prompts and filters
	Traits  []Trait          // of one measure; what is planted for them is not used
	Control undertone.Data   // trait-free rows, from whose students lifts are counted; without them from the untrained student. γ does not depend on it
	Student student.Student  // what would be trained; it is not changed

	Recipe     student.Recipe // as in [Config], and so are the fields below
	Replicates int            // students an arm, at least 2; 12
	Rows       RowPlan        // SplitRows
	Alpha      float64        // .05
	Seed       uint64

	Store    undertone.Store // an arm that an audit of the same rows and traits has trained is not trained again; none
	Progress func(Progress)
	Parallel int
}

// Cross carries out the experiment: it trains each replicate's students of all arms from the same initial
// weights and in the same order of prompts, asks them for all traits, and fits
//
//	lift_ijk = μ + α_i + β_j + γ·1[i=j] + ε_ijk
//
// to the lift of trait j in replicate k's student of arm i. α_i is what the rows of arm i do to every
// trait, as any fine-tuning does something; β_j is how easily trait j rises, whatever the rows. What is left to γ is
// that data sets move students to the trait they are named for, and no audit of a single trait can tell it from the others.
//
// For a square table the least-squares γ is the mean lift on the diagonal less the mean lift off it: each row and each
// column has one element on the diagonal, so α and β cancel (the derivation stands in internal/stat, Diagonal).
//
// Two tests answer two questions, and a verdict of detected needs both at alpha, and γ of at least the
// traits' mean tolerance:
//
//   - Is it the luck of the students? The unit is the replicate, whose γ_k is a draw of rows and order of its own under
//     SplitRows; the answers of a student are never units. The sign-flip test and Student's t interval
//     are over γ_k. They speak about these teachers: what a teacher's rows happen to do to each trait all replicates share,
//     so enough replicates find any of it.
//   - Is it the luck of the teachers? The unit is the data set. The permutation test compares γ of the mean table with
//     that of every other assignment of data sets to traits. Its floor is 1/n!, so less than 4 data sets cannot reach .05,
//     and one strong data set alone has a p of about 1/n.
//
// The larger p of the two is a test of the union of both nulls (Berger 1982), so alpha is kept.
//
// The verdict is never undetected: γ is a mean over data sets, of which any may carry its trait where γ is small. [Run]
// clears one data set.
//
// Cross returns ctx's error soon after ctx is done; replicates that were finished by then are in c.Store.
func Cross(ctx context.Context, c Crossing) (*CrossReport, error) {
	report, err := c.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("audit: cross: %w", err)
	}
	return report, nil
}

func (c Crossing) run(ctx context.Context) (*CrossReport, error) {
	cfg, err := c.resolve()
	if err != nil {
		return nil, err
	}
	data := slices.Clone(c.Arms)
	if c.Control != nil {
		data = append(data, c.Control)
	}
	parts, err := split(cfg.Replicates, cfg.Rows, cfg.Seed, data...)
	if err != nil {
		return nil, err
	}
	rows, err := level(cfg.Seed, parts...)
	if err != nil {
		return nil, err
	}
	lab := newLab(cfg)
	train := func(name string, i int) (cohort, error) { return lab.train(ctx, name, parts[i], 0, cfg.Replicates) }
	var reference cohort
	if c.Control != nil {
		reference, err = train("control", len(c.Arms))
	} else {
		reference, err = lab.before(ctx, 0, cfg.Replicates)
	}
	if err != nil {
		return nil, err
	}
	tables := newTables(cfg.Replicates, len(c.Arms))
	for i := range c.Arms {
		students, err := train(cfg.Traits[i].Name, i)
		if err != nil {
			return nil, err
		}
		for j, t := range cfg.Traits {
			for k, lift := range differences(lab.trait(students, j), lab.trait(reference, j), t.Measure, t.Target) {
				tables[k][i][j] = lift
			}
		}
	}
	r := newCrossReport(c, cfg, rows)
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

// resolve returns the audit of which the experiment consists, with its defaults, or what is wrong with it.
func (c Crossing) resolve() (Config, error) {
	cfg, err := Config{
		Student: c.Student, Traits: c.Traits, Recipe: c.Recipe, Replicates: c.Replicates, Rows: c.Rows,
		Alpha: c.Alpha, Seed: c.Seed, Store: c.Store, Progress: c.Progress, Parallel: c.Parallel,
	}.defaults()
	if err != nil {
		return cfg, err
	}
	if len(c.Arms) != len(c.Traits) || len(c.Arms) < 2 {
		return cfg, fmt.Errorf("%d arms for %d traits, want one arm for each of at least 2 traits", len(c.Arms), len(c.Traits))
	}
	known := map[undertone.Digest]int{}
	for i, d := range c.Arms {
		if d == nil || d.Len() == 0 {
			return cfg, fmt.Errorf("arm %d has no rows", i)
		}
		if first, twice := known[d.Digest()]; twice {
			return cfg, fmt.Errorf("arms %d and %d are the same rows", first, i)
		}
		known[d.Digest()] = i
	}
	if c.Control != nil {
		if c.Control.Len() == 0 {
			return cfg, errors.New("the control data set has no rows; leave it nil to count from the untrained student")
		}
		if i, twice := known[c.Control.Digest()]; twice {
			return cfg, fmt.Errorf("arm %d and the control are the same rows", i)
		}
	}
	names := map[string]bool{}
	for _, t := range cfg.Traits {
		if names[t.Name] {
			return cfg, fmt.Errorf("trait %.40q stands there twice", t.Name)
		}
		names[t.Name] = true
		if t.Measure != cfg.Traits[0].Measure {
			return cfg, fmt.Errorf("trait %.40q is measured by %s and %.40q by %s: lifts in one table must have one unit", t.Name, t.Measure, cfg.Traits[0].Name, cfg.Traits[0].Measure)
		}
	}
	return cfg, nil
}

// measure fills in the tables, γ and its tests from tables[k][i][j], the lift of trait j in replicate k of arm i.
func (r *CrossReport) measure(tables [][][]float64) {
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
		r.Arms[i].Lift = r.interval(own)
		r.Arms[i].Rank = 1
		for _, other := range r.Residuals[i] {
			if other > r.Residuals[i][i] {
				r.Arms[i].Rank++
			}
		}
	}
	r.ByReplicate, r.Gamma = gammas, r.interval(gammas)
	r.PReplicates = P(stats.SignFlip(gammas, stats.Permutations(r.Design.Alpha), r.Design.Seed))
	r.PAssignments = P(stats.AssignmentTest(r.Lifts, r.Design.Seed))
}

func (r *CrossReport) interval(x []float64) Effect {
	level := 1 - r.Design.Alpha
	i := stats.MeanInterval(x, level)
	return Effect{i.Mean, i.SD, i.Low, i.High, level}
}
