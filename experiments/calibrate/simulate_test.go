package main

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/experiments/internal/progress"
	"github.com/undertone-audit/undertone/sandbox"
)

func TestOutcomesDoNotDependOnCores(t *testing.T) {
	worlds, err := newWorlds(t.Context(), 1, 7)
	if err != nil {
		t.Fatal(err)
	}
	s := scenario{
		name: "any", plan: audit.SplitRows, replicates: 8, rows: 16,
		traits: sandbox.Animals, overt: 0.1, teacher: 0.2,
	}
	var first []outcome
	for _, cores := range []int{1, 3} {
		before := runtime.GOMAXPROCS(cores)
		sim := &simulator{seed: 7, worlds: worlds, show: progress.New()}
		outcomes, err := sim.run(t.Context(), s, 6)
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = outcomes
		}
		if !slices.Equal(first, outcomes) {
			t.Errorf("outcomes on %d cores: %v, want %v", cores, outcomes, first)
		}
	}
	if first[0].shift == first[1].shift {
		t.Error("two audits have the same rows")
	}
}

func TestRunStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := run(ctx, io.Discard, small, false); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the error of the context", err)
	}
}
