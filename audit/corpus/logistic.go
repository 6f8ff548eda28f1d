package corpus

import "math"

// logistic returns the weights that minimise
//
//	Σ w·log(1+exp(−y·(b+⟨θ, x⟩))) + λ/2·(‖θ‖²+b²),  y = ±1.
//
// The last weight is the intercept b. The rows of each arm have one half of the total weight, so
// the score is a log-likelihood ratio and not a log-odds. λ is the precision of a normal prior on
// the weights, and does not depend on the number of rows.
func logistic(x [][]feature, dims int, rows []int, suspect []bool, weight []float64, lambda float64, stop stopper) []float64 {
	var total [2]float64
	for _, i := range rows {
		total[btoi(suspect[i])] += weight[i]
	}
	both := (total[0] + total[1]) / 2
	balance := [2]float64{both / total[0], both / total[1]}
	return minimise(dims+1, stop, func(theta, gradient []float64) float64 {
		loss := 0.0
		for j, t := range theta {
			gradient[j] = lambda * t
			loss += lambda / 2 * t * t
		}
		for _, i := range rows {
			y, w := float64(2*btoi(suspect[i])-1), weight[i]*balance[btoi(suspect[i])]
			margin := y * linear(theta, x[i])
			// Both branches avoid the exponential of a large positive number.
			e := math.Exp(-math.Abs(margin))
			loss += w * (max(0, -margin) + math.Log1p(e))
			wrong := e / (1 + e)
			if margin < 0 {
				wrong = 1 / (1 + e)
			}
			g := -w * y * wrong
			gradient[dims] += g
			for _, f := range x[i] {
				gradient[f.id] += g * float64(f.value)
			}
		}
		return loss
	})
}

// linear returns the intercept plus the weighted sum of a row's features.
func linear(theta []float64, x []feature) float64 {
	z := theta[len(theta)-1]
	for _, f := range x {
		z += theta[f.id] * float64(f.value)
	}
	return z
}

// minimise minimises a convex function from 0 by L-BFGS with eight corrections and Armijo
// backtracking (Nocedal & Wright 2006, algorithms 7.4 and 3.1). It stops when a step improves the
// value by less than a millionth, or after 60 steps.
func minimise(n int, stop stopper, f func(x, gradient []float64) float64) []float64 {
	const memory, steps, gain = 8, 60, 1e-6
	type correction struct {
		s, y []float64
		rho  float64
	}
	var past []correction
	x, g := make([]float64, n), make([]float64, n)
	next, gNext := make([]float64, n), make([]float64, n)
	d, alpha := make([]float64, n), make([]float64, memory)
	fx := f(x, g)
	for range steps {
		if stop.stopped() {
			break
		}
		copy(d, g)
		for i := len(past) - 1; i >= 0; i-- {
			alpha[i] = past[i].rho * dot(past[i].s, d)
			axpy(-alpha[i], past[i].y, d)
		}
		scale := 1 / math.Sqrt(dot(g, g)+1e-300)
		if k := len(past) - 1; k >= 0 {
			scale = 1 / (past[k].rho * dot(past[k].y, past[k].y))
		}
		for j := range d {
			d[j] *= scale
		}
		for i, c := range past {
			axpy(alpha[i]-c.rho*dot(c.y, d), c.s, d)
		}
		slope, step, fNext := dot(g, d), 1.0, math.Inf(1)
		for range 30 {
			if stop.stopped() {
				break
			}
			for j := range x {
				next[j] = x[j] - step*d[j]
			}
			if fNext = f(next, gNext); fNext <= fx-1e-4*step*slope {
				break
			}
			step /= 2
		}
		if !(fNext < fx-gain*math.Abs(fx)) {
			break
		}
		s, y := make([]float64, n), make([]float64, n)
		for j := range x {
			s[j], y[j] = next[j]-x[j], gNext[j]-g[j]
		}
		if curve := dot(s, y); curve > 0 {
			if len(past) == memory {
				past = append(past[:0], past[1:]...)
			}
			past = append(past, correction{s, y, 1 / curve})
		}
		x, next, g, gNext, fx = next, x, gNext, g, fNext
	}
	return x
}

// dot returns the inner product of a and b.
func dot(a, b []float64) float64 {
	s := 0.0
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// axpy adds c·x to y.
func axpy(c float64, x, y []float64) {
	for i, v := range x {
		y[i] += c * v
	}
}
