package stats

import (
	"math"

	gonum "gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is an estimated mean with its two-sided confidence limits.
type Interval struct {
	Mean, SD  float64 // SD is the standard deviation of the observations; NaN if unknown
	Low, High float64
}

// MeanInterval returns the mean of x and Student's t interval (Student 1908) at the given level,
// such as 0.95. It assumes independent and roughly normal observations. The unit is the
// observation. One observation has infinite limits and no SD (NaN). No observations have no mean
// either. level must be in [0, 1].
func MeanInterval(x []float64, level float64) Interval {
	needShare("MeanInterval", "level", level)
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
