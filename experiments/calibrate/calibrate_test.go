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
		t.Errorf("the JSON says passed=%v, the program %v", r.Passed, passed)
	}
	return r
}

func TestCalibrateShort(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT CHECKED that the audit's error rates hold with real students: it takes seconds")
	}
	r := calibrateSmall(t)
	judged := 0
	for _, l := range r.Null {
		if !l.Judged {
			continue
		}
		judged++
		if l.atAlpha().Rate > l.Limit || l.Detected.Rate > l.Limit {
			t.Errorf("%s, %d traits: without a trait p ≤ %v in %v and detected in %v of the audits, want at most %.3f",
				l.Plan, l.Traits, alpha, l.atAlpha(), l.Detected, l.Limit)
		}
	}
	if judged != 2 || !r.Passed {
		t.Errorf("%d null lines were judged, want those of 1 and of 10 traits; passed=%v", judged, r.Passed)
	}
	if top := r.Overt[len(r.Overt)-1]; top.Found.Rate < 0.95 {
		t.Errorf("the largest dose is found in %v of the audits, want nearly all", top.Found)
	}
	// 2⁻⁴ > .05: no effect is large enough for four pairs.
	if four := r.Pairs[0]; four.Pairs != 4 || four.Found.Count != 0 || four.Detected.Count != 0 {
		t.Errorf("with %d pairs %v have p ≤ %v", four.Pairs, four.Found, alpha)
	}
}
