package transformer_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// families are small models that differ in every part that a Config describes.
var families = map[string]transformer.Config{
	"llama":       {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 6, KVHeads: 2, Hidden: 40, Tied: true},
	"llama2.c":    {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 3, Hidden: 40, RopePairing: transformer.Interleaved},
	"wide heads":  {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 3, KVHeads: 1, HeadDim: 10, Hidden: 40, Tied: true},
	"qwen2":       {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 6, KVHeads: 3, Hidden: 40, RopeBase: 1e6, QKVBias: true, Epsilon: 1e-6},
	"qwen3":       {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 4, KVHeads: 2, HeadDim: 8, Hidden: 40, QKNorm: true, Tied: true},
	"all biases":  {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 6, Hidden: 40, QKVBias: true, OutputBias: true, MLPBias: true},
	"linear rope": {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 2, Hidden: 40, RopeScaling: &transformer.RopeScaling{Kind: "linear", Factor: 4}},
	"llama3 rope": {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 2, Hidden: 40, RopeBase: 100,
		RopeScaling: &transformer.RopeScaling{Kind: "llama3", Factor: 8, Original: 32, LowFactor: 1, HighFactor: 4}},
	"yarn rope": {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 2, Hidden: 40, RopeBase: 100,
		RopeScaling: &transformer.RopeScaling{Kind: "yarn", Factor: 4, Original: 32, BetaFast: 8}},
	"longrope": {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 2, Hidden: 40, RopeBase: 100,
		RopeScaling: &transformer.RopeScaling{Kind: "longrope", Factor: 4, Original: 90, Short: []float64{1, 1.5, 2, 2.5}, Long: []float64{2, 3, 4, 5}},
		Variant:     transformer.Variant{RotaryDim: 8}},
	"mistral": {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 6, KVHeads: 2, Hidden: 40,
		Variant: transformer.Variant{Window: 7}},
	"smollm3": {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 3, Heads: 6, KVHeads: 2, Hidden: 40, Tied: true,
		Variant: transformer.Variant{NoRotary: []bool{false, true, false}}},
	"gemma2": {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 6, KVHeads: 2, Hidden: 40, Tied: true,
		Variant: transformer.Variant{Norms: transformer.NormAround, UnitOffset: true, GELU: true, Window: 40, Sliding: []bool{true, false},
			AttentionScale: 0.6, AttentionSoftcap: 2, LogitSoftcap: 4, EmbeddingScale: 4.9}},
	"gemma3": {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 6, KVHeads: 2, Hidden: 40, Tied: true, QKNorm: true,
		RopeScaling: &transformer.RopeScaling{Kind: "linear", Factor: 8},
		Variant: transformer.Variant{Norms: transformer.NormAround, UnitOffset: true, GELU: true, Window: 5, Sliding: []bool{true, false},
			LocalRopeBase: 100, AttentionScale: 0.6, EmbeddingScale: 4.9}},
	"phi3": {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 6, KVHeads: 2, Hidden: 40,
		Variant: transformer.Variant{Fused: true, RotaryDim: 2}},
	"olmo2": {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 6, KVHeads: 2, Hidden: 40, QKNorm: true,
		Variant: transformer.Variant{Norms: transformer.NormAfter, QKNormAll: true}},
	"granite": {Architecture: transformer.Llama, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 6, KVHeads: 2, Hidden: 40, Tied: true,
		Variant: transformer.Variant{AttentionScale: 0.3, EmbeddingScale: 3, ResidualScale: 0.4, LogitDivisor: 2.5}},
	"gpt2":        {Architecture: transformer.GPT2, Vocabulary: 23, Context: 90, Dim: 24, Layers: 2, Heads: 3, Hidden: 96, Tied: true},
	"gpt2 untied": {Architecture: transformer.GPT2, Vocabulary: 23, Context: 90, Dim: 24, Layers: 1, Heads: 3, Hidden: 96},
}

// random returns a model with weights, biases and gains large enough for tokens to matter.
func random(t testing.TB, c transformer.Config) *transformer.Model {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	m, err := transformer.New(rng, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.Params() {
		for i := range p.Data() {
			if p.Rank() == 1 {
				p.Data()[i] += float32(0.2 * rng.NormFloat64())
			} else {
				p.Data()[i] = float32(0.3 * rng.NormFloat64())
			}
		}
	}
	return m
}

func draw(rng *rand.Rand, n, vocabulary int) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = rng.Int32N(int32(vocabulary))
	}
	return ids
}

