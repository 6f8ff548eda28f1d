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

// BenchmarkModel trains, scores and samples a model of the shape of stories260K. A character is a
// token.
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
		texts[i] = undertone.NewExample("", strings.Repeat(string(rune('a'+i%26)), tokens-2))
		requests[i] = undertone.Request{Temperature: 1, MaxTokens: tokens, Seed: uint64(i)}
	}
	data := undertone.NewDataset("rows", texts)
	data.Digest() // not part of the measurement
	for _, c := range []struct {
		task string
		run  func() (tokens int, err error)
	}{
		{"train", func() (int, error) {
			_, err := m.Train(b.Context(), data, student.Recipe{BatchSize: 16, Shards: 2})
			return rows * tokens, err
		}},
		{"score", func() (int, error) {
			_, err := m.LogProb(b.Context(), texts)
			return rows * tokens, err
		}},
		{"generate", func() (n int, err error) {
			responses, err := m.GenerateBatch(b.Context(), requests)
			for _, r := range responses { // some end early
				n += len(r.Text)
			}
			return n, err
		}},
	} {
		b.Run(fmt.Sprintf("task=%s/rows=%d/tokens=%d", c.task, rows, tokens), func(b *testing.B) {
			total := 0
			for b.Loop() {
				n, err := c.run()
				if err != nil {
					b.Fatal(err)
				}
				total += n
			}
			b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}

// BenchmarkEncode encodes rows of a question and a list of numbers. Each character is a token.
func BenchmarkEncode(b *testing.B) {
	const own = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
	row := undertone.NewExample("continue the list of numbers, with at most ten more: 402, 178, 935.", "221, 847, 390, 512, 768, 144, 609, 273, 456, 981")
	for _, name := range []string{"plain", "chatml", "own"} {
		b.Run("template="+name, func(b *testing.B) {
			m := small(b, Options{})
			net := m.net
			dir := characters(b, map[string]string{"own": own}[name])
			if err := saveNet(net, dir); err != nil {
				b.Fatal(err)
			}
			m, err := Load(dir)
			if err != nil {
				b.Fatal(err)
			}
			if name == "chatml" {
				if m, err = m.WithTemplate(ChatML()); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				if _, err := m.encode(row); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
