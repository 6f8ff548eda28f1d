package match

import (
	"fmt"

	"github.com/undertone-audit/undertone/audit/stats"
)

// level is the level of the intervals of rates.
const level = 0.95

// Rate is a share of rows with its two-sided 95 % interval of [stats.WilsonInterval]. The unit is
// the row: rows of one prompt count as independent.
type Rate struct {
	Count int     `json:"count"`
	Of    int     `json:"of"`
	Rate  float64 `json:"rate"` // in [0, 1]; 0 if there are no rows
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

func newRate(count, of int) Rate {
	if of == 0 {
		return Rate{High: 1}
	}
	i := stats.WilsonInterval(count, of, level)
	return Rate{count, of, i.Mean, i.Low, i.High}
}

// String returns the rate and its interval in per cent, such as "30.8 % (25.5 to 36.6)".
func (r Rate) String() string {
	return fmt.Sprintf("%.1f %% (%.1f to %.1f)", 100*r.Rate, 100*r.Low, 100*r.High)
}

func (r Rate) interval() stats.Interval {
	return stats.Interval{Mean: r.Rate, Low: r.Low, High: r.High}
}

// Difference is one rate minus another, with its 95 % interval of [stats.ProportionDifference]. The
// interval assumes independent arms. Arms that answer the same prompts are positively correlated,
// so it is too wide rather than too narrow.
type Difference struct {
	Difference float64 `json:"difference"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
}

// minus returns r − q.
func (r Rate) minus(q Rate) Difference {
	i := stats.ProportionDifference(r.interval(), q.interval())
	return Difference{i.Mean, i.Low, i.High}
}

// String returns the difference and its interval in percentage points.
func (d Difference) String() string {
	return fmt.Sprintf("%+.1f points (%+.1f to %+.1f)", 100*d.Difference, 100*d.Low, 100*d.High)
}

// excludesZero reports whether the interval excludes 0.
func (d Difference) excludesZero() bool { return d.Low > 0 || d.High < 0 }
