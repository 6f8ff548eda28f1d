package match

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/audit/stats"
)

// Divergence is the Jensen–Shannon divergence between the arms' distributions over categories, in
// nats, in [0, ln 2] (Lin 1991), with its permutation distribution. The divergence of two samples
// is above 0 even if their sources are equal.
//
// Null: the arms are exchangeable within each prompt. Alternative: the divergence is larger. The
// unit is the prompt: a permutation swaps the arms of each prompt, all its rows together, with
// probability ½. Ties follow [stats.Tail]. The floor of the p-value is 1/(Permutations+1).
type Divergence struct {
	JS       float64      `json:"js"`
	NullMean float64      `json:"null_mean"` // mean over the permutations
	NullSD   float64      `json:"null_sd"`   // standard deviation over the permutations
	P        stats.PValue `json:"p"`
}

// String returns the divergence, its mean ± SD under the null, and the p-value.
func (d Divergence) String() string {
	return fmt.Sprintf("JS %.4f, null %.4f ± %.4f, p %s", d.JS, d.NullMean, d.NullSD, d.P)
}

// Share compares one category between the arms.
type Share struct {
	Category string       `json:"category"`
	Suspect  float64      `json:"suspect"` // occurrences per 100 rows
	Control  float64      `json:"control"` // occurrences per 100 rows
	Z        float64      `json:"z"`       // difference over its standard deviation under the null
	P        stats.PValue `json:"p"`       // two-sided, adjusted for all categories of the table by [stats.MaxT] of |Z|
}

// Table compares the distributions over categories of both arms.
type Table struct {
	Divergence Divergence `json:"divergence"`
	Categories int        `json:"categories"` // number of categories in both arms together
	Top        []Share    `json:"top"`
}

// compare compares the arms with n permutations. Top holds the first shares in the given order.
func (t *table) compare(n, rows, top int, order func(a, b Share) int, rng *rand.Rand) Table {
	js, z := t.js(t.diff), t.z(t.diff)
	tail, maxT := stats.NewTail(js, 1), stats.NewMaxT(absolute(z), 1)
	var sum, squares float64
	signs, diff := make([]float64, len(t.groups)), make([]int, len(t.diff))
	for range n {
		stats.RandomSigns(rng, signs)
		t.swap(signs, diff)
		null := t.js(diff)
		sum, squares = sum+null, squares+null*null
		tail.Add(null)
		maxT.Add(absolute(t.z(diff)))
	}
	mean := sum / float64(n)
	shares := t.shares(rows, z, maxT.MonteCarlo())
	slices.SortFunc(shares, func(a, b Share) int { return cmp.Or(order(a, b), strings.Compare(a.Category, b.Category)) })
	return Table{
		Divergence: Divergence{js, mean, math.Sqrt(max(0, squares/float64(n)-mean*mean)), tail.MonteCarlo()},
		Categories: len(shares),
		Top:        slices.Clip(shares[:min(top, len(shares))]),
	}
}

// shares returns the comparison of each category.
func (t *table) shares(rows int, z []float64, p []stats.PValue) []Share {
	shares := make([]Share, len(z))
	per := 100 / float64(rows)
	for c, name := range t.names {
		suspect := (t.total[c] + t.diff[c]) / 2
		shares[c] = Share{name, per * float64(suspect), per * float64(t.total[c]-suspect), z[c], p[c]}
	}
	return shares
}

// js returns the Jensen–Shannon divergence of arms that differ by diff, or 0 if an arm is empty.
func (t *table) js(diff []int) float64 {
	var n [2]int
	for c, total := range t.total {
		n[0] += (total + diff[c]) / 2
		n[1] += (total - diff[c]) / 2
	}
	if n[0] == 0 || n[1] == 0 {
		return 0
	}
	var sum float64
	for c, total := range t.total {
		p, q := float64(total+diff[c])/2/float64(n[0]), float64(total-diff[c])/2/float64(n[1])
		m := (p + q) / 2
		sum += klTerm(p, m) + klTerm(q, m)
	}
	return max(0, sum/2)
}

// klTerm returns p·log(p/m), and 0 for p = 0.
func klTerm(p, m float64) float64 {
	if p == 0 {
		return 0
	}
	return p * math.Log(p/m)
}

// z returns the standardised difference of each category. Under the null its mean is 0 and its
// variance 1.
func (t *table) z(diff []int) []float64 {
	z := make([]float64, len(diff))
	for c, d := range diff {
		if t.square[c] > 0 {
			z[c] = float64(d) / math.Sqrt(float64(t.square[c]))
		}
	}
	return z
}

func absolute(x []float64) []float64 {
	a := make([]float64, len(x))
	for i, v := range x {
		a[i] = math.Abs(v)
	}
	return a
}

// byFrequency orders shares by frequency, the most frequent category first.
func byFrequency(a, b Share) int { return cmp.Compare(b.Suspect+b.Control, a.Suspect+a.Control) }

// byDifference orders shares by |Z|, the largest difference first.
func byDifference(a, b Share) int { return cmp.Compare(math.Abs(b.Z), math.Abs(a.Z)) }
