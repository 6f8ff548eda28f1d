package confound

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/audit/internal/cluster"
)

// row is one row of an arm.
type row struct {
	id, prompt undertone.Digest
	cluster    uint64
	features   *features
}

// read reads the rows that are compared, in the order of their IDs.
func read(ctx context.Context, arms [2]undertone.Text, s Settings) (rows [2][]row, err error) {
	at := sample(arms, s)
	fields := cluster.Fields
	if s.ClusterBy != "" {
		fields = append([]string{s.ClusterBy}, fields...)
	}
	for a, data := range arms {
		rows[a] = make([]row, len(at[a]))
		parsed := map[undertone.Digest]*features{}
		for k, i := range at[a] {
			if k%1024 == 0 && ctx.Err() != nil {
				return rows, ctx.Err()
			}
			e, r := data.Example(i), &rows[a][k]
			*r = row{id: data.RowID(i), prompt: data.GroupID(i)}
			r.cluster = cluster.Key(e, r.id, fields...)
			if r.features = parsed[r.id]; r.features == nil {
				r.features = featuresOf(e)
				parsed[r.id] = r.features
			}
		}
		if err := undertone.ReadErr(data); err != nil {
			return rows, err
		}
		slices.SortFunc(rows[a], func(a, b row) int {
			return cmp.Or(compareDigests(a.id, b.id), cmp.Compare(a.cluster, b.cluster))
		})
	}
	return rows, nil
}

func compareDigests(a, b undertone.Digest) int { return bytes.Compare(a[:], b[:]) }

// candidate is a row that may be in a sample: the hashes of its prompt and of its content, and its
// index.
type candidate struct {
	prompt, content uint64
	row             int
}

func (c candidate) compare(d candidate) int {
	return cmp.Or(cmp.Compare(c.prompt, d.prompt), cmp.Compare(c.content, d.content), cmp.Compare(c.row, d.row))
}

// sample returns the indices of the rows of each arm that are compared: all, or those of the
// prompts with the smallest hashes, the same prompts in both arms.
func sample(arms [2]undertone.Text, s Settings) (rows [2][]int) {
	var sorted [2][]candidate
	limit := ^uint64(0) // largest hash of a prompt in the sample
	for a, data := range arms {
		all := make([]candidate, data.Len())
		for i := range all {
			all[i] = candidate{mix(data.GroupID(i).Uint64(), s.Seed), mix(data.RowID(i).Uint64(), s.Seed), i}
		}
		slices.SortFunc(all, candidate.compare)
		if len(all) > s.MaxRows {
			limit = min(limit, all[s.MaxRows-1].prompt)
			all = all[:s.MaxRows]
		}
		sorted[a] = all
	}
	for a, all := range sorted {
		end, _ := slices.BinarySearchFunc(all, limit, func(c candidate, limit uint64) int {
			if c.prompt <= limit {
				return -1
			}
			return 1
		})
		if end < len(all)/10 { // the arms have other prompts: each has a sample of its own
			end = len(all)
		}
		for _, c := range all[:end] {
			rows[a] = append(rows[a], c.row)
		}
	}
	return rows
}

