package transformer

import (
	"slices"

	"github.com/undertone-audit/undertone/tensor"
)

// Session reads several sequences and keeps their keys and values, so it computes only new tokens.
// It is for evaluation: no gradient flows through it, and the parameters of the model must not
// change while it is in use. It is for one goroutine at a time.
//
// The results for a sequence depend on the other sequences by rounding only.
type Session struct {
	model  *Model
	texts  [][]text  // keys and values, [blocks][sequences]
	last   []float32 // hidden states of the last tokens, [sequences dim]
	logits []float32 // of the last call
	length []int     // tokens of each sequence

	weights int64
	readers [2]*reader // share the sequences
}

// NewSession returns a session of empty sequences.
func (m *Model) NewSession(sequences int) *Session {
	s := &Session{
		model:   m,
		texts:   make([][]text, len(m.blocks)),
		last:    make([]float32, sequences*m.config.Dim),
		length:  make([]int, sequences),
		weights: m.config.Weights(),
	}
	for i := range s.texts {
		s.texts[i] = make([]text, sequences)
	}
	for i := range s.readers {
		s.readers[i] = newReader(s)
	}
	return s
}

// Len returns the number of sequences.
func (s *Session) Len() int { return len(s.length) }

// Tokens returns the number of tokens of a sequence.
func (s *Session) Tokens(sequence int) int { return s.length[sequence] }

// Extend reads the next tokens of each sequence, any number of them, and returns the logits after
// the last token of each, [sequences vocabulary]. The logits of an empty sequence have no meaning.
// The result is valid until the next call.
//
// It panics with a [*tensor.ShapeError] if there is not one slice for each sequence, if an id is
// not in the vocabulary, or if a sequence would be longer than the context.
func (s *Session) Extend(ids [][]int32) *tensor.Tensor {
	n, classes := len(s.length), s.model.config.Vocabulary
	if cap(s.logits) < n*classes {
		s.logits = make([]float32, n*classes)
	}
	s.logits = s.logits[:n*classes]
	s.share(ids, func(r *reader) {
		r.read(ids)
		copy(s.logits[r.from*classes:r.to*classes], r.logits().Data())
	})
	return tensor.FromSlice(s.logits, n, classes)
}

// ExtendAll is [Session.Extend] for scoring: it returns the log-probability, in nats, of every
// token that it reads, given the tokens before it in its sequence; 0 for the first token of a
// sequence, which nothing predicts.
func (s *Session) ExtendAll(ids [][]int32) [][]float32 {
	logs := make([][]float32, len(ids))
	s.share(ids, func(r *reader) { r.score(ids, logs) })
	return logs
}

// Fork appends n sequences that have read the tokens of sequence from, and are independent of it.
func (s *Session) Fork(from, n int) {
	s.want("Fork", from)
	dim := s.model.config.Dim
	for range n {
		s.last = append(s.last, s.last[from*dim:(from+1)*dim]...)
		s.length = append(s.length, s.length[from])
	}
	for i, texts := range s.texts {
		for range n {
			texts = append(texts, texts[from].resized(s.model.config, s.length[from], texts[from].capacity))
		}
		s.texts[i] = texts
	}
}

// Keep keeps the given sequences, in that order, and drops the others. A sequence that is listed
// twice is a panic; see [Session.Fork].
func (s *Session) Keep(sequences []int) {
	dim := s.model.config.Dim
	last, length := make([]float32, 0, len(sequences)*dim), make([]int, 0, len(sequences))
	for i, q := range sequences {
		s.want("Keep", q)
		if slices.Contains(sequences[:i], q) {
			misuse("Keep", "sequence %d is listed twice", q)
		}
		last, length = append(last, s.last[q*dim:(q+1)*dim]...), append(length, s.length[q])
	}
	for i, texts := range s.texts {
		kept := make([]text, 0, len(sequences))
		for _, q := range sequences {
			kept = append(kept, texts[q])
		}
		s.texts[i] = kept
	}
	s.last, s.length = last, length
}

func (s *Session) want(op string, sequence int) {
	if sequence < 0 || sequence >= len(s.length) {
		misuse(op, "sequence %d of %d", sequence, len(s.length))
	}
}

// check panics unless ids can be read.
func (s *Session) check(ids [][]int32) {
	c := s.model.config
	if len(ids) != len(s.length) {
		misuse("Extend", "%d slices of tokens for %d sequences", len(ids), len(s.length))
	}
	for i, next := range ids {
		if s.length[i]+len(next) > c.Context {
			misuse("Extend", "sequence %d gets %d tokens, longer than the context of %d", i, s.length[i]+len(next), c.Context)
		}
		for j, id := range next {
			if id < 0 || int(id) >= c.Vocabulary {
				misuse("Extend", "id %d of sequence %d, token %d, is not in the vocabulary of %d", id, i, j, c.Vocabulary)
			}
		}
	}
}

// worthSharing is the number of products of a weight and an activation above which a second core is
// faster.
const worthSharing = 1 << 23

// share calls work for readers that have all sequences together: two readers with about the same
// number of tokens if there is enough work, otherwise one. The result depends on ids only, not on
// the number of cores.
func (s *Session) share(ids [][]int32, work func(*reader)) {
	s.check(ids)
	tokens := 0
	for _, next := range ids {
		tokens += len(next)
	}
	first, second := s.readers[0], s.readers[1]
	first.from, first.to = 0, len(ids)
	if len(ids) < 2 || int64(tokens)*s.weights < worthSharing {
		work(first)
		return
	}
	half, seen := 0, 0
	for half < len(ids)-1 && 2*seen < tokens {
		seen += len(ids[half])
		half++
	}
	first.to, second.from, second.to = half, half, len(ids)
	done := make(chan struct{})
	go func() {
		defer close(done)
		work(second)
	}()
	work(first)
	<-done
}
