package rowscore

import (
	"math"
	"slices"
	"testing"
)

func TestQuantiles(t *testing.T) {
	var values []float64
	for i := range 101 {
		values = append(values, float64((i*37)%101)) // 0 to 100 in another order
	}
	got := quantiles(values, 2)
	for i, q := range got {
		if q != float64(10*i) {
			t.Errorf("quantile %d is %v, want %d", i, q, 10*i)
		}
	}
	if len(got) != quantileSteps+1 || !slices.IsSorted(got) {
		t.Errorf("quantiles %v", got)
	}
	if q := quantiles([]float64{math.Pi}, 1); q[0] != 3.142 || q[quantileSteps] != 3.142 {
		t.Errorf("one value gives %v, want 3.142", q)
	}
	if quantiles(nil, 1) != nil {
		t.Error("no values give quantiles")
	}
}
