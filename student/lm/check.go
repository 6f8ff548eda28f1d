package lm

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor"
)

// checkTokens is how long the text is that a model is checked by.
const checkTokens = 48

// sentence is one that any model of English finds likelier than chance.
const sentence = "Once upon a time, there was a little girl."

// Check looks for what a damaged checkpoint does. It lets the model write a text, always the
// most likely token, and read a plain English sentence. Warnings are for people: the model is less
// sure of its own words than half-way to guessing, or would guess the sentence better
// blindly. Logits that are no numbers are an error. A model that passes need not be a good one.
func (m *Model) Check(ctx context.Context) (warnings []string, err error) {
	defer tensor.Catch(&err)
	q, err := m.start(0, undertone.Request{MaxTokens: checkTokens})
	if err != nil {
		return nil, err
	}
	s := m.net.NewSession(1)
	if err := m.read(ctx, s, [][]int32{q.prompt}); err != nil {
		return nil, err
	}
	total, seen := 0.0, []int32{}
	for len(seen) < min(checkTokens, q.limit) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		logits := s.Extend([][]int32{{q.next}}).Row(0)
		if i := slices.IndexFunc(logits, func(v float32) bool { return v-v != 0 }); i >= 0 {
			return nil, fmt.Errorf("lm: check: logit %d after %d tokens is %v: the weights are damaged", i, len(seen)+1, logits[i])
		}
		q.next = largest(logits)
		total += negativeLog(logits, q.next)
		seen = append(seen, q.next)
	}
	mean, guess := total/float64(len(seen)), math.Log(float64(m.net.Config().Vocabulary))
	if mean > guess/2 {
		warnings = append(warnings, fmt.Sprintf("the model's own most likely text has perplexity %.0f, where guessing has %.0f: it is untrained, or its weights are damaged", math.Exp(mean), math.Exp(guess)))
	}
	_, logs, err := m.score(ctx, undertone.NewDataset("", []undertone.Example{undertone.NewExample("", sentence)}), 0, 1)
	if err != nil {
		return warnings, nil // the context is shorter than the sentence
	}
	read := 0.0
	for _, l := range logs[0] {
		read -= float64(l) / float64(len(logs[0]))
	}
	if read > guess {
		warnings = append(warnings, fmt.Sprintf("%q has perplexity %.0f, where guessing has %.0f: it was not trained on such sentences (the embedded models were not), or its weights are damaged", sentence, math.Exp(read), math.Exp(guess)))
	}
	return warnings, nil
}

// negativeLog returns −log softmax(logits)[id].
func negativeLog(logits []float32, id int32) float64 {
	sum := 0.0
	for _, l := range logits {
		sum += math.Exp(float64(l - logits[id]))
	}
	return math.Log(sum)
}
