package lm

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/tensor"
)

// Sampling defines how a token is sampled, besides the temperature of the request. The zero value
// samples from the model's own distribution.
type Sampling struct {
	TopK int      `json:"top_k,omitempty"` // number of most likely tokens to sample from, >= 0; 0 is all (default 0)
	TopP float64  `json:"top_p,omitempty"` // total probability of the fewest tokens to sample from, [0, 1] (Holtzman et al. 2020); 0 is all (default 0)
	Stop []string `json:"stop,omitempty"`  // texts that end a completion; they are not part of it
}

// Limits of stop texts, which are searched for after every token.
const maxStops, maxStop = 16, 256 // number, bytes

func (s Sampling) check() error {
	switch {
	case s.TopK < 0:
		return fmt.Errorf("lm: sampling: top-k is %d, want 0 or more", s.TopK)
	case !(s.TopP >= 0 && s.TopP <= 1):
		return fmt.Errorf("lm: sampling: top-p is %v, want 0 to 1", s.TopP)
	case len(s.Stop) > maxStops:
		return fmt.Errorf("lm: sampling: %d stop texts, want at most %d", len(s.Stop), maxStops)
	}
	for i, stop := range s.Stop {
		if stop == "" || len(stop) > maxStop {
			return fmt.Errorf("lm: sampling: stop text %d has %d bytes, want 1 to %d", i, len(stop), maxStop)
		}
	}
	return nil
}

// cut returns the text before the first stop text, and that stop text, "" if there is none.
func (s Sampling) cut(text string) (before, stop string) {
	at := len(text)
	for _, candidate := range s.Stop {
		if i := strings.Index(text, candidate); i >= 0 && i < at {
			at, stop = i, candidate
		}
	}
	return text[:at], stop
}

// draw picks a token for each row of logits [rows vocabulary], which it overwrites: the most likely
// token at temperature 0, otherwise a sample of softmax(logits / temperature).
func draw(tape *tensor.Tape, logits *tensor.Tensor, running []*sequence) []int32 {
	picked := make([]int32, len(running))
	for i, q := range running {
		row := logits.Row(i)
		if q.temperature == 0 {
			picked[i] = largest(row)
			continue
		}
		for j := range row {
			row[j] /= float32(q.temperature)
		}
	}
	probabilities := tape.Softmax(logits)
	for i, q := range running {
		if q.temperature > 0 {
			picked[i] = q.sampling.pick(probabilities.Row(i), q.rng)
		}
	}
	return picked
}

// largest returns the index of the largest number, the first one of equals.
func largest(row []float32) int32 {
	best := 0
	for i, v := range row {
		if v > row[best] {
			best = i
		}
	}
	return int32(best)
}

// pick samples an index from the probabilities that top-k and top-p keep.
func (s Sampling) pick(p []float32, rng *rand.Rand) int32 {
	u := rng.Float64()
	if s.TopK == 0 && (s.TopP == 0 || s.TopP == 1) {
		return first(len(p), u, func(i int) float64 { return float64(p[i]) }, func(i int) int32 { return int32(i) })
	}
	order := make([]int32, len(p))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(p[b], p[a]) })
	if s.TopK > 0 {
		order = order[:min(s.TopK, len(order))]
	}
	total := 0.0
	for i, at := range order {
		if total += float64(p[at]); s.TopP > 0 && total >= s.TopP {
			order = order[:i+1]
			break
		}
	}
	return first(len(order), u*total, func(i int) float64 { return float64(p[order[i]]) }, func(i int) int32 { return order[i] })
}

// first returns the item at which the running sum of n probabilities passes u.
func first(n int, u float64, p func(int) float64, at func(int) int32) int32 {
	last := 0
	for i := range n {
		if v := p(i); v > 0 {
			if u -= v; u < 0 {
				return at(i)
			}
			last = i
		}
	}
	return at(last) // rounding: the sum is less than u
}
