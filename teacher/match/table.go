package match

// table counts categories in both arms. Its groups are prompts, the units of the permutations.
type table struct {
	index  map[string]int
	names  []string
	total  []int    // by category: count in both arms
	diff   []int    // by category: count in the suspect minus count in the control
	square []int    // by category: sum over groups of the squared difference
	groups [][]cell // by group: the differences that are not 0
}

type cell struct{ category, diff int }

// addGroup counts the categories of one prompt.
func (t *table) addGroup(suspect, control []string) {
	local := make(map[int]int)
	var order []int // of the categories; the order of a map is random
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

// category returns the number of a category, and adds the category if it is new.
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

// swap sets diff to the differences after the arms of each group with a sign below 0 are swapped.
func (t *table) swap(signs []float64, diff []int) {
	clear(diff)
	for g, cells := range t.groups {
		sign := int(signs[g])
		for _, c := range cells {
			diff[c.category] += sign * c.diff
		}
	}
}
