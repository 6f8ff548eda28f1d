package profile

import "math"

// table holds for each row the categories that occur in it, with repeats.
type table[K comparable] struct {
	index map[K]int // category -> its number
	names []K       // by number
	total []int     // by number: how often it occurs
	items []int     // category numbers, row after row
	ends  []int     // by row: where its items end
}

func (t *table[K]) add(category K) {
	i, ok := t.index[category]
	if !ok {
		if t.index == nil {
			t.index = make(map[K]int)
		}
		i = len(t.names)
		t.index[category] = i
		t.names, t.total = append(t.names, category), append(t.total, 0)
	}
	t.total[i]++
	t.items = append(t.items, i)
}

func (t *table[K]) endRow() { t.ends = append(t.ends, len(t.items)) }

func (t *table[K]) rows() int { return len(t.ends) }

func (t *table[K]) row(i int) []int {
	start := 0
	if i > 0 {
		start = t.ends[i-1]
	}
	return t.items[start:t.ends[i]]
}

// pooled returns the rows of a, then those of b.
func pooled[K comparable](a, b *table[K]) *table[K] {
	pool := new(table[K])
	for _, t := range []*table[K]{a, b} {
		for i := range t.rows() {
			for _, item := range t.row(i) {
				pool.add(t.names[item])
			}
			pool.endRow()
		}
	}
	return pool
}

// split returns the total variation distance between the categories of the
// given rows and those of all other rows: half the sum of |difference in share|.
func (t *table[K]) split(rows []int) float64 {
	within, n := make([]int, len(t.names)), 0
	for _, r := range rows {
		items := t.row(r)
		n += len(items)
		for _, item := range items {
			within[item]++
		}
	}
	in, out := float64(n), float64(len(t.items)-n)
	var sum float64
	for i, w := range within {
		sum += math.Abs(float64(w)/in - float64(t.total[i]-w)/out)
	}
	return sum / 2
}
