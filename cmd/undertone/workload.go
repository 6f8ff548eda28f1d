package main

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/audit/stats"
)

// workload is the size of an audit.
type workload struct {
	rows       int  // of the larger arm
	epochs     int  // of training
	arms       int  // suspect, control, and one for each trait with a positive control
	shareRows  bool // each replicate is trained on all rows
	whole      int  // replicates per arm on all rows beside those of parts, in the design
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

// training returns how often the transfer detector trains on an arm of all rows, and how many
// students it asks. A positive control that the verdict does not need is counted.
func (w workload) training(p plan) (passes, students float64) {
	pairs, controls := float64(p.replicates), float64(w.arms-2)
	switch whole := float64(p.whole); {
	case w.shareRows && !w.interim: // and pairs after exchanges of rows between the arms
		return pairs * (4 + controls), pairs * (5 + controls)
	case w.shareRows:
		return pairs * (2 + controls), pairs * (3 + controls)
	case p.whole == 0: // parts alone
		return 2 + controls, pairs * (3 + controls)
	default:
		return 2 + whole*(2+controls), max(pairs, whole) + 2*pairs + whole*(2+controls)
	}
}

// unitCosts are measured times, in seconds.
type unitCosts struct {
	trainRow    float64 // to train on one row of the data, once
	askProbes   float64 // to ask one student all probes
	overtRow    float64 // to train a surrogate on one overt row, once
	overtWhole  float64 // the same for a surrogate that trains all weights; 0: there is none
	scoreRow    float64 // to score one row
	promptedRow float64 // to score one row behind a system prompt
	corpus      float64 // to compare two arms, over their rows to the power of corpusGrowth
}

// influencePasses is the time of influence for a row, in scores: a gradient takes about three, and
// the row is scored twice.
const influencePasses = 5

const surrogateRows = 32 * 30 // the default of [rowscore.Surrogates]

// corpusGrowth is the power of the rows with which the time of a comparison grows, because a part
// of its resampling does not grow with them. Measured CPU time: 4.1 s for 500 rows per arm, 6.9 s
// for 1,000, 10.2 s for 2,000 and 14.1 s for 3,800.
const corpusGrowth = 0.6

// seconds predicts the time that a plan takes after the finished stages.
func (u unitCosts) seconds(p plan, w workload, done ...stage) float64 {
	arm := float64(min(p.rows, w.rows))
	allArms := arm * float64(w.arms)
	sum := 0.0
	for _, name := range p.detectors {
		switch name {
		case transferDetector:
			passes, students := w.training(p)
			trained := float64(p.trained(done))
			sum += (passes-trained)*arm*float64(w.epochs)*u.trainRow + (students-trained)*u.askProbes
		case likelihoodDetector:
			if slices.Contains(done, p.stage(name)) {
				continue
			}
			sum += allArms*u.scoreRow + float64(w.candidates)*u.surrogates(p, allArms)
		case influenceDetector:
			if !slices.Contains(done, p.stage(name)) {
				sum += influencePasses*allArms*u.scoreRow + float64(w.candidates)*surrogateRows*u.overtRow
			}
		case corpusDetector:
			sum += u.corpus * math.Pow(arm, corpusGrowth)
		}
	}
	return sum
}

// surrogates returns the time of the surrogates of one candidate. If the student has LoRA, every
// second one trains all weights.
func (u unitCosts) surrogates(p plan, rows float64) float64 {
	if p.surrogates.SystemPrompt != nil {
		return rows * u.promptedRow
	}
	n, whole := p.surrogates.Count, 0
	if u.overtWhole > 0 {
		whole = n / 2
	}
	return float64(n)*rows*u.scoreRow + surrogateRows*(float64(n-whole)*u.overtRow+float64(whole)*u.overtWhole)
}

// duration rounds a time for people.
func duration(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second)).Round(100 * time.Millisecond)
}
