package lm

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// BenchmarkModel trains, scores and samples a model of the shape of stories260K, a character a token.
func BenchmarkModel(b *testing.B) {
	const rows, tokens = 64, 128
	tok := small(b, Options{}).tok
	net, err := transformer.New(rand.New(rand.NewPCG(1, 0)), transformer.Config{
		Architecture: transformer.Llama, Vocabulary: tok.Len(), Context: 512, Dim: 64, Layers: 5, Heads: 8, KVHeads: 4, Hidden: 172, Tied: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	m, err := New(net, tok, Options{})
	if err != nil {
		b.Fatal(err)
	}
	texts := make([]undertone.Example, rows)
	requests := make([]undertone.Request, rows)
	for i := range texts {
		texts[i] = undertone.Ask("", strings.Repeat(string(rune('a'+i%26)), tokens-2))
		requests[i] = undertone.Request{Temperature: 1, MaxTokens: tokens, Seed: uint64(i)}
	}
	data := undertone.NewDataset("rows", texts)
	data.Digest() // not what is measured
	for _, c := range []struct {
		task string
		run  func() error
	}{
		{"train", func() error {
			_, err := m.Train(b.Context(), data, student.Recipe{BatchSize: 16, Shards: 2})
			return err
		}},
		{"score", func() error {
			_, err := m.LogProb(b.Context(), texts)
			return err
		}},
		{"generate", func() error {
			_, err := m.GenerateBatch(b.Context(), requests)
			return err
		}},
	} {
		b.Run(fmt.Sprintf("task=%s/rows=%d/tokens=%d", c.task, rows, tokens), func(b *testing.B) {
			for b.Loop() {
				if err := c.run(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(rows*tokens*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}
