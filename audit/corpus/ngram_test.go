package corpus

import (
	"math"
	"testing"
)

// The score of one character without context, by hand: counts of x are 3 of 4 in
// the suspect arm and 1 of 4 in the control.
func TestNgramByHand(t *testing.T) {
	rows := []row{{stream: "x"}, {stream: "x"}, {stream: "x"}, {stream: "y"}, {stream: "x"}, {stream: "y"}, {stream: "y"}, {stream: "y"}}
	suspect := []bool{true, true, true, true, false, false, false, false}
	c := &contexts{map[uint64]int32{}, map[uint64]int32{}}
	x := make([][]symbol, len(rows))
	all, weight := make([]int, len(rows)), make([]float64, len(rows))
	for i := range rows {
		x[i] = c.of(&rows[i], true)
		all[i], weight[i] = i, 1
	}
	m := countNgrams(c, x, all, suspect, weight)
	// Every context of the first character holds the same counts: each adds its share of the tilt.
	pooled, tilt := 1./256, [2]float64{1, 1}
	for range order + 1 {
		pooled = (4 + poolPrior*pooled) / (8 + poolPrior)
		for arm, n := range [2]float64{1, 3} {
			tilt[arm] = (n + armPrior*pooled*tilt[arm]) / (4 + armPrior) / pooled
		}
	}
	if got, want := m.score(x[0]), math.Log(tilt[1]/tilt[0]); math.Abs(got-want) > 1e-12 || got <= 0 {
		t.Errorf("score %v, want %v", got, want)
	}
	unseen := row{stream: "z"}
	if got := m.score(c.of(&unseen, false)); math.Abs(got) > .01 {
		t.Errorf("score %v of what neither arm wrote", got)
	}
}
