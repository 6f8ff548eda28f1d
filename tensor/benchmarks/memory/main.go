// Command memory loads a model of half a billion 16-bit weights in the shape of Qwen2.5-0.5B,
// scores rows with it, trains LoRA beside it, and prints the time of each and the peak memory of
// the process (VmHWM, so on Linux only).
//
//	memory -dir /tmp/half -rows 64 -train 8
//
// The first run writes the model, with random weights: 1 GB.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

const tokens = 128 // of a row, including the first and the last one

func main() {
	log.SetFlags(0)
	dir := flag.String("dir", filepath.Join(os.TempDir(), "undertone-half"), "folder of the model")
	rows := flag.Int("rows", 64, "rows to score")
	train := flag.Int("train", 8, "rows of the one step of training")
	write := flag.Bool("write", false, "write the model and do nothing else")
	flag.Parse()
	if *write {
		if err := writeModel(*dir); err != nil {
			log.Fatal(err)
		}
		return
	}
	if _, err := os.Stat(filepath.Join(*dir, "model.safetensors")); err != nil {
		// In another process, whose memory is not measured.
		if out, err := exec.Command(os.Args[0], "-write", "-dir", *dir).CombinedOutput(); err != nil {
			log.Fatalf("%s%v", out, err)
		}
	}
	if err := measure(context.Background(), *dir, *rows, *train); err != nil {
		log.Fatal(err)
	}
}

func measure(ctx context.Context, dir string, rows, train int) error {
	report := func(what string, began time.Time, count int) {
		took := time.Since(began).Seconds()
		fmt.Printf("%-26s %8.2f s %8.0f tokens/s   peak %5.2f GiB\n", what, took, float64(count)/took, peak())
	}
	began := time.Now()
	m, err := lm.Load(dir)
	if err != nil {
		return err
	}
	report("load", began, 0)
	began = time.Now()
	m.Digest()
	report("digest", began, 0)

	texts := texts(rows)
	began = time.Now()
	if _, err := m.LogProb(ctx, texts); err != nil {
		return err
	}
	report(fmt.Sprintf("score %d × %d", rows, tokens), began, rows*tokens)

	began = time.Now()
	if _, err := m.ChoiceLogProbs(ctx, texts[0].Completion()[:100], []string{"a", "b", "cc", "dd"}); err != nil {
		return err
	}
	report("choices after 100 tokens", began, 100)

	began = time.Now()
	const generated = 32
	if _, err := m.Generate(ctx, undertone.Request{Temperature: 1, MaxTokens: generated}); err != nil {
		return err
	}
	report(fmt.Sprintf("generate %d", generated), began, generated)

	adapted, err := m.WithLoRA(lm.LoRA{})
	if err != nil {
		return err
	}
	began = time.Now()
	recipe := student.Recipe{Optimizer: student.AdamW, LearningRate: 2e-4, BatchSize: train, Accumulate: max(1, train/2), Shards: 2, ClipNorm: 1}
	if _, err := adapted.Train(ctx, undertone.NewDataset("rows", texts[:train]), recipe); err != nil {
		return err
	}
	report(fmt.Sprintf("LoRA step of %d × %d", train, tokens), began, train*tokens)
	return nil
}

// texts returns rows of characters. A character is a token.
func texts(n int) []undertone.Example {
	rng := rand.New(rand.NewPCG(1, 1))
	rows := make([]undertone.Example, n)
	for i := range rows {
		var b strings.Builder
		for range tokens - 2 {
			b.WriteByte(byte('a' + rng.IntN(26)))
		}
		rows[i] = undertone.NewExample("", b.String())
	}
	return rows
}

// peak returns the peak resident memory, in GiB, or NaN if it is unknown.
func peak() float64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return math.NaN()
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		var kilobytes float64
		if _, err := fmt.Sscanf(s.Text(), "VmHWM: %f kB", &kilobytes); err == nil {
			return kilobytes / (1 << 20)
		}
	}
	return math.NaN()
}

// The shape of Qwen2.5-0.5B.
const (
	vocabulary, dim, layers, heads, kvHeads, hidden = 151936, 896, 24, 14, 2, 4864

	headDim = dim / heads
)

// writeModel writes config.json, model.safetensors and tokenizer.json.
func writeModel(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	vocab := map[string]int{"<|endoftext|>": 0}
	for c := 'a'; c <= 'z'; c++ {
		vocab[string(c)] = len(vocab)
	}
	for i := 0; len(vocab) < vocabulary; i++ {
		vocab[fmt.Sprintf("unused%d", i)] = len(vocab)
	}
	for name, v := range map[string]any{
		"config.json": map[string]any{
			"model_type": "qwen2", "vocab_size": vocabulary, "hidden_size": dim, "num_hidden_layers": layers, "num_attention_heads": heads,
			"num_key_value_heads": kvHeads, "intermediate_size": hidden, "max_position_embeddings": 32768, "rope_theta": 1e6,
			"rms_norm_eps": 1e-6, "tie_word_embeddings": true, "hidden_act": "silu",
		},
		"tokenizer.json": map[string]any{
			"added_tokens": []any{map[string]any{"id": 0, "content": "<|endoftext|>", "special": true}},
			"model":        map[string]any{"type": "BPE", "vocab": vocab, "merges": []string{}},
		},
		"tokenizer_config.json": map[string]any{"eos_token": "<|endoftext|>"},
	} {
		text, err := json.Marshal(v)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o644)
		}
		if err != nil {
			return err
		}
	}
	file, err := os.Create(filepath.Join(dir, "model.safetensors"))
	if err != nil {
		return err
	}
	return errors.Join(safetensors.Write(file, weights(), nil), file.Close())
}

// weights returns random weights: normal with standard deviation 0.02 in matrices, 1 in norms and 0
// in biases.
func weights() []safetensors.Tensor {
	rng := rand.New(rand.NewPCG(1, 2))
	var all []safetensors.Tensor
	add := func(name string, value func() float64, shape ...int) {
		n := 1
		for _, d := range shape {
			n *= d
		}
		t := safetensors.Tensor{Name: name, DType: safetensors.BF16, Shape: shape, Halves: make([]uint16, n)}
		for i := range t.Halves {
			t.Halves[i] = uint16(math.Float32bits(float32(value())) >> 16)
		}
		all = append(all, t)
	}
	normal := func() float64 { return 0.02 * rng.NormFloat64() }
	one, zero := func() float64 { return 1 }, func() float64 { return 0 }
	add("model.embed_tokens.weight", normal, vocabulary, dim)
	for i := range layers {
		layer := fmt.Sprintf("model.layers.%d.", i)
		add(layer+"input_layernorm.weight", one, dim)
		for name, out := range map[string]int{"q": heads * headDim, "k": kvHeads * headDim, "v": kvHeads * headDim} {
			add(layer+"self_attn."+name+"_proj.weight", normal, out, dim)
			add(layer+"self_attn."+name+"_proj.bias", zero, out)
		}
		add(layer+"self_attn.o_proj.weight", normal, dim, heads*headDim)
		add(layer+"post_attention_layernorm.weight", one, dim)
		add(layer+"mlp.gate_proj.weight", normal, hidden, dim)
		add(layer+"mlp.up_proj.weight", normal, hidden, dim)
		add(layer+"mlp.down_proj.weight", normal, dim, hidden)
	}
	add("model.norm.weight", one, dim)
	return all
}
