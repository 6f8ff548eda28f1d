package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// results holds the outcomes of all audits.
type results struct {
	design   design
	outcomes []outcome
}

// of returns the outcomes of one detector, source and size.
func (r *results) of(detector string, s source, rows int) []outcome {
	var some []outcome
	for _, o := range r.outcomes {
		if o.Detector == detector && o.Source == s && o.Rows == rows {
			some = append(some, o)
		}
	}
	return some
}

// share returns the number of outcomes for which is holds, as "hits/all".
func share(some []outcome, is func(outcome) bool) string {
	if len(some) == 0 {
		return "–"
	}
	hits := 0
	for _, o := range some {
		if is(o) {
			hits++
		}
	}
	return fmt.Sprintf("%d/%d", hits, len(some))
}

func found(o outcome) bool { return o.Found }
func small(o outcome) bool { return o.P <= 0.05 }
func above(o outcome) bool { return o.Sign <= 0.05 }

// firsts returns the share of outcomes whose trait ranks first among its placebos.
func firsts(some []outcome) string {
	if len(some) == 0 || some[0].Rank == 0 {
		return "–"
	}
	return share(some, func(o outcome) bool { return o.Rank == 1 })
}

// auroc returns the probability that a random outcome of a has a larger score than a random outcome
// of b.
func auroc(a, b []outcome) float64 {
	var wins float64
	for _, x := range a {
		for _, y := range b {
			switch {
			case x.Score > y.Score:
				wins++
			case x.Score == y.Score:
				wins += 0.5
			}
		}
	}
	return wins / float64(len(a)*len(b))
}

// median returns the median of the times that are measured, those above 0, in a format of fmt.
func median(some []outcome, of func(outcome) float64, format string) string {
	var times []float64
	for _, o := range some {
		if t := of(o); t > 0 {
			times = append(times, t)
		}
	}
	if len(times) == 0 {
		return "–"
	}
	return fmt.Sprintf(format, middle(times))
}

// missing names the audits of the design without an outcome. It is empty if there are none.
func (r *results) missing() string {
	var some []string
	for _, name := range r.design.Detectors {
		for _, step := range r.design.steps() {
			if len(step) == 0 {
				continue
			}
			sources, n := []source{step[0].Source}, step[0].Rows
			if !step[0].Source.traitFree() {
				sources = append(append(sources, other), r.design.Unlike...)
			}
			have := 0
			for _, s := range sources {
				have += len(r.of(name, s, n))
			}
			if have < len(step) {
				some = append(some, fmt.Sprintf("%s, %d rows, %s: %d of %d", name, n, sources[0], len(step)-have, len(step)))
			}
		}
	}
	return strings.Join(some, "; ")
}

// unlike writes the outcomes of teachers that are unlike the surrogates.
func (r *results) unlike(text *strings.Builder) {
	header := "\n| teacher of the same base | detector | rows per arm | detected | p ≤ .05 | first of its placebos |\n|---|---|---|---|---|---|\n"
	for _, by := range r.design.Unlike {
		for _, name := range r.design.Detectors {
			for _, n := range r.design.Sizes {
				some := r.of(name, by, n)
				fmt.Fprintf(text, "%s| %s | %s | %d | %s | %s | %s |\n", header, by, name, n, share(some, found), share(some, small), firsts(some))
				header = ""
			}
		}
	}
}

// signs writes the sign tests of the detectors that score rows, which use no control.
func (r *results) signs(text *strings.Builder) {
	header := "\n| scores above zero, sign test p ≤ .05 | rows per arm | same base | other base | detected, other base | trait-free |\n|---|---|---|---|---|---|\n"
	for _, name := range r.design.Detectors {
		for _, n := range r.design.Sizes {
			s, o, nulls := r.of(name, same, n), r.of(name, other, n), r.of(name, r.design.nulls(), n)
			if len(s) == 0 || s[0].Sign == 0 {
				continue
			}
			wrong := slices.DeleteFunc(slices.Clone(o), func(o outcome) bool { return !o.Found })
			fmt.Fprintf(text, "%s| %s | %d | %s | %s | %s | %s |\n", header, name, n, share(s, above), share(o, above), share(wrong, above), share(nulls, above))
			header = ""
		}
	}
}

func (r *results) render(w io.Writer) error {
	d := r.design
	var text strings.Builder
	fmt.Fprintf(&text, "%d worlds of kind %q, teachers of each base: %d, seed %d. Score: effect in standard errors; of corpus, AUROC of bags.\n\n", d.Worlds, d.Kind, d.Teachers, d.Seed)
	fmt.Fprintln(&text, "| detector | rows per arm | detected, same base | p ≤ .05 | first of its placebos | AUROC of score against trait-free | detected, other base | p ≤ .05 | first of its placebos | seconds |")
	fmt.Fprintln(&text, "|---|---|---|---|---|---|---|---|---|---|")
	for _, name := range d.Detectors {
		nulls := r.of(name, d.nulls(), d.Sizes[0])
		for _, n := range d.Sizes {
			s, o, area := r.of(name, same, n), r.of(name, other, n), "–"
			if len(s) > 0 && len(nulls) > 0 {
				area = fmt.Sprintf("%.3f", auroc(s, nulls))
			}
			fmt.Fprintf(&text, "| %s | %d | %s | %s | %s | %s | %s | %s | %s | %s |\n", name, n,
				share(s, found), share(s, small), firsts(s), area, share(o, found), share(o, small), firsts(o), median(append(s, o...), func(o outcome) float64 { return o.Seconds }, "%.2f"))
		}
	}
	fmt.Fprintf(&text, "\n| trait-free, %d rows per arm | p ≤ .05 | detected |\n|---|---|---|\n", d.Sizes[0])
	for _, name := range d.Detectors {
		nulls := r.of(name, d.nulls(), d.Sizes[0])
		fmt.Fprintf(&text, "| %s | %s | %s |\n", name, share(nulls, small), share(nulls, found))
	}
	r.unlike(&text)
	r.signs(&text)
	if missing := r.missing(); missing != "" {
		fmt.Fprintf(&text, "\nMissing audits: %s.\n", missing)
	}
	_, err := io.WriteString(w, text.String())
	return err
}
