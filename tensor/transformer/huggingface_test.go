package transformer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/tensor/internal/kernel"
	"github.com/undertone-audit/undertone/tensor/safetensors"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// folder is a model of Hugging Face in the making, with the weights for the oracle.
type folder struct {
	rng     *rand.Rand
	dtype   safetensors.DType
	config  map[string]any
	tensors []safetensors.Tensor
	oracle
}

// newFolder returns a Llama of 2 layers with additional fields in config.json.
func newFolder(dtype safetensors.DType, more map[string]any) *folder {
	f := &folder{
		rng: rand.New(rand.NewPCG(7, 8)), dtype: dtype,
		config: map[string]any{
			"model_type": "llama", "vocab_size": 19, "max_position_embeddings": 64, "hidden_size": 24, "intermediate_size": 20,
			"num_hidden_layers": 2, "num_attention_heads": 6, "num_key_value_heads": 2, "rms_norm_eps": 1e-6, "rope_theta": 10000.,
		},
		oracle: oracle{
			weights: map[string][]float64{}, vocabulary: 19, dim: 24, layers: 2, heads: 6, kvHeads: 2, headDim: 4, hidden: 20,
			epsilon: 1e-6, frequencies: rotary(4, 10000), magnitude: 1,
		},
	}
	for k, v := range more {
		f.config[k] = v
	}
	return f
}

// tensor adds a random tensor. Its numbers are those of the oracle under the given name; "" is
// none.
func (f *folder) tensor(stored, name string, shape ...int) []float64 {
	n := 1
	for _, d := range shape {
		n *= d
	}
	x, exact := make([]float32, n), make([]float64, n)
	for i := range x {
		x[i] = float32(0.4 * f.rng.NormFloat64())
		if len(shape) == 1 {
			x[i]++
		}
	}
	t := safetensors.Tensor{Name: stored, DType: f.dtype, Shape: shape}
	switch f.dtype {
	case safetensors.F32:
		t.Float32s = x
	case safetensors.BF16:
		t.Halves = make([]uint16, n)
		kernel.Float32ToBF16(t.Halves, x)
		kernel.BF16ToFloat32(x, t.Halves)
	case safetensors.F16:
		t.Halves = make([]uint16, n)
		kernel.Float32ToF16(t.Halves, x)
		kernel.F16ToFloat32(x, t.Halves)
	}
	for i, v := range x {
		exact[i] = float64(v)
	}
	f.tensors = append(f.tensors, t)
	if name != "" {
		f.weights[name] = exact
	}
	return exact
}

// llama adds the tensors of a Llama. The layers whose names are listed have biases and norms.
func (f *folder) llama(tied bool, extra ...string) *folder {
	has := func(name string) bool { return strings.Contains(strings.Join(extra, " "), name) }
	plain := func(name string, shape ...int) { f.tensor(name, name, shape...) }
	plain("model.embed_tokens.weight", f.vocabulary, f.dim)
	for l := range f.layers {
		p := fmt.Sprintf("model.layers.%d.", l)
		a, b, c, d := f.norms()
		for _, norm := range []string{a, b, c, d} {
			if norm != "" {
				plain(p+norm+".weight", f.dim)
			}
		}
		for _, x := range []struct {
			name    string
			in, out int
		}{
			{"self_attn.q_proj", f.dim, f.heads * f.headDim}, {"self_attn.k_proj", f.dim, f.kvHeads * f.headDim},
			{"self_attn.v_proj", f.dim, f.kvHeads * f.headDim}, {"self_attn.o_proj", f.heads * f.headDim, f.dim},
			{"mlp.gate_proj", f.dim, f.hidden}, {"mlp.up_proj", f.dim, f.hidden}, {"mlp.down_proj", f.hidden, f.dim},
		} {
			if f.fused(p, x.name, x.in, x.out) {
				continue
			}
			plain(p+x.name+".weight", x.out, x.in)
			if has(x.name[strings.Index(x.name, ".")+1:]) {
				plain(p+x.name+".bias", x.out)
			}
		}
		if has("q_norm") {
			wide, narrow := f.headDim, f.headDim
			if f.allHeads {
				wide, narrow = f.heads*f.headDim, f.kvHeads*f.headDim
			}
			plain(p+"self_attn.q_norm.weight", wide)
			plain(p+"self_attn.k_norm.weight", narrow)
		}
	}
	plain("model.norm.weight", f.dim)
	if !tied {
		plain("lm_head.weight", f.vocabulary, f.dim)
	}
	return f
}

