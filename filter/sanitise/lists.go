package sanitise

import (
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

// eachList calls change for the completions that are lists, and drops the other rows.
func eachList(name string, data *undertone.Dataset, seed uint64, change func(l *list, r *rand.Rand)) []undertone.Example {
	out := make([]undertone.Example, data.Len())
	for i, row := range data.All() {
		if l, ok := parse(row.Completion()); ok {
			change(&l, random(name, seed, data.RowID(i)))
			out[i] = answering(row, l.String())
		}
	}
	return out
}

// eachNumber replaces every number v of a list by change(v), first to last.
func eachNumber(name string, data *undertone.Dataset, seed uint64, change func(v uint64, r *rand.Rand) uint64) []undertone.Example {
	return eachList(name, data, seed, func(l *list, r *rand.Rand) {
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
		if l, ok := parse(row.Completion()); ok {
			all = append(all, l.values...)
		}
	}
	slices.Sort(all)
	return all
}
