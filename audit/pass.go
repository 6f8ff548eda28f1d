package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/batch"
	"github.com/undertone-audit/undertone/audit/internal/cluster"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
	"github.com/undertone-audit/undertone/audit/stats"
	"github.com/undertone-audit/undertone/internal/cache"
	"github.com/undertone-audit/undertone/provenance"
	"github.com/undertone-audit/undertone/student"
)

// Pass is what a detector is given: the arms, the student and the traits with every default filled
// in, and the means to train replicates, score rows, store values and report progress. It does not
// hold the significance level.
type Pass struct {
	Suspect, Control undertone.Data
	Student          student.Student
	Traits           []Trait
	Recipe           student.Recipe
	Replicates       int    // per arm
	InterimEvery     int    // replicates between interim looks; 0: one look at the end
	Seed             uint64 // of everything random
	Parallel         int    // calls of a model at once

	// Resolution is the level at which the strictest test of the audit decides. A test must be able
	// to give smaller p-values.
	Resolution float64

	// Permutations is the number of random labellings of a test on rows: enough for its smallest
	// p-value to be a tenth of Resolution, at least 1,999 and at most [stats.MaxPermutations].
	Permutations int

	// ReplicatesNeeded is the number of pairs below which a sign-flip test cannot reach Resolution.
	ReplicatesNeeded int

	firstInterim int
	cfg          Config
	replicates   *Replicates
	judge        func(Measurement) Judgement // of the detector, at the strictest level; nil outside of Measure
	shared       *sharedState
}

// sharedState is what the passes of one audit share.
type sharedState struct {
	progress  sync.Mutex                     // guards calls of Config.Progress
	mu        sync.Mutex                     // guards baselines, clusters and counters of stages
	baselines map[undertone.Digest][]float64 // scores of rows under the untrained student, by row IDs in order
	clusters  map[undertone.Data][]uint64    // cluster keys of rows
	suspect   DataInfo                       // of the whole arm
	control   DataInfo                       // of the whole arm
	longRows  []string                       // warnings about rows that the student cannot read to the end
}

// NewPass returns the pass of an audit, or an error that says what is wrong with cfg. If the
// student is an [undertone.RowEncoder], the pass holds encoded rows. [Run] makes its own pass; a
// program needs one only to call a detector without an audit.
func NewPass(ctx context.Context, cfg Config) (*Pass, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	suspect, control, err := cfg.Describe()
	if err != nil {
		return nil, err
	}
	cfg = cfg.cut()
	suspect.see(cfg.Suspect)
	control.see(cfg.Control)
	suspect.Shared = provenance.SharedRows(cfg.Suspect, cfg.Control)
	if err := cfg.checkClusterField(); err != nil {
		return nil, err
	}
	if err := cfg.cache().Prepare(); err != nil {
		return nil, err
	}
	if err := cfg.encodeRows(ctx); err != nil {
		return nil, err
	}
	longRows, err := cfg.longRows(ctx)
	if err != nil {
		return nil, err
	}
	p := &Pass{cfg: cfg, shared: &sharedState{baselines: map[undertone.Digest][]float64{}, clusters: map[undertone.Data][]uint64{}, suspect: suspect, control: control, longRows: longRows}}
	p.replicates = newReplicates(cfg, p.report)
	return p.fresh(), nil
}

// Describe returns the information about the arms, with their histories. It is an error if a
// history is not that of the rows.
func (c Config) Describe() (suspect, control DataInfo, err error) {
	suspect, control = DescribeData(c.Suspect), DescribeData(c.Control)
	suspect.History, control.History = c.SuspectHistory, c.ControlHistory
	return suspect, control, CheckHistories(suspect, control)
}

// fresh returns a pass of the same audit whose fields no other detector has changed.
func (p *Pass) fresh() *Pass {
	cfg := p.cfg
	l := Level{Alpha: cfg.Alpha, Tests: max(1, cfg.tests())}
	return &Pass{
		Suspect: cfg.Suspect, Control: cfg.Control, Student: cfg.Student, Traits: cloneTraits(cfg.Traits), Recipe: cfg.Recipe,
		Replicates: cfg.Replicates, InterimEvery: cfg.InterimEvery, Seed: cfg.Seed, Parallel: cfg.Parallel,
		Resolution: l.Strictest(), Permutations: permutations(l), ReplicatesNeeded: l.ReplicatesNeeded(),
		firstInterim: cfg.firstInterim(), cfg: cfg, replicates: p.replicates, shared: p.shared,
	}
}

// cut returns the configuration with at most MaxRows rows of each data set.
func (c Config) cut() Config {
	c.Suspect, c.Control = atMost(c.MaxRows, c.Suspect), atMost(c.MaxRows, c.Control)
	c.Traits = cloneTraits(c.Traits)
	for t := range c.Traits {
		c.Traits[t].PositiveControl = atMost(c.MaxRows, c.Traits[t].PositiveControl)
	}
	return c
}

