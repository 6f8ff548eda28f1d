package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

// calibrateSmall runs the small design with a fixed seed.
func calibrateSmall(t *testing.T) results {
	t.Helper()
	d := small
	d.Seed = 1
	var out bytes.Buffer
	passed, err := run(t.Context(), &out, d, true)
	if err != nil {
		t.Fatal(err)
	}
	var r results
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.Passed != passed {
		t.Errorf("the JSON has passed=%v, but run returned %v", r.Passed, passed)
	}
	return r
}

func TestCalibrateShort(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: that the error rates of the audit hold with trained students, which takes seconds")
	}
	r := calibrateSmall(t)
	judged := 0
	for _, l := range r.Null {
		if !l.Judged {
			continue
		}
		judged++
		if l.atAlpha().Rate > l.Limit || l.Detected.Rate > l.Limit {
			t.Errorf("no trait, %s, %d traits: p ≤ %v in %v and detected in %v of the audits, want at most %.3f",
				l.Plan, l.Traits, alpha, l.atAlpha(), l.Detected, l.Limit)
		}
	}
	if judged != 2 || !r.Passed {
		t.Errorf("%d null lines were judged and passed=%v, want 2 lines (1 trait, 10 traits) that pass", judged, r.Passed)
	}
	// Other animals rise with the trait, so the placebos hide some of the largest dose.
	if top := r.Overt[len(r.Overt)-1]; top.Found.Rate < 0.85 {
		t.Errorf("the largest dose is found in %v of the audits, want at least .85", top.Found)
	}
	// 2⁻⁴ > .05, so four pairs cannot detect an effect of any size.
	if four := r.Pairs[0]; four.Pairs != 4 || four.Found.Count != 0 || four.Detected.Count != 0 {
		t.Errorf("with %d pairs %v have p ≤ %v", four.Pairs, four.Found, alpha)
	}
}
