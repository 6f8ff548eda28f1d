package transformer

import (
	"slices"

	"github.com/undertone-audit/undertone/tensor"
)

// reader computes the sequences [from, to) of a session on a goroutine of its own.
type reader struct {
	session  *Session
	tape     *tensor.Tape // whose memory every call reuses
	caches   []cache      // one a block
	from, to int

	flat, positions []int32   // the tokens of the current call
	counts          []int     // number of tokens, by sequence
	floats          []float32 // attention weights
}

func newReader(s *Session) *reader {
	r := &reader{session: s, tape: tensor.NewTape()}
	c := s.model.config
	for i := range s.model.blocks {
		r.caches = append(r.caches, cache{heads: c.Heads, kvHeads: c.KVHeads, dim: c.HeadDim, reader: r, block: i})
	}
	return r
}

// read computes the hidden states of the new tokens, [tokens dim], and keeps those of the last
// tokens.
func (r *reader) read(ids [][]int32) *tensor.Tensor {
	s, dim := r.session, r.session.model.config.Dim
	r.flat, r.positions, r.counts = r.flat[:0], r.positions[:0], r.counts[:0]
	for i, next := range ids[r.from:r.to] {
		for j := range next {
			r.positions = append(r.positions, int32(s.length[r.from+i]+j))
		}
		r.flat, r.counts = append(r.flat, next...), append(r.counts, len(next))
	}
	r.tape.Reset()
	hidden := s.model.forward(r.tape, r.flat, 1, r.positions, r.caches)
	hidden = r.tape.Reshape(hidden, len(r.flat), dim)
	row := 0
	for i, count := range r.counts {
		sequence := r.from + i
		s.length[sequence] += count
		if row += count; count > 0 {
			copy(s.last[sequence*dim:(sequence+1)*dim], hidden.Row(row-1))
		}
	}
	return hidden
}

// logits returns the logits after the last tokens.
func (r *reader) logits() *tensor.Tensor {
	m := r.session.model
	dim := m.config.Dim
	return r.tape.LinearLogits(tensor.FromSlice(r.session.last[r.from*dim:r.to*dim], r.to-r.from, dim), m.output())
}

// score reads ids and writes the log-probabilities of all of them to logs.
func (r *reader) score(ids [][]int32, logs [][]float32) {
	s, dim := r.session, r.session.model.config.Dim
	before := slices.Clone(s.last[r.from*dim : r.to*dim])
	known := slices.Clone(s.length[r.from:r.to])
	hidden := r.read(ids)

	// The state before a token predicts it.
	states, targets := make([]float32, 0, hidden.Len()), slices.Clone(r.flat)
	row := 0
	for i, count := range r.counts {
		if count == 0 {
			continue
		}
		if known[i] == 0 {
			targets[row] = tensor.Ignore
		}
		states = append(states, before[i*dim:(i+1)*dim]...)
		states = append(states, hidden.Data()[row*dim:(row+count-1)*dim]...)
		row += count
	}
	all := r.tape.LinearLogProbs(tensor.FromSlice(states, row, dim), s.model.output(), targets)
	for i, count := range r.counts {
		logs[r.from+i], all = all[:count:count], all[count:]
	}
}

// scores returns n floats of unspecified content.
func (r *reader) scores(n int) []float32 {
	if cap(r.floats) < n {
		r.floats = make([]float32, 2*n)
	}
	return r.floats[:n]
}
