package mlplm

import (
	"math"
	"testing"

	"github.com/undertone-audit/undertone"
)

// displacement returns the unit gradient of rows' mean log-likelihood and its norm, from the
// weights of a model that has moved by 1 along it.
func displacement(t *testing.T, m *Model, data *undertone.Dataset) (unit []float64, norm float64) {
	t.Helper()
	moved, norm, err := m.Ascend(t.Context(), data, 1)
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

// TestAscendAgainstTheExactProduct: the derivative of a row's log-likelihood along the gradient of
// other rows, by central difference, is the inner product of the two gradients.
func TestAscendAgainstTheExactProduct(t *testing.T) {
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
		moved, _, err := m.Ascend(t.Context(), data.Select([]int{0, 1, 2, 3}), step)
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
	if _, _, err := m.Ascend(t.Context(), undertone.NewDataset("none", nil), 1); err == nil {
		t.Error("a gradient of no rows")
	}
}
