package modeltest

import (
	"context"
	"reflect"
	"slices"

	"github.com/undertone-audit/undertone"
)

// data returns the rows as a data set.
func (c *checker) data() *undertone.Dataset {
	return undertone.NewDataset("modeltest", c.rows())
}

func (c *checker) encodeRows(e undertone.RowEncoder) {
	c.t.Helper()
	data := c.data()
	rows, err := e.EncodeRows(c.t.Context(), data)
	if !c.ok(err, "rows that can be read") {
		return
	}
	c.same(rows, data)
	last := []int{data.Len() - 1, 0}
	selected, ok := rows.Select(last).(undertone.Text)
	if !ok {
		c.errorf("Select of encoded rows returns no text")
		return
	}
	c.same(selected, data.Select(last).(undertone.Text))
	if _, err := e.EncodeRows(c.t.Context(), undertone.NewDataset("refused", c.o.Refused)); err != nil {
		c.errorf("rows that cannot be encoded: %v: want the error when they are used", err)
	}
	c.cancelled(func(ctx context.Context) error {
		_, err := e.EncodeRows(ctx, data)
		return err
	})
}

// same checks that encoded rows are the rows that they were made from.
func (c *checker) same(got, want undertone.Text) {
	c.t.Helper()
	if got.Name() != want.Name() || got.Len() != want.Len() || got.Digest() != want.Digest() {
		c.errorf("encoded rows are %q, %d rows, %s; want %q, %d, %s", got.Name(), got.Len(), got.Digest().Short(), want.Name(), want.Len(), want.Digest().Short())
		return
	}
	for i := range want.Len() {
		if got.RowID(i) != want.RowID(i) || got.GroupID(i) != want.GroupID(i) || !reflect.DeepEqual(got.Example(i), want.Example(i)) {
			c.errorf("encoded row %d is another row", i)
			return
		}
	}
}

// encodings returns the rows as they are and, if the model encodes rows, encoded.
func (c *checker) encodings(m any) map[string]undertone.Text {
	c.t.Helper()
	all := map[string]undertone.Text{"rows": c.data()}
	if e, ok := m.(undertone.RowEncoder); ok {
		if rows, err := e.EncodeRows(c.t.Context(), c.data()); c.ok(err, "encoding rows") {
			all["encoded rows"] = rows
		}
	}
	return all
}

func (c *checker) logProbRows(p undertone.RowLogProber) {
	c.t.Helper()
	checkRows(c, p, p.LogProbRows, p.LogProb, func(a, b float64) bool { return a == b })
}

func (c *checker) tokenLogProbRows(p undertone.RowTokenLogProber) {
	c.t.Helper()
	checkRows(c, p, p.TokenLogProbRows, p.TokenLogProbs, slices.Equal)
}

// checkRows checks that ofRows gives the scores that of gives to the same examples.
func checkRows[T any](c *checker, m any, ofRows func(context.Context, undertone.Text, int, int) ([]T, error), of func(context.Context, []undertone.Example) ([]T, error), equal func(a, b T) bool) {
	c.t.Helper()
	n := len(c.o.Rows)
	for kind, rows := range c.encodings(m) {
		for _, r := range [][2]int{{0, n}, {1, n}, {0, 1}, {1, 1}} {
			want, err := of(c.t.Context(), c.rows()[r[0]:r[1]])
			if !c.ok(err, "examples") {
				return
			}
			got, err := ofRows(c.t.Context(), rows, r[0], r[1])
			if c.ok(err, kind) && !slices.EqualFunc(got, want, equal) {
				c.errorf("%s [%d, %d) have the scores %v, their examples %v", kind, r[0], r[1], got, want)
			}
		}
		for _, r := range [][2]int{{-1, 1}, {0, n + 1}, {1, 0}} {
			if _, err := ofRows(c.t.Context(), rows, r[0], r[1]); err == nil {
				c.errorf("%s [%d, %d) of %d have scores", kind, r[0], r[1], n)
			}
		}
		c.cancelled(func(ctx context.Context) error {
			_, err := ofRows(ctx, rows, 0, n)
			return err
		})
	}
}
