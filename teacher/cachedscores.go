package teacher

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/undertone-audit/undertone"
)

// cachedLogProber implements [undertone.LogProber] with a cache.
type cachedLogProber struct{ cache *cache }

func (s cachedLogProber) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	request := func(i int) (undertone.Digest, any) {
		return undertone.NewHasher("log prob").Digest(rows[i].ID()).Sum(), rows[i].Messages
	}
	answers, err := s.cache.answer(len(rows), request, func(missing []int) error {
		wanted := make([]undertone.Example, len(missing))
		for k, i := range missing {
			wanted[k] = rows[i]
		}
		values, err := s.cache.model.(undertone.LogProber).LogProb(ctx, wanted)
		if err == nil && len(values) != len(wanted) {
			err = fmt.Errorf("%d scores for %d rows", len(values), len(wanted))
		}
		if err != nil {
			return err
		}
		lines := make([]line, len(values))
		for k, i := range missing {
			key, ask := request(i)
			lines[k] = line{key, ask, floats(values[k : k+1])}
		}
		return s.cache.add(lines...)
	})
	if err != nil {
		return nil, err
	}
	scores := make([]float64, len(rows))
	for i, answer := range answers {
		v, err := s.cache.parseFloats(answer, 1)
		if err != nil {
			return nil, err
		}
		scores[i] = v[0]
	}
	return scores, nil
}

// cachedChoiceScorer implements [undertone.ChoiceScorer] with a cache.
type cachedChoiceScorer struct{ cache *cache }

func (c cachedChoiceScorer) ChoiceLogProbs(ctx context.Context, prompt string, choices []string) ([]float64, error) {
	h := undertone.NewHasher("choices").Text(prompt)
	for _, choice := range choices {
		h.Text(choice)
	}
	key := h.Sum()
	ask := struct {
		Prompt  string   `json:"prompt"`
		Choices []string `json:"choices"`
	}{prompt, choices}
	answers, err := c.cache.answer(1, func(int) (undertone.Digest, any) { return key, ask }, func([]int) error {
		values, err := c.cache.model.(undertone.ChoiceScorer).ChoiceLogProbs(ctx, prompt, choices)
		if err == nil && len(values) != len(choices) {
			err = fmt.Errorf("%d probabilities for %d choices", len(values), len(choices))
		}
		if err != nil {
			return err
		}
		return c.cache.add(line{key, ask, floats(values)})
	})
	if err != nil {
		return nil, err
	}
	return c.cache.parseFloats(answers[0], len(choices))
}

// cachedLineage implements [undertone.Lineage] with a cache.
type cachedLineage struct{ cache *cache }

func (d cachedLineage) Lineage() undertone.Digest { return d.cache.header.Lineage }

// floats encodes numbers as JSON strings, because they may be infinite. They are read back bit for
// bit.
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

func (c *cache) parseFloats(answer json.RawMessage, n int) ([]float64, error) {
	var text []string
	if err := json.Unmarshal(answer, &text); err != nil {
		return nil, c.damaged(err)
	}
	if len(text) != n {
		return nil, c.damaged(fmt.Errorf("%d numbers, want %d", len(text), n))
	}
	values := make([]float64, n)
	for i, s := range text {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, c.damaged(err)
		}
		values[i] = v
	}
	return values, nil
}
