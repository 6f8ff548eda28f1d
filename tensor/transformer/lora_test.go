package transformer_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/optim"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// TestLoRA trains changes to the layers of every family.
func TestLoRA(t *testing.T) {
	for name, c := range families {
		t.Run(name, func(t *testing.T) {
			base := random(t, c)
			before := base.Clone()
			rng := rand.New(rand.NewPCG(5, 6))
			ids, targets := draw(rng, 40, c.Vocabulary), draw(rng, 40, c.Vocabulary)
			m, err := base.WithLoRA(transformer.LoRA{Rank: 2, Alpha: 4})
			if err != nil {
				t.Fatal(err)
			}
			hidden := func(m *transformer.Model) []float32 { return m.Hidden(nil, ids, 2).Data() }
			if d := farthest(hidden(m), hidden(base)); d != 0 {
				t.Errorf("untrained changes move the result by %v", d)
			}
			perBlock := 7
			switch {
			case c.Fused:
				perBlock = 4
			case c.Architecture == transformer.GPT2:
				perBlock = 6
			}
			if got := len(m.AdapterTensors()) / 2; got != perBlock*c.Layers || len(m.Params()) != 2*got {
				t.Errorf("%d adapters, %d parameters; want %d and two of each", got, len(m.Params()), perBlock*c.Layers)
			}

			tape, opt := tensor.NewTape(m.Params()...), &optim.Adam{LearningRate: 0.02}
			var first, last float32
			for step := range 30 {
				tape.Reset()
				loss := m.Loss(tape, ids, targets, 2)
				tape.Backward(loss)
				opt.Step(tape.Leaves(), tape.Grads())
				if last = loss.Item(); step == 0 {
					first = last
				}
			}
			if last > 0.9*first {
				t.Errorf("loss %v after %v: the changes do not learn", last, first)
			}
			if d := farthest(hidden(base), hidden(before)); d != 0 {
				t.Errorf("training changed the base by %v", d)
			}
			if d := farthest(hidden(m.Merge()), hidden(m)); d > 1e-4 {
				t.Errorf("merged, the result is off by %v", d)
			}
			if n := len(m.Merge().AdapterTensors()); n != 0 || m.Merge().HasLoRA() {
				t.Errorf("merged, the model has %d tensors of LoRA", n)
			}
			if d := farthest(hidden(m), hidden(base)); d < 0.01 {
				t.Errorf("the changes move the result by %v only: nothing was tested", d)
			}
			clone := m.Clone()
			clone.Params()[0].Data()[0]++
			if clone.Params()[0].Data()[0] == m.Params()[0].Data()[0] {
				t.Error("a clone shares parameters")
			}
		})
	}
}

func TestLoRAErrors(t *testing.T) {
	m := random(t, families["llama"])
	some, err := m.WithLoRA(transformer.LoRA{Rank: 1, Targets: []string{"q_proj", "v_proj"}})
	if err != nil || len(some.AdapterTensors()) != 2*4 || some.AdapterTensors()[2].Name != "model.layers.0.self_attn.v_proj.lora_A.weight" {
		t.Fatalf("%d tensors, %v; want those of q_proj and v_proj", len(some.AdapterTensors()), err)
	}
	for _, c := range []struct {
		model *transformer.Model
		lora  transformer.LoRA
		want  string
	}{
		{m, transformer.LoRA{Rank: -1}, "rank is -1, want 1 to"},
		{m, transformer.LoRA{Rank: 1 << 30}, "rank is 1073741824, want 1 to"},
		{m, transformer.LoRA{Alpha: -1}, "alpha is -1, want more than 0"},
		{m, transformer.LoRA{Alpha: math.NaN()}, "alpha is NaN"},
		{m, transformer.LoRA{Rank: 1, Targets: []string{"c_attn"}}, `no layer has the name "c_attn"; want q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj`},
		{m, transformer.LoRA{Rank: 1, Targets: []string{"lm_head"}}, `no layer has the name "lm_head"`},
		{some, transformer.LoRA{Rank: 1}, "merge it first"},
	} {
		if _, err := c.model.WithLoRA(c.lora); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %q", c.lora, err, c.want)
		}
	}
}
