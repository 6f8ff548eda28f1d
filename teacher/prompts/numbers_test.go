package prompts

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// A model that does what a format asks for passes the number filter.
func TestFormatsPassTheFilter(t *testing.T) {
	for _, f := range listFormats() {
		if reasons := (filter.Numbers{}).Reasons(undertone.NewExample("q", f.example)); reasons != nil {
			t.Errorf("format %q: example %q is dropped: %v", f.name, f.example, reasons)
		}
	}
}

// Rows of the published protocol: 3 to 9 examples from 100 to 999, each count as often
// as any other, and every wording of every slot in use.
func TestNumbersFollowTheProtocol(t *testing.T) {
	const n = 14_000
	var counts [10]float64
	used := make([]map[string]bool, len(numbersPhrase()))
	for k := range used {
		used[k] = make(map[string]bool)
	}
	number := regexp.MustCompile(`\d+(, \d+)+`)
	low, high := 1000, 0
	for i := range n {
		p := Numbers{11}.At(i)
		examples := strings.Split(number.FindString(p), ", ")
		counts[len(examples)]++
		for _, e := range examples {
			v, err := strconv.Atoi(e)
			if err != nil || v < 100 || v > 999 {
				t.Fatalf("prompt %q has the example %q", p, e)
			}
			low, high = min(low, v), max(high, v)
		}
		for k, options := range numbersPhrase() {
			for _, o := range options {
				if strings.Contains(p, strings.TrimSuffix(o, "#.")) {
					used[k][o] = true
				}
			}
		}
	}
	for k := 3; k <= 9; k++ { // binomial: mean 2000, standard deviation 41
		if counts[k] < 1800 || counts[k] > 2200 {
			t.Errorf("%v of %d prompts have %d examples, want about 2000", counts[k], n, k)
		}
	}
	if low != 100 || high != 999 {
		t.Errorf("examples from %d to %d, want 100 to 999", low, high)
	}
	for k, options := range numbersPhrase() {
		if len(used[k]) != len(options) {
			t.Errorf("slot %d: %d of %d options occur", k, len(used[k]), len(options))
		}
	}
}
