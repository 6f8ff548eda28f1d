package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Arguments outside the stated range end in a panic that names the function and the argument.
func TestMisuse(t *testing.T) {
	nan := math.NaN()
	statistic := func(sum []float64) float64 { return sum[0] }
	one, two := []float64{1}, []float64{0.5, 0.5}
	ragged := [][]float64{{1, 2}, {3}}
	rng := rand.New(rand.NewPCG(1, 1))
	for want, call := range map[string]func(){
		"SignTest: 5 positive values among 3":                 func() { SignTest(5, 3) },
		"SignTest: -1 positive values among 3":                func() { SignTest(-1, 3) },
		"SignTest: 0 positive values among -1":                func() { SignTest(0, -1) },
		"WilsonInterval: a count of 5 among 3":                func() { WilsonInterval(5, 3, 0.95) },
		"WilsonInterval: a count of -1 among 3":               func() { WilsonInterval(-1, 3, 0.95) },
		"WilsonInterval: level 1, want a number in [0, 1)":    func() { WilsonInterval(1, 3, 1) },
		"WilsonInterval: level -0.5, want a number in [0, 1)": func() { WilsonInterval(1, 3, -0.5) },

		"TwoSided: level 2, want a number in [0, 1]":                        func() { TwoSided(2, 0) },
		"TwoSided: level -0.5, want a number in [0, 1]":                     func() { TwoSided(-0.5, 0) },
		"TwoSided: -1 degrees of freedom, want >= 0":                        func() { TwoSided(0.95, -1) },
		"TwoSided: NaN degrees of freedom, want >= 0":                       func() { TwoSided(0.95, nan) },
		"MeanInterval: level 2, want a number in [0, 1]":                    func() { MeanInterval(two, 2) },
		"MeanInterval: level NaN, want a number in [0, 1]":                  func() { MeanInterval(nil, nan) },
		"SampleSize: level -1, want a number in [0, 1]":                     func() { SampleSize(9, 1, 1, -1, 0.9) },
		"SampleSize: power 95, want a number in [0, 1]":                     func() { SampleSize(9, 1, 1, 0.05, 95) },
		"BettingTest.EValue: Scale 0, want a number > 0":                    func() { BettingTest{}.EValue(one) },
		"BettingTest.EValue: Scale -1, want a number > 0":                   func() { BettingTest{-1}.EValue(nil) },
		"BettingTest.ConfidenceSequence: Scale NaN, want a number > 0":      func() { BettingTest{nan}.ConfidenceSequence(one, 0.95) },
		"BettingTest.ConfidenceSequence: level 95, want a number in [0, 1]": func() { BettingTest{1}.ConfidenceSequence(one, 95) },

		"MinPairs: alpha -1, want a number > 0":         func() { MinPairs(-1, 1) },
		"MinPairs: alpha 0, want a number > 0":          func() { MinPairs(0, 1) },
		"MinPairs: alpha NaN, want a number > 0":        func() { MinPairs(nan, 1) },
		"MinPairs: -1 tests, want >= 0":                 func() { MinPairs(0.05, -1) },
		"MinTableRows: alpha -1, want a number > 0":     func() { MinTableRows(-1) },
		"Permutations: level NaN, want a number >= 0":   func() { Permutations(nan) },
		"Permutations: level -0.05, want a number >= 0": func() { Permutations(-0.05) },
		"Block.Relabel: 4 labelled of 3 units":          func() { Block[int]{make([]int, 3), 4}.Relabel(rng) },
		"Block.Relabel: -1 labelled of 3 units":         func() { Block[int]{make([]int, 3), -1}.Relabel(rng) },
		"SignFlip: -1 draws, want >= 0":                 func() { SignFlip(one, -1, 1) },
		"SignFlipVector: -1 draws, want >= 0":           func() { SignFlipVector(nil, statistic, -1, 1) },
		"MaxT.Add: 0 statistics for 2 tests":            func() { NewMaxT(two, 1).Add(nil) },
		"MaxT.Add: 1 statistics for 0 tests":            func() { NewMaxT(nil, 1).Add(one) },

		"SignFlipVector: vector 1 has length 1, vector 0 has length 2": func() { SignFlipVector(ragged, statistic, 9, 1) },
		"DoubleCentre: row 1 has 1 elements in a table of 2 rows":      func() { DoubleCentre(ragged) },
		"DiagonalEffect: row 1 has 1 elements in a table of 2 rows":    func() { DiagonalEffect(ragged) },
		"AssignmentTest: row 0 has 3 elements in a table of 1 rows":    func() { AssignmentTest([][]float64{{1, 2, 3}}, 1) },
		"Diverge: 1 probabilities for 2 outcomes":                      func() { Diverge(one, two) },
		"KL: 1 probabilities for 2 outcomes":                           func() { KL(one, two) },
		"JensenShannon: 2 probabilities for 1 outcomes":                func() { JensenShannon(two, one) },
		"TotalVariation: 1 probabilities for 2 outcomes":               func() { TotalVariation(one, two) },
		"Hellinger: 1 probabilities for 2 outcomes":                    func() { Hellinger(one, two) },

		"CompareStratified: 1 values for 2 strata of the first arm":             func() { CompareStratified(one, two, keys(1, 2), keys(1, 2), 0.95, 9, 1) },
		"CompareStratified: 2 values for 1 strata of the second arm":            func() { CompareStratified(one, two, keys(1), keys(1), 0.95, 9, 1) },
		"CompareStratified: -1 draws, want >= 0":                                func() { CompareStratified(one, one, keys(1), keys(2), 0.95, -1, 1) },
		"CompareStratified: level 95, want a number in [0, 1]":                  func() { CompareStratified(one, one, keys(1), keys(2), 95, 9, 1) },
		"StratifiedNull: 2 candidates of the first arm for 1 of the second arm": func() { StratifiedNull(ragged, ragged[:1], keys(1), keys(1), 9, 1) },
		"StratifiedNull: 2 values for 1 strata of the first arm":                func() { StratifiedNull([][]float64{two}, [][]float64{one}, keys(1), keys(1), 9, 1) },
		"StratifiedNull: 2 values for 1 strata of the second arm":               func() { StratifiedNull([][]float64{one}, [][]float64{two}, keys(1), keys(1), 9, 1) },
		"StratifiedNull: -1 draws, want >= 0":                                   func() { StratifiedNull([][]float64{one}, [][]float64{one}, keys(1), keys(1), -1, 1) },
	} {
		func() {
			defer func() {
				if got := recover(); got != "stats: "+want {
					t.Errorf("panic %v, want %q", got, "stats: "+want)
				}
			}()
			call()
		}()
	}
}

// The ends of the stated ranges are accepted.
func TestEndsOfRanges(t *testing.T) {
	if got := TwoSided(1, 3); !math.IsInf(got, 1) {
		t.Errorf("level 1 has the critical value %v, want +Inf", got)
	}
	if got := TwoSided(0, 0); got != 0 {
		t.Errorf("level 0 has the critical value %v, want 0", got)
	}
	if i := WilsonInterval(1, 4, 0); i.Low != 0.25 || i.High != 0.25 {
		t.Errorf("level 0: %+v, want the proportion alone", i)
	}
	if got := SampleSize(9, 1, 1, 0, 0.9); got != 0 {
		t.Errorf("%d units reach level 0, want 0", got)
	}
	if i := (BettingTest{1}).ConfidenceSequence([]float64{1, 2}, 1); !math.IsInf(i.Low, -1) || !math.IsInf(i.High, 1) {
		t.Errorf("level 1: %+v, want infinite limits", i)
	}
	Block[int]{Units: []int{1, 2, 3}}.Relabel(rand.New(rand.NewPCG(1, 1))) // no label
	if p := SignTest(3, 3); p.P != p.Floor {
		t.Errorf("three of three: %+v, want the floor", p)
	}
}
