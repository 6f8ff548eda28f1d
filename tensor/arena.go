package tensor

const (
	slabFloats = 1 << 14 // smallest size of a slab
	lineFloats = 16      // allocations start on cache lines
	headChunk  = 64      // tensor headers that are allocated at a time
)

// arena allocates memory in order and takes all of it back at once. It never moves or frees a slab,
// so a step that makes the requests of the step before gets the same addresses.
type arena struct {
	slabs [][]float32
	slab  int // current slab
	used  int // floats of the current slab in use

	heads [][]Tensor
	head  int
}

// floats returns n floats of unspecified content.
func (a *arena) floats(n int) []float32 {
	if n == 0 {
		return nil
	}
	room := (n + lineFloats - 1) &^ (lineFloats - 1)
	for ; a.slab < len(a.slabs); a.slab, a.used = a.slab+1, 0 {
		if slab := a.slabs[a.slab]; a.used+room <= len(slab) {
			at := a.used
			a.used += room
			return slab[at : at+n : at+n]
		}
	}
	grown := slabFloats
	if k := len(a.slabs); k > 0 {
		grown = 2 * len(a.slabs[k-1])
	}
	a.slabs = append(a.slabs, make([]float32, max(grown, room)))
	a.used = room
	return a.slabs[a.slab][:n:n]
}

// tensor returns a header of unspecified content.
func (a *arena) tensor() *Tensor {
	if a.head == headChunk*len(a.heads) {
		a.heads = append(a.heads, make([]Tensor, headChunk))
	}
	x := &a.heads[a.head/headChunk][a.head%headChunk]
	a.head++
	return x
}

func (a *arena) reset() { a.slab, a.used, a.head = 0, 0, 0 }