// fused adds a layer of Phi-3 that computes several layers side by side when the first of them is
// due, and reports whether the layer is one of them.
func (f *folder) fused(p, name string, in, out int) bool {
	if f.config["model_type"] != "phi3" {
		return false
	}
	kv := f.kvHeads * f.headDim
	var stored string
	var parts []string
	var sizes []int
	switch name {
	case "self_attn.q_proj":
		stored, parts, sizes = "self_attn.qkv_proj", []string{name, "self_attn.k_proj", "self_attn.v_proj"}, []int{out, kv, kv}
	case "mlp.gate_proj":
		stored, parts, sizes = "mlp.gate_up_proj", []string{name, "mlp.up_proj"}, []int{out, out}
	case "self_attn.k_proj", "self_attn.v_proj", "mlp.up_proj":
		return true
	default:
		return false
	}
	all := 0
	for _, n := range sizes {
		all += n
	}
	w := f.tensor(p+stored+".weight", "", all, in)
	for i, part := range parts {
		f.weights[p+part+".weight"] = w[:sizes[i]*in]
		w = w[sizes[i]*in:]
	}
	return true
}

// gpt2 adds the tensors of a GPT-2, whose layers are [in out], with queries, keys and values in
// one.
func (f *folder) gpt2(prefix string) *folder {
	f.config = map[string]any{"architectures": []string{"GPT2LMHeadModel"}, "vocab_size": 19, "n_positions": 64, "n_embd": 24, "n_layer": 2, "n_head": 6}
	f.oracle.gpt2, f.kvHeads, f.hidden, f.epsilon, f.frequencies = true, 6, 96, 1e-5, nil
	f.tensor(prefix+"wte.weight", "model.embed_tokens.weight", 19, 24)
	f.tensor(prefix+"wpe.weight", "model.embed_positions.weight", 64, 24)
	for l := range f.layers {
		p, q := fmt.Sprintf("%sh.%d.", prefix, l), fmt.Sprintf("model.layers.%d.", l)
		norm := func(stored, name string) {
			f.tensor(p+stored+".weight", q+name+".weight", 24)
			f.tensor(p+stored+".bias", q+name+".bias", 24)
		}
		conv := func(stored string, in, out int, names ...string) {
			w, b := f.tensor(p+stored+".weight", "", in, out), f.tensor(p+stored+".bias", "", out)
			each := out / len(names)
			for n, name := range names {
				turned := make([]float64, 0, in*each)
				for o := range each {
					for i := range in {
						turned = append(turned, w[i*out+n*each+o])
					}
				}
				f.weights[q+name+".weight"], f.weights[q+name+".bias"] = turned, b[n*each:(n+1)*each]
			}
		}
		norm("ln_1", "input_layernorm")
		norm("ln_2", "post_attention_layernorm")
		conv("attn.c_attn", 24, 72, "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")
		conv("attn.c_proj", 24, 24, "self_attn.o_proj")
		conv("mlp.c_fc", 24, 96, "mlp.up_proj")
		conv("mlp.c_proj", 96, 24, "mlp.down_proj")
		f.tensor(p+"attn.bias", "", 1, 1, 8, 8) // a mask that some files contain
	}
	f.tensor(prefix+"ln_f.weight", "model.norm.weight", 24)
	f.tensor(prefix+"ln_f.bias", "model.norm.bias", 24)
	return f
}

