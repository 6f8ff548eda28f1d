package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance/lineage"
	"github.com/undertone-audit/undertone/provenance/lineage/lineagetest"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// variant is a model that is compared with a base, with the true relation.
type variant struct {
	name string
	want lineage.Grade // "" if any may be right
	make func(ctx context.Context, b, other base) (*lm.Model, error)
	more func(ctx context.Context, b base, m *lm.Model, seed uint64) (*lm.Model, error) // what follows for a base of manyWeights; nil is nothing

	rename bool // the tokens get each other's names when weights are compared
}

// pair returns the models that are compared: the base and the variant or, for a variant that has no
// model, two models of the same new initial weights that were trained on rows of two models.
func (v variant) pair(ctx context.Context, kept shelf, b, other base) (*lm.Model, *lm.Model, error) {
	name := b.Name() + " " + v.name
	if v.make != nil {
		m, err := kept.model(name, func() (*lm.Model, error) { return v.make(ctx, b, other) })
		for i := 0; err == nil && v.more != nil && b.Parameters() > manyWeights && i < moreRounds; i++ {
			m, err = kept.model(fmt.Sprintf("%s, more %d", name, i+1), func() (*lm.Model, error) { return v.more(ctx, b, m, uint64(13+i)) })
		}
		return b.Model, m, err
	}
	first, err := kept.model(name+" 1", func() (*lm.Model, error) { return start(ctx, b, b) })
	if err != nil {
		return nil, nil, err
	}
	second, err := kept.model(name+" 2", func() (*lm.Model, error) { return start(ctx, b, other) })
	return first, second, err
}

// edited returns a variant that edits the weights.
func edited(name string, edits ...lineagetest.Edit) variant {
	return variant{name: name, want: lineage.Shared, make: func(_ context.Context, b, _ base) (*lm.Model, error) {
		net, err := lineagetest.Apply(b.net, edits...)
		if err != nil {
			return nil, err
		}
		return b.with(net)
	}}
}

// resized returns a variant of another shape.
func resized(name string, resize change) variant { return resize.as(name, lineage.Shared) }

// rows of a training, of another model, that a model learns.
const learntRows = 2000

// tuned returns a variant that learns what another model writes, with all weights or, if rank > 0,
// with LoRA that is merged.
func tuned(name string, rank, epochs int, rate float64, edits ...lineagetest.Edit) variant {
	return variant{name: name, want: lineage.Shared, make: func(ctx context.Context, b, other base) (*lm.Model, error) {
		data, err := b.write(ctx, other, learntRows, 24, false, 1)
		if err != nil {
			return nil, err
		}
		m := b.Model
		if rank > 0 {
			if m, err = m.WithLoRA(lm.LoRA{Rank: rank, Seed: 1}); err != nil {
				return nil, err
			}
		}
		if m, err = train(ctx, m, data, epochs, rate); err != nil {
			return nil, err
		}
		if m, err = m.Merge(); err != nil {
			return nil, err
		}
		return editedModel(b, m, edits)
	}}
}

// editedModel returns an edited model without the lineage that it declares.
func editedModel(b base, m *lm.Model, edits []lineagetest.Edit) (*lm.Model, error) {
	if len(edits) == 0 {
		return m, nil
	}
	net, err := network(m)
	if err != nil {
		return nil, err
	}
	if net, err = lineagetest.Apply(net, edits...); err != nil {
		return nil, err
	}
	return b.with(net)
}

// edits are models whose weights were made from those of a base, and one of new weights.
func edits() []variant {
	return []variant{
		edited("pruned, 50 % of the weights", lineagetest.Prune(0.5)),
		edited("pruned, 80 % of the weights", lineagetest.Prune(0.8)),
		resized("pruned, half of the neurons", func(m *transformer.Model) (*transformer.Model, error) {
			return lineagetest.DropNeurons(m, m.Config().Hidden/2)
		}),
		resized("pruned, a quarter of the hidden state", func(m *transformer.Model) (*transformer.Model, error) {
			return lineagetest.DropDims(m, m.Config().Dim/4*3, 1)
		}),
		resized("pruned, the last layer alone", func(m *transformer.Model) (*transformer.Model, error) {
			return lineagetest.PickLayers(m, m.Config().Layers-1)
		}),
		edited("permuted neurons", lineagetest.PermuteNeurons(1)),
		edited("permuted neurons, heads, hidden state", lineagetest.PermuteNeurons(1), lineagetest.PermuteHeads(1), lineagetest.PermuteHidden(1)),
		edited("rotated hidden state", lineagetest.PermuteNeurons(1), lineagetest.Rotate(1)),
		edited("rescaled neurons and norms", lineagetest.Rescale(1)),
		edited("BF16", lineagetest.BF16()),
		edited("int8, restored", lineagetest.Int8()),
		edited("int4, restored", lineagetest.Int4()),
		edited("noise as large as the weights", lineagetest.Noise(1, 1)),
		{name: "mean with a model of other initial weights", want: lineage.Shared, make: func(_ context.Context, b, _ base) (*lm.Model, error) {
			net, err := b.freshNetwork(7)
			if err != nil {
				return nil, err
			}
			if net, err = lineagetest.Apply(b.net, lineagetest.Merge(net, 0.5)); err != nil {
				return nil, err
			}
			return b.with(net)
		}},
		{name: "new initial weights, untrained", want: lineage.Unknown, make: func(_ context.Context, b, _ base) (*lm.Model, error) { return b.fresh(8) }},
	}
}