// checkClusterField returns an error if no row of the two arms has the field that
// [Design.ClusterBy] names.
func (c Config) checkClusterField() error {
	if c.ClusterBy == "" {
		return nil
	}
	for _, data := range []undertone.Data{c.Suspect, c.Control} {
		text, ok := data.(undertone.Text)
		if !ok {
			return nil
		}
		for i := range text.Len() {
			if _, ok := text.Example(i).Meta[c.ClusterBy]; ok {
				return nil
			}
		}
	}
	return fmt.Errorf("no row has the field %.40q, by which rows were to be clustered", c.ClusterBy)
}

// encodeRows replaces rows of text by rows that keep their tokens, so that they are encoded once
// for all replicates, surrogates and scores.
func (c *Config) encodeRows(ctx context.Context) error {
	if c.tests() == 0 {
		return nil
	}
	c.Traits = slices.Clone(c.Traits)
	data := []*undertone.Data{&c.Suspect, &c.Control}
	for t := range c.Traits {
		data = append(data, &c.Traits[t].PositiveControl)
	}
	for _, d := range data {
		if rows, ok := (*d).(undertone.Text); ok {
			encoded, err := encode(ctx, c.Student, rows)
			if err != nil {
				return err
			}
			*d = encoded
		}
	}
	return nil
}

// encode returns the rows with their tokens if the student is an [undertone.RowEncoder], and else
// the rows.
func encode(ctx context.Context, s student.Student, rows undertone.Text) (undertone.Data, error) {
	base, err := replicate.Untrained(s, 0)
	if err != nil {
		return nil, err
	}
	encoder, ok := base.(undertone.RowEncoder)
	if !ok {
		return rows, nil
	}
	encoded, err := encoder.EncodeRows(ctx, rows)
	if err != nil {
		return nil, err
	}
	if encoded.Digest() != rows.Digest() || encoded.Len() != rows.Len() {
		return nil, fmt.Errorf("EncodeRows of the student returns other rows than those of %.80q", rows.Name())
	}
	return encoded, nil
}

// longRows returns a warning for each data set with rows that the student cannot read to the end.
func (c *Config) longRows(ctx context.Context) (warnings []string, err error) {
	base, err := replicate.Untrained(c.Student, 0)
	if err != nil {
		return nil, err
	}
	limiter, ok := base.(undertone.RowLimiter)
	if !ok || c.tests() == 0 {
		return nil, nil
	}
	data, roles := []undertone.Data{c.Suspect, c.Control}, []string{"suspect", "control"} // no names of files
	for _, t := range c.Traits {
		data, roles = append(data, t.PositiveControl), append(roles, "positive control of "+t.Name)
	}
	for i, d := range data {
		rows, ok := d.(undertone.Text)
		if !ok {
			continue
		}
		found, err := limiter.CountLongRows(ctx, rows)
		if err != nil {
			return nil, err
		}
		if w := found.Warning(); w != "" {
			warnings = append(warnings, roles[i]+": "+w)
		}
	}
	return warnings, nil
}

func permutations(l Level) int {
	return int(min(stats.MaxPermutations, max(1999, math.Ceil(10*float64(l.Tests)/l.Alpha))))
}

// Training returns the replicates of the audit.
func (p *Pass) Training() *Replicates { return p.replicates }

// Untrained returns the untrained student of replicate 0.
func (p *Pass) Untrained() (student.Student, error) { return replicate.Untrained(p.Student, 0) }

// Clusters returns one key per row. Rows with equal keys were not sampled independently: they are
// copies of one row, or have the same value of [Design.ClusterBy] or of a field such as
// conversation_id. A test moves such rows as a whole. The pass reads the rows of a data set once.
func (p *Pass) Clusters(rows undertone.Data) []uint64 {
	if !reflect.ValueOf(rows).Comparable() {
		return cluster.Keys(rows, p.cfg.clusterFields()...)
	}
	p.shared.mu.Lock()
	defer p.shared.mu.Unlock()
	keys, ok := p.shared.clusters[rows]
	if !ok {
		keys = cluster.Keys(rows, p.cfg.clusterFields()...)
		p.shared.clusters[rows] = keys
	}
	return keys
}

// Provisional judges a measurement as if its adjusted p-value were the strictest that the audit can
// give. A detector uses it to stop at an interim look, or to leave out a positive control that the
// verdict does not need. Outside of [Pass.Measure] it is inconclusive.
func (p *Pass) Provisional(m Measurement) Judgement {
	if p.judge == nil {
		return Judgement{}
	}
	return p.judge(m)
}