// write writes the folder.
func (f *folder) write(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	text, err := json.Marshal(f.config)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "config.json"), text, 0o600)
	}
	if err == nil {
		var weights bytes.Buffer
		if err = safetensors.Write(&weights, f.tensors, nil); err == nil {
			err = os.WriteFile(filepath.Join(dir, "model.safetensors"), weights.Bytes(), 0o600)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestHuggingFace compares the logits of folders with those of the oracle.
func TestHuggingFace(t *testing.T) {
	const f32, bf16, f16 = safetensors.F32, safetensors.BF16, safetensors.F16
	wide := newFolder(f32, map[string]any{"model_type": "qwen3", "head_dim": 10, "tie_word_embeddings": true})
	wide.headDim, wide.frequencies = 10, rotary(10, 10000)
	linear := newFolder(f32, map[string]any{"rope_scaling": map[string]any{"type": "linear", "factor": 2.5}})
	for i := range linear.frequencies {
		linear.frequencies[i] /= 2.5
	}
	// Frequencies 1 and 0.01: wavelengths of 2π and 628 tokens, The first is
	// within 32/4 tokens and the second not within 32/1.
	llama3 := newFolder(f32, map[string]any{"rope_scaling": map[string]any{
		"rope_type": "llama3", "factor": 8., "low_freq_factor": 1., "high_freq_factor": 4., "original_max_position_embeddings": 32}})
	llama3.frequencies = []float64{1, 0.01 / 8}
	// One rotation in 64 tokens is at index 2·ln(64/2π)/ln 10⁴ = 0.50, 32 rotations below 0: the
	// ramp is from 0 to 1.
	yarn := newFolder(f32, map[string]any{"rope_parameters": map[string]any{"rope_type": "yarn", "factor": 4., "rope_theta": 10000.}})
	yarn.frequencies, yarn.magnitude = []float64{1, 0.01 / 4}, 0.1*math.Log(4)+1
	smollm3 := newFolder(f32, map[string]any{"model_type": "smollm3", "no_rope_layers": []int{1, 0}, "rope_theta": 10000.})
	smollm3.still = []bool{false, true}
	mistral := newFolder(f32, map[string]any{"model_type": "mistral", "sliding_window": 6})
	mistral.window = 6
	gemma2 := newFolder(f32, map[string]any{"model_type": "gemma2", "head_dim": 4, "sliding_window": 6, "query_pre_attn_scalar": 9,
		"attn_logit_softcapping": 1.5, "final_logit_softcapping": 2.5})
	gemma2.before, gemma2.after, gemma2.unit, gemma2.gelu, gemma2.embed = true, true, true, true, math.Sqrt(24)
	gemma2.window, gemma2.sliding, gemma2.scale, gemma2.softcap, gemma2.logitOf = 6, []bool{true, false}, 1./3, 1.5, 2.5
	gemma3 := newFolder(bf16, map[string]any{"model_type": "gemma3_text", "head_dim": 4, "sliding_window": 6, "query_pre_attn_scalar": 9,
		"sliding_window_pattern": 2, "rope_theta": 10000., "rope_local_base_freq": 50., "rope_scaling": map[string]any{"rope_type": "linear", "factor": 8.}})
	gemma3.before, gemma3.after, gemma3.unit, gemma3.gelu, gemma3.embed = true, true, true, true, math.Sqrt(24)
	gemma3.window, gemma3.sliding, gemma3.scale = 6, []bool{true, false}, 1./3
	gemma3.frequencies, gemma3.local = []float64{1. / 8, 0.01 / 8}, rotary(4, 50)
	// The magnitude is √(1 + ln 4/ln 64).
	phi3 := newFolder(f32, map[string]any{"model_type": "phi3", "num_attention_heads": 3, "num_key_value_heads": 1, "partial_rotary_factor": 0.5, "rms_norm_eps": 1e-6,
		"max_position_embeddings": 256, "original_max_position_embeddings": 64, "sliding_window": 7, "tie_word_embeddings": true,
		"rope_scaling": map[string]any{"type": "longrope", "short_factor": []float64{1, 2}, "long_factor": []float64{3, 4}}})
	phi3.heads, phi3.kvHeads, phi3.headDim, phi3.window = 3, 1, 8, 7
	phi3.frequencies, phi3.magnitude = []float64{1, 0.01 / 2}, math.Sqrt(1+math.Log(4)/math.Log(64))
	olmo2 := newFolder(bf16, map[string]any{"model_type": "olmo2"})
	olmo2.after, olmo2.allHeads = true, true
	granite := newFolder(f32, map[string]any{"model_type": "granite", "embedding_multiplier": 3., "residual_multiplier": 0.5, "attention_multiplier": 0.3, "logits_scaling": 2.})
	granite.embed, granite.residual, granite.scale, granite.divisor = 3, 0.5, 0.3, 2
	for name, f := range map[string]*folder{
		"smollm3":     smollm3.llama(true),
		"gemma2":      gemma2.llama(true),
		"gemma3":      gemma3.llama(true, "q_norm"),
		"phi3":        phi3.llama(true),
		"olmo2":       olmo2.llama(false, "q_norm"),
		"granite":     granite.llama(false),
		"dynamic":     newFolder(f32, map[string]any{"rope_scaling": map[string]any{"type": "dynamic", "factor": 4.}}).llama(false),
		"llama":       newFolder(f32, nil).llama(false),
		"llama, BF16": newFolder(bf16, nil).llama(false),
		"llama, F16":  newFolder(f16, map[string]any{"tie_word_embeddings": true}).llama(true),
		"mistral":     mistral.llama(false),
		"qwen2":       newFolder(bf16, map[string]any{"model_type": "qwen2", "tie_word_embeddings": true}).llama(true, "q_proj k_proj v_proj"),
		"qwen3":       wide.llama(true, "q_norm"),
		"every bias":  newFolder(f32, map[string]any{"attention_bias": true, "mlp_bias": true}).llama(false, "q_proj k_proj v_proj o_proj gate_proj up_proj down_proj"),
		"linear rope": linear.llama(false),
		"llama3 rope": llama3.llama(false),
		"yarn rope":   yarn.llama(false),
		"gpt2":        newFolder(f32, nil).gpt2("transformer."),
		"gpt2, BF16":  newFolder(bf16, nil).gpt2(""),
	} {
		t.Run(name, func(t *testing.T) {
			m, err := transformer.Load(f.write(t))
			if err != nil {
				t.Fatal(err)
			}
			if m.Frozen() != (f.dtype != f32) {
				t.Errorf("frozen is %v for %s", m.Frozen(), f.dtype)
			}
			ids := draw(f.rng, 37, f.vocabulary)
			want := f.logits(ids)
			for kind, m := range map[string]*transformer.Model{"as stored": m, "in float32": m.ToFloat32(), "cloned": m.Clone()} {
				got, most, size := m.Logits(nil, m.Hidden(nil, ids, 1)), 0., 0.
				for i := range ids {
					for j, v := range want[i] {
						most, size = max(most, math.Abs(v-float64(got.At(i, j)))), max(size, math.Abs(v))
					}
				}
				if most > 1e-5*(1+size) || size < 1 {
					t.Errorf("%s: logits of up to %.3g are off by %.3g", kind, size, most)
				}
			}
		})
	}
}
