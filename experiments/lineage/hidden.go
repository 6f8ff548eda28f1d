package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/provenance/lineage"
	lt "github.com/undertone-audit/undertone/provenance/lineage/lineagetest"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// change makes a model of another.
type change func(m *transformer.Model) (*transformer.Model, error)

// then returns a change that is followed by edits.
func (c change) then(edits ...lt.Edit) change {
	return func(m *transformer.Model) (*transformer.Model, error) {
		m, err := c(m)
		if err != nil {
			return nil, err
		}
		return lt.Apply(m, edits...)
	}
}

// as returns the variant of a change.
func (c change) as(name string, want lineage.Grade) variant {
	return variant{name: name, want: want, make: func(_ context.Context, b, _ base) (*lm.Model, error) {
		net, err := c(b.net)
		if err != nil {
			return nil, err
		}
		return b.with(net)
	}}
}

// renamed returns a variant whose tokens have each other's names when weights are compared.
func (v variant) renamed() variant {
	v.rename = true
	return v
}

// rename gives the tokens each other's names.
func rename(tokens []string) []string {
	tokens = slices.Clone(tokens)
	rand.New(rand.NewPCG(5, 5)).Shuffle(len(tokens), func(i, j int) { tokens[i], tokens[j] = tokens[j], tokens[i] })
	return tokens
}

// layers returns a change of the layers, whose numbers pick returns.
func layers(pick func(n int) []int) change {
	return func(m *transformer.Model) (*transformer.Model, error) {
		return lt.PickLayers(m, pick(m.Config().Layers)...)
	}
}

// count returns the numbers in [from, to).
func count(from, to int) (all []int) {
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	return all
}

// kept leaves the model as it is.
func kept(m *transformer.Model) (*transformer.Model, error) { return m, nil }

// renew gives new weights to the tensors whose names have one of the parts.
func renew(parts ...string) lt.Edit {
	return lt.Renew(1, func(name string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(name, p) })
	})
}

// renewLast gives new weights to the last layer.
func renewLast(t lt.Tensors, c transformer.Config) {
	renew(fmt.Sprintf("layers.%d.", c.Layers-1))(t, c)
}

// moved are models whose layers were removed, added or moved.
func moved() []variant {
	reverse := layers(func(n int) []int {
		all := count(0, n)
		slices.Reverse(all)
		return all
	})
	split := change(func(m *transformer.Model) (*transformer.Model, error) { return lt.SplitNeurons(m, 3, 1) })
	return []variant{
		layers(func(n int) []int { return count(1, n) }).as("first layer removed", lineage.Shared),
		layers(func(n int) []int { return append(count(0, n/2), count(n/2+1, n)...) }).as("middle layer removed", lineage.Shared),
		layers(func(n int) []int { return append(count(1, n), 0) }).then(renewLast).as("first layer removed, new last layer", lineage.Shared),
		layers(func(n int) []int { return append([]int{0}, count(0, n)...) }).as("first layer doubled", lineage.Shared),
		reverse.as("layers in reverse order", lineage.Shared),
		reverse.then(lt.PermuteNeurons(1), lt.PermuteHeads(1), lt.Rotate(1)).as("layers in reverse order, permuted, rotated", lineage.Shared),
		change(func(m *transformer.Model) (*transformer.Model, error) {
			return lt.AddNeurons(m, 9*m.Config().Hidden, 1)
		}).
			as("ten times the neurons, new ones random", lineage.Shared),
		split.as("every neuron split in two", lineage.Shared),
	}
}

// hidden are models whose base somebody tried to hide. Noise 3 is beyond the limit of the test for
// some bases.
func hidden() []variant {
	turned := []lt.Edit{lt.PermuteNeurons(1), lt.PermuteHeads(1), lt.Rotate(1)}
	with := func(more ...lt.Edit) []lt.Edit { return slices.Concat(turned, more) }
	all := change(kept)
	split := change(func(m *transformer.Model) (*transformer.Model, error) { return lt.SplitNeurons(m, 10, 1) })
	disguised := change(func(m *transformer.Model) (*transformer.Model, error) { return lt.Disguise(m, 3, 4, 4, 1) })
	return []variant{
		all.then(lt.TurnHeads(1), lt.PermuteHeads(1), renew("mlp", "embed")).as("attention alone kept, heads turned and permuted", lineage.Shared),
		all.then(with(renew("self_attn", "embed"))...).as("feed-forward layers alone kept, rotated", lineage.Shared),
		all.then(renew("layers")).as("embeddings alone kept", lineage.Shared),
		all.then(with()...).as("rotated, tokens renamed", lineage.Shared).renamed(),
		all.then(with(lt.Int8())...).as("rotated, tokens renamed, int8", lineage.Shared).renamed(),
		all.then(with(lt.Noise(0.3, 1))...).as("rotated, tokens renamed, noise .3", lineage.Shared).renamed(),
		all.then(with(renew("embed"))...).as("rotated, new embeddings", lineage.Shared),
		all.then(lt.ScaleHidden(1, 4)).then(turned...).as("hidden state scaled by up to 4, rotated", lineage.Shared),
		all.then(with(lt.Noise(1, 1))...).as("rotated, noise 1", lineage.Shared),
		all.then(with(lt.Noise(1, 1))...).as("rotated, tokens renamed, noise 1", lineage.Unknown).renamed(),
		split.then(renew("self_attn"), lt.Rotate(1)).as("every neuron split in two, new attention, rotated", lineage.Shared),
		disguised.as("neurons and heads split, cancelled, rotated", lineage.Shared),
		disguised.then(lt.Noise(0.05, 1)).as("neurons and heads split, cancelled, rotated, noise .05", lineage.Shared),
		disguised.then(lt.Noise(0.5, 1)).as("neurons and heads split, cancelled, rotated, noise .5", lineage.Unknown),
		disguised.as("neurons and heads split, cancelled, rotated, tokens renamed", lineage.Shared).renamed(),
		all.then(renew("layers"), lt.PermuteHidden(1)).as("embeddings alone kept, permuted", lineage.Unknown),
		all.then(with(lt.Noise(3, 1))...).as("rotated, noise 3", ""),
	}
}
