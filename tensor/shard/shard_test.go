package shard_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
	"github.com/undertone-audit/undertone/tensor/optim"
	"github.com/undertone-audit/undertone/tensor/shard"
)

// regression is a problem that a small MLP learns.
type regression struct {
	model *nn.MLP
	x, y  *tensor.Tensor // [rows 4]
}

func newLesson(rows int) regression {
	rng := rand.New(rand.NewPCG(1, 2))
	return regression{nn.NewMLP(rng, 4, 16), tensor.Normal(rng, 1, rows, 4), tensor.Normal(rng, 1, rows, 4)}
}

// loss returns the mean squared error of rows [from, to).
func (l regression) loss(t *tensor.Tape, from, to int) *tensor.Tensor {
	miss := t.Add(l.model.Forward(t, t.Rows(l.x, from, to)), t.Scale(t.Rows(l.y, from, to), -1))
	return t.Mean(t.Mul(miss, miss))
}

// of returns the loss of a shard.
func (l regression) of(shards int) shard.Loss {
	rows := l.x.Dim(0)
	return func(t *tensor.Tape, i int) (*tensor.Tensor, float64) {
		from, to := shard.Range(rows, shards, i)
		if from == to {
			return nil, 0
		}
		return l.loss(t, from, to), float64(to - from)
	}
}

func (l regression) train(shards, steps int) {
	tapes := shard.NewTapes(shards, l.model.Params()...)
	opt, loss := &optim.Adam{LearningRate: 0.01}, l.of(shards)
	for range steps {
		tapes.Backward(loss)
		opt.Step(tapes.Leaves(), tapes.Grads())
	}
}

// TestMeanOverShards: with any number of shards, also more than rows, loss and gradient are those
// of the whole batch.
func TestMeanOverShards(t *testing.T) {
	const rows = 7
	l := newLesson(rows)
	tape := tensor.NewTape(l.model.Params()...)
	loss := l.loss(tape, 0, rows)
	tape.Backward(loss)
	for _, shards := range []int{1, 2, 3, 7, 10} {
		tapes := shard.NewTapes(shards, l.model.Params()...)
		for range 2 { // the second time over the results of the first
			if got, weight := tapes.Backward(l.of(shards)); weight != rows || math.Abs(got-float64(loss.Item())) > 1e-6 {
				t.Errorf("%d shards: loss %v, want %v", shards, got, loss.Item())
			}
		}
		for i, g := range tapes.Grads() {
			for j, got := range g.Data() {
				want := tape.Grads()[i].Data()[j]
				if d := got - want; max(d, -d) > 1e-6 || shards == 1 && d != 0 {
					t.Fatalf("%d shards: gradient %d of parameter %d is %v, want %v", shards, j, i, got, want)
				}
			}
		}
	}
}

// TestWithoutWeight: the gradient is that of the shards that have a weight, and zero if there are
// none.
func TestWithoutWeight(t *testing.T) {
	l := newLesson(4)
	alone := tensor.NewTape(l.model.Params()...)
	alone.Backward(l.loss(alone, 0, 4))
	tapes := shard.NewTapes(3, l.model.Params()...)
	tapes.Backward(func(t *tensor.Tape, i int) (*tensor.Tensor, float64) {
		switch i {
		case 0:
			return nil, 5
		case 1:
			return l.loss(t, 0, 4), 2
		default:
			return l.loss(t, 0, 1), 0
		}
	})
	for i, g := range tapes.Grads() {
		if !slices.Equal(g.Data(), alone.Grads()[i].Data()) {
			t.Errorf("gradient %d is not that of the one shard with weight", i)
		}
	}
	mean, weight := tapes.Backward(func(*tensor.Tape, int) (*tensor.Tensor, float64) { return nil, 0 })
	for i, g := range tapes.Grads() {
		if mean != 0 || weight != 0 || slices.ContainsFunc(g.Data(), func(v float32) bool { return v != 0 }) {
			t.Errorf("no shards have loss %v and a gradient %d that is not 0", mean, i)
		}
	}
}

