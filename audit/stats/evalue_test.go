package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestBettingTestByHand(t *testing.T) {
	b := BettingTest{Scale: 1}
	huge := []float64{1e9, 1e9, 1e9, 1e9, 1e9}
	if o := b.EValue(huge); math.Abs(o.Value-32) > 1e-9 || math.Abs(o.P.P-1.0/32) > 1e-12 || o.P.Floor != 1.0/32 || o.P.Exact {
		t.Errorf("five huge differences: %+v, want a wealth of 2⁵", o)
	}
	want := 0.0
	for _, s := range multiples {
		want += (1 + math.Tanh(s)) * (1 + math.Tanh(s/2)) / float64(len(multiples))
	}
	if o := b.EValue([]float64{1, 0.5}); math.Abs(o.Value-want) > 1e-12 {
		t.Errorf("wealth %v, want %v", o.Value, want)
	}
	// The largest wealth counts, and it starts at 1.
	if o := b.EValue([]float64{1, 0.5, -1e9}); math.Abs(o.Value-want) > 1e-12 {
		t.Errorf("wealth %v after ruin, want %v", o.Value, want)
	}
	for _, d := range [][]float64{nil, {-1}, {0, 0}} {
		if o := b.EValue(d); o.Value != 1 || o.P.P != 1 {
			t.Errorf("%v: %+v, want 1", d, o)
		}
	}
	if o := b.EValue(repeat(9, 2000)); o.Value != math.MaxFloat64 || o.P != (PValue{P: smallestP, Floor: smallestP}) {
		t.Errorf("2,000 differences of 9: %+v, want the largest number and the smallest p-value", o)
	}
	if o := b.EValue([]float64{1, math.NaN(), 1}); o.Value != 1 || o.P != (PValue{P: 1, Floor: 1.0 / 8}) {
		t.Errorf("a NaN among the differences: %+v, want no evidence", o)
	}
}

func repeat(x float64, n int) []float64 {
	d := make([]float64, n)
	for i := range d {
		d[i] = x
	}
	return d
}

func TestConfidenceSequence(t *testing.T) {
	b := BettingTest{Scale: 0.25}
	if i := b.ConfidenceSequence(repeat(0.1, 5), 0.95); !math.IsInf(i.Low, -1) || !math.IsInf(i.High, 1) {
		t.Errorf("2⁵ < 40: the interval is %+v, want infinite limits", i)
	}
	i := b.ConfidenceSequence([]float64{0.1, 0.12, 0.08, 0.11, 0.09, 0.1, 0.1, 0.13}, 0.95)
	if !(i.Low < i.Mean && i.Mean < i.High && i.High-i.Low < 0.5) {
		t.Errorf("interval %+v", i)
	}
	j := b.ConfidenceSequence([]float64{-0.1, -0.12, -0.08, -0.11, -0.09, -0.1, -0.1, -0.13}, 0.95)
	if math.Abs(i.Low+j.High) > 1e-9 || math.Abs(i.High+j.Low) > 1e-9 {
		t.Errorf("%+v, and with all signs turned %+v", i, j)
	}
}

// n huge differences double the wealth n times: the limits are finite as soon as 2ⁿ >= 2/(1−level).
func TestConfidenceSequenceBecomesFinite(t *testing.T) {
	const level = 1 - 2.0/32
	for n, finite := range map[int]bool{4: false, 5: true, 6: true} {
		i := BettingTest{Scale: 1}.ConfidenceSequence(repeat(1e9, n), level)
		if math.IsInf(i.Low, 0) == finite || math.IsInf(i.High, 0) == finite {
			t.Errorf("%d pairs: %+v, want finite limits: %v", n, i, finite)
		}
	}
}

// The limits are finite however small the differences are beside the scale: they lie about a scale
// away from the differences.
func TestConfidenceSequenceOfALargeScale(t *testing.T) {
	i := BettingTest{Scale: 100}.ConfidenceSequence([]float64{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7}, 0.95)
	if !(i.Low > -200 && i.Low < -10 && i.High > 10 && i.High < 200) {
		t.Errorf("%+v, want limits between 10 and 200 away from 0", i)
	}
}

