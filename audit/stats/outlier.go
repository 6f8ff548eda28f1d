package stats

import "math"

//go:generate go run ./internal/outliertable

// OutlierTest returns the p-value of x as one more draw from the source of a sample, by the
// externally studentised deviate t = (x − mean)/(s·√(1+1/n)) of x from n draws (Thompson 1935,
// Grubbs 1950). Null: x and the sample are independent draws from one distribution, up to location
// and scale any of these: the normal distribution, Student's t with 3 or with 5 degrees of freedom,
// and Laplace's distribution. Alternative: x is larger. The unit is the draw. The p-value is the
// largest over these distributions, so the level holds for each of them, and by a wide margin for
// most. For the normal distribution alone it would be the p-value of Student's prediction test.
// Skewed sources are not covered: exponential draws are rejected in .084 at the level .05, and in
// .002 at .001.
//
// The p-value lies in (0, 1]. It is not below 10⁻⁶; with 4 or 3 draws not below 10⁻⁵, and with 2
// not below 10⁻⁴. It is 1 for fewer than two draws, for x at or below the mean, and if any number
// is NaN. A sample of equal draws says nothing about the scale: an x above it has the p-value of
// its rank, 1/(n+1).
//
// Heavy tails cost power. With 11 draws the p-value is at most .05 from t = 1.92 on, .01 from 3.8,
// .001 from 8.6 and .0001 from 19; for normal draws alone t = 1.81, 2.8, 4.1 and 5.7 would do. A
// larger sample helps little: with 120 draws the p-value is .001 from t = 6.5 on.
//
// The quantiles are interpolated in a table that package internal/outliertable computes, linearly
// in log(1+t), log p and 1/n.
func OutlierTest(x float64, sample []float64) float64 {
	n := float64(len(sample))
	if n < 2 {
		return 1
	}
	mean, variance := meanVariance(sample)
	t := (x - mean) / math.Sqrt(variance*(1+1/n))
	switch {
	case math.IsNaN(t) || t <= 0:
		return 1
	case variance == 0:
		return 1 / (n + 1)
	}
	t = min(t, math.MaxFloat64)
	// The tables on both sides of the sample size.
	k := 1
	for outlierTables[k].inverse > 1/n {
		k++
	}
	before, after := outlierTables[k-1], outlierTables[k]
	share := (before.inverse - 1/n) / (before.inverse - after.inverse)
	p := (1-share)*before.logSurvival(t) + share*after.logSurvival(t)
	return max(math.Exp(p), smallestOutlierP(len(sample)))
}

// smallestOutlierP returns the smallest p-value of [OutlierTest] for n draws, to which the table
// reaches.
func smallestOutlierP(n int) float64 {
	switch n {
	case 2:
		return 1e-4
	case 3, 4:
		return 1e-5
	}
	return 1e-6
}

// outlierTable holds the quantiles t of the statistic of [OutlierTest] for one sample size.
type outlierTable struct {
	inverse float64   // of the sample size
	p       []float64 // P(T > t), falling
	t       []float64
}

// logSurvival returns log P(T > t) for t > 0. Beyond the table it continues the last segment.
func (o outlierTable) logSurvival(t float64) float64 {
	k := 0
	for k < len(o.t)-1 && o.t[k] < t {
		k++
	}
	beforeT, beforeP := 0.0, 0.5 // the median
	if k > 0 {
		beforeT, beforeP = o.t[k-1], o.p[k-1]
	}
	share := (math.Log1p(t) - math.Log1p(beforeT)) / (math.Log1p(o.t[k]) - math.Log1p(beforeT))
	return math.Log(beforeP) + share*(math.Log(o.p[k])-math.Log(beforeP))
}
