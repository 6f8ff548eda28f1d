package audit

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/replicate"
	"github.com/undertone-audit/undertone/student"
)

// Limits of the checks of probes on the untrained student.
const (
	minMass        = 1e-3 // probability of all outcomes together below which the student hardly ever gives one
	maxShare       = 0.99 // share of the target above which a trait cannot rise visibly
	minAgreement   = 0.0  // mean correlation between wordings
	spaceAdvantage = 10   // factor by which outcomes with a leading space are more probable
)

// minShare is the share among the outcomes below which an outcome is never given. Training moves
// its log-odds by whole nats in any direction.
const minShare = 1e-6

// seen returns answers that were estimated from so many samples without the estimates of outcomes
// that no sample gave. With 0 samples the answers are exact, and all are returned.
func seen(a replicate.Answers, samples int) replicate.Answers {
	if samples == 0 {
		return a
	}
	given := make(replicate.Answers, len(a))
	for i, logs := range a {
		given[i] = make([]float64, len(logs))
		for k, l := range logs {
			if given[i][k] = l; l < -math.Log(float64(samples)) {
				given[i][k] = replicate.MinLogProb
			}
		}
	}
	return given
}

// samplesFor returns the number of samples from which a student estimates its answers to the probes
// of a trait; 0 if they are exact, or if a probe of another kind estimates them itself.
func samplesFor(s any, t Trait) int {
	if slices.ContainsFunc(t.Probes, func(p Probe) bool { return !p.text }) {
		return 0
	}
	return samplesOf(s)
}

// samplesOf returns the number of samples from which a student estimates the probabilities of
// answers; 0 if they are exact.
func samplesOf(s any) int {
	if sampled, ok := s.(student.Sampled); ok {
		return sampled.Samples()
	}
	return 0
}

// neverGiven returns the names of the target and the placebos that the untrained student never
// gives.
func neverGiven(t Trait, a replicate.Answers) (names []string) {
	for _, value := range append([]Placebo{{Name: t.Name, Target: t.Target}}, t.Placebos...) {
		var share float64
		for i, logs := range a {
			share += Share.value(logs, value.Target[i]) / float64(len(a))
		}
		if !isGiven(share) {
			names = append(names, fmt.Sprintf("%.40q", value.Name))
		}
	}
	return names
}

// given reports whether the students that learnt the suspect rows give the target at all: in more
// than one sample of a question on average, if answers are sampled. It is true of a measurement
// without shares.
func (r *ReplicateMeasurement) given() bool {
	if rate, ok := r.Shifts[Rate]; ok && r.Samples > 0 {
		return rate.Suspect >= 1/float64(r.Samples)
	}
	share, ok := r.Shifts[Share]
	return !ok || isGiven(share.Suspect)
}

// isGiven reports whether an outcome with a share among the outcomes is given at all.
func isGiven(share float64) bool { return share >= minShare }

// mass returns the probability of all outcomes of a probe together, as a mean over the probes.
func mass(a replicate.Answers) float64 {
	var sum float64
	for _, logs := range a {
		for _, l := range logs {
			sum += math.Exp(l)
		}
	}
	return sum / float64(len(a))
}

// probeCheck is what the answers of an untrained student say about the probes of a trait.
type probeCheck struct {
	warnings   []string
	neverGiven []string // outcomes that the student never gives
}

