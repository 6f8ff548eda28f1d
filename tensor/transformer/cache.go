package transformer

import (
	"math"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/internal/kernel"
	"github.com/undertone-audit/undertone/tensor/internal/vec"
)

// cache is the [nn.Mixer] of one block: it reads and writes the keys and values of the sequences of
// a reader.
type cache struct {
	heads, kvHeads, dim int
	reader              *reader
	block               int
	options             tensor.AttentionOptions // of the current call
}

// text is the keys and values of one sequence. Keys are transposed, so the products of a query with
// all keys read memory in order.
type text struct {
	keys     []float32 // [kvHeads dim capacity]
	values   []float32 // [kvHeads capacity dim]
	capacity int       // tokens
}

// queryBlock is the number of queries of a head that are computed at a time.
const queryBlock = 32

// Mix implements [nn.Mixer] for the tokens that the reader reads: it keeps k and v, and every token
// sees its own sequence up to itself.
func (c *cache) Mix(t *tensor.Tape, q, k, v *tensor.Tensor, o tensor.AttentionOptions) *tensor.Tensor {
	c.options = o
	if c.options.Scale == 0 {
		c.options.Scale = float32(1 / math.Sqrt(float64(c.dim)))
	}
	y := t.Scale(q, 1) // memory of the tape, which is overwritten
	s, row := c.reader.session, 0
	for i, count := range c.reader.counts {
		sequence := c.reader.from + i
		if count == 0 {
			continue
		}
		text, length := &s.texts[c.block][sequence], s.length[sequence]
		text.grow(s.model.config, length, length+count)
		kv, wide := c.kvHeads*c.dim, c.heads*c.dim
		text.add(c, length, k.Data()[row*kv:(row+count)*kv], v.Data()[row*kv:(row+count)*kv])
		c.attend(text, length, q.Data()[row*wide:(row+count)*wide], y.Data()[row*wide:(row+count)*wide])
		row += count
	}
	return y
}

// attend computes y for new queries. The first of them sees length+1 keys.
func (c *cache) attend(text *text, length int, q, y []float32) {
	wide, group := c.heads*c.dim, c.heads/c.kvHeads
	count := len(q) / wide
	if count == 1 { // one product for the heads that share keys
		for h := range c.kvHeads {
			c.rows(text, h, q[h*group*c.dim:], y[h*group*c.dim:], c.dim, group, length+1, 0)
		}
		return
	}
	for h := range c.heads {
		for from := 0; from < count; from += queryBlock {
			at, rows := from*wide+h*c.dim, min(queryBlock, count-from)
			c.rows(text, h/group, q[at:], y[at:], wide, rows, length+from+1, 1)
		}
	}
}

// rows computes rows of y, which are step elements apart, as those of q are. The first row sees the
// given number of keys, each other row more keys than the row before.
func (c *cache) rows(text *text, kvHead int, q, y []float32, step, rows, sees, more int) {
	window, first := c.options.Window, 0 // the first key that a row sees
	if window > 0 {
		first = max(0, sees-window)
	}
	keys := sees + (rows-1)*more - first
	scores := c.reader.scores(rows * keys)
	size, n := text.capacity*c.dim, text.capacity
	scale, most := c.options.Scale, c.options.Softcap
	if most != 0 {
		scale /= most
	}
	kernel.Gemm(false, false, rows, keys, c.dim, scale, q, step, text.keys[kvHead*size+first:(kvHead+1)*size], n, 0, scores, keys)
	if most != 0 {
		vec.Tanh(scores, scores)
		kernel.Scale(scores, most)
	}
	for r := range rows {
		row, from, to := scores[r*keys:(r+1)*keys], 0, sees+r*more-first
		if window > 0 {
			from = max(0, to-window)
		}
		clear(row[:from])
		kernel.Softmax(row[from:to], row[from:to])
		clear(row[to:])
	}
	kernel.Gemm(false, false, rows, c.dim, keys, 1, scores, keys, text.values[kvHead*size+first*c.dim:(kvHead+1)*size], c.dim, 0, y, step)
}

// add writes the keys and values of new tokens after the first length tokens.
func (x *text) add(c *cache, length int, k, v []float32) {
	kv := c.kvHeads * c.dim
	for token := 0; len(k) > 0; token, k, v = token+1, k[kv:], v[kv:] {
		for h := range c.kvHeads {
			copy(x.values[(h*x.capacity+length+token)*c.dim:], v[h*c.dim:(h+1)*c.dim])
			at := h*c.dim*x.capacity + length + token
			for _, e := range k[h*c.dim : (h+1)*c.dim] {
				x.keys[at] = e
				at += x.capacity
			}
		}
	}
}

// grow makes room for need tokens, and keeps the first length tokens.
func (x *text) grow(c Config, length, need int) {
	if need > x.capacity {
		*x = x.resized(c, length, min(max(need, 2*x.capacity, 32), c.Context))
	}
}

// resized returns a copy of the first length tokens with another capacity.
func (x *text) resized(c Config, length, capacity int) text {
	size := c.KVHeads * c.HeadDim * capacity
	y := text{make([]float32, size), make([]float32, size), capacity}
	for i := range c.KVHeads * c.HeadDim {
		copy(y.keys[i*capacity:], x.keys[i*x.capacity:][:length])
	}
	for h := range c.KVHeads {
		copy(y.values[h*capacity*c.HeadDim:], x.values[h*x.capacity*c.HeadDim:][:length*c.HeadDim])
	}
	return y
}
