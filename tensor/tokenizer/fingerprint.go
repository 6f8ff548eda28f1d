package tokenizer

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"slices"
)

// Fingerprint returns a SHA-256 over the vocabulary and the rules. Two tokenizers with the same
// fingerprint give the same ids for the same text. It does not depend on the order and the spaces
// of a file.
func (t *Tokenizer) Fingerprint() [32]byte { return t.sum() }

func (t *Tokenizer) digest(extra []added) (sum [32]byte) {
	h := canonical{sha256.New()}
	h.text("tokenizer")
	h.number(len(t.tokens))
	for id := range t.tokens {
		h.text(t.tokens[id])
		h.text(t.texts[id])
	}
	h.model(&t.model)
	h.number(len(extra))
	for _, a := range slices.SortedFunc(slices.Values(extra), func(a, b added) int { return cmp.Compare(a.id, b.id) }) {
		h.text(a.String())
	}
	for _, rules := range [][]rewriter{t.normalize, t.prepare} {
		h.number(len(rules))
		for _, r := range rules {
			h.text(r.String())
		}
	}
	h.number(len(t.splitters))
	for _, s := range t.splitters {
		h.text(s.String())
	}
	for _, n := range []int{t.trim, int(t.bos), int(t.eos)} {
		h.number(n)
	}
	h.Sum(sum[:0])
	return sum
}

// canonical writes fields so that different lists of fields are different bytes.
type canonical struct{ hash.Hash }

func (h canonical) text(s string) {
	h.number(len(s))
	_, _ = h.Write([]byte(s))
}

func (h canonical) number(n int) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	_, _ = h.Write(b[:])
}

func (h canonical) model(m *bpe) {
	h.text(fmt.Sprintf("bpe bytes %t chars %d fuse %t whole %t", m.chars == nil, len(m.chars), m.fuse, m.whole != nil))
	h.number(int(m.unknown))
	for _, id := range m.bytes {
		h.number(int(id))
	}
	switch merges := m.merges.(type) {
	case pairs:
		listed := make([]pair, 0, len(merges))
		for p, to := range merges {
			listed = append(listed, pair{left: p[0], right: p[1], merged: to})
		}
		slices.SortFunc(listed, func(a, b pair) int { return cmp.Compare(a.rank, b.rank) })
		h.number(len(listed))
		for _, p := range listed { // in the order of ranks; the numbers have no other meaning
			h.number(int(p.left))
			h.number(int(p.right))
			h.number(int(p.id))
		}
	case spans:
		h.text("spans")
		h.number(len(merges.ranks))
		for _, rank := range merges.ranks {
			h.number(int(rank))
		}
	}
}
