package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/batch"
	"github.com/undertone-audit/undertone/audit/internal/cache"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
	"github.com/undertone-audit/undertone/audit/stats"
	"github.com/undertone-audit/undertone/student"
)

// Pass is what a detector is given: the arms, the student and the traits with every default filled in,
// and the means to train replicates, score rows, store values and report progress. It does not hold
// the significance level.
type Pass struct {
	Suspect, Control undertone.Data
	Student          student.Student
	Traits           []Trait
	Recipe           student.Recipe
	Replicates       int    // per arm
	InterimEvery     int    // replicates between interim looks; 0: one look at the end
	Seed             uint64 // of everything random
	Parallel         int    // calls of a model at once

	// Resolution is the level at which the strictest test of the audit decides. A permutation test
	// needs enough draws for smaller p-values: see [Pass.Draws].
	Resolution float64

	// ReplicatesNeeded is the number of pairs below which a sign-flip test cannot reach Resolution.
	ReplicatesNeeded int

	firstInterim int
	cfg          Config
	replicates   *Replicates
	judge        func(Measurement) Judgement // of the detector, at the strictest level

	mu        sync.Mutex // guards calls of cfg.Progress
	baselines map[undertone.Digest]baseline
}

// baseline holds the scores of a data set under the untrained student.
type baseline struct {
	rows   undertone.Text
	scores []float64
}

// NewPass returns the pass of an audit, or an error that says what is wrong with cfg. [Run] makes its
// own; a program needs one only to call a detector without an audit.
func NewPass(cfg Config) (*Pass, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	l := Level{Alpha: cfg.Alpha, Tests: max(1, cfg.tests())}
	p := &Pass{
		Suspect: cfg.Suspect, Control: cfg.Control, Student: cfg.Student, Traits: cfg.Traits, Recipe: cfg.Recipe,
		Replicates: cfg.Replicates, InterimEvery: cfg.InterimEvery, Seed: cfg.Seed, Parallel: cfg.Parallel,
		Resolution: l.Strictest(), ReplicatesNeeded: l.ReplicatesNeeded(),
		firstInterim: cfg.firstInterim(), cfg: cfg, baselines: map[undertone.Digest]baseline{},
	}
	p.replicates = newReplicates(cfg, p.report)
	return p, nil
}

// Config returns the configuration of the audit with its defaults.
func (p *Pass) Config() Config { return p.cfg }

// Training returns the replicates of the audit.
func (p *Pass) Training() *Replicates { return p.replicates }

// Untrained returns the untrained student of replicate 0.
func (p *Pass) Untrained() (student.Student, error) { return replicate.Untrained(p.Student, 0) }

// Draws returns the number of random labellings for a permutation test: enough for the smallest
// p-value to be a tenth of Resolution, at least min and at most [stats.MostDraws].
func (p *Pass) Draws(min int) int { return stats.Draws(p.Resolution, min) }

// Provisional judges a measurement as if its adjusted p-value were the strictest that the audit can
// give. A detector uses it to stop at an interim look, or to leave out a positive control that the
// verdict does not need.
func (p *Pass) Provisional(m Measurement) Judgement { return p.judge(m) }

// LogProb returns the log-likelihood of each row, in nats. Rows are scored in batches, Parallel at
// once. A nil model is the untrained student, which scores each data set once.
func (p *Pass) LogProb(ctx context.Context, model undertone.LogProber, rows undertone.Text) ([]float64, error) {
	if model != nil {
		return batch.Map(ctx, p.Parallel, rows, model.LogProb)
	}
	if known, ok := p.baselines[rows.Digest()]; ok && known.rows == rows {
		return known.scores, nil
	}
	base, err := UntrainedProber(p.cfg)
	if err != nil {
		return nil, err
	}
	scores, err := batch.Map(ctx, p.Parallel, rows, base.LogProb)
	if err != nil {
		return nil, err
	}
	p.baselines[rows.Digest()] = baseline{rows, scores}
	return scores, nil
}

// UntrainedProber returns the untrained student of replicate 0 as a model that scores rows.
func UntrainedProber(cfg Config) (undertone.LogProber, error) {
	base, err := replicate.Untrained(cfg.Student, 0)
	if err != nil {
		return nil, err
	}
	p, ok := base.(undertone.LogProber)
	if !ok {
		return nil, fmt.Errorf("student %T does not implement LogProber", base)
	}
	return p, nil
}

// Key starts the key of a value of a detector in the store: it covers the library version, the
// engine and the weights of the untrained student.
func (p *Pass) Key(kind string) (*undertone.Hasher, error) {
	base, err := p.Untrained()
	if err != nil {
		return nil, err
	}
	return undertone.NewHasher(kind).Text(undertone.Version).Text(replicate.Engine(base)).Digest(base.Digest()), nil
}

// Cached returns the value that the store of the audit holds under key, or computes and stores it.
// validate returns an error if a stored value is not what the caller asked for; what describes the
// value in that error. A zero key means that the dependencies of the value are unknown: it is not
// stored.
func Cached[T any](p *Pass, key undertone.Digest, what string, validate func(T) error, compute func() (T, error)) (T, error) {
	decode := func(stored []byte) (value T, err error) {
		if err = json.Unmarshal(stored, &value); err == nil {
			err = validate(value)
		}
		return value, err
	}
	return cache.Value(p.cfg.Store, key, what, decode, compute)
}

// Stage returns a function that reports one more finished part of a stage of total parts.
func (p *Pass) Stage(name string, total int) (finished func()) {
	var done int
	return func() {
		p.mu.Lock()
		done++
		n := done
		p.mu.Unlock()
		p.report(Progress{name, n, total})
	}
}

// report tells the caller of the audit, one call at a time.
func (p *Pass) report(at Progress) {
	if p.cfg.Progress == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cfg.Progress(at)
}