// LogProb returns the log-likelihood of each row, in nats. Rows are scored in batches, Parallel at
// once, from tokens that are kept for the whole audit if the student implements
// [undertone.RowEncoder]. A nil model is the untrained student, which scores each data set once.
func (p *Pass) LogProb(ctx context.Context, model undertone.LogProber, rows undertone.Text) ([]float64, error) {
	if model == nil {
		return p.untrainedLogProb(ctx, rows)
	}
	if m, ok := model.(undertone.RowLogProber); ok {
		return batch.Rows(ctx, p.Parallel, rows, m.LogProbRows)
	}
	return batch.Examples(ctx, p.Parallel, rows, model.LogProb)
}

// TokenLogProbs returns the log-probability of each token of each row, as [Pass.LogProb] scores
// rows.
func (p *Pass) TokenLogProbs(ctx context.Context, model undertone.TokenLogProber, rows undertone.Text) ([][]undertone.TokenLogProb, error) {
	if m, ok := model.(undertone.RowTokenLogProber); ok {
		return batch.Rows(ctx, p.Parallel, rows, m.TokenLogProbRows)
	}
	return batch.Examples(ctx, p.Parallel, rows, model.TokenLogProbs)
}

func (p *Pass) untrainedLogProb(ctx context.Context, rows undertone.Text) ([]float64, error) {
	h := undertone.NewHasher("rows in order")
	for i := range rows.Len() {
		h.Digest(rows.RowID(i))
	}
	key := h.Sum()
	p.shared.mu.Lock()
	scores, ok := p.shared.baselines[key]
	p.shared.mu.Unlock()
	if ok {
		return scores, nil
	}
	base, err := p.UntrainedProber()
	if err != nil {
		return nil, err
	}
	if scores, err = p.LogProb(ctx, base, rows); err != nil {
		return nil, err
	}
	p.shared.mu.Lock()
	p.shared.baselines[key] = scores
	p.shared.mu.Unlock()
	return scores, nil
}

// UntrainedProber returns the untrained student of replicate 0 as a model that scores rows.
func (p *Pass) UntrainedProber() (undertone.LogProber, error) {
	base, err := p.Untrained()
	if err != nil {
		return nil, err
	}
	m, ok := base.(undertone.LogProber)
	if !ok {
		return nil, fmt.Errorf("student %T does not implement LogProber", base)
	}
	return m, nil
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

// Cached returns the value that the store of the audit holds, or computes and stores it. key is the
// digest of everything that the value depends on; zero means that it is unknown, and the value is
// not stored. A stored value that is damaged, that belongs to another key or kind (what, such as
// "scores of these rows"), or for which validate returns an error is computed again, and
// [Config.Warn] is called. validate may be nil.
func Cached[T any](p *Pass, key undertone.Digest, what string, validate func(T) error, compute func() (T, error)) (T, error) {
	check := func(_ int, value T) error {
		if validate == nil {
			return nil
		}
		return validate(value)
	}
	values, err := CachedEach(p, []undertone.Digest{key}, what, check, func([]int) ([]T, error) {
		value, err := compute()
		return []T{value}, err
	})
	if err != nil {
		var none T
		return none, err
	}
	return values[0], nil
}

// CachedEach returns the values of several keys as [Cached] does. It calls compute once, with the
// ascending indices of the keys without a stored value, if there are any; compute returns their
// values in this order.
func CachedEach[T any](p *Pass, keys []undertone.Digest, what string, validate func(i int, value T) error, compute func(missing []int) ([]T, error)) ([]T, error) {
	values := make([]T, len(keys))
	var missing []int
	for i, key := range keys {
		decode := func(stored []byte) (value T, err error) {
			if err = json.Unmarshal(stored, &value); err == nil {
				err = validate(i, value)
			}
			return value, err
		}
		value, ok, err := cache.Get(p.cfg.cache(), key, what, decode)
		if err != nil {
			return nil, err
		}
		if values[i] = value; !ok {
			missing = append(missing, i)
		}
	}
	if len(missing) == 0 {
		return values, nil
	}
	computed, err := compute(missing)
	if err == nil {
		err = p.readErr()
	}
	if err != nil {
		return nil, err
	}
	for n, i := range missing {
		values[i] = computed[n]
		if err := cache.Put(p.cfg.cache(), keys[i], what, values[i]); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// readErr returns an error if rows of the audit could not be read.
func (p *Pass) readErr() error {
	data := []undertone.Data{p.cfg.Suspect, p.cfg.Control}
	for _, t := range p.cfg.Traits {
		data = append(data, t.PositiveControl)
	}
	return undertone.ReadErr(data...)
}

// Stage returns a function that reports one more finished part of a stage of total parts.
func (p *Pass) Stage(name string, total int) (finished func()) {
	var done int
	return func() {
		p.shared.mu.Lock()
		done++
		n := done
		p.shared.mu.Unlock()
		p.report(Progress{name, n, total})
	}
}

// report tells the caller of the audit, one call at a time.
func (p *Pass) report(at Progress) {
	if p.cfg.Progress == nil {
		return
	}
	p.shared.progress.Lock()
	defer p.shared.progress.Unlock()
	p.cfg.Progress(at)
}
