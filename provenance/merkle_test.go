package provenance

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
)

// ids returns n row IDs.
func ids(n int) []undertone.Digest {
	all := make([]undertone.Digest, n)
	for i := range all {
		all[i] = undertone.NewHasher("test row").Uint(uint64(i)).Sum()
	}
	return all
}

// recursiveRoot is the definition in RFC 6962, section 2.1.
func recursiveRoot(ids []undertone.Digest) undertone.Digest {
	switch n := len(ids); {
	case n == 0:
		return sha256.Sum256(nil)
	case n == 1:
		return sha256.Sum256(append([]byte{0}, ids[0][:]...))
	default:
		k := 1
		for 2*k < n {
			k *= 2
		}
		left, right := recursiveRoot(ids[:k]), recursiveRoot(ids[k:])
		return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
	}
}

func treeOf(ids []undertone.Digest) *Tree {
	t := new(Tree)
	for _, id := range ids {
		t.Add(id)
	}
	return t
}

// TestRoot compares the tree that rows are added to with the recursive definition.
func TestRoot(t *testing.T) {
	all := ids(130)
	for n := range len(all) + 1 {
		tree := treeOf(all[:n])
		if got, want := tree.Root(), recursiveRoot(all[:n]); got != want || tree.Len() != n {
			t.Errorf("%d rows: root %s of %d, want %s", n, got.Short(), tree.Len(), want.Short())
		}
	}
}

// The root of no leaves and that of one empty leaf are the published ones of RFC 6962
// implementations; the leaf of a row is the hash of 0x00 and its ID.
func TestRootOfNothing(t *testing.T) {
	root := new(Tree).Root()
	if got, want := hex.EncodeToString(root[:]), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; got != want {
		t.Errorf("root %s, want %s", got, want)
	}
}

// Every row of every tree is proved, and no other row, index, size or root is.
func TestInclusion(t *testing.T) {
	all := ids(40)
	for n := 1; n <= len(all); n++ {
		root := treeOf(all[:n]).Root()
		for i := range n {
			p, err := Prove(i, n, slices.Values(all[:n]))
			if err != nil || p.Verify(all[i], root) != nil {
				t.Fatalf("row %d of %d: error %v, %v", i, n, err, p.Verify(all[i], root))
			}
			wrong := p
			wrong.Index = (i + 1) % n
			for what, err := range map[string]error{
				"another row":  p.Verify(undertone.Digest{1}, root),
				"another root": p.Verify(all[i], undertone.Digest{1}),
				"out of range": Inclusion{Index: n, Rows: n, Path: p.Path}.Verify(all[i], root),
				"negative":     Inclusion{Index: -1, Rows: n, Path: p.Path}.Verify(all[i], root),
				"a longer way": Inclusion{Index: i, Rows: n, Path: append(slices.Clone(p.Path), root)}.Verify(all[i], root),
			} {
				if !errors.Is(err, ErrNotIncluded) {
					t.Errorf("row %d of %d, %s: error %v", i, n, what, err)
				}
			}
			if n > 1 && wrong.Verify(all[i], root) == nil && !slices.Equal(siblingSides(wrong), siblingSides(p)) {
				t.Errorf("row %d of %d is proved at index %d", i, n, wrong.Index)
			}
		}
	}
}

// siblingSides returns on which side each sibling is.
func siblingSides(p Inclusion) []bool {
	var sides []bool
	for _, s := range siblings(p.Index, p.Rows) {
		sides = append(sides, s.from > p.Index)
	}
	return sides
}

func TestProveRefuses(t *testing.T) {
	for _, c := range []struct{ index, n, given int }{{-1, 3, 3}, {3, 3, 3}, {0, 3, 2}, {0, 3, 4}, {0, 0, 0}} {
		if _, err := Prove(c.index, c.n, slices.Values(ids(c.given))); err == nil {
			t.Errorf("row %d of %d, with %d IDs: no error", c.index, c.n, c.given)
		}
	}
}

// The digest of the order is that of the reports of an audit, so that a report names the rows of a
// manifest.
func TestRowHasherOrder(t *testing.T) {
	h, order := NewRowHasher(), undertone.NewHasher("order of rows")
	for _, id := range ids(5) {
		h.Add(id)
		order.Digest(id)
	}
	rows := h.Sum()
	if rows.Order != order.Sum() || rows.Root != recursiveRoot(ids(5)) || rows.Count != 5 {
		t.Errorf("%+v", rows)
	}
}
