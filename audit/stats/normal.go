package stats

import "gonum.org/v1/gonum/stat/distuv"

// NormalSurvival returns the p-value of a statistic that is standard normal under the null: the
// probability of a value > z. The alternative is one-sided, with large values against the null.
func NormalSurvival(z float64) float64 { return distuv.UnitNormal.Survival(z) }
