package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// SampleSize returns the number of units, > n, with which a one-sided test at the given level
// detects an effect of size delta with the given power. se is the standard error of the effect from
// n units. The units must be independent, so that the standard error falls with the square root of
// their number. SampleSize uses the normal approximation n·((z_level + z_power)·se/delta)². The
// result is 0 if unknown, or if more units cannot settle it: delta <= 0, se is not finite, or the
// number is >= 10⁹. level and power must be in [0, 1].
func SampleSize(n int, se, delta, level, power float64) int {
	needShare("SampleSize", "level", level)
	needShare("SampleSize", "power", power)
	z := distuv.UnitNormal.Quantile(1-level) + distuv.UnitNormal.Quantile(power)
	units := math.Ceil(float64(n) * math.Pow(z*se/delta, 2))
	if !(delta > 0 && units < 1e9) {
		return 0
	}
	return max(n+1, int(units))
}
