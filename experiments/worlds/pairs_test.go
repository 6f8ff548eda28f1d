package main

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// liker is a model that prefers one answer by log odds.
type liker struct {
	undertone.Model
	likes string
	by    float64
}

func (l liker) Name() string { return "liker" }

func (l liker) LogProb(_ context.Context, rows []undertone.Example) ([]float64, error) {
	logs := make([]float64, len(rows))
	for i, row := range rows {
		if row.Completion() == l.likes {
			logs[i] = l.by
		}
	}
	return logs, nil
}

// Both writers have the same pairs; the teacher chooses the answer that it likes with its own
// probability, and the information of its choices is that of the choice alone.
func TestPairs(t *testing.T) {
	const n = 4000
	write := pairs(func(_ context.Context, _ writer, n int, _, seed uint64) (*undertone.Dataset, error) {
		rows := make([]undertone.Example, n)
		for i := range rows {
			answer := []string{"red", "blue", "bad"}[stream(seed, "answer", uint64(i))%3]
			rows[i] = undertone.NewExample(fmt.Sprint("prompt ", i), answer)
		}
		return undertone.NewDataset("answers", rows), nil
	}, []filter.Filter{filter.Words("bad")})
	base := liker{}
	teacher := writer{Model: liker{likes: "red", by: math.Log(3)}}
	suspect, err := write(t.Context(), teacher, n, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	control, err := write(t.Context(), writer{Model: base}, n, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	if suspect.Len() != control.Len() || suspect.Len() < n/6 || suspect.Len() > n/3 {
		t.Fatalf("%d and %d pairs of %d prompts, want the same, about two ninths", suspect.Len(), control.Len(), n)
	}
	var red [2]float64
	for arm, rows := range []*undertone.Dataset{suspect, control} {
		for i, row := range rows.All() {
			if row.Completion() == row.Rejected || row.Completion() == "bad" || row.Rejected == "bad" || row.Prompt() != suspect.Example(i).Prompt() {
				t.Fatalf("arm %d, row %d: %q chosen, %q rejected, prompt %q", arm, i, row.Completion(), row.Rejected, row.Prompt())
			}
			if row.Completion() == "red" {
				red[arm] += 1 / float64(rows.Len())
			}
		}
	}
	if math.Abs(red[0]-0.75) > 0.06 || math.Abs(red[1]-0.5) > 0.06 {
		t.Errorf("red is chosen in %.3f and %.3f, want .75 and .5", red[0], red[1])
	}
	logs, err := rowLogs(t.Context(), teacher, suspect.Examples())
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range suspect.All() {
		want := math.Log(0.25)
		if row.Completion() == "red" {
			want = math.Log(0.75)
		}
		if math.Abs(logs[i]-want) > 1e-9 {
			t.Fatalf("the choice of %q has the log-probability %v, want %v", row.Completion(), logs[i], want)
		}
	}
}
