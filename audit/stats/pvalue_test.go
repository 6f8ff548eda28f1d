package stats

import (
	"encoding/json"
	"testing"
)

func TestPValueString(t *testing.T) {
	for _, c := range []struct {
		p    PValue
		want string
	}{
		{PValue{P: 1.0 / 32, Floor: 1.0 / 64, Exact: true}, "0.031"},
		{PValue{P: 1.0 / 64, Floor: 1.0 / 64, Exact: true}, "≤ 0.016 (floor)"},
		{PValue{P: 0.1 + 0.2, Floor: 0.3}, "≤ 0.3 (floor)"}, // equal up to rounding
		{PValue{P: 1, Floor: 1, Exact: true}, "1"},          // a test of nothing has no bound to show
	} {
		if got := c.p.String(); got != c.want {
			t.Errorf("%#v is shown as %q, want %q", c.p, got, c.want)
		}
	}
}

func TestPValueJSON(t *testing.T) {
	p := PValue{P: 0.25, Floor: 0.125, Exact: true}
	text, err := json.Marshal(p)
	if want := `{"value":0.25,"floor":0.125,"exact":true}`; err != nil || string(text) != want {
		t.Errorf("%s, error %v, want %s", text, err, want)
	}
	var back PValue
	if err := json.Unmarshal(text, &back); err != nil || back != p {
		t.Errorf("%+v comes back as %+v, error %v", p, back, err)
	}
}
