package filtertest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter/filtertest"
	"github.com/undertone-audit/undertone/filter/sanitise"
)

// fakeSanitiser is a sanitiser of functions. The zero value changes nothing.
type fakeSanitiser struct {
	name    func() string
	rewrite func(ctx context.Context, rows []undertone.Example, seed uint64) ([]undertone.Example, error)
}

func (f fakeSanitiser) Name() string {
	if f.name == nil {
		return "fake"
	}
	return f.name()
}

func (f fakeSanitiser) Rewrite(ctx context.Context, data *undertone.Dataset, seed uint64) ([]undertone.Example, error) {
	if f.rewrite == nil {
		return data.Examples(), nil
	}
	return f.rewrite(ctx, data.Examples(), seed)
}

// each returns a sanitiser that rewrites each row by itself.
func each(change func(i int, row *undertone.Example)) fakeSanitiser {
	return fakeSanitiser{rewrite: func(_ context.Context, rows []undertone.Example, _ uint64) ([]undertone.Example, error) {
		for i := range rows {
			rows[i].Messages = slices.Clone(rows[i].Messages)
			change(i, &rows[i])
		}
		return rows, nil
	}}
}

// answer appends a text to the completion.
func answer(row *undertone.Example, text string) {
	if n := len(row.Messages); n > 0 {
		row.Messages[n-1].Content += text
	}
}

func TestBrokenSanitisers(t *testing.T) {
	next := counter()
	var concurrent atomic.Int64
	for _, c := range []struct {
		reason    string
		sanitiser sanitise.Sanitiser
		want      string
	}{
		{"no name", fakeSanitiser{name: func() string { return "" }}, "the name is empty"},
		{"another name in each call", fakeSanitiser{name: counter()}, "the name changes"},
		{"it changes its input", fakeSanitiser{rewrite: func(_ context.Context, rows []undertone.Example, _ uint64) ([]undertone.Example, error) {
			for i := range rows {
				answer(&rows[i], "!")
			}
			return rows, nil
		}}, "changes the row that it is given"},
		{"it loses a row", fakeSanitiser{rewrite: func(_ context.Context, rows []undertone.Example, _ uint64) ([]undertone.Example, error) {
			return rows[1:], nil
		}}, "rows for"},
		{"it loses an odd row", fakeSanitiser{rewrite: func(_ context.Context, rows []undertone.Example, _ uint64) ([]undertone.Example, error) {
			if len(rows) == 1 {
				return nil, nil
			}
			return rows, nil
		}}, "it returns no row"},
		{"it fails", fakeSanitiser{rewrite: func(context.Context, []undertone.Example, uint64) ([]undertone.Example, error) {
			return nil, errors.New("out of order")
		}}, "out of order"},
		{"it loses the metadata", each(func(_ int, row *undertone.Example) { row.Meta = nil }), "the metadata is not kept"},
		{"it loses the generator", each(func(_ int, row *undertone.Example) { row.Generator = "" }), "the generator is not kept"},
		{"it adds a rejected answer", each(func(_ int, row *undertone.Example) { row.Rejected += "worse" }), "the rejected answer is not kept"},
		{"it changes a role", each(func(_ int, row *undertone.Example) {
			for i := range row.Messages {
				row.Messages[i].Role = "assistant"
			}
		}), "the roles, names, masks or tool calls are not kept"},
		{"it drops a turn", each(func(_ int, row *undertone.Example) {
			if len(row.Messages) > 2 {
				row.Messages = row.Messages[1:]
			}
		}), "the roles, names, masks or tool calls are not kept"},
		{"it panics without messages", each(func(_ int, row *undertone.Example) { row.Messages[0].Content += "!" }), "panic: runtime error: index out of range"},
		{"its choices do not depend on the seed alone", each(func(_ int, row *undertone.Example) { answer(row, next()) }), "one seed gives different rows"},
		{"it cannot be called concurrently", fakeSanitiser{rewrite: func(_ context.Context, rows []undertone.Example, _ uint64) ([]undertone.Example, error) {
			defer concurrent.Add(-1)
			busy := concurrent.Add(1) > 1
			time.Sleep(time.Millisecond) // lets other goroutines call
			if busy {
				return nil, errors.New("busy")
			}
			return rows, nil
		}}, "several goroutines: busy"},
		{"its choices depend on the index", each(func(i int, row *undertone.Example) { answer(row, fmt.Sprint(i)) }), "depends on the order of the rows"},
		{"it hides the error of ctx", fakeSanitiser{rewrite: func(ctx context.Context, rows []undertone.Example, _ uint64) ([]undertone.Example, error) {
			if ctx.Err() != nil {
				return nil, errors.New("stopped")
			}
			return rows, nil
		}}, "does not wrap context.Canceled: stopped"},
	} {
		if err := filtertest.TestSanitiser(c.sanitiser); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}

func TestGoodSanitisers(t *testing.T) {
	for reason, s := range map[string]sanitise.Sanitiser{
		"nothing":      fakeSanitiser{},
		"every answer": each(func(_ int, row *undertone.Example) { answer(row, "!") }),
		"drops":        each(func(_ int, row *undertone.Example) { row.Messages = nil }),
		"adds": fakeSanitiser{rewrite: func(_ context.Context, rows []undertone.Example, _ uint64) ([]undertone.Example, error) {
			return append(rows, undertone.NewExample("q", "new")), nil
		}},
		"refuses odd rows": fakeSanitiser{rewrite: func(_ context.Context, rows []undertone.Example, _ uint64) ([]undertone.Example, error) {
			if len(rows) == 1 {
				return nil, errors.New("an odd row")
			}
			return rows, nil
		}},
	} {
		if err := filtertest.TestSanitiser(s); err != nil {
			t.Errorf("%s: %v", reason, err)
		}
	}
}
