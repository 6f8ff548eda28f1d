package tensor

// untracked is the node of a tensor that no gradient flows into.
const untracked = -1

// Tape records operations on the tensors that it watches, its leaves, and on what is computed from
// them. A tape is for one goroutine at a time. A nil tape is valid: it records nothing, and its
// results have memory of their own.
type Tape struct {
	leaves []*Tensor
	grads  []*Tensor         // of the leaves, by position
	index  map[*Tensor]int32 // of the leaves

	nodes   []node // first the leaves, then the operations in order
	arena   arena
	scratch pool
}

// node is one record. It is a struct with a function instead of a closure, so recording allocates
// nothing.
type node struct {
	backward func(*Tape, *node)
	out      *Tensor
	a, b, c  *Tensor // operands; nil if there are fewer

	// grad is the gradient of the loss by out. During Backward it is valid from the first operation
	// that uses out to the operation that computed out; for a leaf it is always valid.
	grad    []float32
	reached bool // grad holds a value of this Backward

	ids    []int32   // row numbers of a lookup, or positions
	saved  []float32 // kept by the forward pass
	rotary *Rotary   // angles
	half   *Half     // weights
	scale  float32
	offset int
	flags  Transpose

	attention AttentionOptions
}

// NewTape returns a tape that watches the given leaves, in that order.
func NewTape(leaves ...*Tensor) *Tape {
	t := &Tape{index: make(map[*Tensor]int32)}
	t.Watch(leaves...)
	return t
}

// Watch adds leaves: gradients flow into them from now on, also after Reset. It panics between the
// first operation and the next Reset. A tensor that is watched already keeps its position.
func (t *Tape) Watch(leaves ...*Tensor) {
	if len(t.nodes) != len(t.leaves) {
		panic("tensor: Watch: operations were recorded since the last Reset")
	}
	for _, x := range leaves {
		if x.tape == t {
			panic("tensor: Watch: a result of this tape cannot be its leaf; Clone it")
		}
		if _, ok := t.index[x]; ok {
			continue
		}
		g := New(x.Shape()...)
		t.index[x] = int32(len(t.leaves))
		t.leaves = append(t.leaves, x)
		t.grads = append(t.grads, g)
		t.nodes = append(t.nodes, node{out: x, grad: g.data})
	}
}

// Leaves returns the watched tensors in the order in which they were added.
func (t *Tape) Leaves() []*Tensor { return t.leaves }

// Grads returns the gradients of the last Backward by position. The tape owns them: the next
// Backward overwrites them.
func (t *Tape) Grads() []*Tensor { return t.grads }

// Grad returns the gradient of the last Backward by a leaf, or nil if x is not a leaf: gradients by
// results share memory and are not kept. It is valid until the next Backward.
func (t *Tape) Grad(x *Tensor) *Tensor {
	if id, ok := t.index[x]; ok {
		return t.grads[id]
	}
	return nil
}

// Reset forgets the recorded operations and reuses the memory of their results: tensors that the
// tape returned must not be used any more. Leaves and their gradients stay.
func (t *Tape) Reset() {
	if t == nil {
		return
	}
	clear(t.nodes[len(t.leaves):]) // keep no reference to tensors of the caller
	t.nodes = t.nodes[:len(t.leaves)]
	t.arena.reset()
}

// Backward computes the gradient of loss, a scalar, by every leaf, and replaces the gradients of an
// earlier Backward. It panics if loss does not depend on a leaf of t.
func (t *Tape) Backward(loss *Tensor) {
	if len(loss.data) != 1 {
		misuse("Backward", "the loss has shape %v, want a scalar", loss.Shape())
	}
	last := t.id(loss)
	if last == untracked {
		panic("tensor: Backward: the loss does not depend on a watched tensor")
	}
	for i := range t.nodes {
		t.nodes[i].reached = false
	}
	seed, _ := t.gradOf(loss)
	seed[0] = 1
	for i := int(last); i >= len(t.leaves); i-- {
		if n := &t.nodes[i]; n.reached {
			n.backward(t, n)
			t.scratch.put(n.grad)
			n.grad = nil
		}
	}
	for i := range t.leaves {
		if !t.nodes[i].reached {
			clear(t.grads[i].data)
		}
	}
}

// id returns the node of x on t, or untracked.
func (t *Tape) id(x *Tensor) int32 {
	switch {
	case t == nil || x == nil:
		return untracked
	case x.tape == t:
		return x.node
	}
	if id, ok := t.index[x]; ok {
		return id
	}
	return untracked
}

// result returns a tensor of unspecified content, which an operation fills.
func (t *Tape) result(shape ...int) *Tensor {
	if t == nil {
		return New(shape...)
	}
	x := t.arena.tensor()
	*x = Tensor{data: t.arena.floats(size("result", shape)), tape: t, node: untracked}
	x.rank = copy(x.dims[:], shape)
	return x
}

// view returns a tensor with another shape that shares x's elements and node.
func (t *Tape) view(x *Tensor, shape ...int) *Tensor {
	var v *Tensor
	if t != nil {
		v = t.arena.tensor()
	} else {
		v = new(Tensor)
	}
	*v = Tensor{data: x.data, tape: t, node: t.id(x)}
	v.rank = copy(v.dims[:], shape)
	return v
}

// record adds the record that out was computed from a, b and c. It returns nil if none of them
// needs a gradient; then nothing must be kept for Backward. The node is valid until the next
// record.
func (t *Tape) record(backward func(*Tape, *node), out, a, b, c *Tensor) *node {
	if t.id(a) == untracked && t.id(b) == untracked && t.id(c) == untracked {
		return nil
	}
	out.node = int32(len(t.nodes))
	t.nodes = append(t.nodes, node{backward: backward, out: out, a: a, b: b, c: c})
	return &t.nodes[out.node]
}
