package lm

import (
	"fmt"
	"math"

	"github.com/undertone-audit/undertone/tensor/safetensors"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// mergeDoRA returns the weights of the layers with DoRA: row o of W + Scale·B·A, scaled to the
// length that the magnitude vector has for it (Liu et al. 2024, in PEFT's form).
func (a *adapterFile) mergeDoRA(net *transformer.Model) ([]safetensors.Tensor, error) {
	plain, err := net.WithAdapters(a.layers)
	if err != nil {
		return nil, err
	}
	plain = plain.Merge()
	var merged []safetensors.Tensor
	for _, l := range a.layers {
		magnitude := a.magnitudes[l.Layer]
		w, out, in := plain.Weights(l.Layer)
		switch {
		case out == 0:
			return nil, fmt.Errorf("use_dora: layer %s stores several layers as one, which is not supported; merge the adapter into its base with PEFT", l.Layer)
		case magnitude == nil:
			return nil, fmt.Errorf("use_dora: tensor %s%s.lora_magnitude_vector is missing", adapterPrefix, l.Layer)
		case len(magnitude) != out:
			return nil, fmt.Errorf("use_dora: layer %s has a magnitude vector of %d numbers, want %d", l.Layer, len(magnitude), out)
		}
		for o := range out {
			row := w[o*in : (o+1)*in]
			var sum float64
			for _, v := range row {
				sum += float64(v) * float64(v)
			}
			by := float64(magnitude[o]) / math.Sqrt(sum)
			for i, v := range row {
				row[i] = float32(float64(v) * by)
			}
		}
		merged = append(merged, safetensors.Tensor{Name: l.Layer + ".weight", DType: safetensors.F32, Shape: []int{out, in}, Float32s: w})
	}
	return merged, nil
}
