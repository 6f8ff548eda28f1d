package kernel

import "math"

// Sum returns the sum of x, 0 for an empty x. Its error is at most (n/64 + 10)·eps·Σ|x| with
// assembly and (n/4 + 4)·eps·Σ|x| without, where eps = 2⁻²⁴.
func Sum(x []float32) float32 { return sum(x) }

// Dot returns the sum of x·y over all elements. The lengths must be equal.
func Dot(x, y []float32) float32 {
	sameLength("Dot", len(x), len(y))
	return dot(x, y)
}

// Max returns the largest element, NaN if an element is NaN, -Inf for an empty x.
func Max(x []float32) float32 { return maximum(x) }

// CountLess returns the number of elements that are less than a number, at most 2²⁴. NaN is not
// less.
func CountLess(x []float32, than float32) int { return int(less(x, than)) }

func sumGeneric(x []float32) float32 {
	var s0, s1, s2, s3 float32
	for ; len(x) >= 4; x = x[4:] {
		s0 += x[0]
		s1 += x[1]
		s2 += x[2]
		s3 += x[3]
	}
	for _, v := range x {
		s0 += v
	}
	return (s0 + s1) + (s2 + s3)
}

func dotGeneric(x, y []float32) float32 {
	var s0, s1, s2, s3 float32
	for ; len(x) >= 4 && len(y) >= 4; x, y = x[4:], y[4:] {
		s0 += x[0] * y[0]
		s1 += x[1] * y[1]
		s2 += x[2] * y[2]
		s3 += x[3] * y[3]
	}
	for i, v := range x {
		s0 += v * y[i]
	}
	return (s0 + s1) + (s2 + s3)
}

func squaresGeneric(x []float32, mean float32) float32 {
	var s0, s1 float32
	for ; len(x) >= 2; x = x[2:] {
		a, b := x[0]-mean, x[1]-mean
		s0 += a * a
		s1 += b * b
	}
	for _, v := range x {
		s0 += (v - mean) * (v - mean)
	}
	return s0 + s1
}

func maximumGeneric(x []float32) float32 {
	most := float32(math.Inf(-1))
	for _, v := range x {
		if v <= most {
			continue
		}
		if most = v; v != v {
			return v
		}
	}
	return most
}

func lessGeneric(x []float32, than float32) float32 {
	n := 0
	for _, v := range x {
		if v < than {
			n++
		}
	}
	return float32(n)
}
