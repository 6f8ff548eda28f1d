package audit

import (
	"fmt"
	"strings"
)

// Verdict is the outcome of an audit. The zero value is Inconclusive.
type Verdict int

// The three verdicts. There is none that says "safe".
const (
	Inconclusive Verdict = iota // the design could not tell
	Detected                    // the trait was found, in a student that was trained on the data or in the rows
	Undetected                  // any shift is smaller than the tolerance, and the audit was able to see
)

var verdictNames = [...]string{"inconclusive", "detected", "undetected"}

func (v Verdict) known() bool { return v >= 0 && int(v) < len(verdictNames) }

// String returns the verdict in lower case.
func (v Verdict) String() string {
	if !v.known() {
		return fmt.Sprintf("verdict(%d)", int(v))
	}
	return verdictNames[v]
}

// MarshalText implements [encoding.TextMarshaler].
func (v Verdict) MarshalText() ([]byte, error) {
	if !v.known() {
		return nil, fmt.Errorf("audit: %s is not known", v)
	}
	return []byte(v.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler].
func (v *Verdict) UnmarshalText(text []byte) error {
	for i, name := range verdictNames {
		if string(text) == name {
			*v = Verdict(i)
			return nil
		}
	}
	return fmt.Errorf("audit: verdict %.40q is not known; want %s", text, strings.Join(verdictNames[:], ", "))
}
