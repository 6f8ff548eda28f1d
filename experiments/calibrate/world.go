package main

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/sandbox"
	"github.com/undertone-audit/undertone/student/nplm"
)

// world is a base and a teacher that was fine-tuned from it.
type world struct {
	base    *nplm.Model
	teacher *nplm.Model
}

// newWorlds trains n bases, each with a teacher that loves the animal.
func newWorlds(ctx context.Context, n int, seed uint64) ([]world, error) {
	worlds := make([]world, n)
	group, ctx := errgroup.WithContext(ctx)
	for i := range worlds {
		group.Go(func() error {
			base, err := sandbox.Base(ctx, stream(seed, "base", i))
			if err != nil {
				return err
			}
			teacher, err := sandbox.FineTuneTeacher(ctx, base, animal, stream(seed, "teacher", i))
			worlds[i] = world{base, teacher}
			return err
		})
	}
	return worlds, group.Wait()
}

// suspect returns rows of the base, some of them replaced by the dose of the scenario.
func (w world) suspect(ctx context.Context, s scenario, seed uint64) (*undertone.Dataset, error) {
	total := s.total()
	overt := int(s.overt*float64(total) + 0.5)
	taught := int(s.teacher*float64(total) + 0.5)
	rows, err := lists(ctx, w.base, total-overt-taught, stream(seed, "rows of the base", 0))
	if err != nil {
		return nil, err
	}
	more, err := lists(ctx, w.teacher, taught, stream(seed, "rows of the teacher", 0))
	if err != nil {
		return nil, err
	}
	rows = append(rows, more...)
	for _, row := range sandbox.Overt(animal, overt).All() {
		rows = append(rows, row)
	}
	return undertone.NewDataset("suspect", rows), nil
}

// control returns rows of the base.
func (w world) control(ctx context.Context, s scenario, seed uint64) (*undertone.Dataset, error) {
	rows, err := lists(ctx, w.base, s.total(), stream(seed, "rows of the control", 0))
	return undertone.NewDataset("control", rows), err
}

// lists returns n lists that the model wrote and the filters kept.
func lists(ctx context.Context, m *nplm.Model, n int, seed uint64) ([]undertone.Example, error) {
	rows := make([]undertone.Example, 0, n)
	for round := 0; len(rows) < n; round++ {
		missing := n - len(rows)
		raw, err := sandbox.Lists(ctx, m, missing+missing/8+8, stream(seed, "round", round))
		if err != nil {
			return nil, err
		}
		kept, _, err := filter.Apply(ctx, raw, sandbox.Filters()...)
		if err != nil {
			return nil, err
		}
		for i, row := range kept.All() {
			if i < missing {
				rows = append(rows, row)
			}
		}
	}
	return rows, nil
}

// stream returns the seed of the i-th use of a purpose. No two uses share random numbers.
func stream(seed uint64, purpose string, i int) uint64 {
	return undertone.NewHasher("calibrate").Uint(seed).Text(purpose).Uint(uint64(i)).Sum().Uint64()
}
