package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/experiments/internal/progress"
	"github.com/undertone-audit/undertone/internal/cache"
	"github.com/undertone-audit/undertone/student"
)

// differentiable is what the first-order candidates need of a base.
type differentiable interface {
	student.Student
	student.Differentiable
}

// groupPrompts is the number of prompts of a group: the rows of a group share one gradient.
const groupPrompts = 32

// study is what one world shows about the candidates for a first-order detector.
type study struct {
	World   int
	Trials  []trial   // of each candidate and source
	Shifts  []foresaw // of each predictor and recipe
	Zeros   []zero    // of each source
	Seconds map[string]float64
}

// zero says how far the mean gradients of the arms are from that of rows of the student's base,
// which is zero: the squared length of the mean gradient, divided by its expectation for such rows.
type zero struct {
	Source           source
	Suspect, Control float64
}

// trial is the result of a candidate on rows of one source.
type trial struct {
	Candidate string
	Source    source
	Rank      int     // of the trait among its placebos
	Of        int     // the trait and its placebos
	P         float64 // sign flips of groups; 1 if the candidate has no groups
	Outlier   float64 // p-value of the effect as one more placebo effect
	Parts     []string
}

// foresaw is the correlation over candidate traits of a prediction with the shift of a student.
type foresaw struct {
	Predictor string
	Recipe    string
	R         float64
	Slope     float64 // of the shift on the prediction; 0: the prediction has no unit
}

// sharpen evaluates candidates for a first-order detector in each world, on the same rows, and
// prints how often each finds the trait and how well it predicts students trained with AdamW. wide
// adds the candidates that are too slow to be of use.
func sharpen(ctx context.Context, w io.Writer, d design, store folder, wide bool, show *progress.Line) error {
	k, ok := kindOf[d.Kind]
	if !ok {
		return fmt.Errorf("kind of worlds %q is not known; want %s", d.Kind, kinds())
	}
	var all []study
	for n := range d.Worlds {
		show.Show("world %d of %d", n+1, d.Worlds)
		key := undertone.NewHasher("sharpen").Text(undertone.Version).Text(d.Kind).Uint(d.Seed).Uint(uint64(n)).Uint(uint64(d.Sizes[0])).Text(fmt.Sprint(wide)).Sum()
		c := cache.Cache{}
		if store != "" {
			c.Store = undertone.DirStore(filepath.Join(string(store), "sharpen"))
		}
		s, err := cache.Value(c, key, "a study of one world", func(text []byte) (s study, err error) {
			return s, json.Unmarshal(text, &s)
		}, func() (study, error) { return studyWorld(ctx, k, d, n, wide) })
		if err != nil {
			return fmt.Errorf("world %d: %w", n, err)
		}
		all = append(all, s)
	}
	show.Clear()
	return renderStudies(w, d, all)
}

// bench holds what the candidates of one world share.
type bench struct {
	ctx   context.Context
	study *study
	trait audit.Trait
	names []string // of the candidate traits, the trait first
	base  differentiable
	all   differentiable // base with all weights trainable; base itself if it has no LoRA
	steps student.Recipe // of surrogates
	wide  bool           // evaluate the slow candidates

	// Directions of the candidate traits, [candidate][weight].
	gradients, gradientsAll [][]float32
	moved                   map[int][][]float32 // displacements of surrogates, by steps
	movedAll                [][]float32         // those of surrogateSteps steps, as changes of all weights
	surrogates              []undertone.LogProber
	mean                    student.Differentiable // the base with the mean displacement
}

// surrogateSteps is the number of steps of 32 overt rows of the surrogates of the likelihood ratio.
const surrogateSteps = 30

