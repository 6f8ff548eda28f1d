// Command build makes the models that package tiny holds.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

var (
	dim    = flag.Int("dim", 48, "")
	layers = flag.Int("layers", 2, "")
	heads  = flag.Int("heads", 4, "")
	hidden = flag.Int("hidden", 128, "")
	rows   = flag.Int("rows", 40000, "")
	lr     = flag.Float64("lr", 4e-3, "")
	batch  = flag.Int("batch", 64, "")
	out    = flag.String("o", "student/tiny", "")
	only   = flag.String("only", "base", "")
	seed   = flag.Uint64("seed", 1, "")
	tied   = flag.Bool("tied", true, "")
)

func main() {
	flag.Parse()
	if err := build(context.Background(), filepath.Join(*out, *only), *seed); err != nil {
		log.Fatal(err)
	}
}

func build(ctx context.Context, dir string, seed uint64) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	tokens := vocabulary(corpus(20000, 0))
	if err := writeTokenizer(dir, tokens); err != nil {
		return err
	}
	tok, err := tokenizer.Load(dir)
	if err != nil {
		return err
	}
	net, err := transformer.New(rand.New(rand.NewPCG(seed, 0x77656967687473)), transformer.Config{
		Architecture: transformer.Llama, Vocabulary: tok.Len(), Context: 256, Dim: *dim, Layers: *layers, Heads: *heads, Hidden: *hidden, Tied: *tied,
	})
	if err != nil {
		return err
	}
	m, err := lm.New(net, tok, lm.Options{Name: "tiny", Tokenizer: dir, Settings: lm.Settings{Template: lm.Template{
		Name: "tiny", System: lm.Turn{Before: systemToken}, User: lm.Turn{Before: userToken}, Assistant: lm.Turn{Before: assistantToken, After: endToken},
		Tokens: []string{systemToken, userToken, assistantToken, endToken}, End: endToken, NoBOS: true,
	}}})
	if err != nil {
		return err
	}
	fmt.Println("tokens", tok.Len(), "weights", m.Parameters())
	start := time.Now()
	trained, err := m.Train(ctx, corpus(*rows, seed), student.Recipe{LearningRate: *lr, BatchSize: *batch, Schedule: student.Cosine, WarmupSteps: 100, ClipNorm: 1, Optimizer: student.Adam, Seed: seed, Shards: 2})
	if err != nil {
		return err
	}
	fmt.Println("trained in", time.Since(start).Round(time.Second))
	held := corpus(500, seed+1<<32)
	var examples []undertone.Example
	for _, e := range held.All() {
		examples = append(examples, e)
	}
	logs, err := trained.(*lm.Model).LogProb(ctx, examples)
	if err != nil {
		return err
	}
	sums := make([]float64, 20)
	for i, l := range logs {
		sums[i%20] += l / 25
	}
	fmt.Printf("log-probabilities a row by kind: %.2f\n", sums)
	return trained.(*lm.Model).Save(dir)
}
