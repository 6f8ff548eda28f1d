package transformer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
)

// LoRA says which layers get a low-rank change to their weights (Hu et al. 2021).
type LoRA struct {
	Rank  int     // at least 1
	Alpha float64 // the change is Alpha/Rank·A·B; 0 means Rank

	// Targets are last parts of names, such as "q_proj"; nil means all linear layers of
	// attention and of the feed-forward part. The output layer is never changed.
	Targets []string
}

// Adapter is a low-rank change to one layer.
type Adapter struct {
	Name  string         // of the layer, such as "model.layers.0.self_attn.q_proj"
	A     *tensor.Tensor // [in rank]
	B     *tensor.Tensor // [rank out]
	Scale float64        // Alpha/Rank: the weights [in out] change by Scale·A·B
}

// maxRank is a limit to LoRA.Rank: more would be no low rank for any layer.
const maxRank = maxWidth

// WithLoRA returns a model that computes what m does and whose parameters are changes
// to m's layers, zero at first: A is random, B is zero. It shares all weights with m, which
// must not be trained meanwhile. It is an error if m has such changes already; see [Model.Merge].
func (m *Model) WithLoRA(rng *rand.Rand, l LoRA) (*Model, error) {
	if l.Rank < 1 || l.Rank > maxRank {
		return nil, fmt.Errorf("transformer: LoRA: rank is %d, want 1 to %d", l.Rank, maxRank)
	}
	known := m.targets()
	for _, target := range l.Targets {
		if !slices.Contains(known, target) {
			return nil, fmt.Errorf("transformer: LoRA: no layer is called %q; there are %s", target, strings.Join(known, ", "))
		}
	}
	if len(m.Adapters()) > 0 {
		return nil, fmt.Errorf("transformer: LoRA: the model has one already: merge it first")
	}
	return m.transform(func(name string, part nn.Module) nn.Module {
		target := lastName(name)
		if !slices.Contains(known, target) || l.Targets != nil && !slices.Contains(l.Targets, target) {
			return part
		}
		return nn.NewLoRA(rng, part.(nn.Projection), l.Rank, or(l.Alpha, float64(l.Rank)))
	}), nil
}

// Merge returns a model without LoRA that computes what m does, within rounding. Its float32
// weights are its own; layers of 16 bits become float32 where they were changed.
func (m *Model) Merge() *Model {
	return m.transform(func(_ string, part nn.Module) nn.Module {
		if l, ok := part.(*nn.LoRA); ok {
			return clone(l.Merge())
		}
		return clone(part)
	})
}

// Adapters lists the changes in the order of the layers, none without LoRA. Their tensors are
// the model's parameters.
func (m *Model) Adapters() []Adapter {
	var all []Adapter
	for _, n := range m.named {
		if l, ok := n.part.(*nn.LoRA); ok {
			all = append(all, Adapter{n.name, l.A, l.B, float64(l.Scale)})
		}
	}
	return all
}

// targets lists the last names of layers that can have LoRA.
func (m *Model) targets() []string {
	var names []string
	for _, n := range m.named {
		last := lastName(n.name)
		if strings.HasSuffix(last, "_proj") && !slices.Contains(names, last) {
			names = append(names, last)
		}
	}
	return names
}

func lastName(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

func isLoRA(part nn.Module) bool {
	_, ok := part.(*nn.LoRA)
	return ok
}
