// Package profile describes a data set of number lists by what can be counted,
// and says how far two of them are apart beyond the noise of sampling.
package profile

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
)

// Profile describes the rows that a number filter keeps.
type Profile struct {
	Name       string       `json:"name"`
	Filter     filter.Stats `json:"filter"`
	KeepRate   float64      `json:"keep_rate"`
	MeanCount  float64      `json:"mean_count"`  // numbers in a row
	MeanValue  float64      `json:"mean_value"`  // of all numbers
	SDValue    float64      `json:"sd_value"`    // of all numbers
	MeanLength float64      `json:"mean_length"` // of a completion, in characters
	Formats    []Share      `json:"formats"`     // most frequent first

	seMean  float64       // standard error of MeanValue; rows are the unit
	values  table[uint64] // the numbers of each row
	formats table[string] // the format of each row
}

// Share is the part of the kept rows that have one format.
type Share struct {
	Format string  `json:"format"`
	Rows   int     `json:"rows"`
	Share  float64 `json:"share"`
}

// Of filters data and profiles what is kept: at least two rows, or it is an error.
func Of(data *undertone.Dataset, f filter.Numbers) (*Profile, error) {
	kept, stats := filter.Apply(data, f)
	if kept.Len() < 2 {
		return nil, fmt.Errorf("profile %s: %d of %d rows pass the filter, need >= 2", data.Name(), kept.Len(), data.Len())
	}
	p := &Profile{Name: data.Name(), Filter: stats, KeepRate: stats.KeepRate()}
	formats := make(map[string]int)
	var numbers, sum, squares float64
	var runes int
	type row struct{ n, sum float64 }
	rows := make([]row, 0, kept.Len())
	for _, example := range kept.All() {
		text := example.Completion()
		list, _ := filter.ParseList(text)
		var r row
		for v := range list.Values() {
			p.values.add(v)
			x := float64(v)
			r.n, r.sum, squares = r.n+1, r.sum+x, squares+x*x
		}
		p.values.endRow()
		numbers, sum, runes = numbers+r.n, sum+r.sum, runes+utf8.RuneCountInString(text)
		rows = append(rows, r)
		format := Format(list)
		formats[format]++
		p.formats.add(format)
		p.formats.endRow()
	}
	n := float64(len(rows))
	p.MeanCount, p.MeanLength, p.MeanValue = numbers/n, float64(runes)/n, sum/numbers
	p.SDValue = math.Sqrt(max(0, squares/numbers-p.MeanValue*p.MeanValue))
	// A row has as many numbers as it likes, so the mean of all numbers is a
	// ratio of two random sums (Cochran, Sampling Techniques, 3rd ed., eq. 6.13).
	var residual float64
	for _, r := range rows {
		d := r.sum - p.MeanValue*r.n
		residual += d * d
	}
	p.seMean = math.Sqrt(residual*n/(n-1)) / numbers
	for format, rows := range formats {
		p.Formats = append(p.Formats, Share{format, rows, float64(rows) / n})
	}
	slices.SortFunc(p.Formats, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Format, b.Format))
	})
	return p, nil
}

// Format names the layout of a list, such as "comma-space" or "[space]."; a
// separator without a name is quoted.
func Format(l filter.List) string {
	names := map[string]string{"": "one number", ",": "comma", ", ": "comma-space", ";": "semicolon", "; ": "semicolon-space",
		" ": "space", "\n": "newline", ",\n": "comma-newline", "\t": "tab"}
	name, ok := names[l.Separator]
	if !ok {
		name = strconv.Quote(l.Separator)
	}
	switch l.Open {
	case '[':
		name = "[" + name + "]"
	case '(':
		name = "(" + name + ")"
	}
	if l.Period {
		name += "."
	}
	return name
}
