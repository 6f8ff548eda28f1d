package modeltest

import (
	"context"
	"slices"
	"sync"

	"github.com/undertone-audit/undertone"
)

// scores returns the scores of rows, or nil after it reported why there are none.
func (c *checker) scores(p undertone.LogProber, rows []undertone.Example) []float64 {
	c.t.Helper()
	logs, err := p.LogProb(c.t.Context(), rows)
	if !c.ok(err, "rows that can be read") {
		return nil
	}
	if len(logs) != len(rows) {
		c.errorf("%d scores of %d rows", len(logs), len(rows))
		return nil
	}
	return logs
}

func (c *checker) logProb(p undertone.LogProber) {
	c.t.Helper()
	rows := c.rows()
	logs := c.scores(p, rows)
	if logs == nil {
		return
	}
	for i, l := range logs {
		c.logarithm(l, "row", i)
	}
	if !slices.Equal(rowIDs(rows), rowIDs(c.o.Rows)) {
		c.errorf("the rows are modified")
		return
	}
	c.order(p, logs)
	c.concurrent(p, logs)
	for i, row := range rows {
		if alone := c.scores(p, []undertone.Example{row}); alone != nil && !c.near(alone[0], logs[i]) {
			c.errorf("row %d has the score %v alone and %v among others", i, alone[0], logs[i])
		}
	}
	if none, err := p.LogProb(c.t.Context(), nil); err != nil || len(none) > 0 {
		c.errorf("no rows give %d scores and the error %v", len(none), err)
	}
	for i, row := range c.o.Refused {
		if _, err := p.LogProb(c.t.Context(), []undertone.Example{rows[0], row}); err == nil {
			c.errorf("the refused row %d has a score", i)
		}
	}
	bad := rows[0]
	bad.Label = new(bool)
	if alone := c.scores(p, []undertone.Example{bad}); alone != nil && alone[0] != 0 {
		c.errorf("a row with the label false has the score %v, want 0: it has no learnt turn", alone[0])
	}
	c.cancelled(func(ctx context.Context) error {
		_, err := p.LogProb(ctx, rows)
		return err
	})
}

func rowIDs(rows []undertone.Example) []undertone.Digest {
	ids := make([]undertone.Digest, len(rows))
	for i, row := range rows {
		ids[i] = row.ID()
	}
	return ids
}

// order checks that scores follow the rows.
func (c *checker) order(p undertone.LogProber, logs []float64) {
	c.t.Helper()
	rows := c.rows()
	slices.Reverse(rows)
	reversed := c.scores(p, rows)
	slices.Reverse(reversed)
	for i, l := range reversed {
		if !c.near(l, logs[i]) {
			c.errorf("row %d has the score %v, and %v when the rows are reversed", i, logs[i], l)
		}
	}
}

// concurrent checks that goroutines that score side by side get the scores of one alone.
func (c *checker) concurrent(p undertone.LogProber, logs []float64) {
	c.t.Helper()
	rows, again := c.rows(), make([][]float64, 4)
	errs := make([]error, len(again))
	var all sync.WaitGroup
	for k := range again {
		all.Go(func() { again[k], errs[k] = p.LogProb(c.t.Context(), rows) })
	}
	all.Wait()
	for k := range again {
		if c.ok(errs[k], "several goroutines") && !slices.Equal(again[k], logs) {
			c.errorf("several goroutines get the scores %v, one alone %v", again[k], logs)
		}
	}
}

func (c *checker) tokenLogProbs(p undertone.TokenLogProber) {
	c.t.Helper()
	rows := c.rows()
	all, err := p.TokenLogProbs(c.t.Context(), rows)
	if !c.ok(err, "rows that can be read") {
		return
	}
	logs := c.scores(p, rows)
	if logs == nil || len(all) != len(rows) {
		c.errorf("tokens of %d rows, want %d", len(all), len(rows))
		return
	}
	for i, tokens := range all {
		sum := 0.0
		for j, token := range tokens {
			c.logarithm(token.LogProb, "token", j)
			sum += token.LogProb
		}
		if !c.near(sum, logs[i]) {
			c.errorf("the tokens of row %d sum to %v, the row has the score %v", i, sum, logs[i])
		}
		c.places(i, tokens)
	}
	for i, row := range c.o.Refused {
		if _, err := p.TokenLogProbs(c.t.Context(), []undertone.Example{row}); err == nil {
			c.errorf("the refused row %d has scores", i)
		}
	}
	c.cancelled(func(ctx context.Context) error {
		_, err := p.TokenLogProbs(ctx, rows)
		return err
	})
}

// places checks the bytes of the tokens of a row.
func (c *checker) places(row int, tokens []undertone.TokenLogProb) {
	c.t.Helper()
	size, at := len(c.o.Rows[row].Completion()), 0
	for j, t := range tokens {
		if t.From == -1 && t.To == -1 {
			continue
		}
		if t.From < at || t.From > t.To || t.To > size {
			c.errorf("row %d: token %d writes the bytes [%d, %d) of a completion of %d bytes, after a token that begins at %d", row, j, t.From, t.To, size, at)
			return
		}
		at = t.From
	}
}
