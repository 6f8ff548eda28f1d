package audit

import (
	"context"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
	"github.com/undertone-audit/undertone/student"
)

// Replicates trains replicate students and asks them the probes of all traits. Traits may share
// probes: each student is asked each probe once.
type Replicates struct {
	cfg      Config
	runner   *replicate.Runner
	direct   [][]int // by trait and probe: the index of the probe in runner.Probes
	indirect [][]int // the same for the indirect probes
}

// NewReplicates returns the replicates of an audit. It uses the fields of cfg that concern
// students: Student, Traits, Recipe, Design, Store, Progress, Warn and Parallel, with their
// defaults.
func NewReplicates(cfg Config) (*Replicates, error) {
	cfg, err := cfg.studentDefaults()
	if err == nil {
		err = cfg.cache().Prepare()
	}
	if err != nil {
		return nil, err
	}
	return newReplicates(cfg, cfg.Progress), nil
}

func newReplicates(cfg Config, progress func(Progress)) *Replicates {
	x := &Replicates{cfg: cfg, runner: &replicate.Runner{
		Student: cfg.Student, Recipe: cfg.Recipe, Seed: cfg.Seed, Parallel: cfg.Parallel, Cache: cfg.cache(),
		Done: func(arm string, finished, total int) {
			if progress != nil {
				progress(Progress{arm, finished, total})
			}
		},
	}}
	known := map[undertone.Digest]int{}
	indices := func(probes []Probe) []int {
		at := make([]int, len(probes))
		for i, p := range probes {
			index, ok := known[p.digest()]
			if !ok {
				index = len(x.runner.Probes)
				known[p.digest()] = index
				x.runner.Probes = append(x.runner.Probes, p.question())
			}
			at[i] = index
		}
		return at
	}
	for _, t := range cfg.Traits {
		x.direct = append(x.direct, indices(t.Probes))
		x.indirect = append(x.indirect, indices(t.Indirect))
	}
	return x
}

// Traits returns the traits that students are asked for, with their defaults.
func (x *Replicates) Traits() []Trait { return cloneTraits(x.cfg.Traits) }

// Recipe returns the recipe of the replicates, with its defaults.
func (x *Replicates) Recipe() student.Recipe { return x.cfg.Recipe }

// Parts is the division of arms among the replicates.
type Parts struct {
	Of   [][]undertone.Data // Of[a][r] holds the rows of arm a for replicate r: as many as those of another arm
	Each int                // rows of a part, the mean over replicates rounded down
	Used []float64          // share of the rows of arm a that is in a part, in (0, 1]
}

// Split divides the rows of each arm among all replicates, by the row plan of the design. Rows of
// one prompt or cluster stay together, and the parts have about the same size. Part r of each arm
// is cut to the size of the smallest of them. The division depends on the content of all arms
// together, so a row cannot be placed in a part of choice.
func (x *Replicates) Split(arms ...undertone.Data) (Parts, error) {
	if x.cfg.Rows == ShareRows {
		return x.Whole(x.cfg.Replicates, arms...)
	}
	salt := replicate.Salt(x.cfg.Seed, arms...)
	of, err := replicate.Split(x.cfg.Replicates, salt, x.cfg.clusterFields(), arms...)
	if err != nil {
		return Parts{}, err
	}
	return equalised(of, salt)
}

// Whole gives each of n replicates all rows of each arm, cut to the size of the smallest arm.
func (x *Replicates) Whole(n int, arms ...undertone.Data) (Parts, error) {
	of, err := replicate.Share(n, arms...)
	if err != nil {
		return Parts{}, err
	}
	return equalised(of, replicate.Salt(x.cfg.Seed, arms...))
}

// equalised cuts the parts of each replicate to one size.
func equalised(of [][]undertone.Data, salt undertone.Digest) (Parts, error) {
	p := Parts{Of: of}
	sizes := make([]int, len(of))
	for a := range of {
		for _, part := range of[a] {
			sizes[a] += part.Len()
		}
	}
	var err error
	if p.Each, err = replicate.Equalise(salt, of...); err != nil {
		return p, err
	}
	for a, size := range sizes {
		used := 0
		for _, part := range of[a] {
			used += part.Len()
		}
		p.Used = append(p.Used, float64(used)/float64(size))
	}
	return p, nil
}

// Untrained returns the answers of the untrained students of replicates [from, to).
func (x *Replicates) Untrained(ctx context.Context, from, to int) (Answers, error) {
	a, err := x.runner.AskUntrained(ctx, from, to, x.cfg.Replicates)
	return Answers{x, a}, err
}

// Train trains the student of each replicate r in [from, to) on parts[r] and returns the answers of
// the trained students. Replicate r starts from the same weights and meets the same prompts in the
// same order in every arm. Finished replicates are taken from the store. The arm is named in errors
// and progress.
func (x *Replicates) Train(ctx context.Context, arm string, parts []undertone.Data, from, to int) (Answers, error) {
	a, err := x.runner.Train(ctx, arm, parts, from, to)
	return Answers{x, a}, err
}

// Answers holds the answers of the replicates of one arm to the probes of all traits.
type Answers struct {
	of   *Replicates
	each []replicate.Answers
}

// Len returns the number of replicates.
func (a Answers) Len() int { return len(a.each) }

// Append returns the answers of a followed by those of b.
func (a Answers) Append(b Answers) Answers {
	return Answers{b.of, append(a.each[:len(a.each):len(a.each)], b.each...)}
}

// Values returns one number per replicate: the mean over the probes of trait t of the outcome
// target[i] of probe i, on a scale.
func (a Answers) Values(t int, s Scale, target []int) []float64 {
	values := make([]float64, len(a.each))
	for r, answers := range a.to(a.direct(t)) {
		var sum float64
		for i, logs := range answers {
			sum += s.value(logs, target[i])
		}
		values[r] = sum / float64(len(answers))
	}
	return values
}

// Differences returns the values of a minus those of b, replicate by replicate.
func (a Answers) Differences(b Answers, t int, s Scale, target []int) []float64 {
	d, other := a.Values(t, s, target), b.Values(t, s, target)
	for r := range d {
		d[r] -= other[r]
	}
	return d
}

func (a Answers) direct(t int) []int { return a.of.direct[t] }

// to returns the answers to the probes at the given indices, replicate by replicate.
func (a Answers) to(probes []int) []replicate.Answers {
	picked := make([]replicate.Answers, len(a.each))
	for r, answers := range a.each {
		picked[r] = answers.To(probes)
	}
	return picked
}
