package kernel

import "math"

// Exp sets y to exp(x), within 1 unit in the last place, also for denormal results. y may be x. The
// lengths must be equal.
func Exp(y, x []float32) {
	sameLength("Exp", len(y), len(x))
	exp(y, x)
}

func expGeneric(y, x []float32) {
	for i, v := range x[:len(y)] {
		y[i] = exp32(v)
	}
}

func expSumGeneric(y, x []float32, shift float32) (sum float32) {
	for i, v := range x[:len(y)] {
		e := exp32(v - shift)
		y[i] = e
		sum += e
	}
	return sum
}

// exp32 returns exp(x): x = i·ln 2 + r with |r| ≤ ln 2/2, the series of exp(r) up to r⁷/7! in
// float64, times 2ⁱ.
func exp32(x float32) float32 {
	switch {
	case x > 89:
		return float32(math.Inf(1))
	case x < -104:
		return 0
	case x != x:
		return x
	}
	const shifter = 3 << 51 // the sum of it and a small number has no fraction
	v := float64(x)
	i := v*math.Log2E + shifter - shifter
	r := v - i*math.Ln2
	p := 1 + r*(1+r*(1./2+r*(1./6+r*(1./24+r*(1./120+r*(1./720+r*(1./5040)))))))
	return float32(p * math.Float64frombits(uint64(int64(i)+1023)<<52))
}
