package tensor

import (
	"math"
	"math/rand/v2"
	"testing"
)

func near(got float32, want, tolerance float64) bool {
	return math.Abs(float64(got)-want) <= tolerance*(1+math.Abs(want))
}

// TestSoftmaxKnown: softmax of (0, ln 2, ln 5) is (1, 2, 5)/8 and the gradient of
// its first element is y₀(δ₀ⱼ − yⱼ) (the softmax Jacobian).
func TestSoftmaxKnown(t *testing.T) {
	x := FromSlice([]float32{0, math.Ln2, float32(math.Log(5))}, 3)
	tape := NewTape(x)
	y := tape.Softmax(x)
	tape.Backward(tape.Sum(tape.Columns(y, 0, 1)))
	p := []float64{1. / 8, 2. / 8, 5. / 8}
	for j, want := range p {
		if !near(y.data[j], want, 1e-7) {
			t.Errorf("softmax[%d] = %v, want %v", j, y.data[j], want)
		}
		grad := -p[0] * want
		if j == 0 {
			grad += p[0]
		}
		if !near(tape.Grad(x).data[j], grad, 1e-7) {
			t.Errorf("gradient[%d] = %v, want %v", j, tape.Grad(x).data[j], grad)
		}
	}
}

// TestCrossEntropyKnown: the loss of uniform logits is log n, with gradient (1/n − onehot)/rows.
// Ignored rows do not count.
func TestCrossEntropyKnown(t *testing.T) {
	x := New(3, 4)
	x.data[4], x.data[5] = 7, -7 // of the ignored row
	tape := NewTape(x)
	loss := tape.CrossEntropy(x, []int32{1, Ignore, 3})
	tape.Backward(loss)
	if !near(loss.Item(), math.Log(4), 1e-7) {
		t.Errorf("loss %v, want log 4", loss.Item())
	}
	want := []float32{.125, -.375, .125, .125, 0, 0, 0, 0, .125, .125, .125, -.375}
	for i, g := range tape.Grad(x).data {
		if g != want[i] {
			t.Errorf("gradient[%d] = %v, want %v", i, g, want[i])
		}
	}
	if all := tape.CrossEntropy(x, []int32{Ignore, Ignore, Ignore}); all.Item() != 0 {
		t.Errorf("loss of no rows is %v, want 0", all.Item())
	}
}

// TestLossesAreStable: logits far apart or far from 0 do not overflow, and the error is that of the
// rounding of Σexp in float32, 1e-7 nats.
func TestLossesAreStable(t *testing.T) {
	var tape *Tape
	for _, c := range []struct {
		reason string
		logits []float32
		target int32
		want   float64
	}{
		{"the largest logit wins by far", []float32{1e4, 0}, 0, 0},
		{"and loses by far", []float32{1e4, 0}, 1, 1e4},
		{"a common shift does not matter", []float32{-8e3, -8e3 + 1}, 0, math.Log(1 + math.E)},
		{"a small loss", []float32{12, 0}, 0, math.Log1p(math.Exp(-12))},
		{"an impossible other class", []float32{3, float32(math.Inf(-1))}, 0, 0},
	} {
		x := FromSlice(c.logits, 1, 2)
		if got := tape.CrossEntropy(x, []int32{c.target}).Item(); math.Abs(float64(got)-c.want) > 1e-6*c.want+1e-7 {
			t.Errorf("%s: cross-entropy %v, want %v", c.reason, got, c.want)
		}
		if got := -tape.LogSoftmax(x).data[c.target]; math.Abs(float64(got)-c.want) > 1e-6*c.want+1e-7 {
			t.Errorf("%s: log-softmax %v, want %v", c.reason, -got, -c.want)
		}
		one := FromSlice([]float32{0, 0}, 1, 2)
		one.data[c.target] = 1
		for name, got := range map[string]*Tensor{"soft cross-entropy": tape.SoftCrossEntropy(x, one), "KL": tape.KL(x, one)} {
			if math.Abs(float64(got.Item())-c.want) > 1e-6*c.want+1e-7 {
				t.Errorf("%s: %s to a one-hot target %v, want %v", c.reason, name, got.Item(), c.want)
			}
		}
	}
}

// TestKLKnown: the divergence from its own softmax is 0, with no gradient; of (¼, ¾) from (½, ½) it
// is ¼·log ½ + ¾·log 3/2.
func TestKLKnown(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := Normal(rng, 2, 5, 7)
	tape := NewTape(x)
	loss := tape.KL(x, (*Tape)(nil).Softmax(x))
	tape.Backward(loss)
	if !near(loss.Item(), 0, 1e-6) {
		t.Errorf("KL from itself is %v, want 0", loss.Item())
	}
	for i, g := range tape.Grad(x).data {
		if !near(g, 0, 1e-7) {
			t.Errorf("gradient[%d] = %v, want 0", i, g)
		}
	}
	got := (*Tape)(nil).KL(New(1, 2), FromSlice([]float32{.25, .75}, 1, 2)).Item()
	if want := .25*math.Log(.5) + .75*math.Log(1.5); !near(got, want, 1e-7) {
		t.Errorf("KL of (¼, ¾) from (½, ½) is %v, want %v", got, want)
	}
}

// TestNaNSurfaces: a NaN reaches the loss.
func TestNaNSurfaces(t *testing.T) {
	var tape *Tape
	one := FromSlice([]float32{1, 1, 1}, 3)
	for at := range 3 {
		x := New(1, 3)
		x.data[at] = float32(math.NaN())
		token, one3 := tape.Reshape(x, 1, 1, 1, 3), FromSlice([]float32{1, 1, 1}, 1, 3)
		for name, y := range map[string]*Tensor{
			"ReLU": tape.ReLU(x), "Tanh": tape.Tanh(x), "Softmax": tape.Softmax(x), "LogSoftmax": tape.LogSoftmax(x),
			"GELU": tape.GELU(x), "GELUTanh": tape.GELUTanh(x), "SiLU": tape.SiLU(x), "SwiGLU": tape.SwiGLU(New(1, 3), x), "GEGLU": tape.GEGLU(x, one3),
			"LayerNorm": tape.LayerNorm(x, one, one, 1), "RMSNorm": tape.RMSNorm(x, one, 1),
			"LinearReLU":   tape.LinearReLU(x, New(3, 2), New(2)),
			"keys":         tape.Attention(New(1, 1, 1, 3), token, New(1, 1, 1, 3)),
			"capped keys":  tape.AttentionWith(New(1, 1, 1, 3), token, New(1, 1, 1, 3), AttentionOptions{Softcap: 1}),
			"values":       tape.Attention(New(1, 1, 1, 3), New(1, 1, 1, 3), token),
			"CrossEntropy": tape.CrossEntropy(x, []int32{0}), "KL": tape.KL(x, tape.Softmax(New(1, 3))),
		} {
			if s := tape.Sum(y).Item(); s == s {
				t.Errorf("%s hides a NaN in element %d: %v", name, at, y.data)
			}
		}
	}
}
