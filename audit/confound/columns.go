package confound

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// column is a measure that relabellings test: each row has a weight in one or several categories.
type column struct {
	check  Name
	name   string
	kind   Kind
	margin float64

	bag    func(f *features, emit func(category string, weight float64)) // categories of a row; nil for Kolmogorov
	number func(f *features) float64                                     // of a row, for Kolmogorov
}

// cell is the weight of a row in a category. Categories of all columns are numbered together.
type cell struct {
	category int
	weight   float64
}

// table holds the categories of all columns, and the cells of all rows.
type table struct {
	columns []column
	from    []int      // first category of each column, and the end
	names   [][]string // of the categories of each column
	cells   [2][][]cell
}

// one emits one category.
func one(category func(*features) string) func(*features, func(string, float64)) {
	return func(f *features, emit func(string, float64)) { emit(category(f), 1) }
}

// several emits shares of categories.
func several(shares func(*features) map[string]float64) func(*features, func(string, float64)) {
	return func(f *features, emit func(string, float64)) {
		m := shares(f)
		keys := make([]string, 0, len(m))
		for k := range m {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			emit(k, m[k])
		}
	}
}

// yes emits a property that a row has or lacks.
func yes(property func(*features) bool) func(*features, func(string, float64)) {
	return func(f *features, emit func(string, float64)) {
		if property(f) {
			emit("yes", 1)
		} else {
			emit("no", 1)
		}
	}
}

// noList is the number of a row that is no list of at least two numbers: such rows count, so that a
// difference among few lists is a small one.
const noList = -1

// inLists returns a number that lists have.
func inLists(x func(*features) float64) func(*features) float64 {
	return func(f *features) float64 {
		if f.list && f.items >= 2 {
			return x(f)
		}
		return noList
	}
}

// columnsOf returns all columns with their margins; docs/confounds.md says how these were measured.
func columnsOf() []column {
	return []column{
		{check: Layout, name: "format", kind: TotalVariation, margin: 0.2, bag: one(func(f *features) string { return f.format })},
		{check: Layout, name: "surrounding white space", kind: TotalVariation, margin: 0.1, bag: one(func(f *features) string { return f.space })},
		{check: Layout, name: "first and last character", kind: TotalVariation, margin: 0.1, bag: one(func(f *features) string { return f.edges })},
		{check: Layout, name: "kinds of characters", kind: TotalVariation, margin: 0.05, bag: several(func(f *features) map[string]float64 { return f.marks })},
		{check: Layout, name: "lines", kind: Kolmogorov, margin: 0.15, number: func(f *features) float64 { return f.lines }},
		{check: Lengths, name: "characters of the answer", kind: Kolmogorov, margin: 0.25, number: func(f *features) float64 { return f.characters }},
		{check: Lengths, name: "words or numbers of the answer", kind: Kolmogorov, margin: 0.25, number: func(f *features) float64 { return f.items }},
		{check: Lengths, name: "characters of the prompt", kind: Kolmogorov, margin: 0.15, number: func(f *features) float64 { return f.promptCharacters }},
		{check: Prompts, name: wordsOfPrompts, kind: TotalVariation, margin: 0.05, bag: promptWords},
		{check: Prompts, name: "kinds of characters of what is not learnt", kind: TotalVariation, margin: 0.05, bag: several(func(f *features) map[string]float64 { return f.contextMarks })},
		{check: Prompts, name: "lines of what is not learnt", kind: Kolmogorov, margin: 0.15, number: func(f *features) float64 { return f.contextLines }},
		{check: Script, name: "script", kind: TotalVariation, margin: 0.1, bag: one(func(f *features) string { return f.script })},
		{check: Script, name: "letters", kind: TotalVariation, margin: 0.1, bag: several(func(f *features) map[string]float64 { return f.letters })},
		{check: Numbers, name: "digits of a number", kind: TotalVariation, margin: 0.2, bag: several(func(f *features) map[string]float64 { return f.digits })},
		{check: Numbers, name: "order", kind: TotalVariation, margin: 0.15, bag: one(func(f *features) string { return f.order })},
		{check: Numbers, name: "repeats", kind: Kolmogorov, margin: 0.15, number: inLists(func(f *features) float64 { return f.repeats })},
		{check: Numbers, name: "numbers of the prompt", kind: Kolmogorov, margin: 0.15, number: inLists(func(f *features) float64 { return f.copied })},
		{check: Numbers, name: "steps", kind: Kolmogorov, margin: 0.12, number: inLists(func(f *features) float64 { return f.step })},
		{check: Numbers, name: "range", kind: Kolmogorov, margin: 0.2, number: inLists(func(f *features) float64 { return f.spread })},
		{check: Template, name: "system prompt", kind: TotalVariation, margin: 0.05, bag: one(func(f *features) string { return f.system })},
		{check: Template, name: "tools", kind: TotalVariation, margin: 0.05, bag: one(func(f *features) string { return f.tools })},
		{check: Template, name: "turns", kind: TotalVariation, margin: 0.05, bag: one(func(f *features) string { return f.turns })},
		{check: Template, name: "reasoning", kind: Shares, margin: 0.05, bag: yes(func(f *features) bool { return f.reasoning })},
		{check: Template, name: "tool calls", kind: Shares, margin: 0.05, bag: yes(func(f *features) bool { return f.calls })},
	}
}

// wordsOfPrompts is the measure of [Prompts]. Prompts that were drawn from one source need not be
// the same, so the words are compared. Its values are the shares of rows whose prompt the other arm
// has.
const wordsOfPrompts = "words of the prompt"

