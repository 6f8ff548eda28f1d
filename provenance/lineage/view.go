package lineage

import "math/rand/v2"

// view is the coordinates in which two hidden states are compared: those of the second, or random
// directions of it.
type view struct {
	name string
	a, b *matrix // by which the hidden states are multiplied; nil leaves one as it is
}

// projected returns a view in which wide hidden states, of dim dimensions, have fewer: cosines keep
// their value within about 0.05 (Johnson & Lindenstrauss 1984).
func (v view) projected(dim int) view {
	if dim <= maxWidth {
		return v
	}
	rng := rand.New(rand.NewPCG(2, 0x6c696e65616765))
	p := newMatrix(dim, projected)
	for i := range p.data {
		p.data[i] = float32(rng.NormFloat64())
	}
	v.b = &p
	if v.a == nil {
		v.a = &p
	} else {
		turned := v.a.times(p)
		v.a = &turned
	}
	return v
}
