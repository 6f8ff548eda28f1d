package match

import "math/rand/v2"

// table counts categories in both arms. Its groups are prompts: what the arms exchange
// under the null hypothesis.
type table struct {
	index  map[string]int
	names  []string
	total  []int    // by category: in both arms
	diff   []int    // by category: in the suspect less in the control
	square []int    // by category: sum over groups of the squared difference
	groups [][]cell // differences that are not 0, by category
}

type cell struct{ category, diff int }

// addGroup counts the categories of one prompt.
func (t *table) addGroup(suspect, control []string) {
	local := make(map[int]int)
	var order []int // of the categories, so that nothing depends on the map
	for k, arm := range [][]string{suspect, control} {
		for _, name := range arm {
			c := t.category(name)
			if _, ok := local[c]; !ok {
				order = append(order, c)
			}
			local[c] += 1 - 2*k
			t.total[c]++
		}
	}
	var cells []cell
	for _, c := range order {
		if d := local[c]; d != 0 {
			t.diff[c] += d
			t.square[c] += d * d
			cells = append(cells, cell{c, d})
		}
	}
	t.groups = append(t.groups, cells)
}

func (t *table) category(name string) int {
	c, ok := t.index[name]
	if !ok {
		if t.index == nil {
			t.index = make(map[string]int)
		}
		c = len(t.names)
		t.index[name] = c
		t.names = append(t.names, name)
		t.total, t.diff, t.square = append(t.total, 0), append(t.diff, 0), append(t.square, 0)
	}
	return c
}

// exchange sets diff to what it is after the arms of each group change places with chance ½.
func (t *table) exchange(rng *rand.Rand, diff []int) {
	clear(diff)
	var coins uint64
	for g, cells := range t.groups {
		if g%64 == 0 {
			coins = rng.Uint64()
		}
		sign := 1 - 2*int(coins>>(g%64)&1)
		for _, c := range cells {
			diff[c.category] += sign * c.diff
		}
	}
}
