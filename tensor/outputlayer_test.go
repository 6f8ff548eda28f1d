package tensor

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestOutputSoftcap compares the logits and log-probabilities of capped logits with the definition
// in float64.
func TestOutputSoftcap(t *testing.T) {
	const rows, in, classes, most = 3, 4, 5, 1.5
	rng := rand.New(rand.NewPCG(1, 2))
	x, w := Normal(rng, 1, rows, in), Normal(rng, 1, in, classes)
	var tape *Tape
	o, targets := OutputLayer{Weight: w, Softcap: most}, []int32{4, Ignore, 0}
	logits, logs := tape.LinearLogits(x, o), tape.LinearLogProbs(x, o, targets)
	for i := range rows {
		var want [classes]float64
		var sum float64
		for c := range classes {
			var dot float64
			for j := range in {
				dot += float64(x.At(i, j)) * float64(w.At(j, c))
			}
			want[c] = most * math.Tanh(dot/most)
			sum += math.Exp(want[c])
			if !near(logits.At(i, c), want[c], 1e-5) {
				t.Errorf("row %d: logit %d is %v, want %v", i, c, logits.At(i, c), want[c])
			}
		}
		log := 0.
		if targets[i] != Ignore {
			log = want[targets[i]] - math.Log(sum)
		}
		if !near(logs[i], log, 1e-5) {
			t.Errorf("row %d: log-probability %v, want %v", i, logs[i], log)
		}
	}
}
