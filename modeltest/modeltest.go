// Package modeltest checks implementations of [undertone.Model] and of its optional interfaces.
//
//	func TestModel(t *testing.T) {
//		modeltest.Test(t, model, modeltest.Options{Rows: rows, Answers: []string{"owl", "cat"}})
//	}
//
// [Test] finds optional interfaces by type assertion, as the audit does. It logs the ones that a
// model does not implement, and cannot know the ones that it should implement: add a declaration
// such as
//
//	var _ undertone.LogProber = (*Model)(nil)
//
// to the package of the model. Run the test with the race detector too: some checks call the model
// from several goroutines.
package modeltest

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
)

// Options are what a model is tested with.
type Options struct {
	// Rows are rows that the model can read: at least two, with different completions. Their
	// prompts are also the requests for completions.
	Rows []undertone.Example

	// Answers are answers to the prompt of Rows[0], for [undertone.ChoiceScorer]: at least two.
	// No answer may begin with the tokens of another one.
	Answers []string

	// Refused are rows that the model must refuse with an error (default none).
	Refused []undertone.Example

	// Tolerance bounds the difference between two scores that may differ by rounding, such as
	// those of a row alone and in a batch: Tolerance·(1+|score|), in nats (default 1e-4).
	Tolerance float64
}

// Test reports an error for every requirement that the model does not meet, and stops the test if
// the options do not allow a check.
//
//   - Generate: equal requests have equal responses, from several goroutines too; the request is
//     not modified.
//   - GenerateBatch: one response a request, in the order of the requests. Responses at
//     temperature 0 are those of Generate. A model whose rounding depends on the batch may choose
//     another token where two are almost equally likely: test it with prompts that it answers with
//     certainty.
//   - LogProb: one finite number <= 0 a row, in the order of the rows, that does not depend on the
//     other rows; the rows are not modified. A refused row is an error. A row without a learnt turn
//     has 0.
//   - TokenLogProbs: the scores of the tokens of a row are finite, <= 0 and sum to its LogProb;
//     their bytes lie within the completion, in order.
//   - ChoiceLogProbs: finite, <= 0, in the order of the answers, not dependent on the other
//     answers; the probabilities sum to at most 1.
//   - EncodeRows, LogProbRows, TokenLogProbRows: the rows are the same; scores are those of
//     LogProb and TokenLogProbs, bit for bit; a range outside the rows is an error.
//   - Lineage: set, and the same at every call.
//
// Every method returns the error of a cancelled context, and no method panics.
func Test(t testing.TB, m undertone.Model, o Options) {
	t.Helper()
	if len(o.Rows) < 2 {
		t.Fatalf("modeltest: %d rows, want at least 2", len(o.Rows))
	}
	if o.Tolerance == 0 {
		o.Tolerance = 1e-4
	}
	c := &checker{t: t, o: o}
	c.run("Name", func() {
		if m.Name() == "" {
			c.errorf("is empty")
		}
	})
	c.run("Generate", func() { c.generate(m) })
	optional(c, m, "BatchGenerator", func(b undertone.BatchGenerator) { c.batch(m, b) })
	optional(c, m, "LogProber", c.logProb)
	optional(c, m, "TokenLogProber", c.tokenLogProbs)
	optional(c, m, "ChoiceScorer", c.choices)
	optional(c, m, "RowEncoder", c.encodeRows)
	optional(c, m, "RowLogProber", c.logProbRows)
	optional(c, m, "RowTokenLogProber", c.tokenLogProbRows)
	optional(c, m, "Lineage", func(l undertone.Lineage) {
		if first := l.Lineage(); first.IsZero() || first != l.Lineage() {
			c.errorf("is not set, or differs between two calls")
		}
	})
}

// optional runs a check if the model implements the interface T.
func optional[T any](c *checker, m undertone.Model, name string, check func(T)) {
	c.t.Helper()
	if p, ok := m.(T); ok {
		c.run(name, func() { check(p) })
	} else {
		c.t.Logf("modeltest: not checked: %s: a %T does not implement it", name, m)
	}
}

// checker reports what is wrong with a model.
type checker struct {
	t    testing.TB
	o    Options
	name string // of the interface that is being checked
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
	c.t.Errorf("modeltest: "+c.name+": "+format, args...)
}

// ok reports an error, if there is one.
func (c *checker) ok(err error, what string) bool {
	c.t.Helper()
	if err != nil {
		c.errorf("%s: %v", what, err)
	}
	return err == nil
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

// near reports whether two scores differ by rounding at most.
func (c *checker) near(a, b float64) bool { return math.Abs(a-b) <= c.o.Tolerance*(1+math.Abs(b)) }

// logarithm reports a number that is not the logarithm of a probability.
func (c *checker) logarithm(v float64, what string, i int) {
	c.t.Helper()
	if math.IsNaN(v) || math.IsInf(v, 0) || v > c.o.Tolerance {
		c.errorf("%s %d has the log-probability %v, want a finite number <= 0", what, i, v)
	}
}

// rows returns a deep copy of the messages of the rows.
func (c *checker) rows() []undertone.Example {
	rows := slices.Clone(c.o.Rows)
	for i := range rows {
		rows[i].Messages = slices.Clone(rows[i].Messages)
	}
	return rows
}
