package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestElementwise compares with the definitions in float64.
func TestElementwise(t *testing.T) {
	cases := []struct {
		name string
		run  func(a, b, c, d []float32) // changes a
		want func(a, b, c, d float64) float64
	}{
		{"Add", func(a, b, c, d []float32) { Add(a, b) }, func(a, b, c, d float64) float64 { return a + b }},
		{"Mul", func(a, b, c, d []float32) { Mul(a, b) }, func(a, b, c, d float64) float64 { return a * b }},
		{"Scale", func(a, b, c, d []float32) { Scale(a, -3) }, func(a, b, c, d float64) float64 { return -3 * a }},
		{"Axpy", func(a, b, c, d []float32) { Axpy(a, b, 0.5) }, func(a, b, c, d float64) float64 { return a + 0.5*b }},
		{"ReLUBackward", func(a, b, c, d []float32) { ReLUBackward(a, b) }, func(a, b, c, d float64) float64 {
			if b > 0 {
				return a
			}
			return 0
		}},
		{"Rotate, first", func(a, b, c, d []float32) { Rotate(a, b, c, d) }, func(a, b, c, d float64) float64 { return a*c - b*d }},
		{"Rotate, second", func(a, b, c, d []float32) { Rotate(b, a, c, d) }, func(a, b, c, d float64) float64 { return a*c + b*d }},
	}
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 8))
		for _, c := range cases {
			for n := range 40 {
				var s [4][]float32
				for i := range s {
					s[i] = normals(r, n, 0)
				}
				in := append([]float32(nil), s[0]...)
				b := append([]float32(nil), s[1]...)
				c.run(s[0], s[1], s[2], s[3])
				for i, x := range in {
					near(t, c.name, s[0][i], c.want(float64(x), float64(b[i]), float64(s[2][i]), float64(s[3][i])), 1e-6)
				}
			}
		}
	})
}

// TestInPlace checks the functions whose result may be the operand.
func TestInPlace(t *testing.T) {
	gain, bias := randomFloats(100), randomFloats(100)
	each(t, func(t *testing.T) {
		for name, f := range map[string]func(y, x []float32){
			"Exp": Exp, "SiLU": SiLU, "GELU": GELU, "Softmax": Softmax, "LogSoftmax": LogSoftmax,
			"LayerNorm": func(y, x []float32) { LayerNorm(y, x, gain, bias, 1e-5) },
			"RMSNorm":   func(y, x []float32) { RMSNorm(y, x, gain, 1e-5) },
		} {
			x, y := randomFloats(100), make([]float32, 100)
			f(y, x)
			f(x, x)
			for i := range y {
				if math.Float32bits(x[i]) != math.Float32bits(y[i]) {
					t.Errorf("%s: in place element %d is %v, apart %v", name, i, x[i], y[i])
					break
				}
			}
		}
	})
}

func TestRows(t *testing.T) {
	each(t, func(t *testing.T) {
		y := []float32{1, 2, 3, 4, 5, 6}
		AddRows(y, []float32{10, -20, 30})
		if want := []float32{11, -18, 33, 14, -15, 36}; !equal(y, want) {
			t.Errorf("AddRows: %v, want %v", y, want)
		}
		AddRowsReLU(y, y, []float32{0, 1, -33})
		if want := []float32{11, 0, 0, 14, 0, 3}; !equal(y, want) {
			t.Errorf("AddRowsReLU: %v, want %v", y, want)
		}
		bias := []float32{1, 0, 0}
		SumRows(bias, y)
		if want := []float32{26, 0, 3}; !equal(bias, want) {
			t.Errorf("SumRows: %v, want %v", bias, want)
		}
		AddRows(nil, nil)
	})
}

func equal(x, y []float32) bool {
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] {
			return false
		}
	}
	return true
}

func TestVectorPanics(t *testing.T) {
	x, y := make([]float32, 4), make([]float32, 3)
	cases := []struct {
		want string
		call func()
	}{
		{"kernel: Add: lengths 4 and 3 differ", func() { Add(x, y) }},
		{"kernel: AddRows: length 4 is not a multiple of the row's 3", func() { AddRows(x, y) }},
		{"kernel: SumRows: length 4 is not a multiple of the row's 0", func() { SumRows(nil, x) }},
		{"kernel: Rotate: lengths 4 and 3 differ", func() { Rotate(x, x, x, y) }},
		{"kernel: CrossEntropy: target 4 is not one of 4 classes", func() { CrossEntropy(x, x, 4, 1) }},
		{"kernel: CrossEntropy: target -1 is not one of 4 classes", func() { CrossEntropy(x, x, -1, 1) }},
	}
	for _, c := range cases {
		t.Run(c.want, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, c.want) {
					t.Errorf("panic %q, want %q", got, c.want)
				}
			}()
			c.call()
		})
	}
}
