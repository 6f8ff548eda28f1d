package transformer

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/tensor/nn"
)

// LoRA configures a low-rank change to the weights of some layers (Hu et al. 2021). The zero
// value of a field means the stated default.
type LoRA struct {
	Rank  int     // of the change, >= 1, at most the smaller side of the largest layer (default 8)
	Alpha float64 // the change is Alpha/Rank·A·B, (0, 1e6) (default Rank)

	// Targets are the last parts of the names of layers, such as "q_proj" (default all linear
	// layers of attention and of the feed-forward part). The output layer never changes.
	Targets []string

	Seed uint64 // of the initial A; the initial B is zero
}

// Limits of LoRA. A larger rank is not low for any layer.
const (
	maxRank  = maxWidth
	maxAlpha = 1e6
)

// WithDefaults returns l with every unset field except Targets at its default, or an error that
// names the field that is out of range.
func (l LoRA) WithDefaults() (LoRA, error) {
	l.Rank = cmp.Or(l.Rank, 8)
	if l.Rank < 1 || l.Rank > maxRank {
		return l, fmt.Errorf("transformer: LoRA: rank is %d, want 1 to %d", l.Rank, maxRank)
	}
	l.Alpha = cmp.Or(l.Alpha, float64(l.Rank))
	if !(l.Alpha > 0 && l.Alpha < maxAlpha) {
		return l, fmt.Errorf("transformer: LoRA: alpha is %v, want more than 0 and less than %g", l.Alpha, float64(maxAlpha))
	}
	return l, nil
}

// WithLoRA returns a model that computes what m computes, and whose parameters are the changes to
// m's layers: A is random, B is zero. It shares all weights with m, which must not be trained
// meanwhile. A model that has LoRA already is an error; see [Model.Merge].
func (m *Model) WithLoRA(l LoRA) (*Model, error) {
	l, err := l.WithDefaults()
	if err != nil {
		return nil, err
	}
	known := m.targets()
	for _, target := range l.Targets {
		if !slices.Contains(known, target) {
			return nil, fmt.Errorf("transformer: LoRA: no layer has the name %q; want %s", target, strings.Join(known, ", "))
		}
	}
	if m.HasLoRA() {
		return nil, errors.New("transformer: LoRA: the model has LoRA already: merge it first")
	}
	if most := m.largestRank(l.Targets); l.Rank > most {
		return nil, fmt.Errorf("transformer: LoRA: rank is %d, want at most %d, the smaller side of the largest layer", l.Rank, most)
	}
	rng := rand.New(rand.NewPCG(l.Seed, 0x6876cc06c25288ac)) // the stream of the initial A
	return m.transform(func(name string, part nn.Module) nn.Module {
		target := lastName(name)
		if !slices.Contains(known, target) || l.Targets != nil && !slices.Contains(l.Targets, target) {
			return part
		}
		return nn.NewLoRA(rng, part.(nn.Projection), l.Rank, l.Alpha)
	}), nil
}

// largestRank returns the largest rank of a change to one of the target layers; nil is all.
func (m *Model) largestRank(targets []string) (most int) {
	for _, n := range m.named {
		p, ok := n.part.(nn.Projection)
		if last := lastName(n.name); ok && strings.HasSuffix(last, "_proj") && (targets == nil || slices.Contains(targets, last)) {
			in, out := p.Size()
			most = max(most, min(in, out))
		}
	}
	return most
}

// HasLoRA reports whether the model's parameters are those of LoRA.
func (m *Model) HasLoRA() bool {
	return slices.ContainsFunc(m.named, func(n named) bool { return isLoRA(n.part) })
}

// Merge returns a model without LoRA that computes what m computes, within rounding. It has its own
// float32 weights; 16-bit layers become float32 if they were changed.
func (m *Model) Merge() *Model {
	return m.transform(func(_ string, part nn.Module) nn.Module {
		if l, ok := part.(*nn.LoRA); ok {
			return clone(l.Merge())
		}
		return clone(part)
	})
}

// adapter is the LoRA of a layer.
type adapter struct {
	name string // of the layer
	*nn.LoRA
}

// adapters lists the LoRA of all layers, in the order of the layers.
func (m *Model) adapters() []adapter {
	var all []adapter
	for _, n := range m.named {
		if l, ok := n.part.(*nn.LoRA); ok {
			all = append(all, adapter{n.name, l})
		}
	}
	return all
}

// targets returns the last names of layers that can have LoRA.
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
