package kernel

import "fmt"

// Add adds x to y. The lengths must be equal.
func Add(y, x []float32) {
	sameLength("Add", len(y), len(x))
	add(y, x)
}

// Mul multiplies y by x, element by element. The lengths must be equal.
func Mul(y, x []float32) {
	sameLength("Mul", len(y), len(x))
	mul(y, x)
}

// Scale multiplies y by alpha.
func Scale(y []float32, alpha float32) { scale(y, alpha) }

// Axpy adds alpha·x to y. The lengths must be equal.
func Axpy(y, x []float32, alpha float32) {
	sameLength("Axpy", len(y), len(x))
	axpy(y, x, alpha)
}

// AddRows adds x to each row of y, whose length must be a multiple of x's: the bias of a linear
// layer.
func AddRows(y, x []float32) {
	wholeRows("AddRows", len(y), len(x))
	for n := len(x); len(y) > 0; y = y[n:] {
		add(y[:n], x)
	}
}

// AddRowsReLU sets each row of y to max(row of x + b, 0). A NaN stays. y may be x.
func AddRowsReLU(y, x, b []float32) {
	sameLength("AddRowsReLU", len(y), len(x))
	wholeRows("AddRowsReLU", len(y), len(b))
	for n := len(b); len(y) > 0; y, x = y[n:], x[n:] {
		addReLU(y[:n], x, b)
	}
}

// SumRows adds each row of x to y, first row first: the gradient of AddRows.
func SumRows(y, x []float32) {
	wholeRows("SumRows", len(x), len(y))
	for n := len(y); len(x) > 0; x = x[n:] {
		add(y, x[:n])
	}
}

// ReLUBackward clears d where y ≤ 0; y is the result of the ReLU, or its input.
func ReLUBackward(d, y []float32) {
	sameLength("ReLUBackward", len(d), len(y))
	reluBackward(d, y)
}

// Rotate rotates each point (a, b) by the angle with the given cosine and sine, as rotary position
// embeddings do (Su et al. 2021) with the halves of a head. With -sin it is the gradient. The
// lengths must be equal.
func Rotate(a, b, cos, sin []float32) {
	sameLength("Rotate", len(a), len(b))
	sameLength("Rotate", len(a), len(cos))
	sameLength("Rotate", len(a), len(sin))
	rotate(a, b, cos, sin)
}

func addGeneric(y, x []float32) {
	for i, v := range x[:len(y)] {
		y[i] += v
	}
}

func mulGeneric(y, x []float32) {
	for i, v := range x[:len(y)] {
		y[i] *= v
	}
}

func scaleGeneric(y []float32, alpha float32) {
	for i := range y {
		y[i] *= alpha
	}
}

func shiftGeneric(y, x []float32, alpha float32) {
	for i, v := range x[:len(y)] {
		y[i] = v + alpha
	}
}

func axpyGeneric(y, x []float32, alpha float32) {
	for i, v := range x[:len(y)] {
		y[i] += alpha * v
	}
}

func addReLUGeneric(y, a, b []float32) {
	a, b = a[:len(y)], b[:len(y)]
	for i, v := range a {
		y[i] = max(v+b[i], 0)
	}
}

func reluBackwardGeneric(d, y []float32) {
	for i, v := range y[:len(d)] {
		if v <= 0 {
			d[i] = 0
		}
	}
}

func rotateGeneric(a, b, cos, sin []float32) {
	b, cos, sin = b[:len(a)], cos[:len(a)], sin[:len(a)]
	for i, x := range a {
		y := b[i]
		a[i] = x*cos[i] - y*sin[i]
		b[i] = y*cos[i] + x*sin[i]
	}
}

func sameLength(function string, want, got int) {
	if want != got {
		panic(fmt.Sprintf("kernel: %s: lengths %d and %d differ", function, want, got))
	}
}

func wholeRows(function string, length, row int) {
	if length > 0 && (row == 0 || length%row != 0) {
		panic(fmt.Sprintf("kernel: %s: length %d is not a multiple of the row's %d", function, length, row))
	}
}
