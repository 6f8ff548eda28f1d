package judged

import (
	"math"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/stats"
)

// Rate returns the share of answers that express the trait, from the count of those in which the
// judge finds it, among n independent answers. The estimate is that of Rogan & Gladen (American
// Journal of Epidemiology 107:71, 1978), (p + specificity − 1)/(sensitivity + specificity − 1), cut
// to [0, 1]. The interval is that of Lang & Reiczigel (Preventive Veterinary Medicine 113:13,
// 2014), which covers the errors of the rate, the sensitivity and the specificity. SD is NaN.
func (c Calibration) Rate(count, n int, level float64) stats.Interval {
	z := stats.TwoSided(level, 0)
	size := float64(n) + z*z
	p := (float64(count) + z*z/2) / size
	ns, np := float64(c.Positives)+2, float64(c.Negatives)+2
	se, sp := (float64(c.Found)+1)/ns, (float64(c.Rejected)+1)/np
	youden := se + sp - 1
	rate := (p + sp - 1) / youden
	varSe, varSp := se*(1-se)/ns, sp*(1-sp)/np
	shift := 2 * z * z * (rate*varSe - (1-rate)*varSp)
	half := z / youden * math.Sqrt(p*(1-p)/size+rate*rate*varSe+(1-rate)*(1-rate)*varSp)
	raw := (float64(count)/float64(n) + c.Specificity.Mean - 1) / c.Youden.Mean
	cut := func(x float64) float64 { return max(0, min(1, x)) }
	return stats.Interval{Mean: cut(raw), SD: math.NaN(), Low: cut(rate + shift - half), High: cut(rate + shift + half)}
}

// Effect returns the difference of true rates from an effect of judged rates, such as that of a
// finding about a trait of [Calibrated.Trait]: the effect over sensitivity + specificity − 1. The
// interval is by the delta method, and covers the errors of the effect and of the calibration. The
// judge must err alike in both arms. SD is NaN.
func (c Calibration) Effect(e audit.Estimate, level float64) stats.Interval {
	variance := func(count, n int) float64 {
		p := (float64(count) + 1) / (float64(n) + 2)
		return p * (1 - p) / (float64(n) + 2)
	}
	j := c.Youden.Mean
	mean := e.Mean / j
	half := stats.TwoSided(level, max(0, e.DF)) / j *
		math.Sqrt(e.SE*e.SE+mean*mean*(variance(c.Found, c.Positives)+variance(c.Rejected, c.Negatives)))
	return stats.Interval{Mean: mean, SD: math.NaN(), Low: mean - half, High: mean + half}
}
