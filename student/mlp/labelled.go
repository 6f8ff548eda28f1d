package mlp

import (
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor"
)

// Labelled is inputs with the class of each. Students minimise the cross-entropy of their class
// logits; the auxiliary logits have no gradient. It is immutable and safe for concurrent use.
type Labelled struct {
	rows
	labels []int32 // by position in inputs
	most   int32   // the largest label
}

// NewLabelled returns a data set of x with one label a row, [0, 32767].
func NewLabelled(name string, x Inputs, labels []int) (*Labelled, error) {
	if len(labels) != x.Len() {
		return nil, fmt.Errorf("mlp: data set %.80q has %d labels for %d inputs", name, len(labels), x.Len())
	}
	d := &Labelled{labels: make([]int32, len(labels))}
	for i, label := range labels {
		if label < 0 || label > math.MaxInt16 {
			return nil, fmt.Errorf("mlp: data set %.80q: row %d has label %d, want 0 to %d", name, i, label, math.MaxInt16)
		}
		d.labels[i] = int32(label)
		d.most = max(d.most, d.labels[i])
	}
	return d.with(name, x, everything(x.Len())), nil
}

func (d *Labelled) with(name string, x Inputs, pick []int32) *Labelled {
	row := func(input undertone.Digest, at int) undertone.Digest {
		return undertone.NewHasher("labelled row").Digest(input).Uint(uint64(d.labels[at])).Sum()
	}
	return &Labelled{newRows("labelled", name, x, pick, row), d.labels, d.most}
}

// Select implements [undertone.Data].
func (d *Labelled) Select(at []int) undertone.Data {
	return d.with(d.name, d.inputs, d.selected(at))
}

// Label returns the class of row i.
func (d *Labelled) Label(i int) int { return int(d.labels[d.pick[i]]) }

func (d *Labelled) check(c Config) error {
	if d.inputs.Width() != c.Inputs {
		return fmt.Errorf("mlp: data set %.80q has %d inputs a row, the classifier wants %d", d.name, d.inputs.Width(), c.Inputs)
	}
	if int(d.most) >= c.Classes {
		return fmt.Errorf("mlp: data set %.80q has label %d, the classifier has %d classes", d.name, d.most, c.Classes)
	}
	return nil
}

func (d *Labelled) readTargets(b *batch, rows []int) {
	b.labels = resize(b.labels, len(rows))
	for i, row := range rows {
		b.labels[i] = d.labels[d.pick[row]]
	}
}

func (d *Labelled) loss(t *tensor.Tape, c Config, logits *tensor.Tensor, b *batch) *tensor.Tensor {
	return t.CrossEntropy(t.Columns(logits, 0, c.Classes), b.labels)
}
