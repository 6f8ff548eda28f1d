package stats

import "gonum.org/v1/gonum/stat/distuv"

// NormalSurvival returns the p-value of a statistic that is standard normal under the null: the
// probability of a value > z. The alternative is one-sided, with large values against the null.
func NormalSurvival(z float64) float64 { return distuv.UnitNormal.Survival(z) }

// TwoSided returns the critical value of a two-sided interval at the given level, such as 0.95:
// that of Student's t distribution with df degrees of freedom, or of the standard normal if df is
// 0. level must be in [0, 1], and df >= 0.
func TwoSided(level, df float64) float64 {
	needShare("TwoSided", "level", level)
	if !(df >= 0) {
		misuse("TwoSided", "%v degrees of freedom, want >= 0", df)
	}
	if df == 0 {
		return distuv.UnitNormal.Quantile(0.5 + level/2)
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(0.5 + level/2)
}
