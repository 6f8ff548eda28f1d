package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// bruteForce is the definition of the exact p-value: it sums every sign pattern from scratch.
func bruteForce(differences [][]float64, statistic func([]float64) float64) float64 {
	signed := func(pattern int) float64 {
		sum := make([]float64, len(differences[0]))
		for i, row := range differences {
			for j, d := range row {
				if pattern>>i&1 == 1 {
					d = -d
				}
				sum[j] += d
			}
		}
		return statistic(sum)
	}
	atLeast, patterns := 0, 1<<len(differences)
	for p := range patterns {
		if signed(p) >= signed(0)-1e-9 {
			atLeast++
		}
	}
	return float64(atLeast) / float64(patterns)
}

func total(sum []float64) float64 { return sum[0] }

func absolute(sum []float64) float64 {
	var s float64
	for _, v := range sum {
		s += math.Abs(v)
	}
	return s
}

func TestSignFlipKnownValues(t *testing.T) {
	// Fisher, The Design of Experiments (1935), §21: Darwin's 15 pairs of maize
	// plants, in eighths of an inch. 863 of the 2¹⁵ sums are at least the observed 314.
	darwin := []float64{49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48}
	for _, c := range []struct {
		reason      string
		differences []float64
		want        float64 // a count of patterns over 2ⁿ
	}{
		{"Fisher's own example", darwin, 863.0 / 32768},
		{"one pair, in favour", []float64{3}, 1.0 / 2},
		{"one pair, against", []float64{-3}, 1},
		{"all in favour: the observed pattern alone", []float64{1, 2, 3, 4, 5}, 1.0 / 32},
		{"all against: every pattern is at least as good", []float64{-1, -2, -3}, 1},
		{"equal sizes, four of five in favour: 1 + 5 patterns", []float64{1, 1, 1, 1, -1}, 6.0 / 32},
		{"sum 0: + + −, − − + and the three larger ones", []float64{1, 2, -3}, 5.0 / 8},
		{"sum 0 up to rounding: ties stay ties", []float64{.1, .2, -.3}, 5.0 / 8},
		{"the last difference does not set the scale of rounding", []float64{.1, .2, -.3, 0}, 5.0 / 8},
		{"no difference at all", []float64{0, 0, 0, 0}, 1},
		{"one difference that is not 0", []float64{0, 0, 0, 2}, 1.0 / 2},
		{"a huge difference does not hide the others", []float64{1e6, 1, 1}, 1.0 / 8},
	} {
		got := SignFlip(c.differences, DefaultPermutations, 0)
		if got.P != c.want || !got.Exact {
			t.Errorf("%s: p = %v (exact: %v), want %v", c.reason, got.P, got.Exact, c.want)
		}
		if want := math.Ldexp(1, -len(c.differences)); got.Floor != want {
			t.Errorf("%s: floor %v, want %v", c.reason, got.Floor, want)
		}
	}
}

func TestSignFlipOfNoPairs(t *testing.T) {
	if got := SignFlip(nil, DefaultPermutations, 0); got != (PValue{P: 1, Floor: 1, Exact: true}) {
		t.Errorf("no pairs give %+v, want p = 1", got)
	}
}

// A difference that is not a number must never count as evidence.
func TestSignFlipOfNaN(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(-1), math.Inf(1)} {
		if got := SignFlip([]float64{1, 2, bad, 3, 4, 5}, DefaultPermutations, 0); !(got.P > got.Floor) {
			t.Errorf("%v among the differences gives %+v", bad, got)
		}
	}
}

func TestSignFlipAgainstBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for n := 1; n <= 11; n++ {
		for range 20 {
			d := make([][]float64, n)
			for i := range d {
				// Small whole numbers, so that many patterns tie exactly.
				d[i] = []float64{float64(rng.IntN(7) - 2), float64(rng.IntN(7) - 3)}
			}
			first := make([]float64, n)
			for i := range d {
				first[i] = d[i][0]
			}
			if got, want := SignFlip(first, DefaultPermutations, 0).P, bruteForce(d, total); got != want {
				t.Fatalf("%v: p = %v, brute force gives %v", first, got, want)
			}
			if got, want := SignFlipVector(d, absolute, DefaultPermutations, 0).P, bruteForce(d, absolute); got != want {
				t.Fatalf("%v, absolute: p = %v, brute force gives %v", d, got, want)
			}
		}
	}
}

