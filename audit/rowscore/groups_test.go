package rowscore

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/fake"
	"github.com/undertone-audit/undertone/student"
)

// promptedRows returns n rows; row i has the prompt i modulo prompts.
func promptedRows(name string, n, prompts int) *undertone.Dataset {
	rows := make([]undertone.Example, n)
	for i := range rows {
		rows[i] = undertone.NewExample(fmt.Sprint("prompt ", i%prompts), fmt.Sprint(name, " ", i))
	}
	return undertone.NewDataset(name, rows)
}

// Every row has at most one partner, which has its prompt, and as many rows as possible have one.
// The order of the rows does not matter.
func TestPairedGroups(t *testing.T) {
	first, second := promptedRows("a", 60, 20), promptedRows("b", 50, 25)
	of, against := pairedGroups(first, second, 2)
	if want := 40; len(slices.Concat(of...)) != want || len(slices.Concat(against...)) != want { // two of each of 20 prompts
		t.Fatalf("%d and %d rows in groups, want %d", len(slices.Concat(of...)), len(slices.Concat(against...)), want)
	}
	seen := map[string]bool{}
	for g := range of {
		for k, i := range of[g] {
			a, b := first.Example(i), second.Example(against[g][k])
			if a.Prompt() != b.Prompt() {
				t.Errorf("%q has the partner %q of another prompt", a.Completion(), b.Completion())
			}
			for _, row := range []undertone.Example{a, b} {
				if seen[row.Completion()] {
					t.Errorf("%q is in two groups", row.Completion())
				}
				seen[row.Completion()] = true
			}
		}
	}
	order := rand.New(rand.NewPCG(1, 2)).Perm(60)
	again, _ := pairedGroups(first.Select(order), second, 2)
	for g := range of {
		for k, i := range of[g] {
			if order[again[g][k]] != i {
				t.Fatal("another order of the rows gives other groups")
			}
		}
	}
}

func TestSizesOfGroups(t *testing.T) {
	for _, c := range []struct{ rows, candidates, want int }{{96, 10, 1}, {4000, 12, 16}, {100_000, 12, largestGroup}} {
		of, _ := pairedGroups(promptedRows("a", c.rows, c.rows), promptedRows("b", c.rows, c.rows), c.candidates)
		if len(of[0]) != c.want {
			t.Errorf("%d rows and %d candidates: groups of %d, want %d", c.rows, c.candidates, len(of[0]), c.want)
		}
	}
	if of, against := pairedGroups(promptedRows("a", 4, 4), promptedRows("b", 0, 1), 5); of != nil || against != nil {
		t.Errorf("groups %v, %v without a partner", of, against)
	}
}

// The weights of the regression do not change if the arms of some groups are exchanged, and their
// residuals do not contain the difference of the arms.
func TestGroupCentring(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	g := groupScores{Suspect: make([][]float64, 3), Control: make([][]float64, 3)}
	for range 300 {
		g.Pairs = append(g.Pairs, 1+rng.IntN(3))
		for _, arm := range []struct {
			scores [][]float64
			shift  float64
		}{{g.Suspect, 5}, {g.Control, 0}} {
			a, b := rng.NormFloat64()+arm.shift, rng.NormFloat64()
			for c, v := range []float64{a + b, b, rng.NormFloat64()} {
				arm.scores[c] = append(arm.scores[c], v)
			}
		}
	}
	before := g.centring()
	if w := before.weights[0]; math.Abs(w[1]+1) > 0.1 || math.Abs(w[2]) > 0.1 {
		t.Errorf("weights %.2f of a + b given b, want 1, -1, 0", w)
	}
	if s := before.scale[0]; math.Abs(s-math.Sqrt2) > 0.15 { // of the sum of two arms
		t.Errorf("the residual has the scale %v, want √2: the shift of 5 is not part of it", s)
	}
	for i := 0; i < 300; i += 2 {
		for c := range g.Suspect {
			g.Suspect[c][i], g.Control[c][i] = g.Control[c][i], g.Suspect[c][i]
		}
	}
	if after := g.centring(); !slices.Equal(after.weights[0], before.weights[0]) {
		t.Errorf("weights %v, and %v after exchanges", before.weights[0], after.weights[0])
	}
}

// Stored scores of another number of groups or candidates are refused.
func TestGroupScoresCheck(t *testing.T) {
	good := groupScores{Suspect: [][]float64{{1, 2}}, Control: [][]float64{{1, 2}}, Pairs: []int{1, 1}}
	if err := good.check(1, 2); err != nil {
		t.Error(err)
	}
	for _, bad := range []groupScores{{}, {Suspect: good.Suspect, Control: good.Control, Pairs: []int{1}}, {Suspect: good.Suspect, Control: [][]float64{{1}}, Pairs: good.Pairs}} {
		if bad.check(1, 2) == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}

// The derivatives of groups are the means of the inner products of their rows.
func TestDerivatives(t *testing.T) {
	rows := fake.Rows("rows", 4, 1, "owl")
	learned, err := fake.Student{Slope: 2}.Train(t.Context(), undertone.NewDataset("overt", []undertone.Example{undertone.NewExample("favorite?", "owl")}), student.Recipe{})
	if err != nil {
		t.Fatal(err)
	}
	direction := learned.(student.Differentiable).Weights()
	got, err := derivatives(t.Context(), fake.Student{Slope: 2}, rows, [][]int{{0}, {0, 1}, {1, 2, 3}}, [][][]float32{direction})
	if err != nil {
		t.Fatal(err)
	}
	base := got[0][2] // of words that all rows share
	if owl := got[0][0] - base; math.Abs(owl-2) > 1e-6 || math.Abs(got[0][1]-base-1) > 1e-6 {
		t.Errorf("derivatives %v, want those of one row with the word, of a half, and of none", got[0])
	}
}
