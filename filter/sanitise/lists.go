package sanitise

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// list is a parsed completion.
type list struct {
	form   filter.List
	values []uint64
}

// parse parses a completion. ok is false if it is not a list of numbers below 2^64 − 1.
func parse(text string) (l list, ok bool) {
	l.form, ok = filter.ParseList(text)
	if ok {
		l.values = slices.Collect(l.form.Values())
	}
	return l, ok && !slices.Contains(l.values, math.MaxUint64)
}

// String returns the list in its format, without leading zeros.
func (l list) String() string {
	var b strings.Builder
	if l.form.Open != 0 {
		b.WriteByte(l.form.Open)
	}
	for i, v := range l.values {
		if i > 0 {
			b.WriteString(l.form.Separator)
		}
		b.WriteString(strconv.FormatUint(v, 10))
	}
	switch l.form.Open {
	case '[':
		b.WriteByte(']')
	case '(':
		b.WriteByte(')')
	}
	if l.form.Period {
		b.WriteByte('.')
	}
	return b.String()
}

// listsOf returns the pieces of a row and the lists that they are; ok is false if one is no list.
func listsOf(row undertone.Example) (pieces []undertone.Piece, lists []list, ok bool) {
	pieces = row.Pieces()
	for _, p := range pieces {
		l, ok := parse(p.Text)
		if !ok || p.Field == undertone.Call {
			return nil, nil, false
		}
		lists = append(lists, l)
	}
	return pieces, lists, len(lists) > 0
}

// withLists returns row with these lists as its pieces.
func withLists(row undertone.Example, pieces []undertone.Piece, lists []list) undertone.Example {
	texts := make([]string, len(lists))
	for i, l := range lists {
		texts[i] = l.String()
	}
	return setPieces(row, pieces, texts)
}

// eachList calls change for the answers of rows whose answers are all lists, and drops the other
// rows.
func eachList(ctx context.Context, name string, data *undertone.Dataset, seed uint64, change func(l *list, r *rand.Rand)) []undertone.Example {
	out := make([]undertone.Example, data.Len())
	for i, row := range until(ctx, data) {
		pieces, lists, ok := listsOf(row)
		if !ok {
			continue
		}
		r := random(name, seed, data.RowID(i))
		for k := range lists {
			change(&lists[k], r)
		}
		out[i] = withLists(row, pieces, lists)
	}
	return out
}

// eachNumber replaces every number v of a list by change(v), first to last.
func eachNumber(ctx context.Context, name string, data *undertone.Dataset, seed uint64, change func(v uint64, r *rand.Rand) uint64) []undertone.Example {
	return eachList(ctx, name, data, seed, func(l *list, r *rand.Rand) {
		for i, v := range l.values {
			l.values[i] = change(v, r)
		}
	})
}

// Values returns the sorted numbers of all completions that are lists. [Resample] can draw from
// them.
func Values(data *undertone.Dataset) []uint64 {
	var all []uint64
	for _, row := range data.All() {
		if _, lists, ok := listsOf(row); ok {
			for _, l := range lists {
				all = append(all, l.values...)
			}
		}
	}
	slices.Sort(all)
	return all
}
