package main

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/rowscore"
	"github.com/undertone-audit/undertone/audit/stats"
	"github.com/undertone-audit/undertone/student"
)

// plan is the part of an audit that a budget decides.
type plan struct {
	detectors  []string
	replicates int                 // per arm
	rows       int                 // per arm; 0: all
	surrogates rowscore.Surrogates // of the likelihood detector
}

// apply returns the audit with the detectors, replicates and rows of the plan.
func (p plan) apply(cfg audit.Config) (audit.Config, error) {
	cfg.Replicates = p.replicates
	for _, name := range p.detectors {
		d, err := detector(name, p.surrogates)
		if err != nil {
			return cfg, err
		}
		cfg.Detectors = append(cfg.Detectors, d)
	}
	cfg.Suspect, cfg.Control = p.cut(cfg.Suspect), p.cut(cfg.Control)
	cfg.Traits = slices.Clone(cfg.Traits)
	for i := range cfg.Traits {
		if cfg.Traits[i].PositiveControl != nil {
			cfg.Traits[i].PositiveControl = p.cut(cfg.Traits[i].PositiveControl)
		}
	}
	return cfg, nil
}

// cut returns the rows of an arm that the plan uses. They answer the same prompts in every arm.
func (p plan) cut(data undertone.Data) undertone.Data {
	if p.rows == 0 || data.Len() <= p.rows {
		return data
	}
	return data.Select(student.Order(data, 0, 0)[:p.rows])
}

// flags returns the flags that request the plan.
func (p plan) flags() string {
	text := fmt.Sprintf("--detectors %s --replicates %d --rows %d", strings.Join(p.detectors, ","), p.replicates, p.rows)
	switch {
	case !slices.Contains(p.detectors, likelihoodDetector):
		return text
	case p.surrogates.SystemPrompt != nil:
		return text + " --personas"
	}
	return text + fmt.Sprintf(" --surrogates %d", p.surrogates.Count)
}

// omitted says what the plan leaves out of the requested one.
func (p plan) omitted(requested plan) []string {
	var all []string
	for _, name := range requested.detectors {
		if !slices.Contains(p.detectors, name) {
			all = append(all, "the detector "+name)
		}
	}
	if p.rows < requested.rows {
		all = append(all, fmt.Sprintf("%d of %d rows per arm", requested.rows-p.rows, requested.rows))
	}
	if p.replicates < requested.replicates {
		all = append(all, fmt.Sprintf("%d of %d replicates", requested.replicates-p.replicates, requested.replicates))
	}
	if n := requested.surrogates.Count - p.surrogates.Count; n > 0 && slices.Contains(p.detectors, likelihoodDetector) {
		all = append(all, fmt.Sprintf("%d of %d surrogates per candidate", n, requested.surrogates.Count))
	}
	return all
}

// workload is the size of an audit.
type workload struct {
	rows       int  // of the larger arm
	epochs     int  // of training
	arms       int  // suspect, control, and one for each trait with a positive control
	shareRows  bool // each replicate is trained on all rows
	whole      int  // replicates per arm on all rows, beside those of parts
	candidates int  // different traits and placebos
	traits     int
	alpha      float64 // of the audit
	interim    bool    // the design has interim looks
}

// newWorkload returns the size of an audit, or an error if its recipe is invalid.
func newWorkload(cfg audit.Config) (workload, error) {
	recipe, err := cfg.Recipe.WithDefaults()
	design, designErr := cfg.Design.WithDefaults()
	err = errors.Join(err, designErr)
	w := workload{
		whole: design.Whole,
		rows:  max(cfg.Suspect.Len(), cfg.Control.Len()), epochs: recipe.Epochs, arms: 2,
		shareRows: cfg.Rows == audit.ShareRows, traits: len(cfg.Traits), alpha: cfg.Alpha, interim: cfg.InterimEvery > 0,
	}
	candidates := map[string]bool{}
	for _, t := range cfg.Traits {
		if t.PositiveControl != nil {
			w.arms++
		}
		for _, answer := range t.Probes[0].Outcomes {
			candidates[t.Probes[0].Name+"\x00"+answer] = true
		}
	}
	w.candidates = len(candidates)
	return w, err
}

