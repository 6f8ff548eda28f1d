package studenttest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

func (c *checker) train() {
	c.t.Helper()
	var first student.Student
	c.unchanged(func() { first = c.trained(c.s, c.data, c.o.Recipe) })
	if first == nil {
		return
	}
	digest := first.Digest()
	if digest == c.s.Digest() {
		c.errorf("the digest is the same before and after training")
	}
	c.concurrent(digest)
	if other := c.trained(c.s, c.data.Select(half(c.data.Len())), c.o.Recipe); other != nil && other.Digest() == digest {
		c.errorf("half of the rows give the digest that all rows give")
	}
	if !c.o.OrderFree {
		seed := c.o.Recipe
		seed.Seed++
		if other := c.trained(c.s, c.data, seed); other != nil && other.Digest() == digest {
			c.errorf("another seed gives the same digest: set Options.OrderFree if the order of the rows does not matter")
		}
	}
	c.abilities(first)
}

// half returns every other row.
func half(n int) (rows []int) {
	for i := 0; i < n; i += 2 {
		rows = append(rows, i)
	}
	return rows
}

// concurrent checks that trainings side by side give the digest of one alone.
func (c *checker) concurrent(digest undertone.Digest) {
	c.t.Helper()
	students := make([]student.Student, 3)
	errs := make([]error, len(students))
	var all sync.WaitGroup
	for k := range students {
		all.Go(func() { students[k], errs[k] = c.s.Train(c.t.Context(), c.data, c.o.Recipe) })
	}
	all.Wait()
	for k, s := range students {
		if c.ok(errs[k], "several trainings") && s.Digest() != digest {
			c.errorf("the same receiver, data and recipe give the digests %s and %s", digest.Short(), s.Digest().Short())
			return
		}
	}
}

// abilities checks that a trained student can do what its receiver can do.
func (c *checker) abilities(after student.Student) {
	c.t.Helper()
	keeps[student.Engine](c, after, "Engine")
	keeps[student.GradientStepper](c, after, "GradientStepper")
	keeps[student.Preconditioner](c, after, "Preconditioner")
	keeps[student.Differentiable](c, after, "Differentiable")
	keeps[student.Renderer](c, after, "Renderer")
	keeps[undertone.Model](c, after, "Model")
	keeps[undertone.BatchGenerator](c, after, "BatchGenerator")
	keeps[undertone.LogProber](c, after, "LogProber")
	keeps[undertone.TokenLogProber](c, after, "TokenLogProber")
	keeps[undertone.ChoiceScorer](c, after, "ChoiceScorer")
	keeps[undertone.Lineage](c, after, "Lineage")
	before, ok := c.s.(undertone.Lineage)
	if l, too := after.(undertone.Lineage); ok && too && l.Lineage() != before.Lineage() {
		c.errorf("the lineage is %s, and %s after training", before.Lineage().Short(), l.Lineage().Short())
	}
}

// keeps checks that after implements T if the student of the test does.
func keeps[T any](c *checker, after student.Student, name string) {
	c.t.Helper()
	if _, ok := c.s.(T); !ok {
		return
	}
	if _, ok := after.(T); !ok {
		c.errorf("a %T implements %s, a trained %T does not", c.s, name, after)
	}
}

// unknown is data of a kind that no student knows.
type unknown struct{ undertone.Data }

func (u unknown) Select(rows []int) undertone.Data { return unknown{u.Data.Select(rows)} }

func (c *checker) refuse() {
	c.t.Helper()
	_, err := c.s.Train(c.t.Context(), unknown{c.data}, c.o.Recipe)
	c.refused(err, "data of an unknown kind")
	_, err = c.s.Train(c.t.Context(), c.data.Select(nil), c.o.Recipe)
	c.refused(err, "data without rows")
	wrong := c.o.Recipe
	wrong.BatchSize = -1
	_, err = c.s.Train(c.t.Context(), c.data, wrong)
	c.refused(err, "a recipe with a batch size of -1")
}

// Bounds of the check that training stops.
const (
	endless  = 1 << 30          // epochs
	stopping = 60 * time.Second // longest time to wait for a training that should stop
)

func (c *checker) stop() {
	c.t.Helper()
	c.cancelled(func(ctx context.Context) error {
		_, err := c.s.Train(ctx, c.data, c.o.Recipe)
		return err
	})
	long := c.o.Recipe
	long.Epochs = endless
	ctx, cancel := context.WithTimeout(c.t.Context(), 20*time.Millisecond)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := c.s.Train(ctx, c.data, long)
		ended <- err
	}()
	select {
	case err := <-ended:
		if !errors.Is(err, context.DeadlineExceeded) {
			c.errorf("a context that ends during training gives the error %v, want %v", err, context.DeadlineExceeded)
		}
	case <-time.After(stopping):
		c.t.Fatalf("studenttest: Train: still training %s after its context was done", stopping)
	}
}
