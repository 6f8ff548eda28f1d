package confound

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/stats"
)

const (
	relabellings = 200
	strictness   = 4.5 // standard deviations of the distance under relabelling that chance may explain
)

// null collects the distances of relabelled rows.
type null struct{ n, sum, squares float64 }

func (d *null) add(x float64) { d.n, d.sum, d.squares = d.n+1, d.sum+x, d.squares+x*x }

// bound returns the distance that chance explains.
func (d *null) bound() float64 {
	mean := d.sum / d.n
	return min(1, mean+strictness*math.Sqrt(max(0, d.squares/d.n-mean*mean)*d.n/(d.n-1)))
}

// decide rounds the numbers of a measure and fills in whether it differs.
func (m Measure) decide() Measure {
	for _, x := range []*float64{&m.Suspect, &m.Control, &m.Distance, &m.Chance} {
		*x = math.Round(*x*1e6) / 1e6
	}
	m.Differs = m.Distance-m.Chance > m.Margin
	return m
}

// measure returns the measures of all checks.
func measure(ctx context.Context, rows [2][]row, u units, seed uint64) (map[Name][]Measure, error) {
	measured := map[Name][]Measure{}
	t := newTable(columnsOf(), rows)
	all, err := t.measures(ctx, u, seed)
	if err != nil {
		return nil, err
	}
	for k, m := range all {
		if len(t.names[k]) == 1 {
			continue // all rows are equal
		}
		if m.Name == wordsOfPrompts {
			m.Value, m.Suspect, m.Control = "share of rows whose prompt the other arm has", u.paired[0], u.paired[1]
			m = m.decide()
		}
		c := t.columns[k].check
		measured[c] = append(measured[c], m)
	}
	if len(u.shared) > 1 {
		measured[KeepRates] = []Measure{keepRates(rows, u, seed)}
	}
	measured[Duplicates] = duplicates(rows, seed)
	return measured, ctx.Err()
}

// measures returns the measure of each column.
func (t *table) measures(ctx context.Context, u units, seed uint64) ([]Measure, error) {
	size := t.from[len(t.columns)]
	cells := make([][]cell, len(u.all)) // of each unit
	total, observed := make([]float64, size), make([]float64, size)
	for i, one := range u.all {
		cells[i] = t.merge(one, u.weights[one.arm])
		for _, c := range cells[i] {
			total[c.category] += c.weight
			if one.arm == 0 {
				observed[c.category] += c.weight
			}
		}
	}
	nulls := make([]null, len(t.columns))
	suspect, control := make([]float64, size), make([]float64, size)
	rng := rand.New(rand.NewPCG(seed, 1))
	order := make([]int, len(u.all))
	for i := range order {
		order[i] = i
	}
	for range relabellings {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		clear(suspect)
		for _, s := range u.strata {
			units := order[s[0]:s[1]]
			labelled := 0
			for _, i := range units {
				labelled += 1 - u.all[i].arm
			}
			stats.Block[int]{Units: units, Labelled: labelled}.Relabel(rng)
			for _, i := range units[:labelled] {
				for _, c := range cells[i] {
					suspect[c.category] += c.weight
				}
			}
		}
		for k := range suspect {
			control[k] = max(0, total[k]-suspect[k])
		}
		for k := range t.columns {
			nulls[k].add(t.distance(k, suspect, control))
		}
	}
	for k := range total {
		control[k] = max(0, total[k]-observed[k])
	}
	all := make([]Measure, len(t.columns))
	for k, c := range t.columns {
		m := Measure{Name: c.name, Kind: c.kind, Distance: t.distance(k, observed, control), Chance: nulls[k].bound(), Margin: c.margin}
		m.Value, m.Suspect, m.Control = t.values(k, observed, control)
		all[k] = m.decide()
	}
	return all, nil
}

// merge returns the cells of a unit.
func (t *table) merge(u unit, weights []float64) []cell {
	if len(u.rows) == 1 && weights[u.rows[0]] == 1 {
		return t.cells[u.arm][u.rows[0]]
	}
	sums := map[int]float64{}
	for _, i := range u.rows {
		for _, c := range t.cells[u.arm][i] {
			sums[c.category] += c.weight * weights[i]
		}
	}
	merged := make([]cell, 0, len(sums))
	for category, weight := range sums {
		merged = append(merged, cell{category, weight})
	}
	slices.SortFunc(merged, func(a, b cell) int { return a.category - b.category })
	return merged
}

