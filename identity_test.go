package undertone_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/clean"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/filter/sanitise"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/nplm"
	"github.com/undertone-audit/undertone/teacher/match"
)

// perRow is the number of digests of a row: its ID and that of its prompt.
const perRow = 2

func lists(n, from int) []undertone.Example {
	rows := make([]undertone.Example, n)
	for i := range rows {
		rows[i] = undertone.NewExample(fmt.Sprint("NUMBERS: ", i/2), fmt.Sprintf("%d, %d", from+i%80, 10+i%7))
		if i%10 == 0 {
			rows[i] = undertone.NewExample("NUMBERS", "an owl")
		}
	}
	return rows
}

// A pipeline computes the digests of a row once, and those of a dropped row never.
func TestDigestsTravel(t *testing.T) {
	ctx := context.Background()
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	vocabulary, err := nplm.NewVocabulary(strings.Split("0123456789,?NUMBERS:", "")...)
	must(t, err)
	base, err := nplm.New(nplm.Config{Vocabulary: vocabulary, Hidden: 4, Seed: 1})
	must(t, err)
	recipe := student.Recipe{LearningRate: 1e-3, BatchSize: 64}
	const n = 200
	kept := perRow * n * 9 / 10
	for _, c := range []struct {
		reason string
		want   int
		work   func(t *testing.T, data *undertone.Dataset)
	}{
		{"filter", 0, func(t *testing.T, data *undertone.Dataset) {
			_, _, err := filter.Apply(ctx, data, filter.Numbers{})
			must(t, err)
		}},
		{"filter, filter, select, digest", kept, func(t *testing.T, data *undertone.Dataset) {
			first, _, err := filter.Apply(ctx, data, filter.Numbers{})
			must(t, err)
			second, _, err := filter.Apply(ctx, first, filter.Words("owl"))
			must(t, err)
			second.Digest()
			second.Select(student.Order(second, 1, 0)[:50]).Digest()
			first.Digest()
		}},
		{"digest, filter, digest", perRow * n, func(t *testing.T, data *undertone.Dataset) {
			data.Digest()
			first, _, err := filter.Apply(ctx, data, filter.Numbers{})
			must(t, err)
			first.Digest()
			first.Named("other").Digest()
		}},
		{"filter, match", perRow * n, func(t *testing.T, data *undertone.Dataset) { // match reports the digests before the filters
			pair, err := match.Rows(ctx, data, data.Named("control"), filter.Numbers{})
			must(t, err)
			pair.Suspect.Digest()
		}},
		{"sanitise without a change", kept, func(t *testing.T, data *undertone.Dataset) {
			first, _, err := filter.Apply(ctx, data, filter.Numbers{})
			must(t, err)
			same, _, err := sanitise.Apply(ctx, first, 1, sanitise.Format{}, sanitise.Format{})
			must(t, err)
			same.Digest()
		}},
		{"filter, train two students of halves", kept, func(t *testing.T, data *undertone.Dataset) {
			first, _, err := filter.Apply(ctx, data, filter.Numbers{})
			must(t, err)
			order := student.Order(first, 1, 0)
			for _, half := range [][]int{order[:90], order[90:]} {
				_, err := base.Train(ctx, first.Select(half), recipe)
				must(t, err)
			}
		}},
		{"replace half of the rows", 2 * perRow * n, func(t *testing.T, data *undertone.Dataset) {
			mixed, replaced := clean.Plant(data, undertone.NewDataset("other", lists(n, 15)), 0.5, 1)
			if mixed.Digest(); replaced != n/2 {
				t.Errorf("%d rows were replaced", replaced)
			}
		}},
		{"audit two arms", 2 * kept, func(t *testing.T, data *undertone.Dataset) {
			first, _, err := filter.Apply(ctx, data, filter.Numbers{})
			must(t, err)
			control, _, err := filter.Apply(ctx, undertone.NewDataset("control", lists(n, 15)), filter.Numbers{})
			must(t, err)
			_, err = audit.Run(ctx, audit.Config{
				Suspect: first, Control: control, Student: base, Recipe: recipe, Traits: []audit.Trait{audit.Prefers("digit", "1", "1", "2", "3").Asking("NUMBERS?")},
				Design: audit.Design{Replicates: 2},
			})
			must(t, err)
		}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			data := undertone.NewDataset("lists", lists(n, 10))
			if got := undertone.CountDigests(func() { c.work(t, data) }); got != c.want {
				t.Errorf("%d digests were computed, want %d", got, c.want)
			}
		})
	}
}