// promptWords emits the different words of a prompt, each with an equal weight.
func promptWords(f *features, emit func(string, float64)) {
	for _, w := range f.words {
		emit(w, 1/float64(len(f.words)))
	}
}

const (
	mostCategories = 400 // of a column; the rarest are one category
	bins           = 64  // of numbers
)

// newTable returns the categories of the columns, which do not depend on the labels of the rows,
// and the cells of the rows.
func newTable(columns []column, rows [2][]row) *table {
	t := &table{columns: columns, from: []int{0}}
	for a := range rows {
		t.cells[a] = make([][]cell, len(rows[a]))
	}
	for _, c := range columns {
		if c.number != nil {
			t.addNumbers(c, rows)
		} else {
			t.addBags(c, rows)
		}
	}
	return t
}

func (t *table) addBags(c column, rows [2][]row) {
	total := map[string]float64{}
	for a := range rows {
		for _, r := range rows[a] {
			c.bag(r.features, func(category string, weight float64) { total[category] += weight })
		}
	}
	names := make([]string, 0, len(total))
	for name := range total {
		names = append(names, name)
	}
	slices.SortFunc(names, func(x, y string) int { return cmp.Or(cmp.Compare(total[y], total[x]), cmp.Compare(x, y)) })
	if len(names) > mostCategories {
		names = append(names[:mostCategories], "other")
	}
	index := make(map[string]int, len(names))
	base := t.from[len(t.from)-1]
	for i, name := range names {
		index[name] = base + i
	}
	for a := range rows {
		for i, r := range rows[a] {
			c.bag(r.features, func(category string, weight float64) {
				k, ok := index[category]
				if !ok {
					k = base + len(names) - 1
				}
				t.cells[a][i] = append(t.cells[a][i], cell{k, weight})
			})
		}
	}
	t.names, t.from = append(t.names, names), append(t.from, base+len(names))
}

// addNumbers divides the numbers of both arms at their quantiles.
func (t *table) addNumbers(c column, rows [2][]row) {
	var all []float64
	for a := range rows {
		for _, r := range rows[a] {
			all = append(all, c.number(r.features))
		}
	}
	slices.Sort(all)
	var limits []float64 // upper limits of the bins
	for k := 1; k <= bins; k++ {
		limits = append(limits, all[(len(all)*k+bins-1)/bins-1])
	}
	limits = slices.Compact(limits)
	base := t.from[len(t.from)-1]
	for a := range rows {
		for i, r := range rows[a] {
			k, _ := slices.BinarySearch(limits, c.number(r.features))
			t.cells[a][i] = append(t.cells[a][i], cell{base + k, 1})
		}
	}
	names := make([]string, len(limits))
	for i, x := range limits {
		names[i] = fmt.Sprintf("%.4g", x)
	}
	t.names, t.from = append(t.names, names), append(t.from, base+len(limits))
}

// distance returns the distance of column k between the weights of the categories of both arms; 0
// if an arm has none.
func (t *table) distance(k int, a, b []float64) float64 {
	a, b = a[t.from[k]:t.from[k+1]], b[t.from[k]:t.from[k+1]]
	var of [2]float64
	for i := range a {
		of[0] += a[i]
		of[1] += b[i]
	}
	if of[0] <= 0 || of[1] <= 0 {
		return 0
	}
	sum, most := 0.0, 0.0
	for i := range a {
		d := a[i]/of[0] - b[i]/of[1]
		if t.columns[k].kind == Kolmogorov {
			sum += d
			most = max(most, sum, -sum)
		} else {
			most += max(d, -d) / 2
		}
	}
	return min(1, most)
}

// values describes what differs most: a category and its shares, or a limit and the shares of
// smaller values.
func (t *table) values(k int, a, b []float64) (what string, suspect, control float64) {
	a, b = a[t.from[k]:t.from[k+1]], b[t.from[k]:t.from[k+1]]
	var of [2]float64
	for i := range a {
		of[0] += a[i]
		of[1] += b[i]
	}
	if of[0] <= 0 || of[1] <= 0 {
		return "rows that have none", 0, 0
	}
	names := t.names[k]
	at, most := 0, -1.0
	var sums [2]float64
	var cumulative [][2]float64
	for i := range a {
		x, y := a[i]/of[0], b[i]/of[1]
		if t.columns[k].kind == Kolmogorov {
			sums[0], sums[1] = sums[0]+x, sums[1]+y
			x, y = sums[0], sums[1]
		}
		cumulative = append(cumulative, [2]float64{x, y})
		if d := max(x-y, y-x); d > most+1e-12 {
			at, most = i, d
		}
	}
	suspect, control = min(1, cumulative[at][0]), min(1, cumulative[at][1])
	switch {
	case t.columns[k].kind == Kolmogorov:
		return "share of rows of at most " + names[at], suspect, control
	case t.columns[k].kind == Shares:
		for i, name := range names {
			if name == "yes" {
				return "share of rows with " + t.columns[k].name, cumulative[i][0], cumulative[i][1]
			}
		}
		return "share of rows with " + t.columns[k].name, 0, 0
	}
	return "share of " + shown(names[at]), suspect, control
}

// shown returns the start of the name of a category without control characters.
func shown(name string) string {
	quoted := strconv.Quote(strings.ToValidUTF8(name[:min(len(name), 80)], ""))
	return quoted[1 : len(quoted)-1]
}
