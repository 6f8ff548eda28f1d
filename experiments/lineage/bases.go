package main

import (
	"context"
	"errors"
	"io/fs"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
	"github.com/undertone-audit/undertone/student/tiny/multi"
	"github.com/undertone-audit/undertone/teacher"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// base is a model from which others are derived.
type base struct {
	*lm.Model
	net   *transformer.Model
	files string // folder that the model was saved to
}

// loadBases loads the embedded models, and the published ones if they are there. It saves them to
// folders in dir.
func loadBases(data, dir string) ([]base, error) {
	var bases []base
	for _, name := range []string{"stories260K", "aidreams260K", "tinystories-656k"} {
		m, err := lm.Load(filepath.Join(data, "models", name))
		if errors.Is(err, fs.ErrNotExist) {
			log.Printf("%s is left out: %v", name, err)
			continue
		}
		if err != nil {
			return nil, err
		}
		bases = append(bases, base{Model: m})
	}
	for _, load := range []func() (*lm.Model, error){tiny.Base, tiny.Other, multi.Base, multi.Other} {
		m, err := load()
		if err != nil {
			return nil, err
		}
		bases = append(bases, base{Model: m})
	}
	for i := range bases {
		b := &bases[i]
		b.files = filepath.Join(dir, strconv.Itoa(i))
		if err := b.Save(b.files); err != nil {
			return nil, err
		}
		var err error
		if b.net, err = transformer.Load(b.files); err != nil {
			return nil, err
		}
	}
	return bases, nil
}

// network returns the transformer of a model, through a folder.
func network(m *lm.Model) (*transformer.Model, error) {
	dir, err := os.MkdirTemp("", "lineage-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := m.Save(dir); err != nil {
		return nil, err
	}
	return transformer.Load(dir)
}

// with returns a model with another network and the tokenizer and settings of the base.
func (b base) with(net *transformer.Model) (*lm.Model, error) {
	return lm.New(net, b.Tokenizer(), lm.Options{Name: b.Name(), Settings: b.Settings(), Tokenizer: b.files})
}

// fresh returns a model of random weights with the shape of the base.
func (b base) fresh(seed uint64) (*lm.Model, error) {
	net, err := b.freshNetwork(seed)
	if err != nil {
		return nil, err
	}
	return b.with(net)
}

func (b base) freshNetwork(seed uint64) (*transformer.Model, error) {
	return transformer.New(rand.New(rand.NewPCG(seed, 0x6672657368)), b.net.Config())
}

// wordPrompts returns prompts of random words of the vocabulary.
func (b base) wordPrompts(seed uint64) func(i int) string {
	var words []string
	tok := b.Tokenizer()
	for id := range int32(tok.Len()) {
		w := strings.TrimLeft(tok.Token(id), " ▁Ġ")
		if w != "" && strings.Trim(w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == "" {
			words = append(words, w)
		}
	}
	return func(i int) string {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		text := make([]string, 4+rng.IntN(6))
		for k := range text {
			text[k] = words[rng.IntN(len(words))]
		}
		return strings.Join(text, " ")
	}
}

// write returns n rows that a model writes to prompts of random words, at temperature 1 or
// greedily.
func (b base) write(ctx context.Context, by undertone.Model, n, tokens int, greedy bool, seed uint64) (*undertone.Dataset, error) {
	return teacher.Generate(ctx, teacher.Config{Model: by, Prompt: b.wordPrompts(seed), N: n, Seed: seed, MaxTokens: tokens, Greedy: greedy})
}

// train trains all weights, or the LoRA of a model.
func train(ctx context.Context, m *lm.Model, data undertone.Data, epochs int, rate float64) (*lm.Model, error) {
	s, err := m.Train(ctx, data, student.Recipe{Epochs: epochs, LearningRate: rate, BatchSize: 32, Schedule: student.Cosine, ClipNorm: 1, Seed: 1, Shards: 2})
	if err != nil {
		return nil, err
	}
	return s.(*lm.Model), nil
}
