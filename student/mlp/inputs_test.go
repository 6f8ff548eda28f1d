package mlp

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func row(x Inputs, i int) []float32 {
	v := make([]float32, x.Width())
	x.Read(i, v)
	return v
}

// TestNoise checks the moments of the uniform distribution on [−1, 1) over 2·10⁵ numbers, and the
// correlation of neighbouring rows, within five standard errors.
func TestNoise(t *testing.T) {
	const n, width = 2000, 101
	x := mustNoise(t, 5, n, width)
	var sum, squares, neighbours float64
	before := make([]float32, width)
	for i := range n {
		now := row(x, i)
		for j, v := range now {
			if v < -1 || v >= 1 {
				t.Fatalf("row %d, column %d is %v", i, j, v)
			}
			sum += float64(v)
			squares += float64(v) * float64(v)
			neighbours += float64(v) * float64(before[j])
		}
		before = now
	}
	const total = n * width
	for _, c := range []struct {
		name                 string
		got, want, deviation float64 // deviation of one number
	}{
		{"mean", sum / total, 0, math.Sqrt(1. / 3)},
		{"second moment", squares / total, 1. / 3, math.Sqrt(4. / 45)},
		{"product of neighbouring rows", neighbours / total, 0, 1. / 3},
	} {
		if math.Abs(c.got-c.want) > 5*c.deviation/math.Sqrt(total) {
			t.Errorf("%s is %v, want %v", c.name, c.got, c.want)
		}
	}
	if !slices.Equal(row(x, 7), row(mustNoise(t, 5, 8, width), 7)) {
		t.Error("a row depends on the number of rows")
	}
	if slices.Equal(row(x, 7), row(mustNoise(t, 6, 8, width), 7)) || x.digest(7) == mustNoise(t, 6, 8, width).digest(7) {
		t.Error("a row does not depend on the seed")
	}
}

func TestPixelsAndFloats(t *testing.T) {
	p, err := Pixels([]byte{0, 255, 51, 204}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if got := row(p, 0); !slices.Equal(got, []float32{-1, 1}) {
		t.Errorf("pixels 0 and 255 are %v, want −1 and 1", got)
	}
	if got := row(p, 1); math.Abs(float64(got[0])+.6) > 1e-6 || math.Abs(float64(got[1])-.6) > 1e-6 {
		t.Errorf("pixels 51 and 204 are %v, want −.6 and .6", got)
	}
	f, err := Floats([]float32{1, 2, 3, 4, 1, 2}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if f.Len() != 3 || !slices.Equal(row(f, 1), []float32{3, 4}) || f.digest(0) != f.digest(2) || f.digest(0) == f.digest(1) {
		t.Errorf("%d rows, row 1 is %v", f.Len(), row(f, 1))
	}
}

func TestInputsErrors(t *testing.T) {
	pixels := func(n, width int) error { _, err := Pixels(make([]byte, n), width); return err }
	noise := func(rows, width int) error { _, err := Noise(0, rows, width); return err }
	_, infinite := Floats([]float32{0, 0, 0, float32(math.Inf(1))}, 2)
	for _, c := range []struct {
		err  error
		want string
	}{
		{pixels(5, 2), "5 numbers do not make rows of 2"},
		{pixels(5, 0), "5 numbers do not make rows of 0"},
		{noise(-1, 3), "-1 rows of 3 numbers"},
		{noise(1, 0), "1 rows of 0 numbers"},
		{noise(math.MaxInt, 1), "rows of 1 numbers"},
		{infinite, "row 1, column 1 is +Inf"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", c.err, c.want)
		}
	}
}
