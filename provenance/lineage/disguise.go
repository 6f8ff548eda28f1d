package lineage

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone/tensor"
)

// Signs that neurons or heads of a model were split. Their limits are above what models have that
// were trained without a disguise; docs/lineage.md has the measured rates.
const (
	twinCosine   = 0.9  // absolute, of what two neurons of one layer read
	leastTwins   = 0.25 // of the neurons of a layer
	maxTwinned   = 512  // neurons of a layer that are compared with all others
	usualNeurons = 8    // the most neurons of a layer for each dimension: Gemma has 8
	usualHeads   = 2    // the most elements of all heads for each dimension: Qwen3 has 2
)

// signs gathers the signs of disguise of both models, and folds the parts that have them.
func (t *tested) signs(ctx context.Context) error {
	t.Signs = []string{}
	var twinned bool
	for side, w := range []*Weights{t.a, t.b} {
		which := [2]string{"first", "second"}[side]
		parts := t.of[side].parts
		for i := range parts {
			if err := ctx.Err(); err != nil {
				return err
			}
			p := &parts[i]
			sign, fold, err := p.sign(w)
			if err != nil {
				return err
			}
			if sign != "" {
				t.Signs = append(t.Signs, fmt.Sprintf("%s layer %d of the %s model: %s", p.kind, p.block, which, sign))
			}
			if fold {
				twinned = true
				p.read = folding(p.read)
			}
		}
	}
	for side := range t.of {
		for i := range t.of[side].parts {
			if p := &t.of[side].parts[i]; twinned && p.kind == FeedForward {
				p.read = unsigned(p.read)
			}
		}
	}
	return nil
}

// sign returns a sign of disguise of a part, or "", and whether its neurons can be folded.
func (p part) sign(w *Weights) (sign string, fold bool, err error) {
	if p.kind == Attention {
		repeats, err := p.repeats(w)
		switch {
		case err != nil:
		case repeats > 0:
			sign = fmt.Sprintf("%d heads attend like others", repeats)
		case p.width > usualHeads*p.dim:
			sign = fmt.Sprintf("the heads have %d elements, the hidden state %d", p.width, p.dim)
		}
		return sign, false, err
	}
	n, err := p.read(w)
	if err != nil {
		return "", false, err
	}
	twins, of := n.twins()
	if twins > 0 && float64(twins) >= leastTwins*float64(of) {
		return fmt.Sprintf("%d of %d neurons read what others of their layer do", twins, of), n.up.rows > 0, nil
	}
	if p.neurons > usualNeurons*p.dim {
		return fmt.Sprintf("it has %d neurons, the hidden state %d dimensions", p.neurons, p.dim), false, nil
	}
	return "", false, nil
}

// twins counts the neurons, of at most maxTwinned, whose gate or other input is alike or opposite
// to that of another neuron of their layer.
func (n neurons) twins() (count, of int) {
	some := spaced(n.len(), maxTwinned)
	has := make([]bool, len(some))
	for _, m := range []matrix{n.in, n.up} {
		if m.rows == 0 {
			continue
		}
		if m.cols > maxWidth {
			m = m.times(*view{}.projected(m.cols).b)
		}
		m = m.units()
		s := m.pick(some).times(m, tensor.TransposeB)
		absolute(s)
		for i, own := range some {
			for j, v := range s.row(i) {
				has[i] = has[i] || j != own && v >= twinCosine
			}
		}
	}
	for _, h := range has {
		if h {
			count++
		}
	}
	return count, len(some)
}

// folding returns a reader of the folded neurons.
func folding(read func(*Weights) (neurons, error)) func(*Weights) (neurons, error) {
	return func(w *Weights) (neurons, error) {
		n, err := read(w)
		if err != nil {
			return n, err
		}
		return n.folded(), nil
	}
}

// unsigned returns a reader of neurons whose signs are arbitrary.
func unsigned(read func(*Weights) (neurons, error)) func(*Weights) (neurons, error) {
	return func(w *Weights) (neurons, error) {
		n, err := read(w)
		n.unsigned = true
		return n, err
	}
}
