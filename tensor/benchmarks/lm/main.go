// Command lm measures a language model in tokens a second, for a comparison with PyTorch.
//
//	lm -model stories260K -task train
//
// ../torch/lm.py does the same with PyTorch, and ../torch/lm_compare.py runs both in alternation.
package main

import (
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"runtime/pprof"
	"slices"
	"time"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/optim"
	"github.com/undertone-audit/undertone/tensor/shard"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// shape is a model and the batch that it is trained and scored on.
type shape struct {
	transformer.Config
	batch, tokens int
}

var shapes = map[string]shape{
	"stories260K": {transformer.Config{Architecture: transformer.Llama, Vocabulary: 512, Context: 512, Dim: 64, Layers: 5, Heads: 8, KVHeads: 4, Hidden: 172, Tied: true}, 16, 256},
	"llama25M":    {transformer.Config{Architecture: transformer.Llama, Vocabulary: 2048, Context: 512, Dim: 512, Layers: 8, Heads: 8, Hidden: 1376, Tied: true}, 8, 128},
}

const (
	shards    = 2
	generated = 128 // tokens of each sequence
)

func main() {
	log.SetFlags(0)
	name := flag.String("model", "stories260K", "stories260K or llama25M")
	task := flag.String("task", "train", "train, score, generate1 or generate64")
	seconds := flag.Float64("seconds", 1.5, "time to measure for")
	profile := flag.String("cpuprofile", "", "`file` to write a profile to")
	flag.Parse()
	s, ok := shapes[*name]
	if !ok {
		log.Fatalf("lm: no model %q", *name)
	}
	m, err := transformer.New(rand.New(rand.NewPCG(1, 2)), s.Config)
	if err != nil {
		log.Fatal(err)
	}
	run, tokens := s.step(m, *task)
	run() // allocates the memory
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			log.Fatal(err)
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			log.Fatal(err)
		}
		defer pprof.StopCPUProfile()
	}
	var times []float64
	for end := time.Now().Add(time.Duration(*seconds * float64(time.Second))); len(times) < 3 || time.Now().Before(end); {
		start := time.Now()
		run()
		times = append(times, time.Since(start).Seconds())
	}
	slices.Sort(times)
	fmt.Printf("%.0f\n", float64(tokens)/times[len(times)/2])
}

// step returns the function to measure and its number of tokens.
func (s shape) step(m *transformer.Model, task string) (func(), int) {
	rng := rand.New(rand.NewPCG(3, 4))
	ids := make([]int32, s.batch*s.tokens+1)
	for i := range ids {
		ids[i] = rng.Int32N(int32(s.Vocabulary))
	}
	part := func(i int) (inputs, targets []int32, batch int) {
		from, to := shard.Range(s.batch, shards, i)
		return ids[from*s.tokens : to*s.tokens], ids[from*s.tokens+1 : to*s.tokens+1], to - from
	}
	switch task {
	case "train":
		tapes := shard.NewTapes(shards, m.Params()...)
		opt := &optim.AdamW{Adam: optim.Adam{LearningRate: 3e-4}, WeightDecay: 0.1}
		return func() {
			tapes.Backward(func(t *tensor.Tape, i int) (*tensor.Tensor, float64) {
				inputs, targets, batch := part(i)
				return m.Loss(t, inputs, targets, batch), float64(batch)
			})
			opt.Step(tapes.Leaves(), tapes.Grads())
		}, s.batch * s.tokens
	case "score":
		tapes := shard.NewTapes(shards)
		return func() {
			tapes.Backward(func(t *tensor.Tape, i int) (*tensor.Tensor, float64) {
				inputs, targets, batch := part(i)
				m.LogProbs(t, inputs, targets, batch)
				return nil, 0
			})
		}, s.batch * s.tokens
	case "generate1":
		return func() { generate(m, 1) }, generated
	case "generate64":
		return func() { generate(m, 64) }, 64 * generated
	}
	log.Fatalf("lm: no task %q", task)
	return nil, 0
}

// generate continues sequences with the most probable token.
func generate(m *transformer.Model, sequences int) {
	s := m.NewSession(sequences)
	next := make([][]int32, sequences)
	for i := range next {
		next[i] = []int32{int32(i)}
	}
	for range generated {
		logits := s.Extend(next)
		for i := range next {
			row := logits.Row(i)
			next[i][0] = int32(slices.Index(row, slices.Max(row)))
		}
	}
}
