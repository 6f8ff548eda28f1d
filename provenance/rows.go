package provenance

import (
	"crypto/sha256"
	"hash"

	"github.com/undertone-audit/undertone"
)

// Rows identifies the rows of a file in their order. The digests are absent if the program that
// made the record did not compute the row IDs.
type Rows struct {
	Count int              `json:"count"`
	Root  undertone.Digest `json:"root,omitzero"`  // Merkle root of the row IDs; see [Tree]
	Order undertone.Digest `json:"order,omitzero"` // as in the reports of an audit: see docs/report-v2.md

	// Reading holds the options with which the rows were read, such as "turns=last". Other options
	// give other row IDs. It is "" for the defaults.
	Reading string `json:"reading,omitempty"`
}

// order returns the digest of the rows in their order, or zero if it is unknown.
func (c Content) order() undertone.Digest {
	if c.Rows == nil {
		return undertone.Digest{}
	}
	return c.Rows.Order
}

// RowHasher computes [Rows] from row IDs in constant memory. Call [NewRowHasher].
type RowHasher struct {
	tree  Tree
	order *undertone.Hasher
}

// NewRowHasher returns a RowHasher of no rows.
func NewRowHasher() *RowHasher { return &RowHasher{order: undertone.NewHasher("order of rows")} }

// Add adds the ID of the next row ([undertone.Example.ID]).
func (h *RowHasher) Add(id undertone.Digest) {
	h.tree.Add(id)
	h.order.Digest(id)
}

// Sum returns the rows that were added. No row can be added afterwards.
func (h *RowHasher) Sum() Rows {
	return Rows{Count: h.tree.Len(), Root: h.tree.Root(), Order: h.order.Sum()}
}

// ByteHasher computes the SHA-256 and the number of the bytes that are written to it. Call
// [NewByteHasher].
type ByteHasher struct {
	hash hash.Hash
	n    int64
}

// NewByteHasher returns a ByteHasher of no bytes.
func NewByteHasher() *ByteHasher { return &ByteHasher{hash: sha256.New()} }

// Write implements [io.Writer]. It returns no error.
func (h *ByteHasher) Write(p []byte) (int, error) {
	h.n += int64(len(p))
	return h.hash.Write(p)
}

// Sum returns the digest and the number of the bytes so far.
func (h *ByteHasher) Sum() (undertone.Digest, int64) { return undertone.Digest(h.hash.Sum(nil)), h.n }
