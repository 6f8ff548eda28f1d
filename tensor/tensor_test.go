package tensor

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
)

// panicText returns the message that f panics with, or "" if it does not.
func panicText(f func()) (text string) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			text = r.Error()
		default:
			text = fmt.Sprint(r)
		}
	}()
	f()
	return ""
}

func TestAccessors(t *testing.T) {
	x := FromSlice([]float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 2, 3, 2)
	if got := x.At(1, 2, 0); got != 10 {
		t.Errorf("At(1, 2, 0) = %v, want 10: row-major", got)
	}
	if x.Rank() != 3 || x.Len() != 12 || x.Dim(1) != 3 || x.Dim(-1) != 2 || !slices.Equal(x.Shape(), []int{2, 3, 2}) {
		t.Errorf("rank %d, len %d, shape %v", x.Rank(), x.Len(), x.Shape())
	}
	if got := x.Row(4); !slices.Equal(got, []float32{8, 9}) {
		t.Errorf("Row(4) = %v, want the fifth row of the last dimension", got)
	}
	c := x.Clone()
	c.Data()[0] = 42
	if x.Data()[0] != 0 {
		t.Error("a clone shares the elements")
	}
	if s := New(); s.Len() != 1 || s.Item() != 0 || s.At() != 0 {
		t.Errorf("a scalar has %d elements", s.Len())
	}
	if e := New(0, 3); e.Len() != 0 || e.Dim(1) != 3 {
		t.Errorf("New(0, 3) has %d elements", e.Len())
	}
}

func TestShapeErrors(t *testing.T) {
	var tape *Tape
	a, b, v := New(2, 3), New(4, 5), New(3)
	angles := NewRotary(6, RotaryFrequencies(4, 10), HalfSplit)
	heads := func(tokens, heads int) *Tensor { return New(1, tokens, heads, 4) }
	for _, c := range []struct {
		want string
		call func()
	}{
		{"tensor: New: shape [2 -1] has a negative dimension", func() { New(2, -1) }},
		{"tensor: New: shape [1 1 1 1 1] has 5 dimensions, want at most 4", func() { New(1, 1, 1, 1, 1) }},
		{fmt.Sprintf("tensor: New: shape [%d 3] is larger than memory", math.MaxInt/4), func() { New(math.MaxInt/4, 3) }},
		{"tensor: FromSlice: shape [2 2] wants 4 elements, have 3", func() { FromSlice(make([]float32, 3), 2, 2) }},
		{"tensor: At: shape [2 3] has no element [2 0]", func() { a.At(2, 0) }},
		{"tensor: At: shape [2 3] has no element [1]", func() { a.At(1) }},
		{"tensor: Dim: shape [2 3] has no dimension -3", func() { a.Dim(-3) }},
		{"tensor: Row: shape [2 3] has no row 2", func() { a.Row(2) }},
		{"tensor: Item: shape [2 3] has 6 elements, want one", func() { a.Item() }},
		{"tensor: MatMul: [2 3] × [4 5] with flags 00: inner dimensions 3 and 4 differ", func() { tape.MatMul(a, b) }},
		{"tensor: MatMul: [2 3] × [4 5] with flags 11: inner dimensions 2 and 5 differ", func() { tape.MatMul(a, b, TransposeA|TransposeB) }},
		{"tensor: MatMul: shapes [2 3] and [3], want at least 2 dimensions", func() { tape.MatMul(a, v) }},
		{"tensor: MatMul: [2 2 3] × [3 3 2]: leading dimensions differ", func() { tape.MatMul(New(2, 2, 3), New(3, 3, 2)) }},
		{"tensor: MatMul: [2 3] × [2 3 2]: leading dimensions differ", func() { tape.MatMul(a, New(2, 3, 2)) }},
		{"tensor: Linear: x of shape [2 3] has 3 inputs, w of shape [4 5] wants 4", func() { tape.Linear(a, b, nil) }},
		{"tensor: LinearReLU: b has shape [3], want [5]", func() { tape.LinearReLU(New(2, 4), b, v) }},
		{"tensor: AddBias: b has shape [4 5], want the last dimensions of [2 3]", func() { tape.AddBias(a, b) }},
		{"tensor: AddBias: b has shape [3], want the last dimensions of []", func() { tape.AddBias(New(), v) }},
		{"tensor: AddBias: b has shape [], want the last dimensions of [2 3]", func() { tape.AddBias(a, New()) }},
		{"tensor: Add: shapes [2 3] and [4 5] differ", func() { tape.Add(a, b) }},
		{"tensor: Mul: shapes [2 3] and [3] differ", func() { tape.Mul(a, v) }},
		{"tensor: Embedding: id 2 at position 1 is outside of the table's 2 rows", func() { tape.Embedding(a, []int32{0, 2}) }},
		{"tensor: GatherSum: id -1 at position 0 is outside of the table's 2 rows", func() { tape.EmbeddingBag(a, []int32{-1, 0}, 2) }},
		{"tensor: GatherSum: 3 ids do not make bags of 2", func() { tape.EmbeddingBag(a, []int32{0, 0, 0}, 2) }},
		{"tensor: Reshape: shape [2 3] has 6 elements, shape [5] has another number", func() { tape.Reshape(a, 5) }},
		{"tensor: Rows: shape [2 3] has no rows [1, 3)", func() { tape.Rows(a, 1, 3) }},
		{"tensor: SwapAxes: shape [2 3] has no dimension 2", func() { tape.SwapAxes(a, 0, 2) }},
		{"tensor: SwiGLU: shapes [2 3] and [4 5] differ", func() { tape.SwiGLU(a, b) }},
		{"tensor: LayerNorm: bias has shape [2 3], want [3]", func() { tape.LayerNorm(a, v, a, 0) }},
		{"tensor: RMSNorm: gain has shape [4 5], want [3]", func() { tape.RMSNorm(a, b, 0) }},
		{"tensor: RoPE: x has shape [2 3], want [... tokens heads dim] with dim at least 4", func() { tape.RoPE(a, angles, nil) }},
		{"tensor: RoPE: x has shape [1 2 3], want [... tokens heads dim] with dim at least 4", func() { tape.RoPE(New(1, 2, 3), angles, nil) }},
		{"tensor: RoPE: a sequence of 7 is longer than the 6 positions of the angles", func() { tape.RoPE(New(7, 2, 4), angles, nil) }},
		{"tensor: RoPE: 3 positions for x of shape [2 2 1 4]", func() { tape.RoPE(New(2, 2, 1, 4), angles, []int32{1, 2, 3}) }},
		{"tensor: RoPE: position 6 of token 1 is not in [0, 6)", func() { tape.RoPE(New(2, 1, 4), angles, []int32{1, 6}) }},
		{"tensor: Attention: q has shape [2 3], want 4 dimensions", func() { tape.Attention(a, b, b) }},
		{"tensor: Attention: shapes [1 2 2 4] and [1 2 1 4] differ", func() { tape.Attention(heads(2, 2), heads(2, 2), heads(2, 1)) }},
		{"tensor: Attention: q of shape [1 2 3 4] does not fit k of shape [1 2 2 4]", func() { tape.Attention(heads(2, 3), heads(2, 2), heads(2, 2)) }},
		{"tensor: Attention: 3 queries for 0 keys", func() { tape.Attention(heads(3, 2), heads(0, 2), heads(0, 2)) }},
		{"tensor: CausalAttention: 3 queries for 2 keys", func() { tape.CausalAttention(heads(3, 2), heads(2, 2), heads(2, 2)) }},
		{"tensor: Columns: shape [2 3] has no columns [1, 4)", func() { tape.Columns(a, 1, 4) }},
		{"tensor: Softmax: a scalar has no rows", func() { tape.Softmax(New()) }},
		{"tensor: CrossEntropy: 1 targets for logits of shape [2 3]", func() { tape.CrossEntropy(a, []int32{0}) }},
		{"tensor: CrossEntropy: target 3 of row 1 is not in [0, 3)", func() { tape.CrossEntropy(a, []int32{0, 3}) }},
		{"tensor: CrossEntropy: target -2 of row 0 is not in [0, 3)", func() { tape.CrossEntropy(a, []int32{-2, 0}) }},
		{"tensor: LinearLogits: x has shape [2 3], 3 inputs for 5", func() { tape.LinearLogits(a, OutputLayer{Weight: b, Tied: true}) }},
		{"tensor: EachLogits: 1 targets for x of shape [2 3]", func() { tape.LinearLogProbs(a, OutputLayer{Weight: New(3, 4)}, []int32{0}) }},
		{"tensor: SoftCrossEntropy: shapes [2 3] and [3] differ", func() { tape.SoftCrossEntropy(a, v) }},
		{"tensor: KL: shapes [2 3] and [4 5] differ", func() { tape.KL(a, b) }},
		{"tensor: Mean: shape [0 3] has no elements", func() { tape.Mean(New(0, 3)) }},
	} {
		if got := panicText(c.call); got != c.want {
			t.Errorf("panics with %q,\nwant %q", got, c.want)
		}
	}
	defer func() {
		var shape *ShapeError
		if err, ok := recover().(error); !ok || !errors.As(err, &shape) || shape.Op != "Add" {
			t.Errorf("panicked with %v, want a *ShapeError of Add", err)
		}
	}()
	tape.Add(a, b)
}

