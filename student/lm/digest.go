package lm

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
)

// hash returns the digest of everything that the model's answers depend on.
func (m *Model) hash() undertone.Digest {
	settings, err := json.Marshal(m.settings)
	if err != nil {
		panic("lm: settings have no JSON: " + err.Error()) // they are strings, numbers and flags
	}
	h := undertone.NewHasher("lm").Digest(m.weights()).Text(string(settings)).
		Uint(uint64(uint32(m.begin))).Uint(uint64(uint32(m.end)))
	for _, a := range m.net.AdapterTensors() {
		h.Text(a.Name).Text(fmt.Sprint(a.Shape)).Floats(a.Float32s)
	}
	switch {
	case m.base != nil && m.lora.Rank > 0:
		h.Float(m.lora.Alpha / float64(m.lora.Rank))
	case m.base != nil: // the layers differ
		for _, scale := range m.net.AdapterScales() {
			h.Float(scale)
		}
	}
	return h.Sum()
}

// hashWeights returns the digest of the shape, the weights without LoRA, and the vocabulary.
func (m *Model) hashWeights() undertone.Digest {
	config, err := shapeOf(m.net)
	if err != nil {
		panic("lm: a shape has no JSON: " + err.Error()) // it is strings, numbers and flags
	}
	h := undertone.NewHasher("lm weights").Digest(m.tok.Fingerprint()).Text(config)
	for t := range m.net.Tensors() {
		h.Text(t.Name).Text(string(t.DType)).Text(fmt.Sprint(t.Shape)).Floats(t.Float32s)
		hashHalves(h, t.Halves)
	}
	return h.Sum()
}

// Parts are the digests of the parts of a model. With them a reader can say in what two models
// differ. [Model.Digest] covers all of them but Base.
type Parts struct {
	Weights   undertone.Digest // without LoRA, with the vocabulary and the shape
	Base      undertone.Digest // [Model.Lineage]
	Tokenizer undertone.Digest // the vocabulary and its rules
	Config    undertone.Digest // the shape of the network
	Template  undertone.Digest // the chat template
	Adapter   undertone.Digest // the matrices of LoRA; zero without LoRA
}

// Parts returns the digests of the parts of the model.
func (m *Model) Parts() Parts {
	config, err := shapeOf(m.net)
	if err != nil {
		panic("lm: a shape has no JSON: " + err.Error()) // it is strings, numbers and flags
	}
	template, err := json.Marshal(m.settings.Template)
	if err != nil {
		panic("lm: a template has no JSON: " + err.Error()) // it is strings and flags
	}
	p := Parts{
		Weights: m.weights(), Base: m.Lineage(), Tokenizer: m.tok.Fingerprint(),
		Config:   undertone.NewHasher("lm config").Text(config).Sum(),
		Template: undertone.NewHasher("lm template").Text(string(template)).Sum(),
	}
	if tensors := m.net.AdapterTensors(); len(tensors) > 0 {
		h := undertone.NewHasher("lm adapter")
		for _, a := range tensors {
			h.Text(a.Name).Text(fmt.Sprint(a.Shape)).Floats(a.Float32s)
		}
		for _, scale := range m.net.AdapterScales() {
			h.Float(scale)
		}
		p.Adapter = h.Sum()
	}
	return p
}

// hashHalves adds 16-bit numbers, two of them as the bits of one float32.
func hashHalves(h *undertone.Hasher, halves []uint16) {
	h.Uint(uint64(len(halves)))
	block := make([]float32, 0, min(1<<14, (len(halves)+1)/2))
	for len(halves) > 0 {
		block = block[:0]
		for len(block) < cap(block) && len(halves) > 1 {
			block = append(block, math.Float32frombits(uint32(halves[0])<<16|uint32(halves[1])))
			halves = halves[2:]
		}
		if len(halves) == 1 {
			block = append(block, math.Float32frombits(uint32(halves[0])))
			halves = nil
		}
		h.Floats(block)
	}
}
