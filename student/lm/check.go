package lm

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor"
)

// checkTokens is the length of the text that a model is checked by.
const checkTokens = 48

// sentence is a text that every model of English finds likelier than chance.
const sentence = "Once upon a time, there was a little girl."

// Check looks for signs of a damaged checkpoint: the model writes a text, always the most likely
// token, and reads a plain English sentence. It returns a warning, for people, if the mean
// log-probability of its own tokens is less than half of that of uniform guessing, and another one
// if it predicts the sentence worse than uniform guessing. Logits that are not finite are an
// error. A model that passes is not necessarily a good one.
func (m *Model) Check(ctx context.Context) (warnings []string, err error) {
	warnings, err = m.checkOwnText(ctx)
	if err != nil {
		return nil, err
	}
	_, logs, err := m.score(ctx, undertone.NewDataset("", []undertone.Example{undertone.NewExample("", sentence)}), 0, 1)
	if err != nil {
		return warnings, nil // the context is shorter than the sentence
	}
	read := 0.0
	for _, l := range logs[0] {
		read += float64(l) / float64(len(logs[0]))
	}
	if guess := m.guessing(); read < guess {
		warnings = append(warnings, fmt.Sprintf("%q has perplexity %.0f, uniform guessing has %.0f: the model was not trained on such sentences (the built-in models were not), or its weights are damaged", sentence, math.Exp(-read), math.Exp(-guess)))
	}
	return warnings, nil
}

// CheckScores looks for signs of a damaged checkpoint in the scores of rows: logProb is the sum of
// their log-probabilities, in nats, over the given number of tokens. It returns a warning, for
// people, if the mean is less than that of uniform guessing, −log of the size of the vocabulary.
// If the mean is less than half of that, the model also writes a text, as in [Model.Check]. Logits
// that are not finite are an error.
func (m *Model) CheckScores(ctx context.Context, logProb float64, tokens int) (warnings []string, err error) {
	mean, guess := logProb/float64(max(tokens, 1)), m.guessing()
	if mean >= guess/2 {
		return nil, nil
	}
	if mean < guess {
		warnings = append(warnings, fmt.Sprintf("the mean log-probability of the rows is %.2f nats a token, that of uniform guessing is %.2f: the model was not trained on such rows, or its weights are damaged", mean, guess))
	}
	own, err := m.checkOwnText(ctx)
	return append(warnings, own...), err
}

// guessing returns the log-probability of a token under uniform guessing, in nats.
func (m *Model) guessing() float64 { return -math.Log(float64(m.net.Config().Vocabulary)) }

// checkOwnText lets the model write a text and returns a warning if it finds it unlikely.
func (m *Model) checkOwnText(ctx context.Context) (warnings []string, err error) {
	defer tensor.Catch(&err)
	q, err := m.start(0, undertone.Request{MaxTokens: checkTokens})
	if err != nil {
		return nil, err
	}
	s := m.net.NewSession(1)
	if err := m.read(ctx, s, [][]int32{q.prompt}); err != nil {
		return nil, err
	}
	sum, n := 0.0, min(checkTokens, q.limit)
	for at := range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		logits := s.Extend([][]int32{{q.next}}).Row(0)
		if i := slices.IndexFunc(logits, func(v float32) bool { return v-v != 0 }); i >= 0 {
			return nil, fmt.Errorf("lm: check: logit %d after %d tokens is %v: the weights are damaged", i, at+1, logits[i])
		}
		q.next = largest(logits)
		sum -= negativeLog(logits, q.next)
	}
	if mean, guess := sum/float64(n), m.guessing(); mean < guess/2 {
		warnings = append(warnings, fmt.Sprintf("the most likely text of the model has perplexity %.0f, uniform guessing has %.0f: the model is untrained, or its weights are damaged", math.Exp(-mean), math.Exp(-guess)))
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
