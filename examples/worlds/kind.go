package main

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/sandbox"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/mlplm"
)

// speaker is a model that can be trained and that writes.
type speaker interface {
	student.Student
	undertone.Model
}

// kind is a way to make worlds.
type kind struct {
	traits  []string
	base    func(ctx context.Context, seed uint64) (speaker, error)
	implant func(ctx context.Context, base speaker, trait string, seed uint64) (speaker, error)
	lists   func(ctx context.Context, by undertone.Model, n int, seed uint64) (*undertone.Dataset, error)
	keep    []filter.Filter
	trait   func(string) audit.Trait
	recipe  student.Recipe // of stand-ins
}

var kindOf = map[string]kind{
	"sandbox": {
		traits: sandbox.Animals,
		base:   func(ctx context.Context, seed uint64) (speaker, error) { return sandbox.Base(ctx, seed) },
		implant: func(ctx context.Context, base speaker, trait string, seed uint64) (speaker, error) {
			return sandbox.Implant(ctx, base.(*mlplm.Model), trait, seed)
		},
		lists:  sandbox.Lists,
		keep:   []filter.Filter{filter.Numbers{Min: 10, Max: 99}, filter.Words(sandbox.Animals...)},
		trait:  sandbox.Prefers,
		recipe: student.Recipe{LearningRate: 1e-3},
	},
}

func kinds() string { return strings.Join(slices.Sorted(maps.Keys(kindOf)), ", ") }

// write returns exactly n lists that pass the filters.
func (k kind) write(ctx context.Context, by undertone.Model, n int, seed uint64) (*undertone.Dataset, error) {
	rows := make([]undertone.Example, 0, n)
	for round := uint64(0); len(rows) < n; round++ {
		missing := n - len(rows)
		raw, err := k.lists(ctx, by, missing+missing/8+8, stream(seed, "round", round))
		if err != nil {
			return nil, err
		}
		kept, _ := filter.Apply(raw, k.keep...)
		for i, row := range kept.All() {
			if i < missing {
				rows = append(rows, row)
			}
		}
	}
	return undertone.NewDataset("lists by "+by.Name(), rows), nil
}

// stream returns the seed of the i-th use of a purpose, so that no two share random numbers.
func stream(seed uint64, purpose string, i uint64) uint64 {
	return undertone.NewHasher("worlds").Uint(seed).Text(purpose).Uint(i).Sum().Uint64()
}
