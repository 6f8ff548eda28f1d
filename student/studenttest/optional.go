package studenttest

import (
	"context"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

func (c *checker) ensemble(e student.Ensemble) {
	c.t.Helper()
	seen := map[undertone.Digest]int{}
	for r := range 3 {
		s, err := e.Replicate(r)
		if !c.ok(err, "a replicate") {
			return
		}
		again, err := e.Replicate(r)
		if c.ok(err, "a replicate, again") && again.Digest() != s.Digest() {
			c.errorf("replicate %d has the digests %s and %s", r, s.Digest().Short(), again.Digest().Short())
		}
		if other, ok := seen[s.Digest()]; ok {
			c.errorf("replicates %d and %d have one digest", other, r)
		}
		seen[s.Digest()] = r
		c.trained(s, c.data, c.o.Recipe)
	}
	_, err := e.Replicate(-1)
	c.refused(err, "replicate -1")
}

func (c *checker) engine(e student.Engine) {
	c.t.Helper()
	name := e.Engine()
	if name == "" {
		c.errorf("is empty")
	}
	after := c.trained(c.s, c.data, c.o.Recipe)
	if a, ok := after.(student.Engine); ok && a.Engine() != name {
		c.errorf("is %q, and %q after training", name, a.Engine())
	}
}

// foreign is a student of another kind.
type foreign struct{}

func (foreign) Train(context.Context, undertone.Data, student.Recipe) (student.Student, error) {
	return foreign{}, nil
}

func (foreign) Digest() undertone.Digest { return undertone.NewHasher("foreign").Sum() }

func (c *checker) batch(b student.BatchTrainer) {
	c.t.Helper()
	later := c.trained(c.s, c.data.Select(half(c.data.Len())), c.o.Recipe)
	if later == nil {
		return
	}
	students := []student.Student{c.s, later, c.s}
	var all []student.Student
	c.unchanged(func() {
		var err error
		all, err = b.TrainAll(c.t.Context(), students, c.data, c.o.Recipe)
		c.ok(err, "students of the receiver's kind")
	})
	if len(all) != len(students) {
		c.errorf("%d students of %d", len(all), len(students))
		return
	}
	for i, s := range students {
		if alone := c.trained(s, c.data, c.o.Recipe); alone != nil && alone.Digest() != all[i].Digest() {
			c.errorf("student %d has the digest %s with others and %s alone", i, all[i].Digest().Short(), alone.Digest().Short())
		}
	}
	_, err := b.TrainAll(c.t.Context(), []student.Student{c.s, foreign{}}, c.data, c.o.Recipe)
	c.refused(err, "a student of another kind")
	c.cancelled(func(ctx context.Context) error {
		_, err := b.TrainAll(ctx, students, c.data, c.o.Recipe)
		return err
	})
}

func (c *checker) render(r student.Renderer) {
	c.t.Helper()
	text, ok := c.data.(undertone.Text)
	if !ok {
		c.errorf("renders rows of text, and the data is a %T", c.data)
		return
	}
	for i := range text.Len() {
		shown, err := r.Render(text.Example(i))
		if !c.ok(err, "a row") {
			return
		}
		if shown == "" {
			c.errorf("row %d is shown as an empty text", i)
		}
	}
}
