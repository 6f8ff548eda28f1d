package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone/audit/rowscore"
)

// The plan is chosen anew after each stage, for the time that is left and the pace of the stages so
// far.
func TestSettle(t *testing.T) {
	// Likelihood takes 11 s and influence 5 s. Transfer takes 20 s with 6 students of all rows, 6 s
	// of them for the control students; 11 s with 3 and 8 s with 2. A plan leaves a tenth of the
	// time.
	u := unitCosts{trainRow: 1. / 1000, scoreRow: 1. / 3000}
	w := workload{rows: 1000, epochs: 1, arms: 3, candidates: 10, traits: 1, alpha: 0.05}
	everything := []string{"transfer", "likelihood", "influence"}
	for _, c := range []struct {
		reason    string
		detectors []string
		budget    float64   // in seconds
		pace      []float64 // time over prediction of each stage
		stages    []string
		want      string
	}{
		{"as predicted", everything, 41, []float64{1, 1, 1}, []string{"likelihood of 1000", "transfer of 1000", "influence of 1000"}, "transfer,likelihood,influence 6 1000"},
		{"a fast machine gets more students", everything, 33, []float64{.5, .5, .5}, []string{"likelihood of 1000", "transfer of 1000", "influence of 1000"}, "transfer,likelihood,influence 6 1000"},
		{"a slow machine gets fewer students", everything, 41, []float64{1.2, 1.2, 1.2}, []string{"likelihood of 1000", "transfer of 1000", "influence of 1000"}, "transfer,likelihood,influence 3 1000"},
		{"a very slow machine leaves out influence, and no row of a finished stage", everything, 57, []float64{2.3, 2.3}, []string{"likelihood of 1000", "transfer of 1000"}, "transfer,likelihood 3 1000"},
		{"likelihood took all of the time", everything, 60, []float64{5}, []string{"likelihood of 1000"}, "likelihood 6 1000"},
		{"results in the store say nothing of the pace", everything, 25, []float64{.01, 1, 1}, []string{"likelihood of 500", "transfer of 500", "influence of 500"}, "transfer,likelihood,influence 6 500"},
		{"more rows than those of a finished stage", everything, 25, []float64{.3, .3, .3, .3}, []string{"likelihood of 500", "likelihood of 1000", "transfer of 1000", "influence of 1000"}, "transfer,likelihood,influence 6 1000"},
		{"transfer alone", []string{"transfer"}, 13, []float64{.5, .5}, []string{"transfer of 1000", "transfer of 1000"}, "transfer 6 1000"},
	} {
		var clock fakeClock
		requested := plan{c.detectors, 12, 6, 1000, rowscore.Surrogates{Count: 1}}
		b := newPlanner(requested, w, u, time.Duration(c.budget*1e9))
		b.now = clock.now
		var stages []string
		p, err := b.settle(func(p plan, s stage) error {
			took := u.seconds(p, w, b.done...) - u.seconds(p, w, append(slices.Clip(b.done), s)...)
			clock.spend(took * c.pace[min(len(stages), len(c.pace)-1)])
			stages = append(stages, fmt.Sprintf("%s of %d", s.detector, s.rows))
			return nil
		})
		got := fmt.Sprintf("%s %d %d", strings.Join(p.detectors, ","), p.whole, p.rows)
		if err != nil || got != c.want || !slices.Equal(stages, c.stages) {
			t.Errorf("%s: %s after %q (%v)\nwant %s after %q", c.reason, got, stages, err, c.want, c.stages)
		}
	}
}

func TestSettleErrors(t *testing.T) {
	w := workload{rows: 1000, epochs: 1, arms: 2, candidates: 10, traits: 1, alpha: 0.05}
	requested := plan{[]string{"likelihood"}, 12, 6, 1000, rowscore.Surrogates{Count: 1}}
	failed := errors.New("a stage failed")
	fail := func(plan, stage) error { return failed }
	for _, c := range []struct {
		reason string
		timing time.Duration
		want   string
	}{
		{"the timing took the budget", 10 * time.Second, "the budget of 10s is too small: timing a small part took 10s"},
		{"nothing fits", 9900 * time.Millisecond, "the budget of 10s is too small: timing a small part took 9.9s, and --detectors likelihood --replicates 12 --whole 6 --rows 62 --surrogates 1 would take about 1.4s"},
		{"a stage fails", time.Second, failed.Error()},
	} {
		b := newPlanner(requested, w, unitCosts{scoreRow: 1e-3}, 10*time.Second)
		b.now = func() time.Duration { return c.timing }
		if _, err := b.settle(fail); err == nil || err.Error() != c.want {
			t.Errorf("%s: error %v\nwant %s", c.reason, err, c.want)
		}
	}
}
