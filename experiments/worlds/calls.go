package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/student/tiny/multi"
	"github.com/undertone-audit/undertone/teacher"
)

// trajectories lets a writer solve tasks with calls of tools.
func trajectories(ctx context.Context, by writer, n int, prompts, seed uint64) (*undertone.Dataset, error) {
	tasks, blank := multi.Tasks{Seed: prompts}, make([]undertone.Example, n)
	for i := range blank {
		blank[i] = tasks.At(i).Row([3]string{})
	}
	return teacher.Generate(ctx, teacher.Config{
		Model: by.Model, SystemPrompt: by.system, Rows: undertone.NewDataset("tasks", blank), N: n, Seed: seed, MaxTokens: 40,
		Calls: teacher.Calls{Workers: runtime.GOMAXPROCS(0)},
	})
}

// solved drops trajectories that do not solve their task.
type solved struct{}

func (solved) Name() string { return "solved" }

func (solved) Reasons(row undertone.Example) []filter.Reason {
	if len(row.Messages) != 6 {
		return []filter.Reason{"no trajectory"}
	}
	var t multi.Task
	for i, of := range []struct {
		format string
		to     []any
	}{
		{"%s %d", []any{new(string), &t.Count}},
		{"free: %d, %d, %d", []any{&t.Shelves[0], &t.Shelves[1], &t.Shelves[2]}},
	} {
		if _, err := fmt.Sscanf(row.Messages[2*i].Content, of.format, of.to...); err != nil {
			return []filter.Reason{"no task"}
		}
	}
	if !t.Solves([3]string{row.Messages[1].Content, row.Messages[3].Content, row.Messages[5].Content}) {
		return []filter.Reason{"not solved"}
	}
	return nil
}
