package transformer_test

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/tensor/transformer"
)

// llama2cOracle reads a checkpoint of llama2.c whose output layer is the embedding.
func llama2cOracle(t *testing.T, path string) *oracle {
	t.Helper()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var h [7]int // dim, hidden, layers, heads, kv heads, vocabulary, context
	for i := range h {
		h[i] = int(int32(binary.LittleEndian.Uint32(file[4*i:])))
	}
	file = file[28:]
	next := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(file[4*i:])))
		}
		file = file[4*n:]
		return x
	}
	dim, hidden, kv := h[0], h[1], h[0]/h[3]*h[4]
	o := &oracle{
		weights: map[string][]float64{"model.embed_tokens.weight": next(h[5] * dim)},
		dim:     dim, layers: h[2], heads: h[3], kvHeads: h[4], headDim: dim / h[3], hidden: hidden, vocabulary: h[5],
		epsilon: 1e-5, interleaved: true, frequencies: rotary(dim/h[3], 10000), magnitude: 1,
	}
	for _, kind := range []struct {
		name string
		size int
	}{
		{"input_layernorm", dim}, {"self_attn.q_proj", dim * dim}, {"self_attn.k_proj", dim * kv}, {"self_attn.v_proj", dim * kv},
		{"self_attn.o_proj", dim * dim}, {"post_attention_layernorm", dim},
		{"mlp.gate_proj", hidden * dim}, {"mlp.down_proj", dim * hidden}, {"mlp.up_proj", hidden * dim},
	} {
		for l := range o.layers {
			o.weights["model.layers."+string(rune('0'+l))+"."+kind.name+".weight"] = next(kind.size)
		}
	}
	o.weights["model.norm.weight"] = next(dim)
	return o
}

// TestLlama2c compares trained models with the oracle.
func TestLlama2c(t *testing.T) {
	for _, name := range []string{"stories260K", "aidreams260K"} {
		t.Run(name, func(t *testing.T) {
			m := load(t, name)
			o := llama2cOracle(t, data(t, "models", name, name+".bin"))
			ids := []int32{1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426, 338, 397, 355, 410}
			got, worst := m.Logits(nil, m.Hidden(nil, ids, 1)), 0.
			for i, row := range o.logits(ids) {
				for j, v := range row {
					worst = max(worst, math.Abs(v-float64(got.At(i, j))))
				}
			}
			if worst > 1e-3 {
				t.Errorf("logits are off by %v", worst)
			}
			t.Logf("logits are off by at most %.2g", worst)
		})
	}
}

// llama2cFile returns a checkpoint of zeros.
func llama2cFile(dim, hidden, layers, heads, kvHeads, vocabulary, context int32, floats int) []byte {
	var file []byte
	for _, v := range []int32{dim, hidden, layers, heads, kvHeads, vocabulary, context} {
		file = binary.LittleEndian.AppendUint32(file, uint32(v))
	}
	return append(file, make([]byte, 4*floats)...)
}

// smallFloats is the number of weights and angles of llama2cFile(4, 8, 1, 2, 1, 5, 3): table, two
// norms, queries, keys and values, output, three layers of 4×8, norm, angles.
const smallFloats = 20 + 2*4 + 16 + 2*8 + 16 + 3*32 + 4 + 3*2

func TestLlama2cErrors(t *testing.T) {
	nan := llama2cFile(4, 8, 1, 2, 1, 5, 3, smallFloats)
	binary.LittleEndian.PutUint32(nan[28+4*20:], math.Float32bits(float32(math.NaN())))
	for _, c := range []struct {
		reason string
		file   []byte
		want   string
	}{
		{"a good one", llama2cFile(4, 8, 1, 2, 1, 5, 3, smallFloats), ""},
		{"an output layer of its own", llama2cFile(4, 8, 1, 2, 1, -5, 3, smallFloats+20), ""},
		{"no file at all", nil, "llama2.c header: EOF"},
		{"half a header", make([]byte, 13), "llama2.c header: unexpected EOF"},
		{"a header of zeros", make([]byte, 28), "kv_heads is 0"},
		{"truncated", llama2cFile(4, 8, 1, 2, 1, 5, 3, smallFloats-1), "the file has 752 bytes, its header requires 756"},
		{"too long", llama2cFile(4, 8, 1, 2, 1, 5, 3, smallFloats+1), "its header requires"},
		{"more than memory", llama2cFile(1<<20, 1<<20, 1<<12, 1, 1, 1<<24, 1<<24, 9), "more than"},
		{"beyond all limits", llama2cFile(math.MaxInt32, 8, 1, 2, 1, 5, 3, 9), "dim is 2147483647"},
		{"a vocabulary whose negative overflows", llama2cFile(4, 8, 1, 2, 1, math.MinInt32, 3, 9), "vocabulary is 2147483648"},
		{"heads that do not divide", llama2cFile(4, 8, 1, 3, 3, 5, 3, 9), "dim 4 is not a multiple of 3 heads"},
		{"negative layers", llama2cFile(4, 8, -1, 2, 1, 5, 3, 9), "layers is -1"},
		{"a weight that is no number", nan, "model.layers.0.input_layernorm"},
	} {
		path := filepath.Join(t.TempDir(), "model.bin")
		if err := os.WriteFile(path, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := transformer.Load(path)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path)) {
			t.Errorf("%s: error %v, want %q", c.reason, err, c.want)
		}
	}
}