// fewestReplicates returns the replicates per arm below which an audit of this many tests cannot
// reach its level, or has no interim look.
func (w workload) fewestReplicates(tests int) int {
	n := max(2, stats.MinPairs(w.alpha, tests))
	if w.interim {
		n = max(n, stats.MinPairs(w.alpha/2, 1)) // for the interval
	}
	return n
}

// unitCosts are measured times, in seconds.
type unitCosts struct {
	trainRow  float64 // to train on one row of the data, once
	overtRow  float64 // to train a surrogate on one overt row, once
	scoreRow  float64 // to score one row
	askProbes float64 // to ask one student all probes
	corpusRow float64 // to compare one row of both arms
}

const (
	surrogateRows = 32 * 30 // the default of [rowscore.Surrogates]
	safetyFactor  = 1.25    // of predicted times, for work that is not measured
)

// seconds predicts the time that a plan takes.
func (u unitCosts) seconds(p plan, w workload) float64 {
	arm := float64(min(p.rows, w.rows))
	allArms := arm * float64(w.arms)
	sum := 0.0
	for _, name := range p.detectors {
		switch name {
		case transferDetector:
			passes, students := w.training(p.replicates)
			sum += passes*arm*float64(w.epochs)*u.trainRow + students*u.askProbes
		case likelihoodDetector:
			surrogate := allArms * u.scoreRow
			if p.surrogates.SystemPrompt == nil {
				surrogate += surrogateRows * u.overtRow
			}
			sum += allArms*u.scoreRow + float64(w.candidates*p.surrogates.Count)*surrogate
		case influenceDetector:
			sum += float64(w.candidates) * 2 * allArms * u.scoreRow
		case corpusDetector:
			sum += arm * u.corpusRow
		}
	}
	return safetyFactor * sum
}

// training returns how often the transfer detector trains on an arm of all rows, and how many
// students it asks.
func (w workload) training(replicates int) (passes, students float64) {
	pairs, controls := float64(replicates), float64(w.arms-2)
	switch whole := float64(w.whole); {
	case w.shareRows:
		return pairs * (2 + controls), pairs * (3 + controls)
	case w.whole == 0: // parts alone
		return 2 + controls, pairs * (3 + controls)
	default:
		return 2 + whole*(2+controls), 3*pairs + whole*(2+controls)
	}
}

// strongest returns the strongest plan that is predicted to take at most the given time. If there
// is no such plan, it returns the last plan of [plan.weaker], and false.
func (u unitCosts) strongest(requested plan, w workload, limit time.Duration) (p plan, fits bool) {
	for p = range requested.weaker(w) {
		if u.seconds(p, w) <= limit.Seconds() {
			return p, true
		}
	}
	return p, false
}

// weaker ranges over plans from the requested one down. Within a set of detectors and a number of
// rows, replicates fall to the fewest that the test needs, and surrogates to 1. Rows are halved
// twice before a detector is left out, and four times for the last detector.
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
					for n := p.surrogates.Count; n >= 1; n-- {
						next := plan{detectors, replicates, max(1, p.rows/part), p.surrogates}
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

// fewerDetectors returns the detectors, then the sets with one detector after the other left out:
// influence, which has less power than likelihood, then likelihood. A set without a detector that
// gives a verdict is left out.
func fewerDetectors(detectors []string) [][]string {
	sets := [][]string{detectors}
	for _, name := range []string{influenceDetector, likelihoodDetector} {
		last := sets[len(sets)-1]
		fewer := without(last, name)
		if len(fewer) < len(last) && len(withVerdict(fewer)) > 0 {
			sets = append(sets, fewer)
		}
	}
	return sets
}

// withVerdict returns the detectors that give a verdict.
func withVerdict(detectors []string) []string { return without(detectors, corpusDetector) }

func without(detectors []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(detectors), func(d string) bool { return d == name })
}

// duration rounds a time for people.
func duration(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second)).Round(100 * time.Millisecond)
}
