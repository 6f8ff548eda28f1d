package main

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/experiments/internal/progress"
)

// A study of one small world has a row for each candidate and each prediction.
func TestSharpen(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: the study of candidates for a first-order detector")
	}
	var text strings.Builder
	d := design{Kind: "sandbox", Seed: 1, Worlds: 1, Sizes: []int{700}}
	if err := sharpen(t.Context(), &text, d, "", true, progress.New()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| displacement of 30 steps; partial | ", "| log-likelihood ratio (the mean over the whole path); partial | ", "| other base, control rows (1 worlds) | "} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the tables lack %q:\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "NaN") {
		t.Errorf("the tables hold NaN:\n%s", text.String())
	}
}

// The residuals of the regression put the trait first, where the mean of the placebos does not: a
// placebo with a larger scale rises with the trait.
func TestJudgeByRegression(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var g groupScores
	for range 200 {
		row := func(shift float64) []float64 {
			a, b := rng.NormFloat64()+shift, rng.NormFloat64()+shift
			return []float64{a + b, 3 * a, rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()}
		}
		g.suspect, g.control = append(g.suspect, row(0.5)), append(g.control, row(0))
	}
	if rank, _, _ := g.judge(byMean); rank != 2 {
		t.Errorf("by the mean: rank %d, want 2", rank)
	}
	if rank, p, _ := g.judge(byRegression); rank != 1 || p > 0.05 {
		t.Errorf("by regression: rank %d, p = %v, want 1 and at most .05", rank, p)
	}
}

// Rows are matched by prompt, and those of other prompts are left out.
func TestMatched(t *testing.T) {
	rows := func(name string, from, to int) *undertone.Dataset {
		var all []undertone.Example
		for i := from; i < to; i++ {
			all = append(all, undertone.NewExample(strings.Repeat("x", i), name))
		}
		return undertone.NewDataset(name, all)
	}
	m := matched(rows("a", 0, 100), rows("b", 10, 90))
	if m.groups != 2 || m.suspect.Len() != 64 || m.control.Len() != 64 {
		t.Fatalf("%d groups, %d and %d rows", m.groups, m.suspect.Len(), m.control.Len())
	}
	for i := range 64 {
		if m.suspect.Example(i).Prompt() != m.control.Example(i).Prompt() {
			t.Fatalf("row %d has other prompts", i)
		}
	}
}

// A mean gradient of zero has an excess near 1, another one a larger excess.
func TestExcess(t *testing.T) {
	var g armGradients
	for i := range 50 {
		sign := float32(1 - 2*(i%2))
		g.suspect = append(g.suspect, []float32{sign + 1, sign})
		g.control = append(g.control, []float32{sign, -sign})
	}
	suspect, control := g.excess()
	if control > 0.01 || suspect < 20 {
		t.Errorf("excess %v and %v", suspect, control)
	}
}
