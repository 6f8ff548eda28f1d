package audit

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestVerdictText(t *testing.T) {
	for v, name := range map[Verdict]string{Inconclusive: "inconclusive", Detected: "detected", Undetected: "undetected"} {
		form, err := json.Marshal(v)
		if err != nil || string(form) != `"`+name+`"` || v.String() != name {
			t.Errorf("%d is %s and %s (%v), want %s", v, form, v, err, name)
		}
		again := Verdict(9)
		if err := json.Unmarshal(form, &again); err != nil || again != v {
			t.Errorf("%s is read as %v (%v)", form, again, err)
		}
	}
	if v := *new(Verdict); v != Inconclusive {
		t.Errorf("the zero value is %s", v)
	}
	var v Verdict
	if err := v.UnmarshalText([]byte("safe")); err == nil || !strings.Contains(err.Error(), `"safe" is not known; want inconclusive, detected, undetected`) {
		t.Errorf("there is a verdict %q, error %v", "safe", err)
	}
	// A number that is no verdict is refused where it would be written, and does not panic where it
	// is printed.
	for _, bad := range []Verdict{-1, 3} {
		if _, err := bad.MarshalText(); err == nil {
			t.Errorf("verdict %d is written without an error", int(bad))
		}
		if got := bad.String(); !strings.Contains(got, "verdict(") {
			t.Errorf("verdict %d is called %q", int(bad), got)
		}
	}
}
