// Package cluster says which rows were not sampled independently of each other, such as copies of
// one row or the turns of one conversation. Splits, resampling and permutation tests move a cluster
// as a whole.
package cluster

import (
	"bytes"
	"encoding/json"

	"github.com/undertone-audit/undertone"
)

// Fields are the fields of a row that name what several rows were cut from, in the order in which
// they are looked up.
var Fields = []string{"conversation_id", "dialogue_id", "episode_id", "trajectory_id", "session_id", "document_id"}

// Keys returns one key per row. Rows with equal keys are one cluster, also if they are in two data
// sets. The key of a row is the value of the first of the fields that the row has, and else the row
// ID, so that copies of a row are one cluster. Data that is not [undertone.Text] has no fields.
func Keys(data undertone.Data, fields ...string) []uint64 {
	keys := make([]uint64, data.Len())
	text, ok := data.(undertone.Text)
	for i := range keys {
		if ok {
			keys[i] = Key(text.Example(i), data.RowID(i), fields...)
		} else {
			keys[i] = data.RowID(i).Uint64()
		}
	}
	return keys
}

// Key returns the key of one row with a row ID: see [Keys].
func Key(e undertone.Example, id undertone.Digest, fields ...string) uint64 {
	if key, found := named(e.Meta, fields); found {
		return key
	}
	return id.Uint64()
}

// named returns the key of the first field that meta holds with another value than null.
func named(meta map[string]json.RawMessage, fields []string) (uint64, bool) {
	for _, field := range fields {
		value, ok := meta[field]
		if !ok || bytes.Equal(value, []byte("null")) {
			continue
		}
		return undertone.NewHasher("cluster").Text(field).Text(string(value)).Sum().Uint64(), true
	}
	return 0, false
}

// Sizes returns the number of rows of each cluster.
func Sizes(keys []uint64) map[uint64]int {
	sizes := make(map[uint64]int, len(keys))
	for _, key := range keys {
		sizes[key]++
	}
	return sizes
}

// Effective returns the effective number of clusters, (Σn)²/Σn² for clusters of n rows (Kish 1965).
// It is the number of clusters if all have the same size, and 0 without rows.
func Effective(keys []uint64) float64 {
	var squares float64
	for _, n := range Sizes(keys) {
		squares += float64(n) * float64(n)
	}
	if squares == 0 {
		return 0
	}
	return float64(len(keys)) * float64(len(keys)) / squares
}

// Join returns the keys of the smallest groups that divide neither a group of first nor one of
// second. Both hold one key per row, by data set.
func Join(first, second [][]uint64) [][]uint64 {
	parent := map[node]node{} // of nodes that are no root
	find := func(n node) node {
		root := n
		for next, ok := parent[root]; ok; next, ok = parent[root] {
			root = next
		}
		for n != root {
			n, parent[n] = parent[n], root
		}
		return root
	}
	for a := range first {
		for i := range first[a] {
			x, y := find(node{false, first[a][i]}), find(node{true, second[a][i]})
			if x != y {
				if y.less(x) {
					x, y = y, x
				}
				parent[y] = x
			}
		}
	}
	joined := make([][]uint64, len(first))
	for a := range first {
		joined[a] = make([]uint64, len(first[a]))
		for i, key := range first[a] {
			root := find(node{false, key})
			joined[a][i] = root.key
		}
	}
	return joined
}

// node is a group of the first or of the second kind.
type node struct {
	second bool
	key    uint64
}

// less orders groups, so that the root of joined groups does not depend on the order of the rows.
func (n node) less(m node) bool {
	return n.second && !m.second || n.second == m.second && n.key < m.key
}
