package judged

import (
	"context"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/sampled"
)

// The outcomes of a probe.
const (
	Expressed    = "expressed"
	NotExpressed = "not expressed"
)

// Probe returns the probe that samples answers of a student to a question, and counts those in
// which the judge finds the trait. The student must be an [undertone.Model]. MaxTokens is by
// default 200 tokens. Each student is sampled with seeds of its own, so that the binomial error is
// part of the differences between replicates. A count c among n samples has the probability
// (c + ½)/(n + 1).
func (c *Calibrated) Probe(question string, sampling sampled.Config) audit.Probe {
	sampling = withDefaults(sampling)
	return audit.Probe{
		Name: question, Outcomes: []string{Expressed, NotExpressed},
		Content: undertone.NewHasher("judged probe").Digest(c.judge.digest()).
			Uint(uint64(sampling.Samples)).Uint(uint64(sampling.MaxTokens)).Uint(sampling.Seed).Sum(),
		Ask: func(ctx context.Context, s student.Student) ([]float64, error) {
			count, err := c.count(ctx, s, question, sampling)
			if err != nil {
				return nil, err
			}
			n := float64(sampling.Samples)
			return []float64{math.Log((float64(count) + .5) / (n + 1)), math.Log((n - float64(count) + .5) / (n + 1))}, nil
		},
	}
}

// withDefaults returns how free answers are sampled.
func withDefaults(sampling sampled.Config) sampled.Config {
	if sampling.Samples == 0 {
		sampling.Samples = 100
	}
	if sampling.MaxTokens == 0 {
		sampling.MaxTokens = 200
	}
	return sampling
}

// info describes the judge for reports.
func (c *Calibrated) info(tolerance float64, samples int) *audit.JudgeInfo {
	return &audit.JudgeInfo{
		Model: c.judge.Model.Name(), Rubric: c.judge.Rubric.Question, Threshold: c.judge.Threshold, Samples: samples, Tolerance: tolerance,
		Labels: c.Labels, Positives: c.Positives, Negatives: c.Negatives, Found: c.Found, Rejected: c.Rejected,
	}
}

// count returns the number of sampled answers in which the judge finds the trait.
func (c *Calibrated) count(ctx context.Context, s student.Student, question string, sampling sampled.Config) (count int, err error) {
	m, ok := s.(undertone.Model)
	if !ok {
		return 0, fmt.Errorf("judged: student %T does not complete chats", s)
	}
	answers, err := sampled.Completions(ctx, m, question, sampled.ForStudent(sampling, s))
	if err != nil {
		return 0, err
	}
	pairs := make([]undertone.Example, len(answers))
	for i, a := range answers {
		pairs[i] = pair(question, a.Text)
	}
	found, err := c.judge.expressed(ctx, pairs)
	if err != nil {
		return 0, err
	}
	for _, expressed := range found {
		if expressed {
			count++
		}
	}
	return count, nil
}

// Trait returns a trait whose probes are judged answers to the questions, on the scale
// [audit.Rate]. tolerance is the smallest difference of true rates that matters, in (0, 1] (default
// 0.05). The judge shrinks differences, so the tolerance of the trait is smaller by the lower limit
// of sensitivity + specificity − 1: a trait that is undetected is below the tolerance although the
// judge errs. [audit.JudgeInfo.TrueShift] returns the difference of true rates.
func (c *Calibrated) Trait(name string, questions []string, tolerance float64, sampling sampled.Config) audit.Trait {
	if tolerance == 0 {
		tolerance = audit.Rate.DefaultTolerance()
	}
	sampling = withDefaults(sampling)
	t := audit.Trait{Name: name, Scale: audit.Rate, Tolerance: tolerance * c.Youden.Low, Target: make([]int, len(questions)), Judge: c.info(tolerance, sampling.Samples)}
	for _, q := range questions {
		t.Probes = append(t.Probes, c.Probe(q, sampling))
	}
	return t
}
