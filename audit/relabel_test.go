package audit

import (
	"math"
	"testing"
)

func TestExchangeTest(t *testing.T) {
	for _, c := range []struct {
		reason    string
		mean      float64
		exchanged []float64
		want      float64
	}{
		// The root mean square is 1, so t is the mean. R: pt(2, 4, lower.tail = FALSE).
		{"two standard deviations", 2, []float64{1, -1, 1, -1}, 0.05805826},
		{"the sign of an exchange does not count", 2, []float64{1, 1, 1, 1}, 0.05805826},
		{"none", 0, []float64{1, -1, 1, -1}, 0.5},
		{"below", -2, []float64{1, -1, 1, -1}, 1 - 0.05805826},
		{"no spread", 1, []float64{0, 0}, 1e-300},
		{"no shift and no spread", 0, []float64{0, 0}, 1},
	} {
		if p := exchangeTest(c.mean, c.exchanged); math.Abs(p.P-c.want) > 1e-7 || p.Floor > p.P {
			t.Errorf("%s: p %+v, want %v", c.reason, p, c.want)
		}
	}
}
