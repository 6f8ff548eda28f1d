package rowscore

import (
	"math"
	"slices"
	"strconv"

	"github.com/undertone-audit/undertone/audit/stats"
)

// quantileSteps is the number of equal steps of probability between the quantiles of a report.
const quantileSteps = 20

// quantiles returns the quantiles of values times a factor at equal steps of probability, from the
// smallest to the largest value, by linear interpolation, to four digits. It is nil without values.
func quantiles(values []float64, times float64) []float64 {
	if len(values) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(values))
	q := make([]float64, quantileSteps+1)
	for i := range q {
		at := float64(len(sorted)-1) * float64(i) / quantileSteps
		low := int(at)
		high := min(low+1, len(sorted)-1)
		q[i] = fourDigits(times * (sorted[low] + (at-math.Floor(at))*(sorted[high]-sorted[low])))
	}
	return q
}

// fourDigits rounds to four significant digits.
func fourDigits(v float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 3, 64), 64)
	if err != nil {
		return v
	}
	return rounded
}

// nullQuantiles returns the quantiles of the effect after random relabelling of the arms within
// prompts.
func nullQuantiles(c comparison, units armUnits, seed uint64) []float64 {
	null := stats.ClusteredNull(c.suspectBy[:1], c.controlBy[:1], units.suspect, units.control, limitDraws, seed)
	effects := make([]float64, len(null))
	for i, e := range null {
		effects[i] = e[0]
	}
	return quantiles(effects, 1)
}
