package transformer

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// TestSaveAndLoad: a saved model computes the same after loading, and is saved to the same bytes
// again.
func TestSaveAndLoad(t *testing.T) {
	llama := Config{Architecture: Llama, Vocabulary: 31, Context: 16, Dim: 12, Layers: 2, Heads: 6, KVHeads: 3, HeadDim: 4, Hidden: 20}
	with := func(change func(*Config)) Config {
		c := llama
		change(&c)
		return c
	}
	for name, c := range map[string]Config{
		"llama":                      llama,
		"tied":                       with(func(c *Config) { c.Tied = true }),
		"biases":                     with(func(c *Config) { c.QKVBias, c.OutputBias, c.MLPBias = true, true, true }),
		"qwen2":                      with(func(c *Config) { c.QKVBias = true }),
		"qwen3":                      with(func(c *Config) { c.QKNorm = true }),
		"interleaved":                with(func(c *Config) { c.RopePairing = Interleaved }),
		"interleaved norms of heads": with(func(c *Config) { c.RopePairing, c.QKNorm = Interleaved, true }),
		"scaled": with(func(c *Config) {
			c.RopeScaling = &RopeScaling{Kind: "llama3", Factor: 8, Original: 8, LowFactor: 1, HighFactor: 4}
		}),
		"mistral":            with(func(c *Config) { c.Window = 5 }),
		"qwen2 with windows": with(func(c *Config) { c.QKVBias, c.Window, c.Sliding = true, 5, []bool{false, true} }),
		"dynamic":            with(func(c *Config) { c.RopeScaling = &RopeScaling{Kind: "dynamic", Factor: 4, Original: 16} }),
		"smollm3":            with(func(c *Config) { c.NoRotary = []bool{true, false} }),
		"gemma":              with(func(c *Config) { c.Tied, c.UnitOffset, c.GELU, c.EmbeddingScale = true, true, true, math.Sqrt(12) }),
		"gemma2": with(func(c *Config) {
			c.Tied, c.Variant = true, Variant{Norms: NormAround, UnitOffset: true, GELU: true, Window: 5, Sliding: []bool{true, false},
				AttentionScale: math.Pow(7, -0.5), AttentionSoftcap: 50, LogitSoftcap: 30, EmbeddingScale: math.Sqrt(12)}
		}),
		"gemma3": with(func(c *Config) {
			c.Tied, c.QKNorm, c.RopeBase, c.RopeScaling = true, true, 1e6, &RopeScaling{Kind: "linear", Factor: 8}
			c.Variant = Variant{Norms: NormAround, UnitOffset: true, GELU: true, Window: 5, Sliding: []bool{true, false},
				LocalRopeBase: 1e4, AttentionScale: math.Pow(7, -0.5), EmbeddingScale: math.Sqrt(12)}
		}),
		"phi3": with(func(c *Config) {
			c.RopeScaling = &RopeScaling{Kind: "longrope", Factor: 4, Original: 16, Short: []float64{1.5}, Long: []float64{3}}
			c.Variant = Variant{Fused: true, RotaryDim: 2, Window: 9}
		}),
		"olmo2": with(func(c *Config) { c.QKNorm, c.Variant = true, Variant{Norms: NormAfter, QKNormAll: true} }),
		"olmo3": with(func(c *Config) {
			c.QKNorm, c.RopeScaling = true, &RopeScaling{Kind: "yarn", Factor: 4, Original: 8}
			c.Variant = Variant{Norms: NormAfter, QKNormAll: true, Window: 5, Sliding: []bool{true, false}, LocalRopeBase: 1e4}
		}),
		"granite": with(func(c *Config) {
			c.Variant = Variant{AttentionScale: 0.3, EmbeddingScale: 3, ResidualScale: 0.4, LogitDivisor: 2.5}
		}),
		"interleaved norms of all heads": with(func(c *Config) {
			c.RopePairing, c.QKNorm, c.Variant = Interleaved, true, Variant{Norms: NormAfter, QKNormAll: true}
		}),
		"gpt2": {Architecture: GPT2, Vocabulary: 31, Context: 16, Dim: 12, Layers: 2, Heads: 3, Hidden: 20, Tied: true},
	} {
		rng := rand.New(rand.NewPCG(1, 0))
		m, err := New(rng, c)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range m.Params() { // gains and biases are not random
			for i := range p.Data() {
				p.Data()[i] += float32(rng.NormFloat64()) * 0.3
			}
		}
		again := saveAndLoad(t, m)
		if !reflect.DeepEqual(slices.Collect(again.Tensors()), slices.Collect(m.SplitPairs().Tensors())) || !reflect.DeepEqual(m.SplitPairs().Config(), again.Config()) {
			t.Errorf("%s: SplitPairs is not what is saved", name)
		}
		if !reflect.DeepEqual(slices.Collect(again.Tensors()), slices.Collect(m.Tensors())) {
			t.Errorf("%s: the tensors have changed", name)
		}
		ids := []int32{3, 1, 4, 1, 5, 9, 2, 6}
		var tape *tensor.Tape
		want := m.Hidden(tape, ids, 1).Data()
		for i, got := range again.Hidden(tape, ids, 1).Data() {
			if d := math.Abs(float64(got - want[i])); d > 1e-5 {
				t.Fatalf("%s: hidden %d is %v, want %v", name, i, got, want[i])
			}
		}
	}
}

