package corpus

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A block of two units has two labellings, and one is as large as the observed one. Twelve blocks
// that agree have 4,096 labellings, and the observed one is the largest.
func TestScoreTest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var blocks []block
	var scores []float64
	for b := range 12 {
		scores = append(scores, 1, 0)
		blocks = append(blocks, block{fold: 1 + b%3, units: []unit{{[]int{2 * b}, true}, {[]int{2*b + 1}, false}}})
	}
	if got := scoreTest(blocks[:1], scores, 4000, rng).P; math.Abs(got-.5) > .03 {
		t.Errorf("one pair: p = %v, want about .5", got)
	}
	if got := scoreTest(blocks, scores, 40_000, rng).P; got > 4./4096 || got < 0.2/4096 {
		t.Errorf("twelve pairs: p = %v, want about 1/4096", got)
	}
	for i := range scores {
		scores[i] = 1
	}
	if got := scoreTest(blocks, scores, 99, rng).P; got != 1 {
		t.Errorf("equal scores: p = %v, want 1", got)
	}
	for b := range blocks {
		blocks[b].fold = 0
	}
	scores[0] = 5
	if got := scoreTest(blocks, scores, 99, rng).P; got != 1 {
		t.Errorf("scores of fold 0, which has no model: p = %v, want 1", got)
	}
}

func TestSquaredMMD(t *testing.T) {
	// Gretton et al. 2012, eq. 3, as a sum over all pairs.
	rng := rand.New(rand.NewPCG(3, 3))
	const n = 9
	k := make([][]float64, n)
	x, suspect := make([]float64, n), make([]bool, n)
	for i := range x {
		x[i], suspect[i] = rng.NormFloat64(), i%3 == 0
		k[i] = make([]float64, n)
	}
	var sum, pairs [2][2]float64
	for i := range x {
		for j := range x {
			k[i][j] = math.Exp(-(x[i] - x[j]) * (x[i] - x[j]))
			if i != j {
				a, b := btoi(suspect[i]), btoi(suspect[j])
				sum[a][b] += k[i][j]
				pairs[a][b]++
			}
		}
	}
	want := sum[0][0]/pairs[0][0] + sum[1][1]/pairs[1][1] - 2*sum[0][1]/pairs[0][1]
	if got := squaredMMD(k, suspect); math.Abs(got-want) > 1e-12 {
		t.Errorf("MMD² %v, want %v", got, want)
	}
}
