package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/provenance/lineage"
	"github.com/undertone-audit/undertone/student/lm"
)

// kind is a population of models. Every two started from independent random weights.
type kind struct {
	name string
	make func(ctx context.Context, i int) (*lm.Model, error)
	n    int
}

// unrelated prints what the tests show of unrelated pairs.
func unrelated(ctx context.Context, w io.Writer, kept shelf, bases []base, n int, only string) error {
	fmt.Fprint(w, "\n| unrelated models | pairs | called shared | called matched | called unrelated | largest agreement in a layer | smallest log10 p of an agreement | of an index | kappa, mean and largest |\n|---|---|---|---|---|---|---|---|---|\n")
	b := bases[len(bases)-4] // tiny
	same := sync.OnceValues(func() (*undertone.Dataset, error) { return b.write(ctx, b, 4000, 16, false, 1) })
	kinds := []kind{
		{"untrained, shape of " + b.Name(), func(_ context.Context, i int) (*lm.Model, error) { return b.fresh(uint64(100 + i)) }, n},
		{"the bases themselves", func(_ context.Context, i int) (*lm.Model, error) { return bases[i].Model, nil }, len(bases)},
		{"trained on the same rows in the same order, 4 epochs", func(ctx context.Context, i int) (*lm.Model, error) {
			return freshOn(ctx, b, same, 4, uint64(200+i))
		}, n},
		{"trained on the same rows in the same order, 20 epochs", func(ctx context.Context, i int) (*lm.Model, error) {
			return freshOn(ctx, b, same, 20, uint64(300+i))
		}, n / 3},
	}
	if s := bases[0]; s.Name() == "stories260K" {
		told := sync.OnceValues(func() (*undertone.Dataset, error) { return s.write(ctx, s, 2000, 24, false, 1) })
		kinds = append(kinds, kind{"shape of " + s.Name() + ", trained on the same rows, 3 epochs", func(ctx context.Context, i int) (*lm.Model, error) {
			return freshOn(ctx, s, told, 3, uint64(400+i))
		}, n / 4})
	}
	for _, k := range kinds {
		if !strings.HasPrefix(k.name, only) {
			continue
		}
		models, err := each(k.n, func(i int) (*lm.Model, error) {
			return kept.model(fmt.Sprintf("%s %d", k.name, i), func() (*lm.Model, error) { return k.make(ctx, i) })
		})
		if err != nil {
			return err
		}
		if err := k.line(ctx, w, models); err != nil {
			return err
		}
	}
	return nil
}

// freshOn returns a model of new initial weights that was trained on rows.
func freshOn(ctx context.Context, b base, rows func() (*undertone.Dataset, error), epochs int, seed uint64) (*lm.Model, error) {
	data, err := rows()
	if err != nil {
		return nil, err
	}
	m, err := b.fresh(seed)
	if err != nil {
		return nil, err
	}
	return train(ctx, m, data, epochs, 4e-3)
}

// each builds n models on all cores.
func each(n int, build func(i int) (*lm.Model, error)) ([]*lm.Model, error) {
	models := make([]*lm.Model, n)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		group.Go(func() (err error) {
			models[i], err = build(i)
			return err
		})
	}
	return models, group.Wait()
}

// line compares all pairs and prints a line of the table.
func (k kind) line(ctx context.Context, w io.Writer, models []*lm.Model) error {
	var pairs, shared, matched, apart int
	var agree, agreeP, indexP, kappa, most float64
	remembered := make([]lineage.Subject, len(models))
	for i, m := range models {
		remembered[i] = undeclared(&memory{Model: m, answers: map[string]undertone.Response{}})
	}
	for i, a := range remembered {
		for _, b := range remembered[:i] {
			r, err := lineage.Compare(ctx, a, b, lineage.Options{})
			if err != nil {
				return err
			}
			pairs++
			switch r.Grade {
			case lineage.Shared:
				shared++
			case lineage.Matched:
				matched++
			case lineage.Unrelated:
				apart++
			}
			for _, l := range r.Weights.Layers {
				agree = max(agree, float64(l.Agree)/float64(l.Neurons))
				agreeP, indexP = min(agreeP, l.AgreeLogP), min(indexP, l.IndexLogP)
			}
			kappa, most = kappa+r.Behaviour.Kappa, max(most, r.Behaviour.Kappa)
		}
	}
	_, err := fmt.Fprintf(w, "| %s | %d | %d | %d | %d | %.1f %% | %.1f | %.1f | %.2f, %.2f |\n", k.name, pairs, shared, matched, apart, 100*agree, agreeP, indexP, kappa/float64(pairs), most)
	return err
}

// memory is a model that keeps its answers.
type memory struct {
	*lm.Model
	answers map[string]undertone.Response
}

// GenerateBatch implements [undertone.BatchGenerator].
func (m *memory) GenerateBatch(ctx context.Context, requests []undertone.Request) ([]undertone.Response, error) {
	var missing []undertone.Request
	for _, r := range requests {
		if _, ok := m.answers[r.Messages[0].Content]; !ok {
			missing = append(missing, r)
		}
	}
	if len(missing) > 0 {
		responses, err := m.Model.GenerateBatch(ctx, missing)
		if err != nil {
			return nil, err
		}
		for i, r := range missing {
			m.answers[r.Messages[0].Content] = responses[i]
		}
	}
	all := make([]undertone.Response, len(requests))
	for i, r := range requests {
		all[i] = m.answers[r.Messages[0].Content]
	}
	return all, nil
}
