package transformer

import (
	"fmt"
	"maps"
	"slices"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// Source returns the weights by name, with the names and the layout of [Model.Tensors]. It makes
// each tensor when it is read, and keeps none. LoRA is not included.
func (m *Model) Source() safetensors.Source {
	s := &source{at: map[string]int{}, info: map[string]safetensors.Info{}}
	for i := 0; i < len(m.named); i++ {
		part := &Model{config: m.config, named: m.named[i : i+1]}
		if m.joined(m.named[i].name) {
			part.named = m.named[i : i+3]
			i += 2
		}
		for t := range part.Tensors() {
			s.at[t.Name] = len(s.parts)
			s.info[t.Name] = safetensors.Info{DType: t.DType, Shape: t.Shape, Bytes: int64(4*len(t.Float32s) + 2*len(t.Halves))}
		}
		s.parts = append(s.parts, part)
	}
	return s
}

// source is the parts of a model, each as a model of its own.
type source struct {
	parts []*Model
	at    map[string]int // the part of a tensor
	info  map[string]safetensors.Info
}

func (s *source) Names() []string { return slices.Sorted(maps.Keys(s.at)) }

func (s *source) Info(name string) (safetensors.Info, bool) {
	info, ok := s.info[name]
	info.Shape = slices.Clone(info.Shape)
	return info, ok
}

func (s *source) Float32s(name string) ([]float32, error) {
	at, ok := s.at[name]
	if !ok {
		return nil, fmt.Errorf("transformer: tensor %.80q is not part of the model", name)
	}
	for t := range s.parts[at].Tensors() {
		switch {
		case t.Name != name:
		case t.Float32s != nil:
			return t.Float32s, nil
		default:
			format := tensor.BF16
			if t.DType == safetensors.F16 {
				format = tensor.F16
			}
			return tensor.NewHalf(t.Halves, 1, len(t.Halves), format).Float32().Data(), nil
		}
	}
	return nil, fmt.Errorf("transformer: tensor %.80q is not part of the model", name)
}
