package judged

import (
	"math"

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