// TestBitsDoNotDependOnProcessors trains alone and beside other trainings.
func TestBitsDoNotDependOnProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	const shards, steps, replicates = 5, 20, 3
	var want []*tensor.Tensor
	for _, processors := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(processors)
		lessons := make([]regression, replicates)
		var replicas sync.WaitGroup
		for i := range lessons {
			lessons[i] = newLesson(33)
			replicas.Go(func() { lessons[i].train(shards, steps) })
		}
		replicas.Wait()
		for r, l := range lessons {
			if want == nil {
				want = l.model.Params()
			}
			for i, p := range l.model.Params() {
				if !slices.Equal(p.Data(), want[i].Data()) {
					t.Errorf("%d processors, replicate %d: parameter %d differs", processors, r, i)
				}
			}
		}
	}
}

// TestNoMoreWorkersThanProcessors counts the shards that are computed at one time.
func TestNoMoreWorkersThanProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	for _, c := range []struct{ replicates, shards, most int }{
		{1, 8, 3}, // a caller and two helpers
		{1, 2, 2}, // a caller and one
		{5, 4, 7}, // five callers, and two helpers if one caller came first
	} {
		var mu sync.Mutex
		now, most := 0, 0
		var replicas sync.WaitGroup
		for range c.replicates {
			l := newLesson(64)
			tapes, of := shard.NewTapes(c.shards, l.model.Params()...), l.of(c.shards)
			replicas.Go(func() {
				for range 50 {
					tapes.Backward(func(tape *tensor.Tape, i int) (*tensor.Tensor, float64) {
						mu.Lock()
						now++
						most = max(most, now)
						mu.Unlock()
						defer func() {
							mu.Lock()
							now--
							mu.Unlock()
						}()
						runtime.Gosched()
						return of(tape, i)
					})
				}
			})
		}
		replicas.Wait()
		if most > c.most {
			t.Errorf("%+v: %d shards at one time", c, most)
		}
	}
}

func TestPanicReachesTheCaller(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	l := newLesson(8)
	tapes := shard.NewTapes(2, l.model.Params()...)
	for bad := range 2 {
		func() {
			defer func() {
				var shape *tensor.ShapeError
				if err, ok := recover().(error); !ok || !errors.As(err, &shape) || shape.Op != "Add" {
					t.Errorf("shard %d: recovered %v, want the *tensor.ShapeError of Add", bad, err)
				}
			}()
			tapes.Backward(func(t *tensor.Tape, i int) (*tensor.Tensor, float64) {
				if i == bad {
					t.Add(tensor.New(2), tensor.New(3))
				}
				return l.loss(t, 4*i, 4*i+4), 4
			})
		}()
	}
	if got, _ := tapes.Backward(l.of(2)); !(got > 0) {
		t.Errorf("after panics the loss is %v", got)
	}
	defer func() {
		if fmt.Sprint(recover()) != "tensor: NewTapes: 0 shards, want at least 1" {
			t.Error("no tapes at all are accepted")
		}
	}()
	shard.NewTapes(0)
}

func TestRangeCoversAllRows(t *testing.T) {
	for _, rows := range []int{0, 1, 5, 64} {
		for shards := 1; shards < 9; shards++ {
			at := 0
			for i := range shards {
				from, to := shard.Range(rows, shards, i)
				if from != at || to < from || to-from > rows/shards+1 {
					t.Errorf("%d rows, shard %d of %d is [%d, %d)", rows, i, shards, from, to)
				}
				at = to
			}
			if at != rows {
				t.Errorf("%d rows: %d shards end at %d", rows, shards, at)
			}
		}
	}
}

func TestEach(t *testing.T) {
	for _, n := range []int{0, 1, 2, 100} {
		calls := make([]int, n)
		shard.Each(n, func(i int) { calls[i]++ })
		for i, c := range calls {
			if c != 1 {
				t.Errorf("%d calls: number %d was made %d times", n, i, c)
			}
		}
	}
	defer func() {
		if r := recover(); r != "torn" {
			t.Errorf("recovered %v, want what the call panicked with", r)
		}
	}()
	shard.Each(9, func(i int) {
		if i == 4 {
			panic("torn")
		}
	})
}
