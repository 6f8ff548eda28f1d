package teacher

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/undertone-audit/undertone"
)

// scorer is the tape's power to score rows.
type scorer struct{ tape *tape }

func (s scorer) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	question := func(i int) (undertone.Digest, any) {
		return undertone.NewHasher("log prob").Digest(rows[i].ID()).Sum(), rows[i].Messages
	}
	answers, err := s.tape.ask(len(rows), question, func(missing []int) error {
		wanted := make([]undertone.Example, len(missing))
		for k, i := range missing {
			wanted[k] = rows[i]
		}
		values, err := s.tape.model.(undertone.LogProber).LogProb(ctx, wanted)
		if err == nil && len(values) != len(wanted) {
			err = fmt.Errorf("%d scores of %d rows", len(values), len(wanted))
		}
		if err != nil {
			return err
		}
		lines := make([]line, len(values))
		for k, i := range missing {
			key, ask := question(i)
			lines[k] = line{key, ask, floats(values[k : k+1])}
		}
		return s.tape.add(lines...)
	})
	if err != nil {
		return nil, err
	}
	scores := make([]float64, len(rows))
	for i, answer := range answers {
		v, err := s.tape.parseFloats(answer, 1)
		if err != nil {
			return nil, err
		}
		scores[i] = v[0]
	}
	return scores, nil
}

// chooser is the tape's power to give probabilities of answers.
type chooser struct{ tape *tape }

func (c chooser) ChoiceLogProbs(ctx context.Context, prompt string, choices []string) ([]float64, error) {
	h := undertone.NewHasher("choices").Text(prompt)
	for _, choice := range choices {
		h.Text(choice)
	}
	key := h.Sum()
	ask := struct {
		Prompt  string   `json:"prompt"`
		Choices []string `json:"choices"`
	}{prompt, choices}
	answers, err := c.tape.ask(1, func(int) (undertone.Digest, any) { return key, ask }, func([]int) error {
		values, err := c.tape.model.(undertone.ChoiceScorer).ChoiceLogProbs(ctx, prompt, choices)
		if err == nil && len(values) != len(choices) {
			err = fmt.Errorf("%d probabilities of %d choices", len(values), len(choices))
		}
		if err != nil {
			return err
		}
		return c.tape.add(line{key, ask, floats(values)})
	})
	if err != nil {
		return nil, err
	}
	return c.tape.parseFloats(answers[0], len(choices))
}

// descendant is the tape's power to name the initial weights.
type descendant struct{ tape *tape }

func (d descendant) Lineage() undertone.Digest { return d.tape.header.Lineage }

// floats lays out numbers as strings, which can be infinite and are read back bit for bit.
func floats(values []float64) json.RawMessage {
	b := []byte{'['}
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(strconv.AppendFloat(append(b, '"'), v, 'g', -1, 64), '"')
	}
	return append(b, ']')
}

func (t *tape) parseFloats(answer json.RawMessage, n int) ([]float64, error) {
	var text []string
	if err := json.Unmarshal(answer, &text); err != nil {
		return nil, t.damaged(err)
	}
	if len(text) != n {
		return nil, t.damaged(fmt.Errorf("%d numbers, want %d", len(text), n))
	}
	values := make([]float64, n)
	for i, s := range text {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, t.damaged(err)
		}
		values[i] = v
	}
	return values, nil
}