// TestEmptyOperands: a batch without rows is valid.
func TestEmptyOperands(t *testing.T) {
	w, b := New(3, 2), New(2)
	tape := NewTape(w, b)
	logits := tape.Linear(New(0, 3), w, b)
	loss := tape.CrossEntropy(tape.LogSoftmax(tape.Softmax(tape.ReLU(logits))), nil)
	tape.Backward(loss)
	if loss.Item() != 0 || !slices.Equal(tape.Grad(w).Data(), make([]float32, 6)) {
		t.Errorf("loss %v, gradient %v, want zeros", loss.Item(), tape.Grad(w).Data())
	}
	tape.Backward(tape.Sum(tape.MatMul(New(0, 3, 4), w, TransposeA)))
	if !slices.Equal(tape.Grad(w).Data(), make([]float32, 6)) {
		t.Errorf("no products give gradient %v, want zeros", tape.Grad(w).Data())
	}
	if y := tape.MatMul(New(2, 0), New(0, 2)); !slices.Equal(y.Data(), make([]float32, 4)) {
		t.Errorf("a product over nothing is %v, want zeros", y.Data())
	}
}

// TestCatch: Catch turns a panic of a wrong shape into an error and does not stop another panic.
func TestCatch(t *testing.T) {
	call := func(f func()) (err error) {
		defer Catch(&err)
		f()
		return nil
	}
	var shape *ShapeError
	err := call(func() { (*Tape)(nil).Add(New(2), New(3)) })
	if !errors.As(err, &shape) || shape.Op != "Add" {
		t.Errorf("error %v, want the *ShapeError of Add", err)
	}
	if err := call(func() {}); err != nil {
		t.Errorf("nothing happened: error %v", err)
	}
	defer func() {
		if r := recover(); r != "torn" {
			t.Errorf("recovered %v, want the panic that has nothing to do with shapes", r)
		}
	}()
	_ = call(func() { panic("torn") })
}
