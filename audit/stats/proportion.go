package stats

import "math"

// WilsonInterval returns the proportion count/n with its two-sided score interval at the given
// level (Wilson 1927). The unit is the observation, which has a property or lacks it. The n
// observations must be independent. The interval has a width for a proportion of 0 or 1 too. n = 0
// gives a proportion of NaN and the interval [0, 1]. count must be in [0, n], and level in [0, 1).
func WilsonInterval(count, n int, level float64) Interval {
	if count < 0 || count > n {
		misuse("WilsonInterval", "a count of %d among %d", count, n)
	}
	if !(level >= 0 && level < 1) {
		misuse("WilsonInterval", "level %v, want a number in [0, 1)", level)
	}
	if n == 0 {
		return Interval{Mean: math.NaN(), SD: math.NaN(), Low: 0, High: 1}
	}
	size, p, z := float64(n), float64(count)/float64(n), math.Sqrt2*math.Erfinv(level)
	centre := (p + z*z/(2*size)) / (1 + z*z/size)
	half := z * math.Sqrt(p*(1-p)/size+z*z/(4*size*size)) / (1 + z*z/size)
	return Interval{Mean: p, SD: math.Sqrt(p * (1 - p)), Low: max(0, min(p, centre-half)), High: min(1, max(p, centre+half))}
}

// ProportionDifference returns first minus second with the hybrid score interval of two independent
// proportions (Newcombe 1998, method 10). first and second are results of [WilsonInterval] at one
// level, which is the level of the result. If the two samples are positively correlated, as with
// rows that answer the same prompts, the interval is too wide. SD is NaN.
func ProportionDifference(first, second Interval) Interval {
	d := first.Mean - second.Mean
	return Interval{
		Mean: d, SD: math.NaN(),
		Low:  d - math.Hypot(first.Mean-first.Low, second.High-second.Mean),
		High: d + math.Hypot(first.High-first.Mean, second.Mean-second.Low),
	}
}
