package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The draws have the spread that Compare's standard error says, and are the permutations of its test.
func TestRelabel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 120
	var first, second [2][]float64
	var strataFirst, strataSecond []uint64
	level := 0.0 // that the arms of a stratum share
	for i := range n {
		if i%3 == 0 {
			level = 5 * rng.NormFloat64()
		}
		strataFirst, strataSecond = append(strataFirst, uint64(i/3)), append(strataSecond, uint64(i/3))
		first[0], second[0] = append(first[0], level+rng.NormFloat64()), append(second[0], level+rng.NormFloat64())
		first[1], second[1] = append(first[1], 2*first[0][i]), append(second[1], 2*second[0][i])
	}
	strataFirst[0] = 999 // a stratum of one arm says nothing
	draws := StratifiedNull(first[:], second[:], strataFirst, strataSecond, 2000, 3)
	c := CompareStratified(first[0], second[0], strataFirst, strataSecond, 0.95, 0, 0)
	var squares, mean float64
	for _, d := range draws {
		if math.Abs(d[1]-2*d[0]) > 1e-9 {
			t.Fatal("the candidates are not relabelled alike")
		}
		mean += d[0] / 2000
		squares += d[0] * d[0] / 2000
	}
	if sd := math.Sqrt(squares); math.Abs(sd/c.SE-1) > 0.15 || math.Abs(mean) > 3*sd/math.Sqrt(2000) {
		t.Errorf("draws of mean %v and SD %v, the standard error is %v", mean, sd, c.SE)
	}
	if StratifiedNull(first[:], second[:], repeatKey(1, n), repeatKey(2, n), 10, 1) != nil {
		t.Error("arms without a common stratum have draws")
	}
}

func repeatKey(k uint64, n int) []uint64 {
	keys := make([]uint64, n)
	for i := range keys {
		keys[i] = k
	}
	return keys
}
