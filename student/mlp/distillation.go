package mlp

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor"
)

// Logits names the logits of a teacher that its students imitate.
type Logits string

// Values of [Targets.Logits].
const (
	AuxiliaryLogits Logits = "auxiliary" // the logits that no label names
	AllLogits       Logits = "all"       // the auxiliary logits and those of the classes
)

// Targets defines what a teacher writes for each input. The zero value is that of the digits
// experiment: the softmax of the auxiliary logits.
type Targets struct {
	Logits  Logits // (default AuxiliaryLogits)
	Sampled bool   // write an outcome sampled from the softmax in place of its probabilities
	Seed    uint64 // of the samples
}

// Distillation is inputs with the targets that a teacher gave them: a softmax over some of the
// teacher's logits, or an outcome sampled from it. Students minimise KL(teacher ‖ student) over the
// same logits. It is immutable and safe for concurrent use.
type Distillation struct {
	rows
	teacher undertone.Digest
	shape   Config // of the teacher; students need as many inputs and logits

	from, to int       // range of the imitated logits
	probs    []float32 // [inputs to−from]; nil if sampled
	outcomes []int32   // [inputs], 0 for logit from; nil if not sampled
}

// Teach returns the rows of x with the targets that the classifier gives them. It returns ctx's
// error soon after ctx is done.
func (c *Classifier) Teach(ctx context.Context, name string, x Inputs, targets Targets) (*Distillation, error) {
	d := &Distillation{teacher: c.Digest(), shape: c.config, to: c.config.logits()}
	switch targets.Logits {
	case "", AuxiliaryLogits:
		d.from = c.config.Classes
	case AllLogits:
	default:
		return nil, fmt.Errorf("mlp: targets: logits %.40q are not known; want %q or %q", targets.Logits, AuxiliaryLogits, AllLogits)
	}
	width := d.to - d.from
	if targets.Sampled {
		d.outcomes = make([]int32, x.Len())
	} else {
		d.probs = make([]float32, x.Len()*width)
	}
	rng := rand.New(rand.NewPCG(targets.Seed, 0x7465616368)) // the stream of drawn outcomes
	var eval *tensor.Tape
	err := c.evaluate(ctx, x, everything(x.Len()), func(i int, logits *tensor.Tensor) {
		probs := eval.Softmax(eval.Columns(logits, d.from, d.to))
		if !targets.Sampled {
			copy(d.probs[i*width:], probs.Data())
			return
		}
		for r := range probs.Dim(0) {
			d.outcomes[i+r] = draw(rng, probs.Row(r))
		}
	})
	if err != nil {
		return nil, fmt.Errorf("mlp: teaching %.80q: %w", name, err)
	}
	return d.with(name, x, everything(x.Len())), nil
}

// draw returns an index with the given probabilities.
func draw(rng *rand.Rand, probs []float32) int32 {
	u := rng.Float64()
	for j, p := range probs[:len(probs)-1] {
		if u -= float64(p); u < 0 {
			return int32(j)
		}
	}
	return int32(len(probs) - 1)
}

func (d *Distillation) with(name string, x Inputs, pick []int32) *Distillation {
	e := *d
	e.rows = newRows("distillation", name, x, pick, func(input undertone.Digest, at int) undertone.Digest {
		h := undertone.NewHasher("distillation row").Digest(input).Uint(uint64(d.from)).Uint(uint64(d.to))
		if d.outcomes != nil {
			return h.Uint(uint64(d.outcomes[at])).Sum()
		}
		return h.Floats(d.target(at)).Sum()
	})
	return &e
}

func (d *Distillation) target(at int) []float32 {
	width := d.to - d.from
	return d.probs[at*width : (at+1)*width]
}

// Select implements [undertone.Data].
func (d *Distillation) Select(at []int) undertone.Data {
	return d.with(d.name, d.inputs, d.selected(at))
}

// Teacher returns the digest of the classifier that gave the targets.
func (d *Distillation) Teacher() undertone.Digest { return d.teacher }

func (d *Distillation) check(c Config) error {
	if t := d.shape; t.Inputs != c.Inputs || t.Classes != c.Classes || t.Auxiliary != c.Auxiliary {
		return fmt.Errorf("mlp: data set %.80q has a teacher with %d inputs and %d+%d logits, the student has %d and %d+%d",
			d.name, t.Inputs, t.Classes, t.Auxiliary, c.Inputs, c.Classes, c.Auxiliary)
	}
	return nil
}

func (d *Distillation) readTargets(b *batch, rows []int) {
	if d.outcomes != nil {
		b.labels = resize(b.labels, len(rows))
		for i, row := range rows {
			b.labels[i] = d.outcomes[d.pick[row]]
		}
		return
	}
	b.probs = b.probs[:0]
	for _, row := range rows {
		b.probs = append(b.probs, d.target(int(d.pick[row]))...)
	}
}

func (d *Distillation) loss(t *tensor.Tape, _ Config, logits *tensor.Tensor, b *batch) *tensor.Tensor {
	imitated := t.Columns(logits, d.from, d.to)
	if d.outcomes != nil {
		return t.CrossEntropy(imitated, b.labels)
	}
	// The cross-entropy has the gradient of the KL divergence and does not need its logarithms.
	return t.SoftCrossEntropy(imitated, tensor.FromSlice(b.probs, imitated.Shape()...))
}
