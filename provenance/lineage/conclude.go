package lineage

import "fmt"

// largestLimit is the largest limit of a [WeightTest] that counts as power: the test sees a
// permuted and aligned copy whose neurons keep this cosine. Fine-tuned, quantised and half pruned
// models keep more.
const largestLimit = 0.8

// leastNames is the least [WeightTest.Names] at which the alignment counts: one-sided p of 0.001.
const leastNames = 3.09

const (
	weightNull    = "independent random initial weights: the labels of one model's neurons are a random permutation"
	behaviourNull = "the answers of one model are independent of those of the other"
)

// grade returns what the weights show by themselves. They never show that models are unrelated: one
// may have learnt the answers of the other.
func (t *WeightTest) grade() Grade {
	if t.found() {
		return Shared
	}
	return Unknown
}

// found reports whether weights are related.
func (t *WeightTest) found() bool { return t.Shared > 0 || t.Table }

// open says why the weights leave a relation possible although none was found; "" if they exclude
// it as far as the limits say.
func (t *WeightTest) open() string {
	sees := func(limit float64) bool { return limit > 0 && limit <= largestLimit }
	switch {
	case !t.Complete:
		return "not all layers were compared"
	case !sees(t.Limit) || !sees(t.AttentionLimit):
		return "the test would not have seen a copy whose neurons keep a cosine of 0.8"
	case len(t.Signs) > 0:
		return fmt.Sprintf("%d parts have signs that neurons or heads were split (%s)", len(t.Signs), t.Signs[0])
	case t.Alike > 0:
		return fmt.Sprintf("%d parts have neurons that read or write what neurons of the other model do", t.Alike)
	case t.Embeddings > largestEmbeddings:
		return fmt.Sprintf("the tables of the tokens are almost the same in other coordinates (cosine %.2f)", t.Embeddings)
	case t.BestEmbeddings > largestBest:
		return fmt.Sprintf("half of the tokens have almost the same embeddings in other coordinates (cosine %.2f)", t.BestEmbeddings)
	case t.Names < leastNames:
		return "tokens of one name are not used alike, so a rotated hidden state cannot be aligned by them"
	}
	return ""
}

// String returns the result in one sentence.
func (t *WeightTest) String() string {
	p := fmt.Sprintf("log10 p %.1f after adjustment for %d tests", t.LogP, t.Tests)
	switch {
	case t.Equal > 0:
		return fmt.Sprintf("%d of %d compared parts have related neurons, and %d equal weights (%s)", t.Shared, t.Of, t.Equal, p)
	case t.Shared > 0:
		return fmt.Sprintf("%d of %d compared parts have related neurons (%s)", t.Shared, t.Of, p)
	case t.Table:
		return fmt.Sprintf("no related neurons in %d compared parts, but the tables of the tokens are related (%s)", t.Of, p)
	}
	text := fmt.Sprintf("no related neurons in %d compared parts (%s); ", t.Of, p)
	if why := t.open(); why != "" {
		return text + "a relation is not excluded: " + why
	}
	text += fmt.Sprintf("the test would have seen a permuted copy whose neurons keep a cosine of %.2g, and %.2g in attention", t.Limit, t.AttentionLimit)
	if t.TurnedLimit > 0 {
		text += fmt.Sprintf(", or %.2g if its hidden state is rotated and its tokens are renamed", t.TurnedLimit)
	}
	return text
}

// grade returns what the answers show by themselves.
func (t *BehaviourTest) grade() Grade {
	if t.matched() {
		return Matched
	}
	return Unknown
}

// String returns the result in one sentence.
func (t *BehaviourTest) String() string {
	return fmt.Sprintf("answers to %d prompts (%s) begin alike on %.0f %%, %.0f %% by chance: kappa %.2f [%.2f, %.2f], p %s",
		t.Prompts, t.From, 100*float64(t.Agree)/float64(t.Prompts), 100*t.Chance, t.Kappa, t.Low, t.High, t.P)
}

// conclude sets the grade and the statement. Rules, the first that holds:
//
//  1. Evidence of a shared base: shared, by the cheapest method that shows it.
//  2. The answers match: behaviourally matched.
//  3. The test of the weights found nothing and left nothing open, and the answers differ:
//     unrelated.
//  4. Unknown.
func (r *Result) conclude() {
	for _, e := range r.Evidence {
		if e.Grade == Shared {
			r.Grade, r.Statement = Shared, fmt.Sprintf("shared base, by %s: %s", e.Method, e.Statement)
			return
		}
	}
	weights, answers := r.Weights, r.Behaviour
	switch {
	case answers != nil && answers.matched():
		r.Grade, r.Statement = Matched, "behaviourally matched: "+answers.String()+"; "+r.without()
	case weights != nil && weights.open() == "" && answers != nil && answers.differ():
		r.Grade, r.Statement = Unrelated, "unrelated: "+weights.String()+"; "+answers.String()
	default:
		r.Statement = "unknown: " + r.reasons()
	}
}

// without says what the weights of matched models show.
func (r *Result) without() string { return "weights: " + r.of(ByWeights).Statement }

// reasons says why nothing is known.
func (r *Result) reasons() string {
	return "weights: " + r.of(ByWeights).Statement + "; answers: " + r.of(ByBehaviour).Statement
}
