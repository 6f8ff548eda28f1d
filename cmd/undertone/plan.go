package main

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/rowscore"
)

// plan is the part of an audit that a budget decides.
type plan struct {
	detectors  []string
	replicates int                 // per arm
	whole      int                 // per arm, trained on all rows; 0: that of the design
	rows       int                 // per arm; 0: all
	surrogates rowscore.Surrogates // of the likelihood detector
}

// apply returns the audit with the detectors, replicates and rows of the plan.
func (p plan) apply(cfg audit.Config) (audit.Config, error) {
	cfg.Replicates = p.replicates
	if p.whole > 0 {
		cfg.Whole = p.whole
	}
	cfg.Detectors = nil
	for _, name := range p.detectors {
		d, err := detector(name, p.surrogates)
		if err != nil {
			return cfg, err
		}
		cfg.Detectors = append(cfg.Detectors, d)
	}
	cfg.MaxRows = p.rows
	return cfg, nil
}

// flags returns the flags that request the plan.
func (p plan) flags() string {
	text := fmt.Sprintf("--detectors %s --replicates %d", strings.Join(p.detectors, ","), p.replicates)
	if p.whole > 0 {
		text += fmt.Sprintf(" --whole %d", p.whole)
	}
	text += fmt.Sprintf(" --rows %d", p.rows)
	switch {
	case !p.has(likelihoodDetector):
		return text
	case p.surrogates.SystemPrompt != nil:
		return text + " --personas"
	}
	return text + fmt.Sprintf(" --surrogates %d", p.surrogates.Count)
}

// has reports whether the plan names a detector.
func (p plan) has(detector string) bool { return slices.Contains(p.detectors, detector) }

// omitted says what the plan leaves out of the requested one.
func (p plan) omitted(requested plan) []string {
	var all []string
	for _, name := range requested.detectors {
		switch {
		case p.has(name):
		case name == transferDetector:
			all = append(all, "the detector transfer, without which no trait can be undetected")
		default:
			all = append(all, "the detector "+name)
		}
	}
	part := func(used, requested int, what string) {
		if used < requested {
			all = append(all, fmt.Sprintf("%d of %d %s", requested-used, requested, what))
		}
	}
	part(p.rows, requested.rows, "rows per arm")
	if p.has(transferDetector) {
		part(p.replicates, requested.replicates, "replicates")
		part(p.whole, requested.whole, "students of all rows per arm")
	}
	if p.has(likelihoodDetector) {
		part(p.surrogates.Count, requested.surrogates.Count, "surrogates per candidate")
	}
	return all
}

// weaker ranges over plans from the requested one down. Within a set of detectors and a number of
// rows, surrogates fall to 1 first. The students of all rows are then halved down to 2, and the
// replicates fall to the fewest that the test needs. Rows are halved twice before a detector is
// left out, and four times for the last detector.
func (p plan) weaker(w workload) iter.Seq[plan] {
	return func(yield func(plan) bool) {
		for _, detectors := range fewerDetectors(p.detectors) {
			fewest := w.fewestReplicates(w.traits * len(withVerdict(detectors)))
			parts := []int{1, 2, 4}
			if len(detectors) == 1 {
				parts = append(parts, 8, 16)
			}
			for _, part := range parts {
				for _, replicates := range slices.Compact([]int{p.replicates, min(p.replicates, fewest)}) {
					for _, whole := range halved(p.whole) {
						for n := p.surrogates.Count; n >= 1; n-- {
							next := plan{detectors, replicates, whole, max(1, p.rows/part), p.surrogates}
							next.surrogates.Count = n
							if !yield(next) {
								return
							}
						}
					}
				}
			}
		}
	}
}

// halved returns n, then halves of it down to 2; 0 has no halves.
func halved(n int) []int {
	all := []int{n}
	for n > 2 {
		n = max(2, n/2)
		all = append(all, n)
	}
	return all
}

// fewerDetectors returns the detectors, then smaller sets, the most informative first. Influence
// has the least power and is left out first. Corpus says nothing about a trait, so it is left out
// before transfer. Likelihood has the most power (experiments/worlds) and stays to the end. Without
// transfer no trait can be undetected. A set without a detector that gives a verdict is left out.
func fewerDetectors(detectors []string) [][]string {
	sets := [][]string{detectors}
	add := func(fewer []string) {
		known := func(set []string) bool { return slices.Equal(set, fewer) }
		if len(withVerdict(fewer)) > 0 && !slices.ContainsFunc(sets, known) {
			sets = append(sets, fewer)
		}
	}
	add(without(detectors, influenceDetector))
	rest := sets[len(sets)-1]
	add(without(rest, corpusDetector))
	add(without(rest, transferDetector))
	add(without(rest, transferDetector, corpusDetector))
	return sets
}

// withVerdict returns the detectors that give a verdict.
func withVerdict(detectors []string) []string { return without(detectors, corpusDetector) }

func without(detectors []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(detectors), func(d string) bool { return slices.Contains(names, d) })
}
