package kernel

import (
	"fmt"
	"strings"
	"testing"
)

func TestRows(t *testing.T) {
	each(t, func(t *testing.T) {
		y := []float32{1, 2, 3, 4, 5, 6}
		AddRows(y, []float32{10, -20, 30})
		if want := []float32{11, -18, 33, 14, -15, 36}; !equal(y, want) {
			t.Errorf("AddRows: %v, want %v", y, want)
		}
		AddRowsReLU(y, []float32{0, 1, -33})
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
