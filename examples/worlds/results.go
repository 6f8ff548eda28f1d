package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/undertone-audit/undertone/audit"
)

// results is what all audits found.
type results struct {
	design   design
	outcomes []outcome
}

// of selects outcomes.
func (r *results) of(detector string, a arm, rows int) []outcome {
	var some []outcome
	for _, o := range r.outcomes {
		if o.detector == detector && o.arm == a && o.rows == rows {
			some = append(some, o)
		}
	}
	return some
}

// share returns the part of outcomes for which is holds, as "hits/all".
func share(some []outcome, is func(audit.Finding) bool) string {
	hits := 0
	for _, o := range some {
		if is(o.finding) {
			hits++
		}
	}
	return fmt.Sprintf("%d/%d", hits, len(some))
}

func detected(f audit.Finding) bool   { return f.Verdict == audit.Detected }
func ranksFirst(f audit.Finding) bool { return f.Placebos.Rank == 1 }
func small(f audit.Finding) bool      { return f.P.P <= 0.05 }

// auroc is the chance that the effect of a random outcome of a, in standard errors, is larger than that of one of b.
func auroc(a, b []outcome) float64 {
	var wins float64
	for _, x := range a {
		for _, y := range b {
			switch zx, zy := z(x), z(y); {
			case zx > zy:
				wins++
			case zx == zy:
				wins += 0.5
			}
		}
	}
	return wins / float64(len(a)*len(b))
}

func z(o outcome) float64 { return o.finding.Effect.Mean / o.finding.Effect.SD }

func median(some []outcome) float64 {
	seconds := make([]float64, len(some))
	for i, o := range some {
		seconds[i] = o.seconds
	}
	slices.Sort(seconds)
	return seconds[len(seconds)/2]
}

func (r *results) render(w io.Writer) error {
	d := r.design
	fmt.Fprintf(w, "%d worlds of kind %q, %d teachers each, seed %d. z: effect in standard errors.\n\n", d.Worlds, d.Kind, d.Teachers, d.Seed)
	fmt.Fprintln(w, "| detector | rows an arm | detected, same base | first of its siblings | AUROC of z against trait-free | detected, other base | first, other base | seconds |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|")
	detectors := []string{"likelihood", "influence", "influence-adam", "influence-fisher"}
	for _, name := range detectors {
		nulls := r.of(name, none, d.Sizes[0])
		for _, n := range d.Sizes {
			s, o := r.of(name, same, n), r.of(name, other, n)
			fmt.Fprintf(w, "| %s | %d | %s | %s | %.3f | %s | %s | %.2f |\n", name, n,
				share(s, detected), share(s, ranksFirst), auroc(s, nulls), share(o, detected), share(o, ranksFirst), median(s))
		}
	}
	fmt.Fprintf(w, "\n| trait-free, %d rows an arm | p ≤ .05 | detected |\n|---|---|---|\n", d.Sizes[0])
	for _, name := range detectors {
		nulls := r.of(name, none, d.Sizes[0])
		if _, err := fmt.Fprintf(w, "| %s | %s | %s |\n", name, share(nulls, small), share(nulls, detected)); err != nil {
			return err
		}
	}
	return nil
}
