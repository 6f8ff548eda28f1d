package corpus

import (
	"fmt"
	"slices"
	"strings"
)

// Outcome is what a comparison of the arms found. It is no verdict on a trait. The zero value is
// Inconclusive.
type Outcome int

// The three outcomes.
const (
	Inconclusive       Outcome = iota // the rows cannot tell; the reasons say what is missing
	Distinguishable                   // content or layout tells the arms apart
	NotDistinguishable                // any difference that the channels observe is within the margin, and the positive control was found
)

var outcomeNames = []string{"inconclusive", "distinguishable", "not distinguishable"}

// String returns the outcome in lower case.
func (o Outcome) String() string {
	if o < 0 || int(o) >= len(outcomeNames) {
		return fmt.Sprintf("outcome(%d)", int(o))
	}
	return outcomeNames[o]
}

// MarshalText implements [encoding.TextMarshaler].
func (o Outcome) MarshalText() ([]byte, error) {
	if o < 0 || int(o) >= len(outcomeNames) {
		return nil, fmt.Errorf("corpus: %s is not known", o)
	}
	return []byte(o.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (o *Outcome) UnmarshalText(text []byte) error {
	i := slices.Index(outcomeNames, string(text))
	if i < 0 {
		return fmt.Errorf("corpus: outcome %.40q is not known; want %s", text, strings.Join(outcomeNames, ", "))
	}
	*o = Outcome(i)
	return nil
}

// statement returns the outcome as a statement about the arms.
func (o Outcome) statement() string {
	switch o {
	case Distinguishable:
		return "the arms are distinguishable"
	case NotDistinguishable:
		return "the arms are not distinguishable"
	}
	return o.String()
}
