package nplm

import (
	"math"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
)

// displacement returns the unit gradient of the mean log-likelihood of rows and its norm, from the
// weights of a model after a step of length 1.
func displacement(t *testing.T, m *Model, data *undertone.Dataset) (unit []float64, norm float64) {
	t.Helper()
	moved, norm, err := m.GradientStep(t.Context(), data, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range moved.(*Model).params() {
		for j, v := range p.Data() {
			unit = append(unit, float64(v)-float64(m.params()[i].Data()[j]))
		}
	}
	return unit, norm
}

// TestGradientStepAgainstTheExactProduct: the derivative of a row's log-likelihood along the
// gradient of other rows, by central difference, is the inner product of the two gradients.
func TestGradientStepAgainstTheExactProduct(t *testing.T) {
	m, data := speaker(t), language(40)
	unit, norm := displacement(t, m, data.Select([]int{0, 1, 2, 3}).(*undertone.Dataset))
	length := 0.0
	for _, v := range unit {
		length += v * v
	}
	if math.Abs(length-1) > 1e-3 || !(norm > 0) {
		t.Fatalf("a step of 1 moves the weights by %v, the norm is %v", math.Sqrt(length), norm)
	}
	const h = 1e-2
	var logs [2][]float64
	for i, step := range []float64{h, -h} {
		moved, _, err := m.GradientStep(t.Context(), data.Select([]int{0, 1, 2, 3}), step)
		if err != nil {
			t.Fatal(err)
		}
		examples := make([]undertone.Example, 0, 20)
		for row := 10; row < 30; row++ {
			examples = append(examples, data.Example(row))
		}
		if logs[i], err = moved.(*Model).LogProb(t.Context(), examples); err != nil {
			t.Fatal(err)
		}
	}
	for row := 10; row < 30; row++ {
		other, size := displacement(t, m, data.Select([]int{row}).(*undertone.Dataset))
		exact := 0.0
		for j, v := range other {
			exact += size * v * unit[j]
		}
		if got := (logs[0][row-10] - logs[1][row-10]) / (2 * h); math.Abs(got-exact) > 0.02*size {
			t.Errorf("row %d: derivative %v by difference, %v exactly (gradient %v)", row, got, exact, size)
		}
	}
	if _, _, err := m.GradientStep(t.Context(), undertone.NewDataset("none", nil), 1); err == nil {
		t.Error("a gradient step along no rows")
	}
}

// gradient returns the gradient of one row's log-likelihood.
func gradient(t *testing.T, m *Model, data *undertone.Dataset, row int) []float64 {
	t.Helper()
	g, norm := displacement(t, m, data.Select([]int{row}).(*undertone.Dataset))
	for j := range g {
		g[j] *= norm
	}
	return g
}

// TestPreconditionedStepAgainstTheExactProduct computes P from its definition, with the gradients
// of single rows. The derivative of a row's log-likelihood along P∇J, by central difference, is
// ∇ℓ·P∇J within 1 %.
func TestPreconditionedStepAgainstTheExactProduct(t *testing.T) {
	m, data := speaker(t), language(40)
	measured, overt := []int{30, 31, 32, 33, 34, 35, 36, 37}, []int{0, 1, 2, 3}
	for _, metric := range []student.DiagonalMetric{{Power: 0.5, Damping: 0.1}, {Power: 1, Damping: 0.01}} {
		scale := make([]float64, m.Parameters())
		for _, row := range measured {
			for j, v := range gradient(t, m, data, row) {
				scale[j] += v * v / float64(len(measured))
			}
		}
		mean := 0.0
		for j, v := range scale {
			scale[j] = math.Pow(v, metric.Power)
			mean += scale[j] / float64(len(scale))
		}
		along, squared := make([]float64, len(scale)), 0.0 // P∇J and ∇J·P∇J
		up, size := displacement(t, m, data.Select(overt).(*undertone.Dataset))
		for j, v := range up {
			scale[j] = 1 / (scale[j]/mean + metric.Damping)
			along[j] = scale[j] * size * v
			squared += along[j] * size * v
		}

		stepper, err := m.Precondition(t.Context(), data.Select(measured), metric)
		if err != nil {
			t.Fatal(err)
		}
		var norm float64
		var logs [2][]float64
		const h = 2e-2
		for way, step := range []float64{h, -h} {
			moved, n, err := stepper.GradientStep(t.Context(), data.Select(overt), step)
			if err != nil {
				t.Fatal(err)
			}
			examples := make([]undertone.Example, 0, 20)
			for row := 10; row < 30; row++ {
				examples = append(examples, data.Example(row))
			}
			if logs[way], err = moved.(*Model).LogProb(t.Context(), examples); err != nil {
				t.Fatal(err)
			}
			norm = n
		}
		if math.Abs(norm*norm/squared-1) > 1e-2 {
			t.Errorf("%+v: the norm is %v, √(∇J·P∇J) is %v", metric, norm, math.Sqrt(squared))
		}
		for row := 10; row < 30; row++ {
			exact := 0.0
			for j, v := range gradient(t, m, data, row) {
				exact += v * along[j]
			}
			// Rounding adds to the 1 %: a few units in the last place of float32 softmaxes and
			// their logarithms.
			rounding := norm * (1 + math.Abs(logs[0][row-10])) * 0x1p-21 / (2 * h)
			if got := norm * (logs[0][row-10] - logs[1][row-10]) / (2 * h); math.Abs(got-exact) > 0.01*math.Abs(exact)+rounding {
				t.Errorf("%+v, row %d: derivative %v by difference, %v exactly, rounding %v", metric, row, got, exact, rounding)
			}
		}
	}
	if _, err := m.Precondition(t.Context(), undertone.NewDataset("none", nil), student.DiagonalMetric{Power: 1, Damping: 1}); err == nil {
		t.Error("a metric from no rows")
	}
}
