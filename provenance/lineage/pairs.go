package lineage

import (
	"cmp"
	"context"
	"slices"
)

// compareIn compares all pairs of parts in the named coordinates. In the same coordinates, which
// are first, parts of the same place are compared before all others: if they are related, the
// others need not be compared with them.
func (t *tested) compareIn(ctx context.Context, name string) error {
	switch name {
	case SameCoordinates:
		if t.Tokens >= minTokens {
			t.note(testTables(t.tokensA, t.tokensB))
		}
		v := view{name: name}.projected(t.of[1].dim)
		if err := t.compareAll(ctx, v, true); err != nil {
			return err
		}
		return t.compareAll(ctx, v, false)
	case AlignedCoordinates:
		r, err := alignNames(t.tokensA, t.tokensB)
		if err != nil {
			return nil // nothing to align by; the control says that the test has no power
		}
		return t.compareAll(ctx, view{name: name, a: &r}.projected(t.of[1].dim), false)
	}
	return t.compareTurned(ctx)
}

// compareAll compares the parts of a that are not yet related with all parts of b, or with the one
// in the same place.
func (t *tested) compareAll(ctx context.Context, v view, samePlace bool) error {
	for _, kind := range []string{FeedForward, Attention} {
		first, err := t.samples(ctx, kind, v)
		if err != nil {
			return err
		}
		for place, p := range t.parts(1, kind) {
			compared := first
			if samePlace {
				compared = slices.DeleteFunc(slices.Clone(first), func(s sample) bool { return s.place != place })
			}
			if len(compared) == 0 {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			b, err := p.read(t.b)
			if err != nil {
				return err
			}
			b = b.turned(v.b).directions()
			for _, a := range compared {
				t.note(a.test(b, p, v.name))
				if samePlace && a.neurons.equal(b) {
					t.Equal++
				}
			}
		}
	}
	return nil
}

// sample is a part of the first model, or some of its neurons.
type sample struct {
	part
	place   int // among the compared parts of its kind
	neurons neurons
	own     []int // the indices of the neurons
}

// samples reads the parts of a kind of the first model that are not yet related.
func (t *tested) samples(ctx context.Context, kind string, v view) (all []sample, err error) {
	parts := t.parts(0, kind)
	for place, p := range parts {
		if related, _ := t.best[partOf{kind, p.block}].related(t.Tests); related {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, err := p.read(t.a)
		if err != nil {
			return nil, err
		}
		own := spaced(n.len(), min(maxNeurons, max(minNeurons, maxSampled/len(parts))))
		if len(own) < n.len() {
			n = n.pick(own)
		}
		all = append(all, sample{p, place, n.turned(v.a).directions(), own})
	}
	return all, nil
}

// test compares a sample with a part of the second model, b.
func (s sample) test(b neurons, of part, coordinates string) LayerTest {
	l := LayerTest{Part: s.kind, A: s.block, B: of.block, Coordinates: coordinates}
	own := s.own
	if s.part.neurons != of.neurons || s.neurons.unsigned { // whose neurons have no order
		own = nil
	}
	l.test(s.neurons, b, own)
	return l
}

// note keeps the strongest test of each part.
func (t *tested) note(l LayerTest) {
	at := partOf{l.Part, l.A}
	if l.Coordinates != ContentCoordinates && float64(l.Alike) >= MinAgree*float64(l.Neurons) {
		t.alike[at] = true
	}
	old, ok := t.best[at]
	if !ok || cmp.Or(cmp.Compare(l.logP(), old.logP()), cmp.Compare(l.AgreeLogP, old.AgreeLogP)) < 0 {
		t.best[at] = l
	}
}
