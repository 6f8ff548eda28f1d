package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

const normEpsilon = 1e-5

func layerNorm64(x []float64, gain, bias []float32) []float64 {
	n, mean, variance := float64(len(x)), 0.0, 0.0
	for _, v := range x {
		mean += v / n
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / n
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = (v-mean)/math.Sqrt(variance+normEpsilon)*float64(gain[i]) + float64(bias[i])
	}
	return y
}

func rmsNorm64(x []float64, gain []float32) []float64 {
	square := 0.0
	for _, v := range x {
		square += v * v / float64(len(x))
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = v / math.Sqrt(square+normEpsilon) * float64(gain[i])
	}
	return y
}

func dot64(x []float64, w []float32) (sum float64) {
	for i, v := range x {
		sum += v * float64(w[i])
	}
	return sum
}

func normals(r *rand.Rand, n int, mean float32) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = mean + float32(r.NormFloat64())
	}
	return x
}

func TestLayerNorm(t *testing.T) {
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 3))
		for _, n := range []int{2, 3, 13, 29, 64, 130} {
			x, gain, bias, w := normals(r, n, 5), normals(r, n, 1), normals(r, n, 0), normals(r, n, 0)
			y := make([]float32, n)
			mean, scale := LayerNorm(y, x, gain, bias, normEpsilon)
			for i, want := range layerNorm64(widen(x), gain, bias) {
				near(t, "LayerNorm", y[i], want, 3e-6)
			}
			d, dgain, dbias := append([]float32(nil), w...), make([]float32, n), make([]float32, n)
			dgain[0] = 1 // gradients are summed
			LayerNormBackward(d, x, gain, dgain, dbias, mean, scale)
			dgain[0]--
			for i := range d {
				near(t, "gradient of x", d[i], gradient(func(x []float64) float64 { return dot64(layerNorm64(x, gain, bias), w) }, x, i), 1e-4)
				near(t, "gradient of gain", dgain[i], float64(w[i]*(y[i]-bias[i])/gain[i]), 1e-4)
				near(t, "gradient of bias", dbias[i], float64(w[i]), 0)
			}
		}
	})
}

func TestRMSNorm(t *testing.T) {
	each(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(2, 3))
		for _, n := range []int{1, 2, 3, 13, 29, 64, 130} {
			x, gain, w := normals(r, n, 0.5), normals(r, n, 1), normals(r, n, 0)
			y := make([]float32, n)
			scale := RMSNorm(y, x, gain, normEpsilon)
			for i, want := range rmsNorm64(widen(x), gain) {
				near(t, "RMSNorm", y[i], want, 2e-6)
			}
			d, dgain := append([]float32(nil), w...), make([]float32, n)
			RMSNormBackward(d, x, gain, dgain, scale)
			for i := range d {
				near(t, "gradient of x", d[i], gradient(func(x []float64) float64 { return dot64(rmsNorm64(x, gain), w) }, x, i), 1e-4)
				near(t, "gradient of gain", dgain[i], float64(w[i]*y[i]/gain[i]), 1e-4)
			}
		}
	})
}
