package provenance

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"math/bits"

	"github.com/undertone-audit/undertone"
)

// The tree of row IDs is the Merkle tree of RFC 6962, section 2.1, with SHA-256. An inner node is
// the hash of 0x01, its left and its right child. A leaf is a row ID. The row ID is the SHA-256 of
// the canonical form of the row, which begins with the byte 0x00 (the length of its kind "row" in
// eight bytes), as RFC 6962 asks of a leaf. So no leaf is an inner node of another tree.

// nodeHash returns an inner node.
func nodeHash(left, right undertone.Digest) undertone.Digest {
	text := [1 + 2*sha256.Size]byte{1} // 0x01, left, right
	copy(text[1:], left[:])
	copy(text[1+sha256.Size:], right[:])
	return sha256.Sum256(text[:])
}

// Tree computes the Merkle root of row IDs that are added in the order of the rows. It keeps one
// digest for each bit of their number. The zero value is the empty tree.
type Tree struct {
	n     uint64
	roots [64]undertone.Digest // of the full subtree of 2^i rows, where bit i of n is set
}

// Add adds the ID of the next row.
func (t *Tree) Add(id undertone.Digest) {
	sum := id
	level := 0
	for ; t.n>>level&1 == 1; level++ {
		sum = nodeHash(t.roots[level], sum)
	}
	t.roots[level] = sum
	t.n++
}

// Len returns the number of rows.
func (t *Tree) Len() int { return int(t.n) }

// Root returns the root of the rows that were added. The root of no rows is the SHA-256 of no
// bytes.
func (t *Tree) Root() undertone.Digest {
	if t.n == 0 {
		return sha256.Sum256(nil)
	}
	level := bits.TrailingZeros64(t.n)
	sum := t.roots[level]
	for level++; level < bits.Len64(t.n); level++ {
		if t.n>>level&1 == 1 {
			sum = nodeHash(t.roots[level], sum)
		}
	}
	return sum
}

// Inclusion proves that a row is in the rows of a Merkle root: the inclusion proof of RFC 6962,
// section 2.1.1.
type Inclusion struct {
	Index int                `json:"index"` // of the row, from 0
	Rows  int                `json:"rows"`  // of the tree
	Path  []undertone.Digest `json:"path"`  // roots of the neighbouring subtrees, from the leaf to the root; never null
}

// Prove returns the inclusion of row index in n rows whose IDs ids ranges over, in order. It reads
// the IDs once and keeps O(log n) digests.
func Prove(index, n int, ids iter.Seq[undertone.Digest]) (Inclusion, error) {
	proof := Inclusion{Index: index, Rows: n, Path: []undertone.Digest{}}
	if index < 0 || index >= n {
		return proof, fmt.Errorf("provenance: row %d is out of range [0, %d)", index, n)
	}
	neighbours := auditPath(index, n)
	trees := make([]Tree, len(neighbours))
	i := 0
	for id := range ids {
		for k, s := range neighbours {
			if s.from <= i && i < s.to {
				trees[k].Add(id)
			}
		}
		i++
	}
	if i != n {
		return proof, fmt.Errorf("provenance: there are %d row IDs, want %d", i, n)
	}
	for k := range trees {
		proof.Path = append(proof.Path, trees[k].Root())
	}
	return proof, nil
}

// span is a range of rows.
type span struct{ from, to int }

// auditPath returns the rows of each neighbouring subtree on the way from leaf index to the root of
// n rows.
func auditPath(index, n int) []span {
	var down []span // from the root
	at := span{0, n}
	for at.to-at.from > 1 {
		middle := at.from + 1<<(bits.Len(uint(at.to-at.from-1))-1)
		if index < middle {
			down, at = append(down, span{middle, at.to}), span{at.from, middle}
		} else {
			down, at = append(down, span{at.from, middle}), span{middle, at.to}
		}
	}
	for i, j := 0, len(down)-1; i < j; i, j = i+1, j-1 {
		down[i], down[j] = down[j], down[i]
	}
	return down
}

// ErrNotIncluded is the error of [Inclusion.Verify] for a row that the proof does not prove.
var ErrNotIncluded = errors.New("provenance: the row is not in the rows of the Merkle root")

// Verify returns nil if the proof shows that the row with this ID is one of the rows of root, and
// [ErrNotIncluded] otherwise.
func (p Inclusion) Verify(id, root undertone.Digest) error {
	if p.Index < 0 || p.Index >= p.Rows {
		return ErrNotIncluded
	}
	spans := auditPath(p.Index, p.Rows)
	if len(spans) != len(p.Path) {
		return ErrNotIncluded
	}
	sum := id
	for k, s := range spans {
		if s.from > p.Index {
			sum = nodeHash(sum, p.Path[k])
		} else {
			sum = nodeHash(p.Path[k], sum)
		}
	}
	if sum != root {
		return ErrNotIncluded
	}
	return nil
}
