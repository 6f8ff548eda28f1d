package stats

import "fmt"

// PValue is the p-value of a test, with what its design allows. Every test of this package whose
// p-value has a floor returns one.
type PValue struct {
	P     float64 `json:"value"` // in (0, 1]
	Floor float64 `json:"floor"` // smallest value that the design allows
	Exact bool    `json:"exact"` // from the full null distribution, not from random draws or a bound
}

// AtFloor reports whether the p-value is the smallest value of the design, and so a bound.
func (p PValue) AtFloor() bool { return p.P < 1 && p.P <= p.Floor*(1+1e-12) }

// String returns the p-value with two significant digits, such as "0.031". It shows a value at its
// floor as a bound, such as "≤ 0.016 (floor)": a larger design could have given a smaller value.
func (p PValue) String() string {
	if p.AtFloor() {
		return fmt.Sprintf("≤ %.2g (floor)", p.Floor)
	}
	return fmt.Sprintf("%.2g", p.P)
}
