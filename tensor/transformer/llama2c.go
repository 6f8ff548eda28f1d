package transformer

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/internal/foreign"
	"github.com/undertone-audit/undertone/tensor/nn"
)

// llama2cHeader is the start of a checkpoint of llama2.c in its first version (export.py,
// legacy_export): seven little-endian int32, followed by float32 weights.
type llama2cHeader struct {
	Dim, Hidden, Layers, Heads, KVHeads, Vocabulary, Context int32
}

const llama2cHeaderSize = 7 * 4 // bytes

// config returns the shape of the model. A negative vocabulary means that the output layer is not
// the embedding.
func (h llama2cHeader) config() (Config, error) {
	c := Config{
		Architecture: Llama,
		Vocabulary:   int(h.Vocabulary), Context: int(h.Context), Dim: int(h.Dim), Layers: int(h.Layers),
		Heads: int(h.Heads), KVHeads: int(h.KVHeads), Hidden: int(h.Hidden),
		Epsilon: 1e-5, RopePairing: Interleaved, Tied: h.Vocabulary > 0,
	}
	if !c.Tied {
		c.Vocabulary = -c.Vocabulary
	}
	if h.KVHeads < 1 {
		return c, fmt.Errorf("kv_heads is %d, want at least 1", h.KVHeads)
	}
	return c.withDefaults(), c.Validate()
}

// size returns the number of bytes of a file of this shape.
func (h llama2cHeader) size(c Config) int64 {
	angles := int64(c.Context) * int64(c.HeadDim) // cosines and sines, which are not read
	return llama2cHeaderSize + 4*(c.Weights()+angles)
}

// loadLlama2c reads a checkpoint of llama2.c.
func loadLlama2c(path string) (*Model, error) {
	f, err := foreign.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	m, err := readLlama2c(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// readLlama2c reads a checkpoint of the given number of bytes.
func readLlama2c(r io.ReaderAt, size int64) (*Model, error) {
	var h llama2cHeader
	if err := binary.Read(io.NewSectionReader(r, 0, size), binary.LittleEndian, &h); err != nil {
		return nil, fmt.Errorf("llama2.c header: %w", err)
	}
	c, err := h.config()
	if err != nil {
		return nil, fmt.Errorf("llama2.c header: %w", err)
	}
	if want := h.size(c); want != size {
		return nil, fmt.Errorf("llama2.c checkpoint: the file has %d bytes, its header requires %d", size, want)
	}
	p := &llama2cParts{r: r, config: c}
	m := assemble(c, c.angles(), p)
	return m, p.err
}

// llama2cParts reads the parts of a model from their positions in a checkpoint: one kind of weight
// for all layers, one after the other, then the next kind.
type llama2cParts struct {
	r      io.ReaderAt
	config Config
	err    error // the first error; nothing is read after it
}

// offset returns the first float of a part, from the end of the header.
func (p *llama2cParts) offset(name string) int64 {
	c := p.config
	dim, q, kv, hidden := int64(c.Dim), int64(c.Heads*c.HeadDim), int64(c.KVHeads*c.HeadDim), int64(c.Hidden)
	var layer int64
	if rest, ok := strings.CutPrefix(name, "model.layers."); ok {
		number, kind, _ := strings.Cut(rest, ".")
		fmt.Sscan(number, &layer)
		name = kind
	}
	at := int64(0)
	for _, kind := range []struct {
		name         string
		size, copies int64
	}{
		{"model.embed_tokens", int64(c.Vocabulary) * dim, 1},
		{"input_layernorm", dim, int64(c.Layers)},
		{"self_attn.q_proj", dim * q, int64(c.Layers)},
		{"self_attn.k_proj", dim * kv, int64(c.Layers)},
		{"self_attn.v_proj", dim * kv, int64(c.Layers)},
		{"self_attn.o_proj", q * dim, int64(c.Layers)},
		{"post_attention_layernorm", dim, int64(c.Layers)},
		{"mlp.gate_proj", dim * hidden, int64(c.Layers)},
		{"mlp.down_proj", hidden * dim, int64(c.Layers)},
		{"mlp.up_proj", dim * hidden, int64(c.Layers)},
		{"model.norm", dim, 1},
		{"angles", int64(c.Context) * int64(c.HeadDim), 1},
	} {
		if kind.name == name {
			return at + layer*kind.size
		}
		at += kind.copies * kind.size
	}
	return at // lm_head
}

// floats reads the n numbers of a part.
func (p *llama2cParts) floats(name string, n int) []float32 {
	if p.err != nil {
		return nil
	}
	x := make([]float32, n)
	at := llama2cHeaderSize + 4*p.offset(name)
	err := binary.Read(io.NewSectionReader(p.r, at, 4*int64(n)), binary.LittleEndian, x)
	if err == nil {
		err = checkFinite(x)
	}
	if err != nil {
		p.err = fmt.Errorf("llama2.c checkpoint: %s: %w", name, err)
	}
	return x
}

func (p *llama2cParts) table(name string, rows, dim int) table {
	x := p.floats(name, rows*dim)
	if p.err != nil {
		return nil
	}
	return &nn.Embedding{Table: tensor.FromSlice(x, rows, dim)}
}

func (p *llama2cParts) linear(name string, in, out int, _ bool) nn.Layer {
	x := p.floats(name, in*out)
	if p.err != nil {
		return nil
	}
	return transposed(x, in, out, nil)
}

func (p *llama2cParts) norm(name string, dim int) nn.Layer {
	x := p.floats(name, dim)
	if p.err != nil {
		return nil
	}
	return p.config.newNorm(tensor.FromSlice(x, dim), nil)
}

// transposed returns the layer of weights [out in].
func transposed(weights []float32, in, out int, bias *tensor.Tensor) *nn.Linear {
	var t *tensor.Tape
	return &nn.Linear{Weight: t.SwapAxes(tensor.FromSlice(weights, out, in), 0, 1), Bias: bias}
}

// checkFinite returns an error that names the first weight that is not a finite number.
func checkFinite(x []float32) error {
	for i, v := range x {
		if v-v != 0 {
			return fmt.Errorf("weight %d is %v", i, v)
		}
	}
	return nil
}
