package audit

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// enough returns the number of units, more than n, of which a one-sided test at a level sees an effect of size
// delta with the stated power, if n of them give it the standard error se: the normal approximation
// n·((z_level + z_power)·se/delta)². It is 0 if there is no such number below 10⁹.
func enough(n int, se, delta, level, power float64) int {
	z := distuv.UnitNormal.Quantile(1-level) + distuv.UnitNormal.Quantile(power)
	units := math.Ceil(float64(n) * math.Pow(z*se/delta, 2))
	if !(delta > 0 && units < 1e9) {
		return 0
	}
	return max(n+1, int(units))
}

// wouldDo says how many units are needed, if that is known.
func (f *Finding) wouldDo(units string) string {
	if f.Needed == 0 {
		return ""
	}
	return fmt.Sprintf("; need about %d %s", f.Needed, units)
}
