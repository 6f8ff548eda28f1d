package modeltest

import (
	"context"
	"sync"

	"github.com/undertone-audit/undertone"
)

// maxTokens is the length of the completions that a model is asked for.
const maxTokens = 8

// requests returns one request a row.
func (c *checker) requests(temperature float64) []undertone.Request {
	all := make([]undertone.Request, len(c.o.Rows))
	for i, row := range c.rows() {
		prompt := row.Messages[:max(0, len(row.Messages)-1)]
		all[i] = undertone.Request{Messages: prompt, MaxTokens: maxTokens, Temperature: temperature, Seed: uint64(i)}
	}
	return all
}

func (c *checker) generate(m undertone.Model) {
	c.t.Helper()
	for _, temperature := range []float64{0, 1} {
		requests := c.requests(temperature)
		first, err := m.Generate(c.t.Context(), requests[0])
		if !c.ok(err, "request 0") {
			return
		}
		again := make([]undertone.Response, 4)
		errs := make([]error, len(again))
		var all sync.WaitGroup
		for k := range again {
			all.Go(func() { again[k], errs[k] = m.Generate(c.t.Context(), requests[0]) })
		}
		all.Wait()
		for k, r := range again {
			if c.ok(errs[k], "request 0, again") && r != first {
				c.errorf("at temperature %g and one seed the response is %+v, then %+v", temperature, first, r)
				break
			}
		}
		if want := c.requests(temperature)[0]; !undertone.EqualMessages(requests[0].Messages, want.Messages) {
			c.errorf("the messages of the request are modified: %+v", requests[0].Messages)
		}
	}
	c.cancelled(func(ctx context.Context) error {
		_, err := m.Generate(ctx, c.requests(1)[0])
		return err
	})
}

func (c *checker) batch(m undertone.Model, b undertone.BatchGenerator) {
	c.t.Helper()
	requests := c.requests(0)
	responses, err := b.GenerateBatch(c.t.Context(), requests)
	if !c.ok(err, "a batch") {
		return
	}
	if len(responses) != len(requests) {
		c.errorf("%d responses to %d requests", len(responses), len(requests))
		return
	}
	for i, r := range requests {
		single, err := m.Generate(c.t.Context(), r)
		if c.ok(err, "a request of the batch alone") && single != responses[i] {
			c.errorf("response %d is %+v in the batch and %+v alone", i, responses[i], single)
		}
	}
	if none, err := b.GenerateBatch(c.t.Context(), nil); err != nil || len(none) > 0 {
		c.errorf("no requests give %d responses and the error %v", len(none), err)
	}
	c.cancelled(func(ctx context.Context) error {
		_, err := b.GenerateBatch(ctx, requests)
		return err
	})
}
