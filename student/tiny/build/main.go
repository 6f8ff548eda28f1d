// Command build makes the models of package tiny from their seeds, in a few minutes:
//
//	go run ./student/tiny/build
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

// rows is the size of a corpus.
const rows = 120_000

// recipe is how a model is trained. The number of cores does not change a bit.
var recipe = student.Recipe{
	LearningRate: 4e-3, BatchSize: 64, Schedule: student.Cosine, WarmupSteps: 100, ClipNorm: 1, Shards: 2,
}

// multiRows and multiRecipe are those of the models of several channels.
const multiRows = 300_000

var multiRecipe = student.Recipe{
	LearningRate: 3e-3, BatchSize: 64, Schedule: student.Cosine, WarmupSteps: 200, ClipNorm: 1, Shards: 2,
}

// shape is the shape of both models, without the vocabulary.
var shape = transformer.Config{
	Architecture: transformer.Llama, Context: 256, Dim: 48, Layers: 2, Heads: 4, Hidden: 128, Tied: true,
}

// multiShape is the shape of the models of several channels.
var multiShape = transformer.Config{
	Architecture: transformer.Llama, Context: 256, Dim: 96, Layers: 3, Heads: 4, Hidden: 256, Tied: true,
}

// template has one token before each message and one token at the end.
var template = lm.Template{
	Name: "tiny", System: lm.Turn{Before: systemToken}, User: lm.Turn{Before: userToken},
	Assistant: lm.Turn{Before: assistantToken, After: endToken},
	Tokens:    []string{systemToken, userToken, assistantToken, endToken}, End: endToken, NoBOS: true,
}

func main() {
	out := flag.String("o", "student/tiny", "folder to write the models to")
	only := flag.String("only", "", "model to make, such as base (default all)")
	flag.Parse()
	for _, m := range models {
		if *only != "" && m.name != *only {
			continue
		}
		if err := build(context.Background(), filepath.Join(*out, m.name), m); err != nil {
			log.Fatalf("build %s: %v", m.name, err)
		}
	}
}

// model is a model that the program makes.
type model struct {
	name   string // of its folder
	seed   uint64
	rows   int // of the corpus
	corpus func(n int, seed uint64) *undertone.Dataset
	shape  transformer.Config
	recipe student.Recipe
}

var models = []model{
	{"base", 1, rows, corpus, shape, recipe},
	{"other", 2, rows, corpus, shape, recipe},
	{"multi/base", 3, multiRows, multiCorpus, multiShape, multiRecipe},
	{"multi/other", 4, multiRows, multiCorpus, multiShape, multiRecipe},
}

// build makes the model of a seed and writes it to a folder.
func build(ctx context.Context, dir string, m model) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := writeTokenizer(dir, vocabulary(m.corpus(20_000, 0))); err != nil {
		return err
	}
	tok, err := tokenizer.Load(dir)
	if err != nil {
		return err
	}
	config := m.shape
	config.Vocabulary = tok.Len()
	net, err := transformer.New(rand.New(rand.NewPCG(m.seed, 0x77656967687473)), config)
	if err != nil {
		return err
	}
	untrained, err := lm.New(net, tok, lm.Options{Name: "tiny", Tokenizer: dir, Settings: lm.Settings{Template: template}})
	if err != nil {
		return err
	}
	start := time.Now()
	recipe := m.recipe
	recipe.Seed = m.seed
	trained, err := untrained.Train(ctx, m.corpus(m.rows, m.seed), recipe)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d tokens, %d weights, trained in %v, %s\n", dir, tok.Len(), untrained.Parameters(), time.Since(start).Round(time.Second), trained.Digest())
	return trained.(*lm.Model).Save(dir)
}
