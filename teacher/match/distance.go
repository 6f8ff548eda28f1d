package match

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Distance is the Jensen-Shannon divergence between the categories of two arms, in nats,
// from 0 to ln 2 (Lin 1991), beside what chance alone makes of it: a plug-in
// divergence of samples is above 0 even if their sources are the same.
//
// Null: the two arms are exchangeable within each prompt. The reference exchanges the arms of each prompt, all its
// rows together, with chance ½. One-sided; ties count against. P = (k+1)/(n+1), with k
// of n exchanges at JS or above (Phipson & Smyth 2010).
type Distance struct {
	JS       float64 `json:"js"`
	Chance   float64 `json:"chance"`    // mean over the exchanges
	ChanceSD float64 `json:"chance_sd"` // standard deviation over the exchanges
	P        float64 `json:"p"`
	AtFloor  bool    `json:"p_minimal"` // k = 0: p could not be smaller with n exchanges
}

// String returns the divergence, what chance makes of it, and p.
func (d Distance) String() string {
	return fmt.Sprintf("JS %.4f, by chance %.4f ± %.4f, p %s", d.JS, d.Chance, d.ChanceSD, d.p())
}

func (d Distance) p() string { return showP(d.P, d.AtFloor) }

// showP shows a p-value that could not be smaller as the bound that it is.
func showP(p float64, atFloor bool) string {
	if atFloor {
		return fmt.Sprintf("≤ %.2g", p)
	}
	return fmt.Sprintf("%.2g", p)
}

// Share compares one category between the arms.
type Share struct {
	Category string  `json:"category"`
	Suspect  float64 `json:"suspect"` // occurrences in 100 rows
	Control  float64 `json:"control"`
	Z        float64 `json:"z"` // difference over its standard deviation under exchange of the arms
	P        float64 `json:"p"` // two-sided, adjusted for all categories of the table
	AtFloor  bool    `json:"p_minimal"`
}

// Table is a distribution over categories in both arms. The P of a share is that of the largest
// |Z| of any category over the same exchanges (Westfall & Young 1993, single-step maxT).
type Table struct {
	Distance   Distance `json:"distance"`
	Categories int      `json:"categories"` // in both arms together
	Top        []Share  `json:"top"`
}

// compare measures the table by n exchanges of the arms. Top holds the first of all
// shares in the given order.
func (t *table) compare(n, rows, top int, order func(a, b Share) int, rng *rand.Rand) Table {
	const tie = 1e-12 // equal counts, summed in another order
	js, z := t.js(t.diff), t.z(t.diff)
	var sum, squares float64
	reached, above := 0, make([]int, len(z))
	diff := make([]int, len(t.diff))
	for range n {
		t.exchange(rng, diff)
		chance := t.js(diff)
		sum, squares = sum+chance, squares+chance*chance
		if chance >= js-tie {
			reached++
		}
		most := 0.0
		for _, v := range t.z(diff) {
			most = max(most, math.Abs(v))
		}
		for c, v := range z {
			if most >= math.Abs(v)-tie {
				above[c]++
			}
		}
	}
	mean := sum / float64(n)
	shares := make([]Share, len(z))
	for c, name := range t.names {
		per := 100 / float64(rows)
		suspect := (t.total[c] + t.diff[c]) / 2
		shares[c] = Share{name, per * float64(suspect), per * float64(t.total[c]-suspect), z[c], float64(above[c]+1) / float64(n+1), above[c] == 0}
	}
	slices.SortFunc(shares, func(a, b Share) int { return cmp.Or(order(a, b), strings.Compare(a.Category, b.Category)) })
	return Table{
		Distance:   Distance{js, mean, math.Sqrt(max(0, squares/float64(n)-mean*mean)), float64(reached+1) / float64(n+1), reached == 0},
		Categories: len(shares),
		Top:        slices.Clip(shares[:min(top, len(shares))]),
	}
}

// js returns the Jensen-Shannon divergence of the arms that differ by diff, or 0 if one is empty.
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
		sum += term(p, m) + term(q, m)
	}
	return max(0, sum/2)
}

func term(p, m float64) float64 {
	if p == 0 {
		return 0
	}
	return p * math.Log(p/m)
}

// z returns the standardised differences. Under exchange each has mean 0 and variance 1.
func (t *table) z(diff []int) []float64 {
	z := make([]float64, len(diff))
	for c, d := range diff {
		if t.square[c] > 0 {
			z[c] = float64(d) / math.Sqrt(float64(t.square[c]))
		}
	}
	return z
}

// byFrequency puts frequent categories first.
func byFrequency(a, b Share) int { return cmp.Compare(b.Suspect+b.Control, a.Suspect+a.Control) }

// byDifference puts categories first in which the arms differ most.
func byDifference(a, b Share) int { return cmp.Compare(math.Abs(b.Z), math.Abs(a.Z)) }
