package kernel

import "math"

// LayerNorm sets y to (x - mean)·scale·gain + bias for one row, where scale = 1/√(variance +
// epsilon) (Ba, Kiros & Hinton 2016), and returns mean and scale, which LayerNormBackward needs. y
// may be x.
func LayerNorm(y, x, gain, bias []float32, epsilon float32) (mean, scale float32) {
	sameLength("LayerNorm", len(y), len(x))
	sameLength("LayerNorm", len(y), len(gain))
	sameLength("LayerNorm", len(y), len(bias))
	n := float32(len(x))
	mean = sum(x) / n
	scale = rsqrt32(squares(x, mean)/n + epsilon)
	normalize(y, x, gain, bias, mean, scale)
	return mean, scale
}

// LayerNormBackward replaces d, the gradient of one row of a LayerNorm, by the gradient of its
// input x, and adds the gradients of gain and bias to dgain and dbias.
func LayerNormBackward(d, x, gain, dgain, dbias []float32, mean, scale float32) {
	sameLength("LayerNormBackward", len(d), len(x))
	sameLength("LayerNormBackward", len(d), len(gain))
	sameLength("LayerNormBackward", len(d), len(dgain))
	sameLength("LayerNormBackward", len(d), len(dbias))
	plain, weighted := normSums(d, x, gain, mean, scale)
	n := float32(len(d))
	layerNormBackward(d, x, gain, dgain, dbias, mean, scale, plain/n, weighted/n)
}

// RMSNorm sets y to x·scale·gain for one row, where scale = 1/√(mean of x² + epsilon) (Zhang &
// Sennrich 2019), and returns scale, which RMSNormBackward needs. y may be x.
func RMSNorm(y, x, gain []float32, epsilon float32) (scale float32) {
	sameLength("RMSNorm", len(y), len(x))
	sameLength("RMSNorm", len(y), len(gain))
	scale = rsqrt32(dot(x, x)/float32(len(x)) + epsilon)
	scaleGain(y, x, gain, scale)
	return scale
}

// RMSNormBackward replaces d, the gradient of one row of an RMSNorm, by the gradient of its input
// x, and adds the gradient of gain to dgain.
func RMSNormBackward(d, x, gain, dgain []float32, scale float32) {
	sameLength("RMSNormBackward", len(d), len(x))
	sameLength("RMSNormBackward", len(d), len(gain))
	sameLength("RMSNormBackward", len(d), len(dgain))
	_, weighted := normSums(d, x, gain, 0, scale)
	rmsNormBackward(d, x, gain, dgain, scale, weighted/float32(len(d)))
}

func rsqrt32(x float32) float32 { return float32(1 / math.Sqrt(float64(x))) }

func normalizeGeneric(y, x, gain, bias []float32, mean, scale float32) {
	gain, bias = gain[:len(y)], bias[:len(y)]
	for i, v := range x[:len(y)] {
		y[i] = (v-mean)*scale*gain[i] + bias[i]
	}
}

func scaleGainGeneric(y, x, gain []float32, scale float32) {
	gain = gain[:len(y)]
	for i, v := range x[:len(y)] {
		y[i] = v * scale * gain[i]
	}
}

func normSumsGeneric(d, x, gain []float32, mean, scale float32) (plain, weighted float32) {
	x, gain = x[:len(d)], gain[:len(d)]
	for i, v := range d {
		v *= gain[i]
		plain += v
		weighted += v * (x[i] - mean) * scale
	}
	return plain, weighted
}

func layerNormBackwardGeneric(d, x, gain, dgain, dbias []float32, mean, scale, plain, weighted float32) {
	x, gain, dgain, dbias = x[:len(d)], gain[:len(d)], dgain[:len(d)], dbias[:len(d)]
	for i, v := range d {
		t := (x[i] - mean) * scale
		dgain[i] += v * t
		dbias[i] += v
		d[i] = (v*gain[i] - plain - t*weighted) * scale
	}
}

func rmsNormBackwardGeneric(d, x, gain, dgain []float32, scale, weighted float32) {
	x, gain, dgain = x[:len(d)], gain[:len(d)], dgain[:len(d)]
	for i, v := range d {
		t := x[i] * scale
		dgain[i] += v * t
		d[i] = (v*gain[i] - t*weighted) * scale
	}
}
