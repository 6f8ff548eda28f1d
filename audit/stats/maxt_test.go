package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestMaxTByHand(t *testing.T) {
	m := NewMaxT([]float64{3, 1, 2}, 1)
	for _, statistics := range [][]float64{{0, 1, 0}, {2, 0, 0}, {0, 0, 5}, {0, 0, 0}} { // largest: 1, 2, 5, 0
		m.Add(statistics)
	}
	for i, want := range []float64{2.0 / 5, 4.0 / 5, 3.0 / 5} {
		if got := m.MonteCarlo()[i]; got != (PValue{P: want, Floor: 1.0 / 5}) {
			t.Errorf("test %d: %+v, want %v", i, got, want)
		}
	}
	m.Add([]float64{0, math.NaN(), 0}) // counts as a tie with every test
	if got := m.MonteCarlo()[0].P; got != 3.0/6 {
		t.Errorf("p = %v after a statistic that is not a number, want 1/2", got)
	}
	none := NewMaxT(nil, 1)
	none.Add(nil)
	if got := none.MonteCarlo(); len(got) != 0 {
		t.Errorf("no tests have the p-values %v", got)
	}
}

// The chance of any false rejection is at most alpha for dependent tests, and close to it: max-T
// loses nothing to the number of tests if they are equal.
func TestMaxTFamilyWiseError(t *testing.T) {
	const runs, pairs, tests, draws, alpha = 1500, 12, 6, 99, 0.1
	for _, shared := range []float64{0, 1, 5} {
		rng := rand.New(rand.NewPCG(3, uint64(shared)))
		errors, signs := 0, make([]float64, pairs)
		for range runs {
			d := make([][]float64, pairs)
			for i := range d {
				common := shared * rng.NormFloat64()
				for range tests {
					d[i] = append(d[i], common+rng.NormFloat64())
				}
			}
			statistics := func(signs []float64) []float64 {
				sum := make([]float64, tests)
				for i, row := range d {
					for j, v := range row {
						sum[j] += signs[i] * v
					}
				}
				for j := range sum {
					sum[j] = math.Abs(sum[j])
				}
				return sum
			}
			for i := range signs {
				signs[i] = 1
			}
			m := NewMaxT(statistics(signs), 1)
			for range draws {
				RandomSigns(rng, signs)
				m.Add(statistics(signs))
			}
			for _, p := range m.MonteCarlo() {
				if p.P <= alpha {
					errors++
					break
				}
			}
		}
		if got := float64(errors) / runs; math.Abs(got-alpha) > 3*standardError(alpha, runs) {
			t.Errorf("common noise of %v: some test is rejected in a share of %.3f, want %v", shared, got, alpha)
		}
	}
}
