package mlp

import (
	"bytes"
	"slices"
	"sync"

	"github.com/undertone-audit/undertone"
)

// rows is the common part of the data of this package: a named selection of inputs. Its digests are
// computed once, on first use.
type rows struct {
	name   string
	inputs Inputs
	pick   []int32 // position of row i in inputs and targets
	ids    func() identities
}

type identities struct {
	rows, groups []undertone.Digest
	all          undertone.Digest
}

// newRows takes a function that returns the digest of a row from the digest of its input and its
// position.
func newRows(kind, name string, x Inputs, pick []int32, digest func(input undertone.Digest, at int) undertone.Digest) rows {
	return rows{name, x, pick, sync.OnceValue(func() identities {
		ids := identities{rows: make([]undertone.Digest, len(pick)), groups: make([]undertone.Digest, len(pick))}
		for i, at := range pick {
			ids.groups[i] = x.digest(int(at))
			ids.rows[i] = digest(ids.groups[i], int(at))
		}
		ids.all = digestOf(kind, slices.Clone(ids.rows))
		return ids
	})}
}

// digestOf returns the digest of a set of rows, which does not depend on their order; it sorts ids.
func digestOf(kind string, ids []undertone.Digest) undertone.Digest {
	slices.SortFunc(ids, func(a, b undertone.Digest) int { return bytes.Compare(a[:], b[:]) })
	h := undertone.NewHasher(kind).Uint(uint64(len(ids)))
	for _, id := range ids {
		h.Digest(id)
	}
	return h.Sum()
}

// everything selects all n rows in order.
func everything(n int) []int32 {
	pick := make([]int32, n)
	for i := range pick {
		pick[i] = int32(i)
	}
	return pick
}

// Name implements [undertone.Data].
func (r *rows) Name() string { return r.name }

// Len implements [undertone.Data].
func (r *rows) Len() int { return len(r.pick) }

// Digest implements [undertone.Data].
func (r *rows) Digest() undertone.Digest { return r.ids().all }

// RowID implements [undertone.Data]: it covers the input and its target.
func (r *rows) RowID(i int) undertone.Digest { return r.ids().rows[i] }

// GroupID implements [undertone.Data]: it covers the input only.
func (r *rows) GroupID(i int) undertone.Digest { return r.ids().groups[i] }

// selected returns the positions of the given rows.
func (r *rows) selected(at []int) []int32 {
	pick := make([]int32, len(at))
	for i, row := range at {
		pick[i] = r.pick[row]
	}
	return pick
}