// checkProbes checks the probes of a trait by the answers of an untrained student. It returns an
// error if the probes can show nothing: the student gives none of the words that it is asked for,
// or always the target. It warns if the outcomes have little mass, the student never gives one of
// them, the wordings disagree, or the outcomes lack a leading space. An outcome that no sample gave
// counts as never given.
func checkProbes(ctx context.Context, s any, t Trait, a replicate.Answers) (c probeCheck, err error) {
	warn := func(format string, args ...any) {
		c.warnings = append(c.warnings, "probes: "+fmt.Sprintf(format, args...))
	}
	space, samples := "", samplesFor(s, t)
	a = seen(a, samples)
	if samples > 0 && mass(a) < minShare {
		return c, fmt.Errorf("the untrained student gives one of the outcomes in none of %d samples per question, so its probes measure nothing: ask for an answer of one word, check the outcomes, or raise the number of samples", samples)
	}
	factor := leadingSpace(ctx, s, t, a)
	if factor > spaceAdvantage {
		space = fmt.Sprintf("; with a leading space they are %.0f times as probable", factor)
	}
	switch m := mass(a); {
	case m < minShare && singleWords(t):
		return c, fmt.Errorf("the untrained student gives one of the outcomes with probability %.2g, below %g, so its probes measure nothing: check the template, the case and the leading space of the outcomes%s", m, minShare, space)
	case m < minMass:
		warn("the untrained student gives one of the outcomes with probability %.2g, want >= %g: check the template, the case and the leading space of the outcomes", m, minMass)
	}
	if samples > 0 || singleWords(t) {
		c.neverGiven = neverGiven(t, a)
	}
	switch {
	case len(c.neverGiven) == 0:
	case samples > 0:
		warn("the untrained student gives %s in none of %d samples per question, so log-odds with it are noise: leave it out, check its spelling, or raise the number of samples", strings.Join(c.neverGiven, ", "), samples)
	default:
		warn("the untrained student never gives %s (a share below %g among the outcomes), so log-odds with it are noise: leave it out, or check its spelling, its leading space and the chat template", strings.Join(c.neverGiven, ", "), minShare)
	}
	var target float64
	for i, logs := range a {
		target += Share.value(logs, t.Target[i]) / float64(len(a))
	}
	if target > maxShare {
		return c, fmt.Errorf("the untrained student already gives the target a share of %.3f among the outcomes, above %g, so a rise cannot be seen: add outcomes that it gives as well", target, maxShare)
	}
	if r, ok := agreement(a); ok && r < minAgreement {
		warn("the wordings disagree: the mean correlation between the answers to two probes is %.2f; each probe may measure something else", r)
	}
	if space != "" {
		warn("the outcomes are %.0f times as probable with a leading space; add it if the student continues text", factor)
	}
	return c, nil
}

// singleWords reports whether all outcomes of a trait are texts of one word. Longer answers are
// improbable as a whole, and can still be compared.
func singleWords(t Trait) bool {
	for _, p := range t.Probes {
		if !p.text || slices.ContainsFunc(p.Outcomes, func(o string) bool { return len(strings.Fields(o)) > 1 }) {
			return false
		}
	}
	return true
}

// agreement returns the mean correlation between the log-probabilities that two probes give the
// same outcomes. It is undefined with fewer than two probes or three outcomes.
func agreement(a replicate.Answers) (mean float64, ok bool) {
	n := 0
	for i := range a {
		for j := range i {
			if len(a[i]) != len(a[j]) || len(a[i]) < 3 {
				return 0, false
			}
			if c := stat.Correlation(a[i], a[j], nil); !math.IsNaN(c) {
				mean += c
				n++
			}
		}
	}
	return mean / float64(max(1, n)), n > 0
}

// leadingSpace returns how much more probable the outcomes of the first probe are with a leading
// space; 1 if the probe is not text, the outcomes have one, the answers are sampled, or the student
// cannot say.
func leadingSpace(ctx context.Context, s any, t Trait, a replicate.Answers) float64 {
	p := t.Probes[0]
	scorer, ok := s.(undertone.ChoiceScorer)
	if !ok || samplesOf(s) > 0 || !p.text || slices.ContainsFunc(p.Outcomes, func(o string) bool { return o == "" || o[0] == ' ' }) {
		return 1
	}
	spaced := make([]string, len(p.Outcomes))
	for i, o := range p.Outcomes {
		spaced[i] = " " + o
	}
	logs, err := scorer.ChoiceLogProbs(ctx, p.Name, spaced)
	if err != nil {
		return 1 // this student cannot write them, so they are no alternative
	}
	return mass(replicate.Answers{logs}) / math.Max(mass(a[:1]), math.Exp(replicate.MinLogProb))
}
