// Package studenttest checks implementations of [student.Student] and of its optional interfaces.
//
//	func TestStudent(t *testing.T) {
//		studenttest.Test(t, base, rows, studenttest.Options{})
//	}
//
// [Test] finds optional interfaces by type assertion, as the audit does. It logs the ones that a
// student does not implement, and cannot know the ones that it should implement: add a declaration
// such as
//
//	var _ student.Ensemble = (*Student)(nil)
//
// to the package of the student. Run the test with the race detector too: some checks call the
// student from several goroutines. Package modeltest checks that a student is a good model.
package studenttest

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// Options are how a student is tested.
type Options struct {
	// Recipe is for all trainings (default the zero recipe, with a batch of a quarter of the rows).
	// It should train in much less than a second: Test trains about 15 students.
	Recipe student.Recipe

	// OrderFree says that the weights do not depend on the order of the rows: another seed may
	// give the same weights.
	OrderFree bool
}

// Test reports an error for every requirement that the student does not meet, and stops the test if
// the data does not allow a check. data is at least 8 rows that the student can learn from.
//
//   - Train: the receiver does not change; the same receiver, data and recipe give the same digest,
//     from several goroutines too; training changes the digest, and another seed or other rows give
//     another one. Data of an unknown kind, data without rows and a recipe that is out of range are
//     errors. Train stops soon after its context is done, with the context's error. The trained
//     student implements the optional interfaces of the receiver and has its lineage.
//   - Ensemble: replicates have different digests, one replicate always the same; replicate −1 is
//     an error.
//   - Engine: not empty, and the same after training.
//   - BatchTrainer: the students have the digests that Train gives them; a foreign student is an
//     error.
//   - GradientStepper: the receiver does not change; a step of 0 leaves the likelihoods as they
//     are; the norm is finite and positive; to first order the mean log-likelihood rises by
//     step·norm. Data without rows is an error.
//   - Preconditioner: the same; with power 0 the norm is the plain norm over √(1+damping). A metric
//     that is out of range is an error.
//   - Differentiable: the receiver does not change; a change of 0 leaves the likelihoods as they
//     are; along the gradient the mean log-likelihood rises by its squared length; the gradient of
//     a group is the mean of those of its parts. A change of another shape, a row that is not there
//     and data of an unknown kind are errors, and so is an error of the caller's function.
//   - Renderer: text for every row.
//
// No method panics. Checks of likelihoods need rows of text and an [undertone.LogProber].
func Test(t testing.TB, s student.Student, data undertone.Data, o Options) {
	t.Helper()
	if data.Len() < 8 {
		t.Fatalf("studenttest: %d rows, want at least 8", data.Len())
	}
	if o.Recipe.BatchSize == 0 {
		o.Recipe.BatchSize = data.Len() / 4
	}
	c := &checker{t: t, s: s, data: data, o: o}
	c.run("Digest", func() {
		if d := s.Digest(); d.IsZero() || d != s.Digest() {
			c.errorf("is not set, or differs between two calls")
		}
	})
	c.run("Train", c.train)
	c.run("Train", c.refuse)
	c.run("Train", c.stop)
	optional(c, "Ensemble", c.ensemble)
	optional(c, "Engine", c.engine)
	optional(c, "BatchTrainer", c.batch)
	optional(c, "GradientStepper", c.gradientStep)
	optional(c, "Preconditioner", c.precondition)
	optional(c, "Differentiable", c.differentiable)
	optional(c, "Renderer", c.render)
}

// optional runs a check if the student implements the interface T.
func optional[T any](c *checker, name string, check func(T)) {
	c.t.Helper()
	if p, ok := c.s.(T); ok {
		c.run(name, func() { check(p) })
	} else {
		c.t.Logf("studenttest: not checked: %s: a %T does not implement it", name, c.s)
	}
}

// checker reports what is wrong with a student.
type checker struct {
	t    testing.TB
	s    student.Student
	data undertone.Data
	o    Options
	name string // of what is being checked
}

// run runs a check; a panic is an error.
func (c *checker) run(name string, check func()) {
	c.t.Helper()
	c.name = name
	defer func() {
		if r := recover(); r != nil {
			c.errorf("panics: %v", r)
		}
	}()
	check()
}

func (c *checker) errorf(format string, args ...any) {
	c.t.Helper()
	c.t.Errorf("studenttest: "+c.name+": "+format, args...)
}

// ok reports an error, if there is one.
func (c *checker) ok(err error, what string) bool {
	c.t.Helper()
	if err != nil {
		c.errorf("%s: %v", what, err)
	}
	return err == nil
}

// trained returns a student trained on data, or nil after it reported why there is none.
func (c *checker) trained(s student.Student, data undertone.Data, recipe student.Recipe) student.Student {
	c.t.Helper()
	after, err := s.Train(c.t.Context(), data, recipe)
	if !c.ok(err, "data to learn from") {
		return nil
	}
	if after == nil {
		c.errorf("returns no student and no error")
	}
	return after
}

// cancelled checks that call returns the error of a context that is done.
func (c *checker) cancelled(call func(context.Context) error) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(c.t.Context())
	cancel()
	if err := call(ctx); !errors.Is(err, context.Canceled) {
		c.errorf("a cancelled context gives the error %v, want %v", err, context.Canceled)
	}
}

// refused checks that err is an error.
func (c *checker) refused(err error, what string) {
	c.t.Helper()
	if err == nil {
		c.errorf("%s: no error", what)
	}
}

// unchanged runs f and checks that neither the digest nor the likelihoods of the student change.
func (c *checker) unchanged(f func()) {
	c.t.Helper()
	digest, logs := c.s.Digest(), c.likelihoods(c.s)
	f()
	after := c.likelihoods(c.s)
	for i := range logs {
		if len(after) != len(logs) || after[i] != logs[i] {
			c.errorf("the receiver changes: the log-likelihood of row %d is %v, then %v", i, logs[i], after[i])
			return
		}
	}
	if c.s.Digest() != digest {
		c.errorf("the receiver changes: its digest is %s, then %s", digest.Short(), c.s.Digest().Short())
	}
}

// likelihoods returns the log-likelihoods of the rows, in nats, or nil if the student gives none.
func (c *checker) likelihoods(s student.Student) []float64 {
	c.t.Helper()
	p, ok := s.(undertone.LogProber)
	text, isText := c.data.(undertone.Text)
	if !ok || !isText {
		return nil
	}
	examples := make([]undertone.Example, text.Len())
	for i := range examples {
		examples[i] = text.Example(i)
	}
	logs, err := p.LogProb(c.t.Context(), examples)
	if !c.ok(err, "scores of the rows") {
		return nil
	}
	return logs
}

// mean returns the mean of the log-likelihoods, or NaN if there are none.
func mean(logs []float64) float64 {
	sum := math.NaN()
	for i, l := range logs {
		if i == 0 {
			sum = 0
		}
		sum += l / float64(len(logs))
	}
	return sum
}