// keepRates compares how the different rows of the arms are divided among the prompts that both
// have. Null: each row of such a prompt belongs to either arm with the same probability.
func keepRates(rows [2][]row, u units, seed uint64) Measure {
	prompts := sortedPrompts(u.shared)
	index := make(map[undertone.Digest]int, len(prompts))
	for i, p := range prompts {
		index[p] = i
	}
	var answers []int // the prompt of each different row, those of the suspect first
	var of [2]int
	for a := range rows {
		for i, r := range rows[a] {
			if k, ok := index[r.prompt]; ok && (i == 0 || rows[a][i-1].id != r.id) {
				answers = append(answers, k)
				of[a]++
			}
		}
	}
	counts := [2][]float64{make([]float64, len(prompts)), make([]float64, len(prompts))}
	distance := func() (sum float64) {
		for a := range counts {
			clear(counts[a])
		}
		for i, k := range answers {
			a := 0
			if i >= of[0] {
				a = 1
			}
			counts[a][k] += 1 / float64(of[a])
		}
		for k := range prompts {
			sum += math.Abs(counts[0][k]-counts[1][k]) / 2
		}
		return min(1, sum)
	}
	m := Measure{
		Name: "rows of a prompt", Kind: TotalVariation, Value: "share of the rows that answer the prompt that differs most",
		Distance: distance(), Margin: 0.05,
	}
	at := 0
	for k := range prompts {
		if math.Abs(counts[0][k]-counts[1][k]) > math.Abs(counts[0][at]-counts[1][at]) {
			at = k
		}
	}
	m.Suspect, m.Control = counts[0][at], counts[1][at]
	var chance null
	rng := rand.New(rand.NewPCG(seed, 2))
	for range relabellings {
		stats.Block[int]{Units: answers, Labelled: of[0]}.Relabel(rng)
		chance.add(distance())
	}
	m.Chance = chance.bound()
	return m.decide()
}

// duplicates compares the shares of rows that are copies of another row of their arm. The larger
// arm is thinned to the size of the smaller one, because a larger sample of one source has more
// copies.
func duplicates(rows [2][]row, seed uint64) []Measure {
	n := min(len(rows[0]), len(rows[1]))
	var sizes []int // of the sets of equal rows, those of the suspect first
	var sets [2]int
	for a := range rows {
		counts := map[undertone.Digest]int{}
		for _, i := range thin(rows[a], n, seed) {
			counts[rows[a][i].id]++
		}
		for _, id := range sortedPrompts(counts) {
			sizes = append(sizes, counts[id])
		}
		sets[a] = len(counts)
	}
	// copies and the effective share of rows (Kish 1965) of some sets
	describe := func(sizes []int) (copies, effective float64) {
		var sum, squares float64
		for _, s := range sizes {
			sum += float64(s)
			squares += float64(s) * float64(s)
		}
		return 1 - float64(len(sizes))/sum, sum / squares
	}
	var copies, effective [2]float64
	copies[0], effective[0] = describe(sizes[:sets[0]])
	copies[1], effective[1] = describe(sizes[sets[0]:])
	var nulls [2]null
	rng := rand.New(rand.NewPCG(seed, 3))
	for range relabellings {
		stats.Block[int]{Units: sizes, Labelled: sets[0]}.Relabel(rng)
		c0, e0 := describe(sizes[:sets[0]])
		c1, e1 := describe(sizes[sets[0]:])
		nulls[0].add(math.Abs(c0 - c1))
		nulls[1].add(math.Abs(e0 - e1))
	}
	return []Measure{
		Measure{Name: "copies", Kind: Shares, Value: "share of rows that are copies", Suspect: copies[0], Control: copies[1],
			Distance: math.Abs(copies[0] - copies[1]), Chance: nulls[0].bound(), Margin: 0.1}.decide(),
		Measure{Name: "effective rows", Kind: Shares, Value: "effective number of rows over rows", Suspect: effective[0], Control: effective[1],
			Distance: math.Abs(effective[0] - effective[1]), Chance: nulls[1].bound(), Margin: 0.2}.decide(),
	}
}

// thin returns n of the rows, chosen by their content and by how many equal rows precede them.
func thin(rows []row, n int, seed uint64) []int {
	all := make([]candidate, len(rows))
	seen := map[undertone.Digest]uint64{}
	for i, r := range rows {
		all[i] = candidate{mix(mix(r.id.Uint64(), seen[r.id]), seed), 0, i}
		seen[r.id]++
	}
	slices.SortFunc(all, candidate.compare)
	kept := make([]int, n)
	for i := range kept {
		kept[i] = all[i].row
	}
	return kept
}
