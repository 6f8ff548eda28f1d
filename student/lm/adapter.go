package lm

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// Names of the files of Hugging Face's PEFT, and the prefix of layer names in them.
const (
	adapterConfig  = "adapter_config.json"
	adapterWeights = "adapter_model.safetensors"
	adapterPrefix  = "base_model.model."
)

// WithAdapter returns m with the LoRA of a folder of Hugging Face's PEFT. An adapter that
// [Model.SaveAdapter] wrote is an error if it was trained with another base than m.
//
// The fields of adapter_config.json have the meaning that they have in PEFT. LoRA with a rank, an
// alpha and layers of its own is read (use_rslora, rank_pattern, alpha_pattern; target_modules as a
// list, a regular expression or all-linear; layers_to_transform), as are whole weights (bias,
// modules_to_save, trainable_token_indices), which become those of the base of the result. The
// result for an adapter with use_dora has no LoRA: its changes are added to the weights. An adapter
// that PiSSA or OLoRA initialised becomes LoRA of twice the rank on the base as it is. Every other
// field that changes what the matrices mean is an error that names it.
func (m *Model) WithAdapter(dir string) (*Model, error) {
	adapted, err := m.withAdapter(dir)
	if err != nil {
		return nil, fmt.Errorf("lm: adapter %s: %w", dir, err)
	}
	return adapted, nil
}

func (m *Model) withAdapter(dir string) (*Model, error) {
	if m.base != nil {
		return nil, errors.New("the model has LoRA already: merge it first")
	}
	config, err := readPEFT(dir)
	if err != nil {
		return nil, err
	}
	f, err := openAdapter(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if base := f.Metadata()["undertone_base"]; base != "" && base != m.weights().String() {
		return nil, fmt.Errorf("it was trained with another base: %s, not %s", base, m.weights())
	}
	a, err := readAdapter(f, config, m.net)
	if err != nil {
		return nil, err
	}
	return m.adapt(a, config)
}

// openAdapter opens the matrices of an adapter.
func openAdapter(dir string) (*safetensors.File, error) {
	f, err := safetensors.Open(filepath.Join(dir, adapterWeights))
	if errors.Is(err, fs.ErrNotExist) {
		if _, other := os.Stat(filepath.Join(dir, "adapter_model.bin")); other == nil {
			return nil, fmt.Errorf("it has adapter_model.bin and no %s: PyTorch files can run programs and are not read; load it with PEFT and save it with safe_serialization", adapterWeights)
		}
	}
	return f, err
}

// adapt returns m with an adapter.
func (m *Model) adapt(a *adapterFile, config *peft) (*Model, error) {
	whole := a.whole
	if config.DoRA {
		merged, err := a.mergeDoRA(m.net)
		if err != nil {
			return nil, err
		}
		whole, a.layers = append(whole, merged...), nil
	}
	base := m
	if len(whole) > 0 {
		net, err := m.net.WithTensors(whole)
		if err != nil {
			return nil, err
		}
		lineage := m.Lineage()
		if base, err = m.with(func(c *Model) { c.net, c.lineage, c.weights, c.replaced = net, lineage, nil, true }).resolve(); err != nil {
			return nil, err
		}
	}
	if len(a.layers) == 0 {
		return base, nil
	}
	net, err := base.net.WithAdapters(a.layers)
	if err != nil {
		return nil, err
	}
	return base.with(func(c *Model) { c.net, c.base, c.lora = net, base, a.uniform(config) }), nil
}

// uniform returns the rank and the alpha of all layers, or a LoRA of rank 0 if they differ.
func (a *adapterFile) uniform(config *peft) LoRA {
	first := a.layers[0]
	for _, l := range a.layers {
		if l.Rank != first.Rank || l.Scale != first.Scale {
			return LoRA{}
		}
	}
	l := LoRA{Rank: first.Rank, Alpha: config.alpha()}
	if l.Alpha/float64(l.Rank) != first.Scale {
		l.Alpha = first.Scale * float64(first.Rank)
	}
	return l
}
