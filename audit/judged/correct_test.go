package judged_test

import (
	"math"
	"testing"

	"github.com/undertone-audit/undertone/audit/judged"
)

// The five examples of Lang & Reiczigel (Preventive Veterinary Medicine 113:13, 2014), with the
// intervals that they publish, as the documentation of the function prevSeSp of the R package asht
// quotes them. The paper gives 6 % of 11,862 in the third one, which is 712.
func TestRateOfPublishedExamples(t *testing.T) {
	for name, c := range map[string]struct {
		count, n                             int
		found, positives, rejected, negative int
		low, high                            float64
		digits                               float64 // half a unit of the last published digit
	}{
		"example 1":  {4060, 11284, 178, 179, 358, 359, .349, .372, .0005},
		"example 2":  {51, 2971, 32, 33, 20, 20, 0, .053, .0005},
		"example 3":  {712, 11862, 8, 10, 12, 12, 0, .147, .0005},
		"example 4a": {259, 509, 84, 127, 96, 109, .58, .87, .005},
		"example 4b": {51, 509, 23, 41, 187, 195, .037, .195, .0005},
	} {
		k := judged.Calibration{Positives: c.positives, Negatives: c.negative, Found: c.found, Rejected: c.rejected}
		k.Specificity.Mean = float64(c.rejected) / float64(c.negative)
		k.Youden.Mean = float64(c.found)/float64(c.positives) + k.Specificity.Mean - 1
		i := k.Rate(c.count, c.n, .95)
		if math.Abs(i.Low-c.low) > c.digits || math.Abs(i.High-c.high) > c.digits {
			t.Errorf("%s: the interval is [%.4f, %.4f], published [%v, %v]", name, i.Low, i.High, c.low, c.high)
		}
	}
}