// mix hashes two words with the finaliser of SplitMix64 (Steele, Lea & Flood 2014).
func mix(a, b uint64) uint64 {
	z := a ^ (b+0x9e3779b97f4a7c15)*0xbf58476d1ce4e5b9
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unit is a set of rows of one arm that a relabelling moves as one.
type unit struct {
	arm  int
	rows []int // indices in the rows of the arm
}

// units are the units of both arms, stratum by stratum: relabellings exchange the units of a
// stratum.
type units struct {
	all     []unit
	strata  [][2]int // first unit, and end
	shared  map[undertone.Digest]bool
	paired  [2]float64   // share of the rows of each arm whose prompt the other arm has
	weights [2][]float64 // of each row: 1 / rows of its cluster
}

// minPaired is the share of rows with prompts of both arms from which relabellings stay within
// prompts.
const minPaired = 0.9

// unitsOf forms the units. If nearly all rows have prompts of both arms, a unit is a cluster and a
// stratum is a prompt; clusters of several prompts, and the rows of a prompt that one arm lacks,
// are one stratum more. Otherwise a unit is every row that one arm has of a prompt, and there is
// one stratum: this also covers how prompts were drawn.
func unitsOf(rows [2][]row) units {
	u := units{shared: sharedPrompts(rows)}
	for a := range rows {
		u.weights[a] = clusterWeights(rows[a])
	}
	u.paired = pairedShare(rows, u.shared, u.weights)
	within := u.shared // prompts whose clusters are units
	if min(u.paired[0], u.paired[1]) < minPaired {
		within = nil
	}
	byPrompt, rest := map[undertone.Digest][]unit{}, []unit{}
	for a := range rows {
		for _, members := range components(rows[a], within) {
			one := unit{arm: a, rows: members}
			if p := rows[a][members[0]].prompt; within[p] && !slices.ContainsFunc(members, func(i int) bool { return rows[a][i].prompt != p }) {
				byPrompt[p] = append(byPrompt[p], one)
			} else {
				rest = append(rest, one)
			}
		}
	}
	for _, p := range sortedPrompts(byPrompt) {
		u.add(byPrompt[p])
	}
	u.add(rest)
	return u
}

// add adds a stratum, units of the suspect first.
func (u *units) add(stratum []unit) {
	if len(stratum) > 0 {
		u.strata = append(u.strata, [2]int{len(u.all), len(u.all) + len(stratum)})
		u.all = append(u.all, stratum...)
	}
}

// sharedPrompts returns the prompts of both arms.
func sharedPrompts(rows [2][]row) map[undertone.Digest]bool {
	first, shared := map[undertone.Digest]bool{}, map[undertone.Digest]bool{}
	for _, r := range rows[0] {
		first[r.prompt] = true
	}
	for _, r := range rows[1] {
		if first[r.prompt] {
			shared[r.prompt] = true
		}
	}
	return shared
}

// pairedShare returns the share of the rows of each arm whose prompt the other arm has.
func pairedShare(rows [2][]row, shared map[undertone.Digest]bool, weights [2][]float64) (share [2]float64) {
	for a := range rows {
		var all float64
		for i, r := range rows[a] {
			all += weights[a][i]
			if shared[r.prompt] {
				share[a] += weights[a][i]
			}
		}
		share[a] /= all
	}
	return share
}

func sortedPrompts[V any](of map[undertone.Digest]V) []undertone.Digest {
	prompts := make([]undertone.Digest, 0, len(of))
	for p := range of {
		prompts = append(prompts, p)
	}
	slices.SortFunc(prompts, compareDigests)
	return prompts
}

// clusterWeights returns 1 / the rows of its cluster for each row.
func clusterWeights(rows []row) []float64 {
	sizes := map[uint64]int{}
	for _, r := range rows {
		sizes[r.cluster]++
	}
	weights := make([]float64, len(rows))
	for i, r := range rows {
		weights[i] = 1 / float64(sizes[r.cluster])
	}
	return weights
}

// components joins the rows of a cluster, and the rows of a prompt that is not within, and returns
// the sets of joined rows in the order of their first rows.
func components(rows []row, within map[undertone.Digest]bool) [][]int {
	parent := make([]int, len(rows))
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	clusters, prompts := map[uint64]int{}, map[undertone.Digest]int{}
	for i, r := range rows {
		parent[i] = i
		if first, ok := clusters[r.cluster]; ok {
			unite(parent, find(first), find(i))
		} else {
			clusters[r.cluster] = i
		}
		if within[r.prompt] {
			continue
		}
		if first, ok := prompts[r.prompt]; ok {
			unite(parent, find(first), find(i))
		} else {
			prompts[r.prompt] = i
		}
	}
	at := map[int]int{}
	var sets [][]int
	for i := range rows {
		root := find(i)
		k, ok := at[root]
		if !ok {
			k = len(sets)
			at[root], sets = k, append(sets, nil)
		}
		sets[k] = append(sets[k], i)
	}
	return sets
}

// unite makes the smaller root the parent, so that the first row of a set is its root.
func unite(parent []int, a, b int) { parent[max(a, b)] = min(a, b) }
