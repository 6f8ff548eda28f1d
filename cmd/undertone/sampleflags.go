package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
	sampling "github.com/undertone-audit/undertone/student/sampled"
)

// sampleFlags say whether the answers of students are counted instead of scored.
type sampleFlags struct {
	Samples *int `range:"[3, 100000]" placeholder:"N" help:"Count answers in this many sampled completions per question, in [3, 100000], instead of reading their probabilities. A student that only talks needs it (default probabilities)."`
}

// sampled reports whether answers are counted.
func (f sampleFlags) sampled() bool { return f.Samples != nil }

// check returns an error about a flag that has no effect with --samples, or about traits with more
// outcomes than the samples can tell apart.
func (f sampleFlags) check(detectors []string, trust bool) error {
	switch {
	case !f.sampled():
		return nil
	case trust:
		return errors.New("--trust-scorer has no effect with --samples, because nothing is scored")
	case slices.ContainsFunc(detectors, func(d string) bool { return d != transferDetector && d != corpusDetector }) || !slices.Contains(detectors, transferDetector):
		return errors.New("--samples counts answers to the probes, which the detector transfer asks; the other detectors score rows: name transfer alone, or with corpus")
	}
	return nil
}

// checkTraits returns an error if a probe has more outcomes than the samples can tell apart.
func (f sampleFlags) checkTraits(traits []audit.Trait) error {
	if !f.sampled() {
		return nil
	}
	for _, t := range traits {
		for _, p := range slices.Concat(t.Probes, t.Indirect) {
			if least := len(p.Outcomes) + 2; *f.Samples < least {
				return fmt.Errorf("--samples is %d, and trait %.40q has probes of %d answers: want >= %d", *f.Samples, t.Name, len(p.Outcomes), least)
			}
		}
	}
	return nil
}

// apply returns the student whose answers are counted, or the student without --samples.
func (f sampleFlags) apply(s student.Student, seed uint64) (student.Student, error) {
	if !f.sampled() {
		return s, nil
	}
	counted, err := sampling.NewStudent(s, sampling.Config{Samples: *f.Samples, Seed: seed})
	if err != nil {
		return nil, fmt.Errorf("--samples: %w", err)
	}
	return counted, nil
}
