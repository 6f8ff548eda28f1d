package transformer

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/nn"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// loadHF reads a folder of Hugging Face.
func loadHF(dir string) (*Model, error) {
	c, err := readHFConfig(dir)
	if err != nil {
		return nil, err
	}
	f, err := safetensors.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	p := newHFParts(f, c)
	m := assemble(c, c.angles(), p)
	if p.err == nil {
		p.err = p.unused()
	}
	if p.err != nil {
		return nil, fmt.Errorf("%s: %w", dir, p.err)
	}
	return m, nil
}

// hfParts reads the parts of a model from tensors. It checks the shape of each against the config
// before it reads it.
type hfParts struct {
	file   *safetensors.File
	config Config
	unread map[string]bool // tensors that no part has requested
	prefix string          // of all names but lm_head: that of the class around the model
	err    error           // the first error; nothing is read after it
}

func newHFParts(f *safetensors.File, c Config) *hfParts {
	p := &hfParts{file: f, config: c, unread: map[string]bool{}}
	prefixes := []string{"model.", "model.language_model.", "language_model.model."}
	if c.Architecture == GPT2 {
		prefixes = []string{"transformer."}
	}
	for _, name := range f.Names() {
		p.unread[name] = true
		for _, prefix := range prefixes {
			if strings.HasPrefix(name, prefix) && len(prefix) > len(p.prefix) {
				p.prefix = prefix
			}
		}
	}
	return p
}

// besideImages reports whether the file also has a model that reads images.
func (p *hfParts) besideImages() bool { return strings.Contains(p.prefix, "language_model.") }

// gpt2Names are the names of GPT-2 for the last parts of Llama's names.
var gpt2Names = strings.NewReplacer(
	"embed_tokens", "wte", "embed_positions", "wpe", "layers.", "h.",
	"input_layernorm", "ln_1", "post_attention_layernorm", "ln_2",
	"self_attn.o_proj", "attn.c_proj", "mlp.up_proj", "mlp.c_fc", "mlp.down_proj", "mlp.c_proj",
	"norm", "ln_f",
)

// stored returns the name of a part in the file.
func (p *hfParts) stored(name string) string {
	rest, ok := strings.CutPrefix(name, "model.")
	if !ok {
		return name
	}
	if p.config.Architecture == GPT2 {
		rest = gpt2Names.Replace(rest)
	}
	return p.prefix + rest
}

// find marks a tensor as read and returns its type. It fails if the tensor has another shape.
func (p *hfParts) find(name string, shape ...int) (safetensors.DType, bool) {
	if p.err != nil {
		return "", false
	}
	info, ok := p.file.Info(name)
	switch {
	case !ok:
		p.err = fmt.Errorf("tensor %s is missing", name)
	case !slices.Equal(info.Shape, shape):
		p.err = fmt.Errorf("tensor %s has shape %v, config.json requires %v", name, info.Shape, shape)
	case info.DType != safetensors.F32 && info.DType != safetensors.F16 && info.DType != safetensors.BF16:
		p.err = fmt.Errorf("tensor %s has type %s, want F32, F16 or BF16", name, info.DType)
	}
	delete(p.unread, name)
	return info.DType, p.err == nil
}

// floats reads a tensor as float32.
func (p *hfParts) floats(name string, shape ...int) *tensor.Tensor {
	if _, ok := p.find(name, shape...); !ok {
		return nil
	}
	x, err := p.file.Float32s(name)
	if err == nil {
		err = checkFinite(x)
	}
	if err != nil {
		p.err = fmt.Errorf("tensor %s: %w", name, err)
		return nil
	}
	return tensor.FromSlice(x, shape...)
}

// halves reads a tensor that is stored in 16 bits.
func (p *hfParts) halves(name string, kind safetensors.DType) ([]uint16, tensor.HalfFormat) {
	format := tensor.BF16
	if kind == safetensors.F16 {
		format = tensor.F16
	}
	x, err := p.file.Halves(name)
	if err == nil {
		err = checkFiniteHalves(x, format)
	}
	if err != nil {
		p.err = fmt.Errorf("tensor %s: %w", name, err)
	}
	return x, format
}

func (p *hfParts) table(name string, rows, dim int) table {
	name, positions := p.stored(name)+".weight", name == "model.embed_positions"
	if _, ok := p.file.Info(name); !ok && p.config.Tied && !positions {
		name = "lm_head.weight" // the table has either of two names
	}
	kind, ok := p.find(name, rows, dim)
	switch {
	case !ok:
		return nil
	case kind == safetensors.F32 || positions:
		return &nn.Embedding{Table: p.floats(name, rows, dim)}
	}
	bits, format := p.halves(name, kind)
	if p.err != nil {
		return nil
	}
	return &nn.HalfEmbedding{Table: tensor.NewHalf(bits, rows, dim, format)}
}

func (p *hfParts) norm(name string, dim int) nn.Layer {
	name = p.stored(name)
	gain := p.floats(name+".weight", dim)
	var bias *tensor.Tensor
	if p.config.Architecture == GPT2 {
		bias = p.floats(name+".bias", dim)
	}
	return p.config.newNorm(gain, bias)
}

func (p *hfParts) linear(name string, in, out int, bias bool) nn.Layer {
	if p.config.Architecture == GPT2 && name != "lm_head" {
		return p.conv1D(name, in, out)
	}
	name = p.stored(name)
	var b *tensor.Tensor
	if bias {
		b = p.floats(name+".bias", out)
	}
	name += ".weight"
	kind, ok := p.find(name, out, in)
	if !ok {
		return nil
	}
	if kind == safetensors.F32 {
		if w := p.floats(name, out, in); w != nil {
			return transposed(w.Data(), in, out, b)
		}
		return nil
	}
	bits, format := p.halves(name, kind)
	if p.err != nil {
		return nil
	}
	return &nn.HalfLinear{Weight: tensor.NewHalf(bits, out, in, format), Bias: b}
}

// unused returns an error if the file has a tensor with a meaning that was not read: the model
// would lack it.
func (p *hfParts) unused() error {
	for _, name := range slices.Sorted(maps.Keys(p.unread)) {
		buffer := strings.HasSuffix(name, ".rotary_emb.inv_freq") || strings.HasSuffix(name, ".masked_bias") ||
			p.config.Architecture == GPT2 && strings.HasSuffix(name, ".attn.bias")
		images := p.besideImages() && (strings.Contains(name, "vision_tower.") || strings.Contains(name, "multi_modal_projector."))
		if !buffer && !images && !(p.config.Tied && (name == "lm_head.weight" || name == "language_model.lm_head.weight")) {
			return fmt.Errorf("tensor %s is not part of the model of config.json", name)
		}
	}
	return nil
}

// checkFiniteHalves is checkFinite for 16 bits: a number with an exponent of ones is not finite.
func checkFiniteHalves(x []uint16, format tensor.HalfFormat) error {
	exponent := uint16(0x7f80)
	if format == tensor.F16 {
		exponent = 0x7c00
	}
	for i, v := range x {
		if v&exponent == exponent {
			return fmt.Errorf("weight %d is not finite (%s %#04x)", i, format, v)
		}
	}
	return nil
}