// A statistic that ignores the sign of the sum has two best patterns.
func TestSignFlipVectorFloor(t *testing.T) {
	d := [][]float64{{1, -1}, {2, -2}, {1, -3}, {5, -1}, {1, -1}}
	symmetric := SignFlipVector(d, absolute, DefaultPermutations, 0)
	if want := 2.0 / 32; symmetric.P != want || symmetric.Floor != want {
		t.Errorf("symmetric statistic: %+v, want p and floor %v", symmetric, want)
	}
	if oneSided := SignFlipVector(d, total, DefaultPermutations, 0); oneSided.Floor != 1.0/32 {
		t.Errorf("one-sided statistic: floor %v, want 1/32", oneSided.Floor)
	}
}

func TestSignFlipLeavesItsInputAlone(t *testing.T) {
	for _, n := range []int{10, MaxExactPairs + 1} {
		d := noise(rand.New(rand.NewPCG(1, 1)), n, 0, normal)
		before := slices.Clone(d)
		SignFlip(d, DefaultPermutations, 1)
		if !slices.Equal(d, before) {
			t.Errorf("%d differences were changed", n)
		}
	}
}

// Random patterns estimate the exact p-value, for numbers of pairs that allow both.
func TestSignFlipDrawsAgreeWithExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	for _, n := range []int{8, 12, 16, MaxExactPairs} {
		for _, shift := range []float64{0, 0.3, 0.6} {
			d := noise(rng, n, shift, normal)
			rows, sum := make([][]float64, n), 0.0
			for i, v := range d {
				rows[i] = []float64{v}
				sum += v
			}
			exact := SignFlip(d, DefaultPermutations, 0).P
			drawn := randomSignFlips(rows, total, NewTail(sum, 1), DefaultPermutations, 7).P
			if se := math.Sqrt(exact * (1 - exact) / DefaultPermutations); math.Abs(drawn-exact) > 3*se+1.0/DefaultPermutations {
				t.Errorf("%d pairs: %v from %d draws, exact %v ± %v", n, drawn, DefaultPermutations, exact, se)
			}
		}
	}
}

func TestSignFlipBeyondMaxExact(t *testing.T) {
	d := noise(rand.New(rand.NewPCG(3, 0)), MaxExactPairs+1, 0.2, normal)
	got := SignFlip(d, DefaultPermutations, 5)
	if got.Exact || got.Floor != 1.0/(DefaultPermutations+1) || got.P < got.Floor || got.P > 1 {
		t.Errorf("%d pairs give %+v", len(d), got)
	}
	if exact := SignFlip(d[:MaxExactPairs], DefaultPermutations, 5); !exact.Exact || exact.Floor != math.Ldexp(1, -MaxExactPairs) {
		t.Errorf("%d pairs give %+v, want an exact p-value", MaxExactPairs, exact)
	}
	if SignFlip(d, DefaultPermutations, 5) != got {
		t.Error("one seed gives two p-values")
	}
	if SignFlip(d, DefaultPermutations, 6).P == got.P {
		t.Error("the seed draws nothing")
	}
	sure := make([]float64, 80) // more than the 64 signs of one random word
	for i := range sure {
		sure[i] = 1
	}
	if p := SignFlip(sure, DefaultPermutations, 1); p.P != p.Floor {
		t.Errorf("80 pairs that agree: %+v, want the floor", p)
	}
	clear(sure)
	if p := SignFlip(sure, DefaultPermutations, 1); p.P != 1 {
		t.Errorf("80 differences of 0: p = %v, want 1", p.P)
	}
}

func TestPairsNeeded(t *testing.T) {
	for _, c := range []struct {
		alpha float64
		tests int
		want  int
	}{
		{0.05, 1, 5}, // 1/32 = .03125
		{0.05, 2, 6}, // 1/64 = .0156 ≤ .025
		{0.05, 3, 6}, // ≤ .0167
		{0.05, 4, 7}, // 1/128 = .0078 ≤ .0125
		{0.05, 10, 8},
		{0.05, 100, 11},
		{0.01, 1, 7},
		{0.001, 1, 10},
		{0.25, 1, 2}, // 1/4 exactly
		{0.49, 1, 2},
		{0.05, 0, 1},
		{1, 1, 1},
		{5e-324, 1, 1074}, // the smallest number > 0
	} {
		if got := MinPairs(c.alpha, c.tests); got != c.want {
			t.Errorf("alpha %v over %d tests: %d pairs, want %d", c.alpha, c.tests, got, c.want)
		}
	}
}
