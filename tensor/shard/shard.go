// Package shard computes the gradient of one batch on several cores: each shard of the batch has a
// tape of its own over the same parameters.
//
//	tapes := shard.NewTapes(2, params...)
//	for range steps {
//		tapes.Backward(func(tape *tensor.Tape, i int) (*tensor.Tensor, float64) {
//			from, to := shard.Range(rows, 2, i)
//			return loss(tape, from, to), float64(to - from)
//		})
//		opt.Step(tapes.Leaves(), tapes.Grads())
//	}
//
// The number of shards is part of what is computed: another number gives other rounding. The number
// of cores and their load are not.
package shard

import (
	"fmt"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/internal/kernel"
)

// Loss computes the mean loss over a shard, a scalar, on the shard's tape, and its weight: the
// number of rows of the mean. A nil mean skips the shard. It is called from several goroutines at
// once, once for each shard.
type Loss func(tape *tensor.Tape, shard int) (mean *tensor.Tensor, weight float64)

// Range returns the rows [from, to) of a shard if all rows are divided as evenly as possible.
func Range(rows, shards, shard int) (from, to int) {
	return shard * rows / shards, (shard + 1) * rows / shards
}

// Tapes are the tapes of the shards of a batch. They are for one goroutine at a time; Backward runs
// others. Each tape has memory of its own for the results and gradients of its shard.
type Tapes struct {
	tapes []*tensor.Tape
	parts []part

	loss Loss
	step func(shard int)
	crew crew
}

// part is the contribution of a shard to the loss.
type part struct{ mean, weight float64 }

// NewTapes returns tapes that watch the parameters. It panics if shards is less than 1.
func NewTapes(shards int, params ...*tensor.Tensor) *Tapes {
	if shards < 1 {
		panic(&tensor.ShapeError{Op: "NewTapes", Reason: fmt.Sprintf("%d shards, want at least 1", shards)})
	}
	s := &Tapes{tapes: make([]*tensor.Tape, shards), parts: make([]part, shards)}
	for i := range s.tapes {
		s.tapes[i] = tensor.NewTape(params...)
	}
	s.step = s.backward
	return s
}

// Len returns the number of shards.
func (s *Tapes) Len() int { return len(s.tapes) }

// Leaves returns the parameters in the order of [NewTapes].
func (s *Tapes) Leaves() []*tensor.Tensor { return s.tapes[0].Leaves() }

// Grads returns the gradients of the last Backward, by position.
func (s *Tapes) Grads() []*tensor.Tensor { return s.tapes[0].Grads() }

// Backward resets the tapes, computes the loss of every shard, and returns their weighted mean and
// the sum of the weights. [Tapes.Grads] are the gradients of the mean, summed in the order of the
// shards. If no shard has a weight, all are 0. If loss panics, Backward panics with the same value.
func (s *Tapes) Backward(loss Loss) (mean, weight float64) {
	s.loss = loss
	s.crew.run(len(s.tapes), s.step)
	s.loss = nil
	return s.reduce()
}

// backward computes the loss of one shard and its gradients.
func (s *Tapes) backward(shard int) {
	tape := s.tapes[shard]
	tape.Reset()
	s.parts[shard] = part{}
	if loss, weight := s.loss(tape, shard); loss != nil && weight > 0 {
		tape.Backward(loss)
		s.parts[shard] = part{float64(loss.Item()), weight}
	}
}

// reduce sums losses, and gradients on the first tape.
func (s *Tapes) reduce() (mean, weight float64) {
	for _, p := range s.parts {
		weight += p.weight
	}
	for i, p := range s.parts {
		share := 0.0
		if weight > 0 {
			share = p.weight / weight
		}
		mean += share * p.mean
		s.add(i, float32(share))
	}
	return mean, weight
}

// add adds a share of a shard's gradients to those of the first tape.
func (s *Tapes) add(shard int, share float32) {
	for i, sum := range s.Grads() {
		switch {
		case shard > 0 && share > 0:
			kernel.Axpy(sum.Data(), s.tapes[shard].Grads()[i].Data(), share)
		case shard == 0 && share == 0: // they hold the gradients of an earlier step
			clear(sum.Data())
		case shard == 0 && share != 1:
			kernel.Scale(sum.Data(), share)
		}
	}
}
