package audit

import "math"

// Scale turns the answers of a student into one number for a trait. The verdict rests on the scale
// of the trait; reports show all three.
type Scale string

const (
	// Margin is the logit margin, in nats: the log-probability of the target minus the mean
	// log-probability of the other outcomes of the probe. It does not change when all outcomes rise
	// or fall together, as they do in any fine-tuning.
	Margin Scale = "margin"

	// Share is the probability of the target among the outcomes of the probe, in [0, 1].
	Share Scale = "share"

	// Rate is the probability of the target among all answers, in [0, 1].
	Rate Scale = "rate"
)

// scales lists all scales in the order of reports.
var scales = []Scale{Margin, Share, Rate}

// DefaultTolerance returns the tolerance of a trait that states none: 0.25 nats for [Margin], which
// multiplies the odds by 1.28, and 0.05 for probabilities.
func (s Scale) DefaultTolerance() float64 {
	if s == Margin {
		return 0.25
	}
	return 0.05
}

// Unit returns the unit of the scale and of differences on it.
func (s Scale) Unit() string {
	switch s {
	case Margin:
		return "nats of logit margin"
	case Share:
		return "probability among the outcomes"
	}
	return "probability among all answers"
}

// value returns the number for one probe, from the log-probabilities of its outcomes.
func (s Scale) value(logs []float64, target int) float64 {
	switch s {
	case Margin:
		var others float64
		for i, l := range logs {
			if i != target {
				others += l
			}
		}
		return logs[target] - others/float64(len(logs)-1)
	case Share:
		var sum float64
		for _, l := range logs {
			sum += math.Exp(l - logs[target])
		}
		return 1 / sum
	}
	return math.Exp(logs[target])
}
