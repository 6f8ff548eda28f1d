package corpus

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
)

// unit is what changes its arm as a whole: the rows of one cluster in one arm.
type unit struct {
	rows    []int
	suspect bool
}

// block is a list of units whose arms are exchangeable under the null.
type block []unit

// suspects returns the number of suspect units.
func (b block) suspects() (n int) {
	for _, u := range b {
		n += btoi(u.suspect)
	}
	return n
}

// bothArms returns the blocks that have units of both arms. No relabelling changes the other
// blocks.
func bothArms(blocks []block) []block {
	return slices.DeleteFunc(blocks, func(b block) bool { n := b.suspects(); return n == 0 || n == len(b) })
}

// unitsOf returns the units of all blocks, block by block.
func unitsOf(blocks []block) []unit { return slices.Concat(blocks...) }

// relabellings returns the binary logarithm of the number of ways in which arms can be assigned to
// the units of blocks, with the observed number of suspect units in each block.
func relabellings(blocks []block) float64 {
	log := func(n int) float64 { l, _ := math.Lgamma(float64(n) + 1); return l / math.Ln2 }
	sum := 0.0
	for _, b := range blocks {
		n, k := len(b), b.suspects()
		sum += log(n) - log(k) - log(n-k)
	}
	return sum
}

// blocks groups the given rows into units, and the units into blocks. A unit is the rows of one
// cluster and one arm. paired says that the units of a block have the same prompts.
//
// If the arms are matched, units with the same prompts are a block. If these blocks hold less than
// half of the rows, because clusters span several prompts, all units are one block. If the arms are
// not matched, the rows of one prompt are in one unit, too, and all units are one block.
func (m *designMatrix) blocks(rows []int, matched bool) (blocks []block, paired bool) {
	units := m.units(rows, !matched)
	if matched {
		blocks = bothArms(m.blocksByPrompts(units))
		n := 0
		for _, u := range unitsOf(blocks) {
			n += len(u.rows)
		}
		if 2*n >= len(rows) {
			return blocks, true
		}
	}
	return bothArms([]block{units}), false
}

// blocksByPrompts makes a block of the units with the same prompts.
func (m *designMatrix) blocksByPrompts(units []unit) []block {
	index := map[undertone.Digest]int{}
	var blocks []block
	for _, u := range units {
		prompts := m.promptSet(u)
		at, ok := index[prompts]
		if !ok {
			at = len(blocks)
			index[prompts] = at
			blocks = append(blocks, nil)
		}
		blocks[at] = append(blocks[at], u)
	}
	return blocks
}

// promptSet identifies the set of prompts of a unit.
func (m *designMatrix) promptSet(u unit) undertone.Digest {
	prompts := make([]undertone.Digest, len(u.rows))
	for at, i := range u.rows {
		prompts[at] = m.prompt[i]
	}
	slices.SortFunc(prompts, func(a, b undertone.Digest) int { return bytes.Compare(a[:], b[:]) })
	prompts = slices.Compact(prompts)
	if len(prompts) == 1 {
		return prompts[0]
	}
	h := undertone.NewHasher("prompts")
	for _, p := range prompts {
		h.Digest(p)
	}
	return h.Sum()
}

// units groups rows that are linked by their arm and cluster, or, if byPrompt is set, by their arm
// and prompt. Units are in the order of their first rows.
func (m *designMatrix) units(rows []int, byPrompt bool) []unit {
	type link struct {
		suspect, prompt bool
		of              uint64
	}
	parent, first := make([]int, len(rows)), map[link]int{}
	for at := range parent {
		parent[at] = at
	}
	join := func(at int, l link) {
		if j, ok := first[l]; ok {
			parent[root(parent, at)] = root(parent, j)
		} else {
			first[l] = at
		}
	}
	for at, i := range rows {
		join(at, link{m.suspect[i], false, m.cluster[i]})
		if byPrompt {
			join(at, link{m.suspect[i], true, m.prompt[i].Uint64()})
		}
	}
	var units []unit
	number := map[int]int{}
	for at, i := range rows {
		r := root(parent, at)
		n, ok := number[r]
		if !ok {
			n = len(units)
			number[r] = n
			units = append(units, unit{suspect: m.suspect[i]})
		}
		units[n].rows = append(units[n].rows, i)
	}
	return units
}

// informative returns the blocks without those in which all rows have the same text: no relabelling
// of these changes a feature.
func (m *designMatrix) informative(blocks []block) []block {
	return slices.DeleteFunc(slices.Clone(blocks), func(b block) bool {
		for _, u := range b {
			for _, i := range u.rows {
				if m.rows[i].text != m.rows[b[0].rows[0]].text {
					return false
				}
			}
		}
		return true
	})
}

// maxContrasts is the largest number of contrasts in a part of [armTest]. Time grows with its cube,
// and memory with its square. maxParts is the largest number of parts.
const (
	maxContrasts = 1200
	maxParts     = 3
)

// parts deals blocks to parts of equal size, of at most maxContrasts contrasts, and leaves out what
// exceeds maxParts parts. Larger blocks are split. Hashes of prompts and row IDs decide, so neither
// arms, seeds nor the order of rows matter.
func (m *designMatrix) parts(blocks []block) [][]block {
	rank := func(u unit) [2]uint64 {
		return [2]uint64{mix(m.prompt[u.rows[0]].Uint64(), 0), mix(m.content[u.rows[0]].Uint64(), 0)}
	}
	compare := func(a, b unit) int {
		x, y := rank(a), rank(b)
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
	}
	var small []block
	for _, b := range blocks {
		b = slices.Clone(b)
		slices.SortStableFunc(b, compare)
		n := (len(b) + maxContrasts - 1) / maxContrasts
		for k := range n {
			small = append(small, b[k*len(b)/n:(k+1)*len(b)/n])
		}
	}
	small = bothArms(small)
	slices.SortStableFunc(small, func(a, b block) int { return compare(a[0], b[0]) })
	contrasts := 0
	for _, b := range small {
		contrasts += len(b) - 1
	}
	count := (contrasts + maxContrasts - 1) / maxContrasts
	var parts [][]block
	size := 0 // contrasts of the last part
	for _, b := range small {
		if n := len(b) - 1; len(parts) == 0 || size > 0 && (size+n > maxContrasts || size*count >= contrasts) {
			if len(parts) == maxParts {
				break
			}
			parts = append(parts, nil)
			size = 0
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], b)
		size += len(b) - 1
	}
	return parts
}
