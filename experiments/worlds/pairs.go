package main

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// pairs returns a function that lets a writer choose between two answers. The base of the writer
// writes both, and both pass the filters. The writer chooses the first with the probability
// p(first) / (p(first) + p(second)) of its own likelihoods (Bradley & Terry 1952): the distribution
// of its answer, given that it is one of the two. Equal seeds of prompts give all writers of one
// base the same answers, so a trait is carried by the choice alone. The rejected answer is part of
// the row; students learn the chosen one.
func pairs(write func(ctx context.Context, by writer, n int, prompts, seed uint64) (*undertone.Dataset, error), filters []filter.Filter) func(ctx context.Context, by writer, n int, prompts, seed uint64) (*undertone.Dataset, error) {
	return func(ctx context.Context, by writer, n int, prompts, seed uint64) (*undertone.Dataset, error) {
		var answers [2]*undertone.Dataset
		for k := range answers {
			var err error
			if answers[k], err = write(ctx, writer{Model: by.untaught()}, n, prompts, stream(prompts, "answers", uint64(k))); err != nil {
				return nil, err
			}
		}
		var both [2][]undertone.Example
		for i := range n {
			a, b := answers[0].Example(i), answers[1].Example(i)
			if a.Equal(b) || drops(filters, a) || drops(filters, b) {
				continue
			}
			both[0], both[1] = append(both[0], a), append(both[1], b)
		}
		odds, err := logOdds(ctx, by, both)
		if err != nil {
			return nil, err
		}
		rows, rng := make([]undertone.Example, len(odds)), rand.New(rand.NewPCG(seed, 0x7061697273))
		for i := range rows {
			chosen, rejected := both[0][i], both[1][i]
			if rng.Float64() >= 1/(1+math.Exp(-odds[i])) {
				chosen, rejected = rejected, chosen
			}
			chosen.Rejected, chosen.Generator = rejected.Completion(), by.Name()
			rows[i] = chosen
		}
		return undertone.NewDataset("choices of "+by.Name(), rows), nil
	}
}

func drops(filters []filter.Filter, row undertone.Example) bool {
	for _, f := range filters {
		if len(f.Reasons(row)) > 0 {
			return true
		}
	}
	return false
}

// logOdds returns log p(first) − log p(second) of each pair of rows under a writer.
func logOdds(ctx context.Context, by writer, rows [2][]undertone.Example) ([]float64, error) {
	var logs [2][]float64
	for k := range rows {
		var err error
		if logs[k], err = by.logProb(ctx, rows[k]); err != nil {
			return nil, err
		}
	}
	for i := range logs[0] {
		logs[0][i] -= logs[1][i]
	}
	return logs[0], nil
}
