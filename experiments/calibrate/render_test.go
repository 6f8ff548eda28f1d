package main

import (
	"errors"
	"strings"
	"testing"
)

func TestEnough(t *testing.T) {
	for _, c := range []struct {
		counts []int // of 20, at the doses 1, 2, …
		dose   float64
		ok     bool
		reason string
	}{
		{[]int{0, 18, 19, 20}, 3, true, "19 of 20 is .95"},
		{[]int{20, 0, 20}, 3, true, "a smaller dose does not count if a larger one is missed"},
		{[]int{20, 20, 18}, 0, false, "the largest dose must be found"},
	} {
		var lines []powerLine
		for i, n := range c.counts {
			lines = append(lines, powerLine{Dose: float64(i + 1), Found: newRate(n, 20)})
		}
		dose, ok := enough(lines, func(l powerLine) rate { return l.Found })
		if dose != c.dose || ok != c.ok {
			t.Errorf("%v: dose %v, %v; want %v, %v (%s)", c.counts, dose, ok, c.dose, c.ok, c.reason)
		}
	}
}

func TestRenderNamesFailures(t *testing.T) {
	line := nullLine{Plan: "split", Traits: 1, Rows: 8, Limit: 0.1, Judged: true, Detected: newRate(0, 20)}
	for range levels {
		line.Found = append(line.Found, newRate(3, 20))
	}
	if line.passed() {
		t.Error("a rate of .15 passes a limit of .1")
	}
	var out strings.Builder
	r := results{Null: []nullLine{line}, Overt: []powerLine{{Dose: 0.01, Found: newRate(20, 20), Detected: newRate(1, 20)}}}
	if err := r.render(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"FAIL |", "By p ≤ .05: 1.0 %. By the verdict: none of these."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &out)
		}
	}
	if err := r.render(fullDisk{}); err == nil {
		t.Error("render returns no error of a writer that fails")
	}
}

// fullDisk is a writer that fails.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }
