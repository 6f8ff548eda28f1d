package corpus

import (
	"fmt"
	"math"
	"testing"
)

// matrix returns a design matrix of rows of the given prompts, contents and clusters. The first
// half is the suspect arm.
func matrix(prompts, contents string, clusters []uint64) *designMatrix {
	m := &designMatrix{folds: 2}
	for i := range len(prompts) {
		m.add(contents[i:i+1], digests(contents[i : i+1])[0], digests(prompts[i : i+1])[0], clusters[i], i < len(prompts)/2, 1, 100)
	}
	m.connect()
	return m
}

// describe returns the rows of the units of blocks. Suspect units have a star.
func describe(blocks []block) string {
	text := ""
	for _, b := range blocks {
		text += "["
		for _, u := range b {
			text += fmt.Sprint(u.rows)
			if u.suspect {
				text += "*"
			}
		}
		text += "]"
	}
	return text
}

func TestBlocks(t *testing.T) {
	for _, c := range []struct {
		reason            string
		prompts, contents string
		clusters          []uint64
		matched           bool
		want              string
		paired            bool
	}{
		{"a row of each arm for each prompt", "pqpq", "abcd", []uint64{1, 2, 3, 4}, true, "[[0]*[2]][[1]*[3]]", true},
		{"copies move together, within their arm", "ppqppq", "aabcac", []uint64{1, 1, 2, 3, 1, 4}, true, "[[0 1]*[3][4]][[2]*[5]]", true},
		{"a prompt of one arm has no block", "pqpr", "abcd", []uint64{1, 2, 3, 4}, true, "[[0]*[2]]", true},
		{"conversations with the same prompts", "pqpq", "abcd", []uint64{1, 1, 2, 2}, true, "[[0 1]*[2 3]]", true},
		{"conversations with other prompts", "pqrprq", "abcdef", []uint64{1, 1, 2, 3, 3, 4}, true, "[[0 1]*[2]*[3 4][5]]", false},
		{"arms without a shared prompt: prompts move together", "ppqrss", "abcdef", []uint64{1, 2, 3, 4, 5, 6}, false, "[[0 1]*[2]*[3][4 5]]", false},
	} {
		m := matrix(c.prompts, c.contents, c.clusters)
		rows := make([]int, len(c.prompts))
		for i := range rows {
			rows[i] = i
		}
		blocks, paired := m.blocks(rows, c.matched)
		if got := describe(blocks); got != c.want || paired != c.paired {
			t.Errorf("%s: %s, paired %v; want %s, %v", c.reason, got, paired, c.want, c.paired)
		}
	}
}

func TestRelabellings(t *testing.T) {
	two := block{{suspect: true}, {}}
	four := block{{suspect: true}, {suspect: true}, {}, {}}
	if got := math.Exp2(relabellings([]block{two, four, two})); math.Abs(got-24) > 1e-9 {
		t.Errorf("%v relabellings, want 2 × 6 × 2", got)
	}
}

// Parts hold all units once, in equal parts, whatever the order of the rows; what exceeds maxParts
// is left out.
func TestParts(t *testing.T) {
	for _, c := range []struct{ units, parts, contrasts int }{
		{10, 1, 9}, {maxContrasts, 1, maxContrasts - 1}, {2 * maxContrasts, 2, 2*maxContrasts - 2}, {9 * maxContrasts, maxParts, maxParts * (maxContrasts - 1)},
	} {
		m := &designMatrix{}
		var b block
		for i := range c.units {
			m.add(fmt.Sprint(i), digests("row")[0], digests("prompt")[0], uint64(i), i%2 == 0, 1, 100)
			b = append(b, unit{[]int{i}, i%2 == 0})
		}
		parts := m.parts([]block{b})
		seen, contrasts := map[int]bool{}, 0
		for _, blocks := range parts {
			for _, b := range blocks {
				contrasts += len(b) - 1
				for _, u := range b {
					seen[u.rows[0]] = true
				}
			}
		}
		if len(parts) != c.parts || contrasts != c.contrasts || len(seen) != c.contrasts+len(parts) {
			t.Errorf("%d units: %d parts, %d contrasts of %d units; want %d and %d", c.units, len(parts), contrasts, len(seen), c.parts, c.contrasts)
		}
	}
}
