package lineage

import (
	"math/rand/v2"
	"testing"
)

// Of independent random parts, at most a hundredth has a p-value of at most 0.01 in coordinates of
// their content, and none has alike neurons that count.
func TestTurnedPartsKeepTheLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 2))
	const runs = 200
	small := 0
	for range runs {
		var l LayerTest
		a, b := canonicalOf(randomNeurons(rng, 60, 12), 12), canonicalOf(randomNeurons(rng, 60, 12), 12)
		if a.turnedTest(b, &l) && l.AgreeLogP <= -2 {
			small++
		}
	}
	if small > 7 { // 200 draws at 0.01 exceed 7 with a chance of 0.1 %
		t.Errorf("p <= 0.01 in %d of %d runs", small, runs)
	}
}

// A rotated and permuted copy is found by its content, also if it is a little disturbed.
func TestTurnFindsTheRotation(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	const n, dim = 120, 16
	a := randomNeurons(rng, n, dim)
	for _, cosine := range []float64{1, 0.99} {
		c := control{neurons: a, dims: dim, rng: rng}
		b := a.pick(rng.Perm(n))
		b.in, b.out = c.disturb(b.in, cosine), c.disturb(b.out, cosine)
		var l LayerTest
		if !canonicalOf(a, dim).turnedTest(canonicalOf(b.turned(c.rotation()), dim), &l) || l.Agree < n*9/10 {
			t.Errorf("cosine %g: %d of %d neurons agree", cosine, l.Agree, n)
		}
	}
}

// Of many parts, those with the nearest spectra are turned: the copy is among them.
func TestPartnersAreFoundByTheirSpectra(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 2))
	const parts, n, dim = maxTurnedPairs, 40, 8
	var all []canonical
	var first neurons
	for i := range parts {
		x := randomNeurons(rng, n, dim)
		if i == 17 {
			first = x
			x = x.pick(rng.Perm(n)).turned(control{dims: dim, rng: rng}.rotation())
		}
		all = append(all, canonicalOf(x, dim))
	}
	a := canonicalOf(first, dim)
	if got := a.partners(all, parts); len(got) != turnedPartners || got[0] != 17 {
		t.Errorf("partners are %v, want 17 first of %d", got, turnedPartners)
	}
	if got := a.partners(all[:3], 3); len(got) != 3 {
		t.Errorf("of few parts, partners are %v, want all", got)
	}
}

// Parts with few neurons are not turned: a rotation brings any two of them together, and if neurons
// write what they read, both matchings agree.
func TestFewNeuronsAreNotTurned(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 2))
	const n, dim = 24, 24
	a, b := randomNeurons(rng, n, dim), randomNeurons(rng, n, dim)
	a.out, b.out = a.in, b.in
	var l LayerTest
	if canonicalOf(a, dim).turnedTest(canonicalOf(b, dim), &l) {
		t.Errorf("%d neurons of %d dimensions were turned: %d agree", n, dim, l.Agree)
	}
}
