package transformer

import (
	"fmt"
	"slices"

	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// AdapterTensors returns the LoRA of the model as Hugging Face's PEFT stores it, in the order of
// the layers: NAME.lora_A.weight [rank in] and NAME.lora_B.weight [out rank]. Rows of queries and
// keys are in the order of [Model.Tensors].
func (m *Model) AdapterTensors() []safetensors.Tensor {
	var all []safetensors.Tensor
	for _, a := range m.adapters() {
		low, high := flip(floats(a.A)), split(flip(floats(a.B)), m.interleaved(a.name))
		low.Name, high.Name = a.name+".lora_A.weight", a.name+".lora_B.weight"
		all = append(all, low, high)
	}
	return all
}

// SetAdapters copies tensors of [Model.AdapterTensors] to the parameters of m, which must have LoRA
// of the same shape. A missing or additional tensor, another shape and a number that is not finite
// are errors; after an error m is unusable.
func (m *Model) SetAdapters(all []safetensors.Tensor) error {
	want := m.AdapterTensors()
	if len(all) != len(want) {
		return fmt.Errorf("transformer: LoRA: %d tensors, want %d", len(all), len(want))
	}
	for i, a := range m.adapters() {
		for j, to := range [][]float32{a.A.Data(), a.B.Data()} {
			w := want[2*i+j]
			at := slices.IndexFunc(all, func(t safetensors.Tensor) bool { return t.Name == w.Name })
			switch {
			case at < 0:
				return fmt.Errorf("transformer: LoRA: tensor %s is missing", w.Name)
			case !slices.Equal(all[at].Shape, w.Shape) || len(all[at].Float32s) != len(to):
				return fmt.Errorf("transformer: LoRA: tensor %s has shape %v, want %v", w.Name, all[at].Shape, w.Shape)
			}
			x := all[at].Float32s
			if err := checkFinite(x); err != nil {
				return fmt.Errorf("transformer: LoRA: tensor %s: %w", w.Name, err)
			}
			if j == 1 {
				x = joinRows(x, w.Shape[0], m.interleaved(a.name))
			}
			copy(to, flipped(x, w.Shape[0], w.Shape[1]))
		}
	}
	return nil
}
