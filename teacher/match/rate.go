package match

import (
	"fmt"
	"math"
)

// level of the intervals of rates.
const level = 0.95

// Rate is a share of rows with its two-sided 95 % score interval (Wilson 1927). The
// unit is the row: rows of one prompt are taken to be independent.
type Rate struct {
	Count int     `json:"count"`
	Of    int     `json:"of"`
	Rate  float64 `json:"rate"` // 0 of no rows
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

func newRate(count, of int, level float64) Rate {
	if of == 0 {
		return Rate{High: 1}
	}
	n, p, z := float64(of), float64(count)/float64(of), math.Sqrt2*math.Erfinv(level)
	centre := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n)) / (1 + z*z/n)
	return Rate{count, of, p, max(0, min(p, centre-half)), min(1, max(p, centre+half))}
}

// String returns the rate and its interval in per cent.
func (r Rate) String() string {
	return fmt.Sprintf("%.1f %% (%.1f to %.1f)", 100*r.Rate, 100*r.Low, 100*r.High)
}

// Difference is one rate minus another, with its 95 % interval.
type Difference struct {
	Difference float64 `json:"difference"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
}

// minus returns r − q with the hybrid score interval of independent rates (Newcombe 1998,
// method 10). Arms that answer the same prompts are positively correlated, if
// at all, so that the interval is rather too wide.
func (r Rate) minus(q Rate) Difference {
	d := r.Rate - q.Rate
	return Difference{d, d - math.Hypot(r.Rate-r.Low, q.High-q.Rate), d + math.Hypot(r.High-r.Rate, q.Rate-q.Low)}
}

// String returns the difference and its interval in percentage points.
func (d Difference) String() string {
	return fmt.Sprintf("%+.1f points (%+.1f to %+.1f)", 100*d.Difference, 100*d.Low, 100*d.High)
}

// excludesZero reports whether the interval is on one side of 0.
func (d Difference) excludesZero() bool { return d.Low > 0 || d.High < 0 }