// The limits move with the differences, and stretch with them and the scale.
func TestConfidenceSequenceIsEquivariant(t *testing.T) {
	d := noise(rand.New(rand.NewPCG(9, 1)), 20, 0.3, normal)
	i := BettingTest{Scale: 0.5}.ConfidenceSequence(d, 0.95)
	moved, stretched := make([]float64, len(d)), make([]float64, len(d))
	for k, v := range d {
		moved[k], stretched[k] = v-1000, 3*v
	}
	m, s := BettingTest{Scale: 0.5}.ConfidenceSequence(moved, 0.95), BettingTest{Scale: 1.5}.ConfidenceSequence(stretched, 0.95)
	if math.Abs(m.Low+1000-i.Low) > 1e-6 || math.Abs(m.High+1000-i.High) > 1e-6 {
		t.Errorf("%+v, after a move by −1000 %+v", i, m)
	}
	if math.Abs(s.Low-3*i.Low) > 1e-9 || math.Abs(s.High-3*i.High) > 1e-9 {
		t.Errorf("%+v, after stretching by 3 %+v", i, s)
	}
	// At a limit the wealth of the bet is 2/(1 − level).
	var w wealth
	last := 0.0
	for _, v := range d {
		last = w.bet(v-i.Low, 0.5)
	}
	if math.Abs(last-math.Log(40)) > 1e-6 {
		t.Errorf("the logarithm of the wealth at the lower limit is %v, want log 40", last)
	}
}

// Looking after every pair and stopping at the first p <= alpha keeps alpha. So does the sequence
// of intervals.
func TestBettingTestUnderOptionalStopping(t *testing.T) {
	const runs, most = 1000, 30
	for name, from := range map[string]source{"normal": normal, "cauchy": cauchy, "coin": coin} {
		for _, scale := range []float64{0.25, 1, 4} {
			rng := rand.New(rand.NewPCG(5, 1))
			for _, alpha := range []float64{0.05, 0.2} {
				early := 0
				for range runs {
					if (BettingTest{scale}).EValue(noise(rng, most, 0, from)).P.P <= alpha {
						early++
					}
				}
				if got := float64(early) / runs; got > alpha+2*standardError(alpha, runs) {
					t.Errorf("%s noise, scale %v: p <= %v after some pair in %v of the runs", name, scale, alpha, got)
				}
			}
		}
	}
	rng := rand.New(rand.NewPCG(6, 1))
	missed := 0
	const few, level = 200, 0.9
	for range few {
		d := noise(rng, most, 3, normal)
		for n := 6; n <= most; n += 2 {
			if i := (BettingTest{1}).ConfidenceSequence(d[:n], level); i.Low > 3 || i.High < 3 {
				missed++
				break
			}
		}
	}
	if got := float64(missed) / few; got > 1-level+2*standardError(1-level, few) {
		t.Errorf("some interval of the sequence misses the shift in %v of the runs", got)
	}
}

// A larger shift is found after fewer pairs.
func TestBettingTestPower(t *testing.T) {
	const runs, most, alpha = 500, 40, 0.05
	before := float64(most + 1)
	for _, shift := range []float64{0.5, 1, 2} {
		rng := rand.New(rand.NewPCG(7, 1))
		found, pairs := 0, 0
		for range runs {
			d := noise(rng, most, shift, normal)
			n := 1
			for n < most && (BettingTest{1}).EValue(d[:n]).P.P > alpha {
				n++
			}
			pairs += n
			if (BettingTest{1}).EValue(d[:n]).P.P <= alpha {
				found++
			}
		}
		mean := float64(pairs) / runs
		t.Logf("shift of %v SD: found in %.3f of the runs, %.1f pairs on average", shift, float64(found)/runs, mean)
		if mean >= before || float64(found)/runs < 0.6 {
			t.Errorf("shift of %v SD: found in %v of the runs after %v pairs, before %v", shift, float64(found)/runs, mean, before)
		}
		before = mean
	}
}