// 16-bit weights keep their bits, with and without LoRA.
func TestSaveHalves(t *testing.T) {
	for _, c := range []Config{
		{Architecture: Llama, Vocabulary: 31, Context: 16, Dim: 12, Layers: 2, Heads: 6, KVHeads: 3, HeadDim: 4, Hidden: 20, QKVBias: true},
		{Architecture: GPT2, Vocabulary: 31, Context: 16, Dim: 12, Layers: 2, Heads: 3, Hidden: 20, Tied: true},
	} {
		m, err := New(rand.New(rand.NewPCG(1, 0)), c)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := save(m, dir); err != nil {
			t.Fatal(err)
		}
		var rounded []safetensors.Tensor
		for x := range m.Tensors() {
			if len(x.Shape) == 2 && !strings.HasSuffix(x.Name, "wpe.weight") {
				x.DType = safetensors.BF16
				for _, v := range x.Float32s {
					x.Halves = append(x.Halves, uint16(math.Float32bits(v)>>16))
				}
				x.Float32s = nil
			}
			rounded = append(rounded, x)
		}
		if err := writeTensors(dir+"/model.safetensors", rounded); err != nil {
			t.Fatal(err)
		}
		half, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		if !half.Frozen() {
			t.Fatal("no weight has 16 bits")
		}
		low, err := half.WithLoRA(LoRA{Rank: 2})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []*Model{half, low} {
			if got := slices.Collect(saveAndLoad(t, m).Tensors()); !reflect.DeepEqual(got, rounded) {
				t.Errorf("%s: the tensors have changed", c.Architecture)
			}
		}
	}
}

func TestSaveErrors(t *testing.T) {
	c := Config{Architecture: Llama, Vocabulary: 31, Context: 16, Dim: 12, Layers: 1, Heads: 3, Hidden: 20, OutputBias: true}
	m, err := New(rand.New(rand.NewPCG(1, 0)), c)
	if err != nil {
		t.Fatal(err)
	}
	if err := save(m, t.TempDir()); err == nil || !strings.Contains(err.Error(), "no model type can describe the shape") {
		t.Errorf("a shape of no model type: error %v", err)
	}
}

func saveAndLoad(t *testing.T, m *Model) *Model {
	t.Helper()
	dir := fmt.Sprint(t.TempDir(), "/a/b")
	if err := save(m, dir); err != nil {
		t.Fatal(err)
	}
	again, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// save writes a model to a folder, which it creates when needed.
func save(m *Model, dir string) error {
	config, err := m.HFConfig()
	if err != nil {
		return err
	}
	var weights bytes.Buffer
	if err := m.WriteSafetensors(&weights); err != nil {
		return err
	}
	return errors.Join(
		os.MkdirAll(dir, 0o755),
		os.WriteFile(filepath.Join(dir, "model.safetensors"), weights.Bytes(), 0o644),
		os.WriteFile(filepath.Join(dir, "config.json"), config, 0o644))
}

func writeTensors(path string, tensors []safetensors.Tensor) error {
	var file bytes.Buffer
	if err := safetensors.Write(&file, tensors, nil); err != nil {
		return err
	}
	return os.WriteFile(path, file.Bytes(), 0o644)
}