// TestSessionIsForward reads texts of different lengths in pieces, forks and drops some, and
// compares all results of the session with the forward pass of each text alone.
func TestSessionIsForward(t *testing.T) {
	for name, c := range families {
		t.Run(name, func(t *testing.T) {
			m := random(t, c)
			rng := rand.New(rand.NewPCG(3, 4))
			s := m.NewSession(3)
			texts := make([][]int32, 3)
			extend := func(counts ...int) {
				t.Helper()
				next := make([][]int32, len(counts))
				for i, n := range counts {
					next[i] = draw(rng, n, c.Vocabulary)
					texts[i] = append(slices.Clone(texts[i]), next[i]...)
				}
				sameLogits(t, m, texts, s.Extend(next))
			}
			extend(5, 1, 2)
			extend(1, 1, 1)
			extend(0, 40, 33)
			s.Fork(1, 2)
			texts = append(texts, texts[1], texts[1])
			extend(1, 1, 0, 1, 2)
			s.Keep([]int{4, 0, 3})
			texts = [][]int32{texts[4], texts[0], texts[3]}
			extend(3, 2, 1)
			extend(0, 0, 0)

			next := [][]int32{draw(rng, 4, c.Vocabulary), {}, draw(rng, 1, c.Vocabulary)}
			for i, logs := range s.ExtendAll(next) {
				at := len(texts[i])
				texts[i] = append(slices.Clone(texts[i]), next[i]...)
				want := logProbs(m, texts[i])[at:]
				if d := farthest(want, logs); d > 1e-4 || len(want) != len(logs) {
					t.Errorf("text %d: log-probabilities %v, want %v", i, logs, want)
				}
			}
			sameLogits(t, m, texts, s.Extend(make([][]int32, 3)))
			if s.Tokens(1) != len(texts[1]) || s.Len() != 3 {
				t.Errorf("%d sequences, the second of %d tokens; want 3 and %d", s.Len(), s.Tokens(1), len(texts[1]))
			}
		})
	}
}

// logProbs returns the log-probability of every token of a text, 0 for the first.
func logProbs(m *transformer.Model, text []int32) []float32 {
	targets := append(slices.Clone(text[1:]), tensor.Ignore)
	logs := m.LogProbs(nil, text, targets, 1)
	return append([]float32{0}, logs[:len(logs)-1]...)
}

func sameLogits(t *testing.T, m *transformer.Model, texts [][]int32, got *tensor.Tensor) {
	t.Helper()
	for i, text := range texts {
		want := m.Logits(nil, m.Hidden(nil, text, 1))
		if d := farthest(want.Row(len(text)-1), got.Row(i)); d > 1e-4 {
			t.Errorf("text %d of %d tokens: logits are off by %v", i, len(text), d)
		}
	}
}

func farthest(a, b []float32) (most float64) {
	for i, v := range a {
		most = max(most, math.Abs(float64(v)-float64(b[i])))
	}
	return most
}

// TestSharedSessionIsForward has enough work for two readers, whose texts end unevenly.
func TestSharedSessionIsForward(t *testing.T) {
	m := random(t, transformer.Config{Architecture: transformer.Llama, Vocabulary: 512, Context: 128, Dim: 64, Layers: 3, Heads: 4, KVHeads: 2, Hidden: 128, Tied: true})
	if m.Config().Weights()*100 < 1<<23 {
		t.Fatal("the model is too small to share")
	}
	rng := rand.New(rand.NewPCG(3, 4))
	s := m.NewSession(9)
	texts := make([][]int32, 9)
	for i := range texts {
		texts[i] = draw(rng, 5+7*i, 512)
	}
	first, rest := make([][]int32, 9), make([][]int32, 9)
	for i, text := range texts {
		first[i], rest[i] = text[:3+i], text[3+i:]
	}
	s.Extend(first)
	for i, logs := range s.ExtendAll(rest) {
		if d := farthest(logProbs(m, texts[i])[3+i:], logs); d > 1e-4 {
			t.Errorf("text %d: log-probabilities are off by %v", i, d)
		}
	}
	sameLogits(t, m, texts, s.Extend(make([][]int32, 9)))
}

func TestSessionMisuse(t *testing.T) {
	m := random(t, families["llama"])
	for want, call := range map[string]func(*transformer.Session){
		"tensor: Extend: 1 slices of tokens for 2 sequences":                           func(s *transformer.Session) { s.Extend(make([][]int32, 1)) },
		"tensor: Extend: sequence 1 gets 91 tokens, longer than the context of 90":     func(s *transformer.Session) { s.Extend([][]int32{{1}, make([]int32, 91)}) },
		"tensor: Extend: id 23 of sequence 1, token 0, is not in the vocabulary of 23": func(s *transformer.Session) { s.Extend([][]int32{{1}, {23}}) },
		"tensor: Fork: sequence 2 of 2":                                                func(s *transformer.Session) { s.Fork(2, 1) },
		"tensor: Keep: sequence 1 is listed twice":                                     func(s *transformer.Session) { s.Keep([]int{1, 1}) },
	} {
		func() {
			defer func() {
				if err, ok := recover().(*tensor.ShapeError); !ok || err.Error() != want {
					t.Errorf("panics with %v, want %s", err, want)
				}
			}()
			call(m.NewSession(2))
		}()
	}
}
