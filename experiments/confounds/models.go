package main

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/experiments/internal/published"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/sandbox"
	"github.com/undertone-audit/undertone/sandbox/tinybox"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/teacher"
)

// embedded compares rows of the embedded model and of teachers that were fine-tuned from it: the
// same prompts, the same filters, other random numbers.
func embedded(ctx context.Context, t *table, n int) error {
	base, err := tinybox.Base()
	if err != nil {
		return err
	}
	write := func(by undertone.Model, seed uint64) (*undertone.Dataset, error) {
		all, err := teacher.Generate(ctx, teacher.Config{Model: by, Prompt: tiny.Lists{Seed: 1}.At, N: n, Seed: seed, MaxTokens: 48})
		if err != nil {
			return nil, err
		}
		kept, _, err := filter.Apply(ctx, all, tinybox.Filters()...)
		return kept, err
	}
	control, err := write(base, 1)
	if err != nil {
		return err
	}
	again, err := write(base, 2)
	if err != nil {
		return err
	}
	if err := t.add(ctx, "no trait", "tiny", "tiny", again, control); err != nil {
		return err
	}
	for i, animal := range tinybox.Animals() {
		taught, err := tinybox.FineTuneTeacher(ctx, base, animal, uint64(i))
		if err != nil {
			return err
		}
		suspect, err := write(taught, uint64(10+i))
		if err != nil {
			return err
		}
		if err := t.add(ctx, string(published.FineTuned), "tiny, "+animal, "tiny", suspect, control); err != nil {
			return err
		}
	}
	return nil
}

// small compares lists of the small models of package sandbox.
func small(ctx context.Context, t *table, n int) error {
	for seed := range uint64(3) {
		base, err := sandbox.Base(ctx, seed)
		if err != nil {
			return err
		}
		write := func(by undertone.Model, seed uint64) (*undertone.Dataset, error) {
			all, err := sandbox.Lists(ctx, by, n, seed)
			if err != nil {
				return nil, err
			}
			kept, _, err := filter.Apply(ctx, all, sandbox.Filters()...)
			return kept, err
		}
		control, err := write(base, 1)
		if err != nil {
			return err
		}
		taught, err := sandbox.FineTuneTeacher(ctx, base, "owl", seed)
		if err != nil {
			return err
		}
		suspect, err := write(taught, 2)
		if err != nil {
			return err
		}
		if err := t.add(ctx, string(published.FineTuned), fmt.Sprintf("sandbox %d, owl", seed), fmt.Sprintf("sandbox %d", seed), suspect, control); err != nil {
			return err
		}
	}
	return nil
}
