package stats

import (
	"math"

	gonum "gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is an estimate with its two-sided confidence limits. Limits of one
// observation are infinite.
type Interval struct {
	Mean, SD, Low, High float64
}

// MeanInterval returns the mean of x and Student's t interval at the given
// level, such as .95. Null model: independent, roughly normal observations.
func MeanInterval(x []float64, level float64) Interval {
	n := float64(len(x))
	if len(x) < 2 {
		mean := math.NaN()
		if len(x) == 1 {
			mean = x[0]
		}
		return Interval{Mean: mean, SD: math.NaN(), Low: math.Inf(-1), High: math.Inf(1)}
	}
	mean, sd := gonum.MeanStdDev(x, nil)
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.5 + level/2)
	half := t * sd / math.Sqrt(n)
	return Interval{mean, sd, mean - half, mean + half}
}
