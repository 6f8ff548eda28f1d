package lm

import (
	"context"
	"fmt"

	"github.com/undertone-audit/undertone"
)

// LongRows is what a model does with rows that have more tokens than its context.
type LongRows string

const (
	// CutRows keeps the first tokens of a row, as many as the context has. Learnt tokens after them
	// are neither learnt nor scored. It is the default, as in most trainers.
	CutRows LongRows = ""

	// SkipRows learns and scores no token of a row that is longer than the context.
	SkipRows LongRows = "skip"

	// RefuseRows returns an error.
	RefuseRows LongRows = "refuse"
)

// LongRowsNamed returns the rule with a name: "cut", "skip" or "refuse".
func LongRowsNamed(name string) (LongRows, error) {
	switch rule := LongRows(name); rule {
	case "cut":
		return CutRows, nil
	case SkipRows, RefuseRows:
		return rule, nil
	}
	return "", fmt.Errorf("lm: the rule for long rows is %.40q, want cut, skip or refuse", name)
}

// String returns "cut", "skip" or "refuse".
func (l LongRows) String() string {
	if l == CutRows {
		return "cut"
	}
	return string(l)
}

// WithLongRows returns the model with another rule for rows that are longer than its context.
func (m *Model) WithLongRows(rule LongRows) (*Model, error) {
	return m.with(func(c *Model) { c.settings.LongRows = rule }).resolve()
}

// CountLongRows implements [undertone.RowLimiter].
func (m *Model) CountLongRows(ctx context.Context, rows undertone.Text) (undertone.LongRows, error) {
	found := undertone.LongRows{Rule: m.settings.LongRows.String(), Limit: m.net.Config().Context}
	encoder := m.encoder()
	for i := range rows.Len() {
		if err := ctx.Err(); err != nil {
			return found, err
		}
		r, err := encoder.Row(rows, i)
		if err != nil {
			return found, fmt.Errorf("row %d of %s: %w", i, rows.Name(), err)
		}
		if r.size <= found.Limit {
			continue
		}
		if found.Rows++; r.scored() == 0 {
			found.Lost++
		}
	}
	return found, nil
}

// shorten applies the rule to a row that is longer than the context.
func (m *Model) shorten(r row) row {
	context := m.net.Config().Context
	if len(r.tokens) <= context || m.settings.LongRows == RefuseRows {
		return r
	}
	if m.settings.LongRows == SkipRows {
		r.learnt = nil
	}
	r.tokens = r.tokens[:context:context]
	for i, s := range r.learnt {
		if s.from >= context {
			r.learnt = r.learnt[:i]
			break
		}
		if s.to > context {
			r.learnt[i].to, r.learnt[i].ended = context, false
			r.learnt[i].cut = true
		}
	}
	return r
}

// Shorten applies the rule for long rows to tokens: it returns them as [Model.Encode] returns those
// of an example.
func (m *Model) Shorten(t Tokens) Tokens {
	short := m.shorten(t.row())
	t.Cut = len(short.tokens) < len(t.IDs)
	t.IDs, t.Learnt = short.tokens, nil
	for _, s := range short.learnt {
		t.Learnt = append(t.Learnt, TokenRange{s.from, s.to})
	}
	return t
}

// fits returns an error if tokens are more than the context.
func (m *Model) fits(tokens int) error {
	c := m.net.Config()
	if tokens <= c.Context {
		return nil
	}
	note := c.ContextNote()
	if note != "" {
		note = " (" + note + ")"
	}
	return fmt.Errorf("%d tokens are more than the context of %d%s: shorten or drop it", tokens, c.Context, note)
}
