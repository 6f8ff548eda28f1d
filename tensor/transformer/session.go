package transformer

import (
	"slices"

	"github.com/undertone-audit/undertone/tensor"
)

// Session reads sequences side by side and remembers their keys and values, so that
// the next tokens of each cost no more than themselves. It is for evaluation: no gradient
// flows through it, and the model's parameters must not change while it is in use. It
// belongs to one goroutine at a time.
//
// What a session says of a sequence depends on the others that it reads by rounding alone.
type Session struct {
	model  *Model
	tape   *tensor.Tape // whose memory every call uses again
	caches []cache      // one a block
	last   []float32    // hidden states of the last tokens, [sequences dim]
	length []int        // tokens of each sequence

	counts, positions, flat []int32 // of the tokens being read
}

// NewSession returns a session of empty sequences.
func (m *Model) NewSession(sequences int) *Session {
	s := &Session{
		model:  m,
		tape:   tensor.NewTape(),
		caches: make([]cache, len(m.blocks)),
		last:   make([]float32, sequences*m.config.Dim),
		length: make([]int, sequences),
	}
	scores := new(scratch)
	for i := range s.caches {
		s.caches[i] = cache{m.config.Heads, m.config.KVHeads, m.config.HeadDim, s, make([]text, sequences), scores}
	}
	return s
}

// Len returns the number of sequences.
func (s *Session) Len() int { return len(s.length) }

// Tokens returns how many tokens a sequence has.
func (s *Session) Tokens(sequence int) int { return s.length[sequence] }

// Extend reads the next tokens of each sequence, any number of them, and returns the
// logits of what comes after its last one, [sequences vocabulary]; those of an empty sequence
// have no meaning. The result is valid until the next call.
//
// It panics with a [*tensor.ShapeError] if there is not one slice for each sequence, an id
// is not in the vocabulary, or a sequence gets longer than the context.
func (s *Session) Extend(ids [][]int32) *tensor.Tensor {
	s.read(ids)
	return s.model.Logits(s.tape, tensor.FromSlice(s.last, len(s.length), s.model.config.Dim))
}

// ExtendAll is [Session.Extend] for scoring: it returns the natural logarithm of the
// probability of every token that it reads, given those before it in its sequence; 0
// for the first token of all, which nothing predicts.
func (s *Session) ExtendAll(ids [][]int32) [][]float32 {
	before := slices.Clone(s.last)
	known := slices.Clone(s.length)
	hidden := s.read(ids)
	dim := s.model.config.Dim

	// The state that predicts a token is the one before it.
	states, targets := make([]float32, 0, hidden.Len()), make([]int32, 0, len(s.flat))
	for i, row := 0, 0; i < len(ids); i++ {
		for j, id := range ids[i] {
			if j == 0 {
				states = append(states, before[i*dim:(i+1)*dim]...)
			} else {
				states = append(states, hidden.Row(row-1)...)
			}
			if j == 0 && known[i] == 0 {
				id = tensor.Ignore
			}
			targets = append(targets, id)
			row++
		}
	}
	logs := s.tape.LinearLogProbs(tensor.FromSlice(states, len(targets), dim), s.model.output(), targets)
	split := make([][]float32, len(ids))
	for i := range ids {
		split[i], logs = logs[:len(ids[i]):len(ids[i])], logs[len(ids[i]):]
	}
	return split
}

// Fork adds n sequences that have read what sequence from has, at the end; what follows
// is read apart.
func (s *Session) Fork(from, n int) {
	s.want("Fork", from)
	dim := s.model.config.Dim
	for range n {
		s.last = append(s.last, s.last[from*dim:(from+1)*dim]...)
		s.length = append(s.length, s.length[from])
	}
	for i := range s.caches {
		s.caches[i].fork(from, s.length[from], n)
	}
}

// Keep keeps the given sequences, in that order, and forgets the others. No
// sequence may be given twice; see [Session.Fork].
func (s *Session) Keep(sequences []int) {
	dim := s.model.config.Dim
	last, length := make([]float32, 0, len(sequences)*dim), make([]int, 0, len(sequences))
	for i, q := range sequences {
		s.want("Keep", q)
		if slices.Contains(sequences[:i], q) {
			misuse("Keep", "sequence %d is given twice", q)
		}
		last, length = append(last, s.last[q*dim:(q+1)*dim]...), append(length, s.length[q])
	}
	for i := range s.caches {
		s.caches[i].keep(sequences)
	}
	s.last, s.length = last, length
}

func (s *Session) want(op string, sequence int) {
	if sequence < 0 || sequence >= len(s.length) {
		misuse(op, "sequence %d of %d", sequence, len(s.length))
	}
}

// read computes the hidden states of the new tokens, [tokens dim], and notes the last ones.
func (s *Session) read(ids [][]int32) *tensor.Tensor {
	c := s.model.config
	if len(ids) != len(s.length) {
		misuse("Extend", "%d slices of tokens for %d sequences", len(ids), len(s.length))
	}
	s.flat, s.positions, s.counts = s.flat[:0], s.positions[:0], s.counts[:0]
	for i, next := range ids {
		if s.length[i]+len(next) > c.Context {
			misuse("Extend", "sequence %d gets %d tokens, longer than the context of %d", i, s.length[i]+len(next), c.Context)
		}
		for j := range next {
			s.positions = append(s.positions, int32(s.length[i]+j))
		}
		s.flat, s.counts = append(s.flat, next...), append(s.counts, int32(len(next)))
	}
	s.tape.Reset()
	hidden := s.model.forward(s.tape, s.flat, 1, s.positions, s.caches)
	hidden = s.tape.Reshape(hidden, len(s.flat), c.Dim)
	row := 0
	for i, next := range ids {
		s.length[i] += len(next)
		if row += len(next); len(next) > 0 {
			copy(s.last[i*c.Dim:(i+1)*c.Dim], hidden.Row(row-1))
		}
	}
	return hidden
}
