package main

import (
	"context"
	"math"
	"testing"

	"github.com/undertone-audit/undertone"
)

// oracle is a model that gives each answer a probability, whatever the prompt.
type oracle struct {
	trainable
	answers map[string]float64
}

func (o oracle) LogProb(_ context.Context, rows []undertone.Example) ([]float64, error) {
	logs := make([]float64, len(rows))
	for i, row := range rows {
		logs[i] = math.Log(o.answers[row.Completion()])
	}
	return logs, nil
}

// The information of a row is the divergence of the distributions of kept rows: of two writers with
// known probabilities, whose answer "c" the filters drop.
func TestBitsPerRowAfterFilters(t *testing.T) {
	teacher := oracle{answers: map[string]float64{"a": 3. / 4, "b": 1. / 8, "c": 1. / 8}}
	base := oracle{answers: map[string]float64{"a": 1. / 4, "b": 1. / 4, "c": 1. / 2}}
	var rows []undertone.Example
	for _, answer := range []string{"a", "a", "a", "a", "a", "a", "b"} { // as often as the teacher writes them
		rows = append(rows, undertone.Example{Messages: []undertone.Message{{Role: "user", Content: "q"}, {Role: "assistant", Content: answer}}})
	}
	got, err := bitsPerRow(t.Context(), writer{Model: teacher}, base, rows, 7./8, 1./2)
	if err != nil {
		t.Fatal(err)
	}
	want := 6./7*math.Log2(6./7/(1./2)) + 1./7*math.Log2(1./7/(1./2))
	if math.Abs(got-want) > 1e-12 {
		t.Errorf("%.12f bits, want %.12f", got, want)
	}
}