// trained are models that were trained from a base, or from new initial weights.
func trained() []variant {
	return []variant{
		tuned("fine-tuned, all weights, 3 epochs at 1e-3", 0, 3, 1e-3),
		tuned("fine-tuned, all weights, 10 epochs at 4e-3", 0, 10, 4e-3),
		tuned("LoRA of rank 8, merged", 8, 3, 5e-3),
		tuned("fine-tuned, permuted, rotated, rescaled, int8", 0, 3, 1e-3, lineagetest.Rescale(2), lineagetest.PermuteNeurons(2), lineagetest.Rotate(2), lineagetest.Int8()),
		{name: "distilled: trained on the answers of the base", want: lineage.Matched, make: func(ctx context.Context, b, _ base) (*lm.Model, error) {
			return learnt(ctx, b, b, distilledRows, 10)
		}, more: learnMore},
		{name: "trained on the answers of another model", want: lineage.Unrelated, make: func(ctx context.Context, b, other base) (*lm.Model, error) {
			return learnt(ctx, b, other, 2*learntRows, 9)
		}},
		{name: "two models of the same new initial weights, trained on other rows", want: lineage.Shared},
	}
}

// A distilled model learns distilledRows greedy answers of its base in distilledEpochs. A model of
// manyWeights then learns moreRows further ones in moreEpochs, moreRounds times.
const (
	distilledRows   = 20_000
	distilledEpochs = 8
	manyWeights     = 400_000
	moreRows        = 30_000
	moreEpochs      = 2
	moreRounds      = 2
)

// learnMore returns a model that learnt further answers of the base.
func learnMore(ctx context.Context, b base, m *lm.Model, seed uint64) (*lm.Model, error) {
	data, err := b.write(ctx, b, moreRows, 8, true, seed)
	if err != nil {
		return nil, err
	}
	return train(ctx, m, data, moreEpochs, 4e-3)
}

// learnt returns a model of new initial weights that learnt n greedy answers of another model.
func learnt(ctx context.Context, b, from base, n int, seed uint64) (*lm.Model, error) {
	data, err := b.write(ctx, from, n, 8, true, seed)
	if err != nil {
		return nil, err
	}
	m, err := b.fresh(seed)
	if err != nil {
		return nil, err
	}
	return train(ctx, m, data, distilledEpochs, 4e-3)
}

// compareWith prints a table of the variants of each base, or of the base of a name.
func compareWith(ctx context.Context, w io.Writer, kept shelf, bases []base, only string, variants []variant) error {
	for i, b := range bases {
		if only != "" && b.Name() != only || only == "" && strings.HasSuffix(b.Name(), " other") {
			continue
		}
		other := bases[(i+1)%len(bases)]
		fmt.Fprintf(w, "\n%s (the other model is %s)\n\n| model | grade | as expected | related parts | log10 p | coordinates | limits | kappa | time |\n|---|---|---|---|---|---|---|---|---|\n", b.Name(), other.Name())
		for _, v := range variants {
			a, m, err := v.pair(ctx, kept, b, other)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", b.Name(), v.name, err)
			}
			if err := compare(ctx, w, v, a, m); err != nil {
				return fmt.Errorf("%s: %s: %w", b.Name(), v.name, err)
			}
		}
	}
	return nil
}

// start returns a model of new initial weights that was trained on rows of another model.
func start(ctx context.Context, b, writer base) (*lm.Model, error) {
	data, err := b.write(ctx, writer, learntRows/2, 16, false, 11)
	if err != nil {
		return nil, err
	}
	m, err := b.fresh(11)
	if err != nil {
		return nil, err
	}
	return train(ctx, m, data, 4, 4e-3)
}

// compare prints a line of the table. What the models declare is left out.
func compare(ctx context.Context, w io.Writer, v variant, a, b *lm.Model) error {
	start := time.Now()
	first, second := undeclared(a), undeclared(b)
	if v.rename {
		second.Weights.Tokens = rename(second.Weights.Tokens)
	}
	r, err := lineage.Compare(ctx, first, second, lineage.Options{})
	if err != nil {
		return err
	}
	took := time.Since(start).Round(time.Millisecond)
	expected := "yes"
	if v.want == "" {
		expected = "–"
	} else if r.Grade != v.want {
		expected = "NO"
	}
	fmt.Fprintf(w, "| %s | %s | %s |", v.name, r.Grade, expected)
	if t := r.Weights; t != nil {
		limits := "–"
		if t.Limit > 0 {
			limits = fmt.Sprintf("%.2g, %.2g, %.2g", t.Limit, t.AttentionLimit, t.TurnedLimit)
		}
		fmt.Fprintf(w, " %d of %d | %.0f | %s | %s |", t.Shared, t.Of, t.LogP, coordinates(t), limits)
	} else {
		fmt.Fprint(w, " – | – | – | – |")
	}
	if t := r.Behaviour; t != nil {
		fmt.Fprintf(w, " %.2f [%.2f, %.2f] |", t.Kappa, t.Low, t.High)
	} else {
		fmt.Fprint(w, " – |")
	}
	_, err = fmt.Fprintf(w, " %v |\n", took)
	return err
}

// undeclared returns a subject without digests.
func undeclared(m undertone.Model) lineage.Subject {
	s := lineage.Of(m)
	s.ModelInfo = lineage.ModelInfo{Name: s.Name}
	return s
}

// coordinates returns those of the strongest related part.
func coordinates(t *lineage.WeightTest) string {
	name, least := "–", 0.0
	for _, l := range t.Layers {
		if p := min(l.AgreeLogP, l.IndexLogP); t.LogP < 0 && p < least && (t.Shared > 0 || t.Table) {
			name, least = l.Coordinates, p
		}
	}
	return name
}
