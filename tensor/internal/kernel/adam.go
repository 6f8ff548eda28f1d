package kernel

import "math"

// AdamStep configures one step of Adam (Kingma & Ba 2015) or, with Decay, of AdamW (Loshchilov &
// Hutter 2019).
type AdamStep struct {
	Rate         float64 // learning rate
	Beta1, Beta2 float64 // of the running means of the gradient and its square
	Epsilon      float64 // added to the square root of the mean square
	Decay        float64 // decoupled weight decay, times Rate; 0 is plain Adam
	Step         int     // counts from 1
}

// Adam updates the parameters p by their gradient d and the running means m and v, which are 0
// before the first step:
//
//	m = β₁·m + (1-β₁)·d
//	v = β₂·v + (1-β₂)·d²
//	p = p·(1 - rate·decay) - rate·m̂/(√v̂ + ε),  m̂ = m/(1-β₁ᵗ),  v̂ = v/(1-β₂ᵗ)
//
// The corrections of m and v are folded into rate and ε. The lengths must be equal.
func Adam(p, d, m, v []float32, s AdamStep) {
	sameLength("Adam", len(p), len(d))
	sameLength("Adam", len(p), len(m))
	sameLength("Adam", len(p), len(v))
	root := math.Sqrt(1 - math.Pow(s.Beta2, float64(s.Step)))
	rate := s.Rate * root / (1 - math.Pow(s.Beta1, float64(s.Step)))
	adam(p, d, m, v, float32(s.Beta1), float32(1-s.Beta1), float32(s.Beta2), float32(1-s.Beta2),
		float32(rate), float32(s.Epsilon*root), float32(1-s.Rate*s.Decay))
}

func adamGeneric(p, d, m, v []float32, beta1, rest1, beta2, rest2, rate, epsilon, keep float32) {
	d, m, v = d[:len(p)], m[:len(p)], v[:len(p)]
	for i, w := range p {
		x := d[i]
		mean := beta1*m[i] + rest1*x
		square := beta2*v[i] + rest2*(x*x)
		m[i], v[i] = mean, square
		p[i] = w*keep - rate*mean/(float32(math.Sqrt(float64(square)))+epsilon)
	}
}
