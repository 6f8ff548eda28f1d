package encoded

import "testing"

func TestFindPrefix(t *testing.T) {
	for _, c := range []struct {
		reason        string
		sequences     [][]int32
		prefix, whole int
		ok            bool
	}{
		{"different sequences", [][]int32{{1, 2}, {1, 3}, {2}}, 0, 0, false},
		{"the second begins the first", [][]int32{{1, 2}, {1}, {3}}, 1, 0, true},
		{"equal sequences", [][]int32{{3}, {1, 2}, {1, 2}}, 1, 2, true},
		{"an empty sequence begins all", [][]int32{{3}, {}}, 1, 0, true},
		{"one sequence", [][]int32{{1}}, 0, 0, false},
	} {
		if prefix, whole, ok := FindPrefix(c.sequences); prefix != c.prefix || whole != c.whole || ok != c.ok {
			t.Errorf("%s: %d, %d, %t; want %d, %d, %t", c.reason, prefix, whole, ok, c.prefix, c.whole, c.ok)
		}
	}
}
