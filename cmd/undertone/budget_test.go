package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// A design that fits is the one asked for; otherwise rows go first, then detectors, and what goes is said.
func TestStrongest(t *testing.T) {
	k := costs{train: 1e-3, overt: 1e-3, score: 1e-4, probes: 0.01}
	s := size{rows: 4000, epochs: 1, arms: 3, candidates: 10, traits: 1, alpha: 0.05}
	all := design{detectors: []string{"transfer", "likelihood", "influence"}, replicates: 12}
	for _, c := range []struct {
		reason string
		asked  design
		budget time.Duration
		want   string
		left   string
		err    string
	}{
		// transfer 12.48 s, likelihood 1.2 + 20·(0.96 + 1.2) s, influence 24 s; a quarter more for what is unforeseen
		{"all of it", all, 110 * time.Second, "--detectors transfer,likelihood,influence --replicates 12 --rows 4000 --surrogates 2", "", ""},
		{"one surrogate in place of two", all, 80 * time.Second, "--detectors transfer,likelihood,influence --replicates 12 --rows 4000 --surrogates 1", "1 of 2 surrogates per candidate", ""},
		{"half of the rows", all, 45 * time.Second, "--detectors transfer,likelihood,influence --replicates 12 --rows 2000 --surrogates 1", "2000 of 4000 rows an arm; 1 of 2 surrogates per candidate", ""},
		{"a quarter of the rows", design{detectors: []string{"transfer"}, replicates: 12}, 5 * time.Second, "--detectors transfer --replicates 12 --rows 1000", "3000 of 4000 rows an arm", ""},
		{"influence goes first", all, 21 * time.Second, "--detectors transfer,likelihood --replicates 12 --rows 1000 --surrogates 1", "the detector influence; 3000 of 4000 rows an arm; 1 of 2 surrogates per candidate", ""},
		{"no more replicates than the test needs", all, 15500 * time.Millisecond, "--detectors transfer --replicates 5 --rows 4000", "the detector likelihood; the detector influence; 7 of 12 replicates", ""},
		{"surrogates by a prompt need no training", design{detectors: []string{"likelihood"}, surrogates: armsFlags{Personas: true}.surrogates()}, 18 * time.Second, "--detectors likelihood --replicates 0 --rows 4000 --personas", "", ""},
		{"corpus alone is no audit", design{detectors: []string{"likelihood", "corpus"}, replicates: 12}, time.Second, "", "", "too small"},
		{"nothing fits", all, 100 * time.Millisecond, "", "", "the budget of 100ms is too small: --detectors transfer --replicates 5 --rows 250 would take about 1.2s"},
	} {
		got, left, err := k.strongest(c.asked, s, c.budget)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: error %v, want one with %q", c.reason, err, c.err)
			}
			continue
		}
		if err != nil || got.flags() != c.want || strings.Join(left, "; ") != c.left {
			t.Errorf("%s: %s without %q (%v)\nwant %s without %q", c.reason, got.flags(), left, err, c.want, c.left)
		}
		if took := k.seconds(got, s); took > c.budget.Seconds() {
			t.Errorf("%s: the design takes %v s", c.reason, took)
		}
	}
}

// A larger budget never gives a design of less work.
func TestStrongestGrowsWithTheBudget(t *testing.T) {
	k := costs{train: 1e-3, overt: 2e-3, score: 1e-4, probes: 0.02, corpus: 1e-4}
	s := size{rows: 3000, epochs: 2, arms: 2, candidates: 12, traits: 2, alpha: 0.05}
	asked := design{detectors: []string{"transfer", "corpus"}, replicates: 12}
	last := 0.0
	for seconds := 1; seconds < 40; seconds++ {
		d, _, err := k.strongest(asked, s, time.Duration(seconds)*time.Second)
		if err != nil {
			continue
		}
		if took := k.seconds(d, s); took < last {
			t.Errorf("with %d s the design takes %v s, with less time %v s", seconds, took, last)
		} else {
			last = took
		}
	}
	if last == 0 {
		t.Error("no design fits")
	}
}

func TestSubsets(t *testing.T) {
	for _, c := range []struct{ of, want []string }{
		{[]string{"transfer", "influence"}, []string{"[transfer influence]", "[transfer]"}},
		{[]string{"influence"}, []string{"[influence]"}},
		{[]string{"corpus", "influence", "likelihood"}, []string{"[corpus influence likelihood]", "[corpus likelihood]"}},
	} {
		var got []string
		for _, s := range subsets(c.of) {
			got = append(got, fmt.Sprint(s))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("of %v: %v, want %v", c.of, got, c.want)
		}
	}
}
