package lm

import (
	"encoding/json"
	"fmt"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor/safetensors"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// WithWeights returns m with the weights of a folder of Hugging Face (config.json, *.safetensors),
// such as a copy of m that another program has trained. Name, tokenizer and settings are those of
// m, and so is the lineage. A folder whose layers have other shapes than those of m is an error.
func (m *Model) WithWeights(dir string) (*Model, error) {
	changed, err := m.withWeights(dir)
	if err != nil {
		return nil, fmt.Errorf("lm: weights of %s: %w", dir, err)
	}
	return changed, nil
}

func (m *Model) withWeights(dir string) (*Model, error) {
	if err := transformer.CheckFiles(dir); err != nil {
		return nil, err
	}
	net, err := transformer.Load(dir)
	if err != nil {
		return nil, err
	}
	net = net.SplitPairs()
	got, err := shapeOf(net)
	if err != nil {
		return nil, err
	}
	want, err := shapeOf(m.net)
	if err != nil {
		return nil, err
	}
	if got != want {
		return nil, fmt.Errorf("its shape is %s, want %s: it is another model", got, want)
	}
	lineage := m.Lineage()
	return m.with(func(c *Model) {
		c.net, c.base, c.lora, c.replaced = net, nil, LoRA{}, false
		c.lineage, c.weights = lineage, nil
	}).resolve()
}

// shapeOf returns the shape of a network as JSON.
func shapeOf(net *transformer.Model) (string, error) {
	c := net.Config()
	c.RopePairing = "" // New makes it the same for all models
	text, err := json.Marshal(c)
	return string(text), err
}

// Source returns the weights by name, with the names and the layout of Hugging Face, without LoRA.
func (m *Model) Source() safetensors.Source { return m.net.Source() }

// WeightsDigest returns the digest of the shape, the weights without LoRA, and the vocabulary.
func (m *Model) WeightsDigest() undertone.Digest { return m.weights() }

// NormOffset returns what is added to the stored gain of a norm: 1 for Gemma, 0 for others.
func (m *Model) NormOffset() float32 {
	if m.net.Config().UnitOffset {
		return 1
	}
	return 0
}

// HeadDim returns the elements of an attention head.
func (m *Model) HeadDim() int { return m.net.Config().HeadDim }
