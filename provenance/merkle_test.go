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
		return ids[0]
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

// The roots of the first leaves are those of the test vectors of RFC 6962 implementations
// (github.com/google/certificate-transparency, merkletree tests).
func TestPublishedRoots(t *testing.T) {
	leaf := func(data string) undertone.Digest {
		text, err := hex.DecodeString(data)
		if err != nil {
			t.Fatal(err)
		}
		return sha256.Sum256(append([]byte{0}, text...))
	}
	leaves := []undertone.Digest{leaf(""), leaf("00"), leaf("10"), leaf("2021"), leaf("3031"), leaf("40414243"), leaf("5051525354555657"), leaf("606162636465666768696a6b6c6d6e6f")}
	for n, want := range []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	} {
		root := treeOf(leaves[:n]).Root()
		if got := hex.EncodeToString(root[:]); got != want {
			t.Errorf("%d leaves: root %s, want %s", n, got, want)
		}
	}
}

// A row ID is a leaf of RFC 6962: what it is the hash of begins with 0x00.
func TestRowIDIsALeaf(t *testing.T) {
	form := []byte("\x00\x00\x00\x00\x00\x00\x00\x03row" + "\x00\x00\x00\x00\x00\x00\x00\x01" + // one message
		"\x00\x00\x00\x00\x00\x00\x00\x09assistant" + "\x00\x00\x00\x00\x00\x00\x00\x01x" + "\x00\x00\x00\x00\x00\x00\x00\x00") // no rejected answer
	if got := undertone.NewExample("", "x").ID(); got != sha256.Sum256(form) {
		t.Errorf("the ID of a row is not the hash of its canonical form")
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
			if n > 1 && wrong.Verify(all[i], root) == nil && !slices.Equal(sides(wrong), sides(p)) {
				t.Errorf("row %d of %d is proved at index %d", i, n, wrong.Index)
			}
		}
	}
}

// sides returns on which side each neighbouring subtree is.
func sides(p Inclusion) []bool {
	var all []bool
	for _, s := range auditPath(p.Index, p.Rows) {
		all = append(all, s.from > p.Index)
	}
	return all
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
