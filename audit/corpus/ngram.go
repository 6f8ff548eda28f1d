package corpus

import "math"

// order is the longest context of the generative model, in characters.
const order = 4

// Prior weights of the two shrinkages, in characters: of the pooled model to its
// shorter context, and of an arm to the pooled model. The second is large because
// the arms differ little; both were chosen by cross-validation (docs/corpus.md).
const poolPrior, armPrior = 5, 2000

// symbol is one character of a row: the contexts it stands in, from the empty
// one to the longest, and itself in each of them; -1 is one not seen before.
type symbol struct{ context, event [order + 1]int32 }

// contexts numbers the contexts and events of the rows.
type contexts struct {
	ids    map[uint64]int32 // of contexts
	events map[uint64]int32
}

// of takes a row apart; with add, what is new gets a number.
func (c *contexts) of(r *row, add bool) []symbol {
	number := func(ids map[uint64]int32, k uint64) int32 {
		id, ok := ids[k]
		switch {
		case ok:
			return id
		case !add:
			return -1
		}
		id = int32(len(ids))
		ids[k] = id
		return id
	}
	symbols := make([]symbol, len(r.stream))
	for i := range symbols {
		// Before the row stands a mark that no stream starts with.
		packed := uint64(1)
		for o := range order + 1 {
			if o > 0 {
				mark := byte(0)
				if i-o >= 0 {
					mark = r.stream[i-o]
				}
				packed = packed<<8 | uint64(mark)
			}
			symbols[i].context[o] = number(c.ids, packed)
			symbols[i].event[o] = number(c.events, packed<<8|uint64(r.stream[i]))
		}
	}
	return symbols
}

// ngram holds the counts of both arms: control at 0, suspect at 1.
type ngram struct{ contexts, events [2][]float64 }

func countNgrams(c *contexts, x [][]symbol, rows []int, suspect []bool, weight []float64) *ngram {
	m := &ngram{}
	for arm := range 2 {
		m.contexts[arm], m.events[arm] = make([]float64, len(c.ids)), make([]float64, len(c.events))
	}
	for _, i := range rows {
		arm := btoi(suspect[i])
		for _, s := range x[i] {
			for o := range order + 1 {
				m.contexts[arm][s.context[o]] += weight[i]
				m.events[arm][s.event[o]] += weight[i]
			}
		}
	}
	return m
}

// score is Σ log p(character | context, suspect)/p(character | context, control)
// in nats. Each arm's p is interpolated with the shorter context's by a
// Dirichlet prior (MacKay and Peto 1995) whose mean is the pooled p, tilted as
// far as the arm tilts it in the shorter context; the tilt is not normalised, so
// the score is a ratio of estimates and not of exact distributions.
func (m *ngram) score(x []symbol) float64 {
	sum := 0.0
	for _, s := range x {
		tilt := [2]float64{1, 1} // of each arm's p against the pooled p
		pooled := 1.0 / 256
		for o := range order + 1 {
			c, e := s.context[o], s.event[o]
			if c < 0 || m.contexts[0][c]+m.contexts[1][c] == 0 {
				break
			}
			var n [2]float64
			if e >= 0 {
				n = [2]float64{m.events[0][e], m.events[1][e]}
			}
			pooled = (n[0] + n[1] + poolPrior*pooled) / (m.contexts[0][c] + m.contexts[1][c] + poolPrior)
			for arm := range 2 {
				p := (n[arm] + armPrior*pooled*tilt[arm]) / (m.contexts[arm][c] + armPrior)
				tilt[arm] = p / pooled
			}
		}
		sum += math.Log(tilt[1] / tilt[0])
	}
	return sum
}
