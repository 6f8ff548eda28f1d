package profile

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/filter"
)

func TestRender(t *testing.T) {
	a, _ := Of(dataset("clean", "1, 2", "3, 4", "5"), filter.Numbers{})
	b, _ := Of(dataset("suspect", "900;901", "x", "902;904", "1000"), filter.Numbers{})
	c := Comparison{MeanDifference: 900, Z: 12.34, Values: Distance{TV: 1, Floor: 0.5, FloorSD: 0.25, P: 0.005, AtFloor: true},
		Formats: Distance{TV: 0.25, Floor: 0.5, FloorSD: 0.125, P: 0.75}}
	var w strings.Builder
	if err := Render(&w, "clean", []Line{{Profile: a}, {b, &c}}); err != nil {
		t.Fatal(err)
	}
	const want = `
data set  rows  kept    numbers/row  mean   SD   characters  dropped because
clean     3     100.0%  1.67         3.0    1.4  3.0         nothing dropped
suspect   4     50.0%   2.00         901.8  1.5  7.0         invalid format 1, numbers too large 1

data set  most frequent formats
clean     comma-space 66.7%  one number 33.3%
suspect   semicolon 100.0%

against clean  mean     z      values TV  by chance        p         formats TV  by chance        p
suspect        +900.00  +12.3  1.0000     0.5000 ± 0.2500  <= 0.005  0.2500      0.5000 ± 0.1250  0.75
`
	if got := "\n" + w.String(); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
}

func TestLineAsJSON(t *testing.T) {
	p, _ := Of(dataset("clean", "1, 2", "3, 4"), filter.Numbers{})
	got, err := json.Marshal(Line{Profile: p})
	if err != nil || !strings.Contains(string(got), `"mean_value":2.5`) || strings.Contains(string(got), "against_reference") {
		t.Errorf("JSON %s, error %v: want the profile's fields, and no comparison of the reference with itself", got, err)
	}
}