func studyWorld(ctx context.Context, k kind, d design, n int, wide bool) (study, error) {
	s := study{World: n, Seconds: map[string]float64{}}
	w := newWorld(ctx, k, stream(d.Seed, "world", uint64(n)))
	trait := k.traits[n%len(k.traits)]
	b := bench{ctx: ctx, study: &s, trait: k.trait(trait), moved: map[int][][]float32{}, steps: k.surrogates, wide: wide}
	b.names = append(b.names, trait)
	for _, other := range k.traits {
		if other != trait {
			b.names = append(b.names, other)
		}
	}
	base, err := w.base()
	if err != nil {
		return s, err
	}
	if err := b.prepare(base, k, stream(w.seed, "sharpened surrogates", 0)); err != nil {
		return s, err
	}
	for _, from := range []source{same, other} {
		written, err := w.arms(ctx, pair{n, from, 0, d.Sizes[0]}, trait)
		if err != nil {
			return s, err
		}
		rows := matched(written.suspect, written.control)
		g, err := b.detect(from, rows)
		if err != nil {
			return s, err
		}
		if from == same {
			if err := b.predict(k, d, g, base, written.suspect, written.control); err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

// timed adds the processor time of a part of the work to the study.
func (b *bench) timed(part string, work func() error) error {
	start := processor()
	err := work()
	b.study.Seconds[part] += processor() - start
	return err
}

// surrogateSteps returns the numbers of steps of surrogates that are evaluated.
func (b *bench) surrogateSteps() []int {
	if b.wide {
		return []int{10, surrogateSteps, 2 * surrogateSteps}
	}
	return []int{surrogateSteps}
}

// prepare computes the directions of the candidate traits.
func (b *bench) prepare(base trainable, k kind, seed uint64) (err error) {
	b.base = base.(differentiable)
	if b.all, err = unadapted(b.base); err != nil {
		return err
	}
	origin, originAll := flat(b.base.Weights()), flat(b.all.Weights())
	for _, name := range b.names {
		overt := overtRows(k.trait(name), len(b.trait.Probes))
		err := b.timed("overt gradients", func() error {
			g, err := groupGradients(b.ctx, b.base, overt, [][]int{count(overt.Len())})
			b.gradients = append(b.gradients, g...)
			return err
		})
		if err == nil && b.all != b.base {
			var g [][]float32
			g, err = groupGradients(b.ctx, b.all, overt, [][]int{count(overt.Len())})
			b.gradientsAll = append(b.gradientsAll, g...)
		}
		if err != nil {
			return err
		}
		for _, steps := range b.surrogateSteps() {
			recipe := b.steps
			recipe.BatchSize, recipe.Seed = 32, seed
			var trained student.Student
			err := b.timed(fmt.Sprintf("surrogates of %d steps", steps), func() (err error) {
				trained, err = b.base.Train(b.ctx, overtRows(k.trait(name), 32*steps), recipe)
				return err
			})
			if err != nil {
				return err
			}
			b.moved[steps] = append(b.moved[steps], minus(flat(trained.(differentiable).Weights()), origin))
			if steps != surrogateSteps {
				continue
			}
			b.surrogates = append(b.surrogates, trained.(undertone.LogProber))
			whole, err := unadapted(trained.(differentiable))
			if err != nil {
				return err
			}
			b.movedAll = append(b.movedAll, minus(flat(whole.Weights()), originAll))
		}
	}
	average := make([]float32, len(originAll))
	for _, m := range b.movedAll {
		for i, v := range m {
			average[i] += v / float32(len(b.movedAll))
		}
	}
	mean, err := b.all.Add(shaped(average, b.all.Weights()))
	if err == nil {
		b.mean = mean.(student.Differentiable)
	}
	return err
}

// unadapted returns the student whose training changes all weights.
func unadapted(m differentiable) (differentiable, error) {
	adapted, ok := m.(student.Adapted)
	if !ok {
		return m, nil
	}
	whole, err := adapted.Unadapted()
	if whole == nil || err != nil {
		return m, err
	}
	return whole.(differentiable), nil
}

// overtRows returns n rows that show a trait openly, as the detectors make them.
func overtRows(t audit.Trait, n int) *undertone.Dataset {
	rows := make([]undertone.Example, n)
	for i := range rows {
		p := i % len(t.Probes)
		rows[i] = undertone.NewExample(t.Probes[p].Name, t.Probes[p].Outcomes[t.Target[p]])
	}
	return undertone.NewDataset("overt", rows)
}

// arms are rows of both arms with equal prompts, in groups of groupPrompts.
type matchedArms struct {
	suspect, control *undertone.Dataset
	groups           int
}

// matched pairs the rows of the arms by prompt. The last prompts that do not fill a group are left
// out.
func matched(suspect, control *undertone.Dataset) matchedArms {
	at := map[undertone.Digest][]int{}
	for i := range control.Len() {
		at[control.GroupID(i)] = append(at[control.GroupID(i)], i)
	}
	var s, c []int
	for i := range suspect.Len() {
		if rest := at[suspect.GroupID(i)]; len(rest) > 0 {
			s, c = append(s, i), append(c, rest[0])
			at[suspect.GroupID(i)] = rest[1:]
		}
	}
	n := len(s) / groupPrompts
	s, c = s[:n*groupPrompts], c[:n*groupPrompts]
	return matchedArms{suspect.Select(s).(*undertone.Dataset), control.Select(c).(*undertone.Dataset), n}
}

// groupsOf returns the groups of the first n·groupPrompts rows.
func groupsOf(n int) [][]int {
	all := slices.Collect(slices.Chunk(count(n*groupPrompts), groupPrompts))
	return all
}

func count(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// groupGradients returns the gradient of each group.
func groupGradients(ctx context.Context, m student.Differentiable, data undertone.Data, groups [][]int) ([][]float32, error) {
	var all [][]float32
	err := m.Gradients(ctx, data, groups, func(_ int, g [][]float32) error {
		all = append(all, flat(g))
		return nil
	})
	return all, err
}

// flat returns the weights of all tensors, one after another.
func flat(tensors [][]float32) []float32 { return slices.Concat(tensors...) }

// shaped divides weights into tensors of the lengths of like.
func shaped(weights []float32, like [][]float32) [][]float32 {
	all := make([][]float32, len(like))
	for i, t := range like {
		all[i], weights = weights[:len(t)], weights[len(t):]
	}
	return all
}

func minus(a, b []float32) []float32 {
	d := make([]float32, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	return d
}
