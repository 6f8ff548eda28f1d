package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestDivergencesClosedForms(t *testing.T) {
	log := math.Log
	for _, c := range []struct {
		reason            string
		p, q              []float64
		kl, js, tv, hell2 float64
	}{
		{"equal", []float64{.3, .7}, []float64{.3, .7}, 0, 0, 0, 0},
		{"two coins", []float64{.5, .5}, []float64{.25, .75},
			.5*log(2) + .5*log(2./3),
			.5*(.5*log(.5/.375)+.5*log(.5/.625)) + .5*(.25*log(.25/.375)+.75*log(.75/.625)),
			.25, 1 - (math.Sqrt(.125) + math.Sqrt(.375))}, // 1 − Σ√(pq)
		{"disjoint", []float64{1, 0}, []float64{0, 1}, math.Inf(1), math.Ln2, 1, 1},
		{"q allows an outcome that p rules out", []float64{1, 0}, []float64{.5, .5}, math.Ln2,
			.5*log(4./3) + .5*(.5*log(2./3)+.5*log(2)), .5, 1 - math.Sqrt(.5)},
		{"p allows an outcome that q rules out", []float64{.5, .5}, []float64{1, 0}, math.Inf(1),
			.5*log(4./3) + .5*(.5*log(2./3)+.5*log(2)), .5, 1 - math.Sqrt(.5)},
		{"an outcome of probability 0 in both", []float64{.5, .5, 0}, []float64{.25, .75, 0},
			.5*log(2) + .5*log(2./3), .5*(.5*log(.5/.375)+.5*log(.5/.625)) + .5*(.25*log(.25/.375)+.75*log(.75/.625)),
			.25, 1 - (math.Sqrt(.125) + math.Sqrt(.375))},
		{"one sure outcome", []float64{1}, []float64{1}, 0, 0, 0, 0},
	} {
		h := Hellinger(c.p, c.q)
		for name, v := range map[string][2]float64{
			"KL": {KL(c.p, c.q), c.kl}, "JensenShannon": {JensenShannon(c.p, c.q), c.js},
			"TotalVariation": {TotalVariation(c.p, c.q), c.tv}, "Hellinger²": {h * h, c.hell2},
		} {
			if math.IsInf(v[1], 1) && math.IsInf(v[0], 1) {
				continue
			}
			if !(math.Abs(v[0]-v[1]) < 1e-12) {
				t.Errorf("%s: %s = %v, want %v", c.reason, name, v[0], v[1])
			}
		}
	}
}

// Inequalities that hold for all distributions, checked for random ones.
func TestDivergenceLaws(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	draw := func(n int) []float64 {
		p, sum := make([]float64, n), 0.0
		sharp := 1 + 20*rng.Float64()
		for i := range p {
			p[i] = math.Pow(rng.Float64(), sharp)
			if rng.IntN(8) == 0 {
				p[i] = 0
			}
			sum += p[i]
		}
		if sum == 0 {
			p[0], sum = 1, 1
		}
		for i := range p {
			p[i] /= sum
		}
		return p
	}
	const rounding = 1e-12
	for range 3000 {
		n := 1 + rng.IntN(6)
		p, q := draw(n), draw(n)
		kl, js, tv, h := KL(p, q), JensenShannon(p, q), TotalVariation(p, q), Hellinger(p, q)
		for law, holds := range map[string]bool{
			"KL ≥ 0":                       kl >= 0,
			"JS within [0, log 2]":         js >= 0 && js <= math.Ln2+rounding,
			"TV within [0, 1]":             tv >= 0 && tv <= 1+rounding,
			"Hellinger within [0, 1]":      h >= 0 && h <= 1+rounding,
			"Pinsker: TV² ≤ KL/2":          tv*tv <= kl/2+rounding,
			"Hellinger² ≤ TV":              h*h <= tv+rounding,
			"TV ≤ √2·Hellinger":            tv <= math.Sqrt2*h+rounding,
			"JS ≤ log 2 · TV (Lin 1991)":   js <= math.Ln2*tv+rounding,
			"JS is symmetric":              math.Abs(js-JensenShannon(q, p)) < rounding,
			"TV is symmetric":              math.Abs(tv-TotalVariation(q, p)) < rounding,
			"Hellinger is symmetric":       math.Abs(h-Hellinger(q, p)) < rounding,
			"nothing diverges from itself": KL(p, p) == 0 && JensenShannon(p, p) == 0 && TotalVariation(p, p) == 0 && Hellinger(p, p) == 0,
		} {
			if !holds {
				t.Fatalf("%s does not hold for %v and %v: KL %v, JS %v, TV %v, H %v", law, p, q, kl, js, tv, h)
			}
		}
	}
}

func TestDivergencesAdd(t *testing.T) {
	d := Divergences{1, 2, 3, 4}
	if d.Add(Divergences{10, 20, 30, 40}, .5); d != (Divergences{6, 12, 18, 24}) {
		t.Errorf("%+v", d)
	}
}

func TestDivergencesOfNaN(t *testing.T) {
	nan := math.NaN()
	for _, c := range [][2][]float64{{{nan}, {1}}, {{1}, {nan}}, {{0, 1}, {nan, 1}}, {{1, nan}, {1, 0}}} {
		d := Diverge(c[0], c[1])
		for name, v := range map[string]float64{"KL": d.KL, "Jensen-Shannon": d.JensenShannon, "total variation": d.TotalVariation, "Hellinger": d.Hellinger} {
			if !math.IsNaN(v) {
				t.Errorf("%s of %v from %v is %v, want NaN", name, c[1], c[0], v)
			}
		}
	}
}
