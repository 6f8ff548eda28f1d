package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// gradient returns the central difference of f with respect to x[i], in float64.
func gradient(f func(x []float64) float64, x []float32, i int) float64 {
	const h = 1e-5
	y := widen(x)
	y[i] += h
	up := f(y)
	y[i] -= 2 * h
	return (up - f(y)) / (2 * h)
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func logSumExp64(x []float64) float64 {
	most, sum := math.Inf(-1), 0.0
	for _, v := range x {
		most = max(most, v)
	}
	for _, v := range x {
		sum += math.Exp(v - most)
	}
	return most + math.Log(sum)
}

// near fails the test unless got is within the relative and absolute bound of want.
func near(t *testing.T, what string, got float32, want, bound float64) {
	t.Helper()
	if !(math.Abs(float64(got)-want) <= bound*(1+math.Abs(want))) {
		t.Fatalf("%s = %v, want %v", what, got, want)
	}
}

var rowLengths = []int{1, 2, 3, 13, 29, 32, 64, 100, 1500}

func TestSoftmax(t *testing.T) {
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, n := range rowLengths {
			x := logits(r, n)
			norm := logSumExp64(widen(x))
			near(t, "LogSumExp", LogSumExp(x), norm, 1e-6)
			y, l := make([]float32, n), make([]float32, n)
			Softmax(y, x)
			LogSoftmax(l, x)
			for i, v := range x {
				near(t, "Softmax", y[i], math.Exp(float64(v)-norm), 2e-6)
				near(t, "LogSoftmax", l[i], float64(v)-norm, 1e-6)
			}
			Softmax(x, x)
			for i := range y {
				if x[i] != y[i] {
					t.Fatalf("n = %d: in place element %d is %v, apart %v", n, i, x[i], y[i])
				}
			}
		}
	})
}

// logits returns n logits. The largest would overflow without the shift.
func logits(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 100 + 3*float32(r.NormFloat64())
	}
	return x
}

func TestSoftmaxOfMaskedRows(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	each(t, func(t *testing.T) {
		x := []float32{1, -inf, 1, -inf}
		Softmax(x, x)
		if x[0] != 0.5 || x[1] != 0 || x[2] != 0.5 || x[3] != 0 {
			t.Errorf("softmax of a masked row is %v, want [0.5 0 0.5 0]", x)
		}
		for _, c := range []struct {
			reason string
			x      []float32
			want   float32 // of LogSumExp
		}{
			{"empty", nil, -inf},
			{"all masked", []float32{-inf, -inf}, -inf},
			{"infinite", []float32{inf, 1}, inf},
			{"not a number", []float32{1, nan, inf}, nan},
		} {
			if got := LogSumExp(c.x); class(got) != class(c.want) {
				t.Errorf("%s: LogSumExp(%v) = %v, want %v", c.reason, c.x, got, c.want)
			}
			y := make([]float32, len(c.x))
			Softmax(y, c.x)
			if len(y) > 0 && y[0] == y[0] {
				t.Errorf("%s: Softmax(%v) = %v, want NaN", c.reason, c.x, y)
			}
		}
	})
}

func TestSoftmaxBackward(t *testing.T) {
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(2, 2))
		for _, n := range rowLengths[:7] {
			x, w := logits(r, n), logits(r, n)
			y, d := make([]float32, n), append([]float32(nil), w...)
			Softmax(y, x)
			SoftmaxBackward(d, y)
			f := func(x []float64) (sum float64) {
				norm := logSumExp64(x)
				for i, v := range x {
					sum += float64(w[i]-100) * math.Exp(v-norm) // a constant has no gradient
				}
				return sum
			}
			for i := range d {
				near(t, "gradient", d[i], gradient(f, x, i), 3e-5)
			}
		}
	})
}

func TestCrossEntropy(t *testing.T) {
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 2))
		for _, n := range rowLengths[:8] {
			x, target := logits(r, n), r.IntN(n)
			loss := func(x []float64) float64 { return logSumExp64(x) - x[target] }
			d := make([]float32, n)
			near(t, "loss", CrossEntropy(d, x, target, 0.5), loss(widen(x)), 2e-6)
			for i := range d {
				near(t, "gradient", d[i], 0.5*gradient(loss, x, i), 1e-5)
			}
			same := append([]float32(nil), x...)
			CrossEntropy(same, same, target, 0.5)
			for i := range d {
				if d[i] != same[i] {
					t.Fatalf("n = %d: in place element %d is %v, apart %v", n, i, same[i], d[i])
				}
			}
		}
	})
}

func TestSoftCrossEntropy(t *testing.T) {
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(4, 2))
		for _, n := range rowLengths[:8] {
			x, target := logits(r, n), logits(r, n)
			Softmax(target, target)
			loss := func(x []float64) (sum float64) {
				norm := logSumExp64(x)
				for i, p := range target {
					sum += float64(p) * (norm - x[i])
				}
				return sum
			}
			d := make([]float32, n)
			near(t, "loss", SoftCrossEntropy(d, x, target, 2), loss(widen(x)), 3e-6)
			for i := range d {
				near(t, "gradient", d[i], 2*gradient(loss, x, i), 1e-5)
			}
		}
		// A one-hot target gives the plain cross-entropy, also if a logit is masked.
		x := []float32{1, 2, float32(math.Inf(-1)), 0}
		d, e := make([]float32, 4), make([]float32, 4)
		soft, plain := SoftCrossEntropy(d, x, []float32{0, 1, 0, 0}, 1), CrossEntropy(e, x, 1, 1)
		if soft != plain || d[0] != e[0] || d[2] != 0 {
			t.Errorf("certain target: loss %v, gradient %v; want %v, %v", soft, d, plain, e)
		}
	})
}
