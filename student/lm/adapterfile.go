package lm

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone/tensor"
	"github.com/undertone-audit/undertone/tensor/safetensors"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

// adapterFile is the content of an adapter.
type adapterFile struct {
	layers     []transformer.Adapter
	magnitudes map[string][]float32 // of DoRA, by layer
	whole      []safetensors.Tensor // that replace those of the base
}

// readAdapter reads the tensors of an adapter for a base.
func readAdapter(f *safetensors.File, config *peft, net *transformer.Model) (*adapterFile, error) {
	r := &adapterReader{file: f, config: config, net: net, by: map[string]*halves{}}
	a := &adapterFile{magnitudes: map[string][]float32{}}
	for _, name := range f.Names() {
		if err := r.read(a, name); err != nil {
			return nil, err
		}
	}
	for _, layer := range r.order {
		l, err := r.layer(layer)
		if err != nil {
			return nil, err
		}
		a.layers = append(a.layers, l)
	}
	if err := r.checkTargets(); err != nil {
		return nil, err
	}
	kind, err := config.residual()
	if err != nil || kind == plainInit {
		return a, err
	}
	for i, l := range a.layers {
		if a.layers[i], err = residual(net, kind, l); err != nil {
			return nil, fmt.Errorf("layer %s: %w", l.Layer, err)
		}
	}
	return a, nil
}

// halves are the two matrices of a layer.
type halves struct{ a, b *safetensors.Tensor }

// adapterReader collects the matrices of the layers.
type adapterReader struct {
	file   *safetensors.File
	config *peft
	net    *transformer.Model
	prefix string // of the names of blocks, if the base also reads images
	by     map[string]*halves
	order  []string
}

// read reads one tensor.
func (r *adapterReader) read(a *adapterFile, name string) error {
	inner, ok := strings.CutPrefix(name, adapterPrefix)
	if !ok {
		return fmt.Errorf("tensor %.120q does not begin with %s, as those of PEFT do", name, adapterPrefix)
	}
	if strings.Contains(inner, "vision_tower.") || strings.Contains(inner, "multi_modal_projector.") {
		return nil // of the part that reads images, which is not read
	}
	inner = r.inner(inner)
	switch layer, kind := cutKind(inner); kind {
	case ".lora_A.weight", ".lora_B.weight":
		t, err := r.tensor(name, inner)
		if err != nil {
			return err
		}
		pair := r.by[layer]
		if pair == nil {
			pair = &halves{}
			r.by[layer] = pair
			r.order = append(r.order, layer)
		}
		if kind == ".lora_A.weight" {
			pair.a = &t
		} else {
			pair.b = &t
		}
		return nil
	case ".lora_magnitude_vector", ".lora_magnitude_vector.weight":
		t, err := r.tensor(name, inner)
		a.magnitudes[layer] = t.Float32s
		return err
	case ".token_adapter.trainable_tokens_delta", ".trainable_tokens_delta":
		t, err := r.tensor(name, layer+".weight")
		if err == nil {
			t, err = r.config.tokenRows(r.net, layer, t)
		}
		a.whole = append(a.whole, t)
		return err
	case ".lora_embedding_A", ".lora_embedding_B":
		return fmt.Errorf("tensor %.120q is LoRA of an embedding, which is not supported; merge the adapter into its base with PEFT", name)
	case ".weight", ".bias":
		t, err := r.tensor(name, strings.Replace(inner, ".base_layer.", ".", 1))
		a.whole = append(a.whole, t)
		if err == nil {
			err = r.checkWhole(t)
		}
		return err
	}
	return fmt.Errorf("tensor %.120q has no place in LoRA; merge the adapter into its base with PEFT", name)
}

// inner returns the name without what the class of a model that reads images adds to it.
func (r *adapterReader) inner(name string) string {
	for _, prefix := range []string{"model.language_model.", "language_model.model."} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			r.prefix = prefix
			return "model." + rest
		}
	}
	return strings.TrimPrefix(name, "language_model.")
}

// cutKind cuts the name of a tensor before the part that says what it is.
func cutKind(name string) (layer, kind string) {
	for _, kind := range []string{
		".lora_A.weight", ".lora_B.weight", ".lora_B.bias", ".lora_magnitude_vector", ".lora_magnitude_vector.weight",
		".token_adapter.trainable_tokens_delta", ".trainable_tokens_delta", ".lora_embedding_A", ".lora_embedding_B",
	} {
		if layer, ok := strings.CutSuffix(name, kind); ok {
			return layer, kind
		}
	}
	for _, kind := range []string{".weight", ".bias"} {
		if layer, ok := strings.CutSuffix(name, kind); ok && !strings.Contains(name, ".lora_") {
			return layer, kind
		}
	}
	return name, ""
}

// tensor reads a tensor in float32 and gives it another name.
func (r *adapterReader) tensor(name, as string) (safetensors.Tensor, error) {
	info, _ := r.file.Info(name)
	x, err := r.file.Float32s(name)
	return safetensors.Tensor{Name: as, DType: safetensors.F32, Shape: info.Shape, Float32s: x}, err
}

// layer returns the LoRA of a layer, whose rank and scale are those of the config.
func (r *adapterReader) layer(layer string) (a transformer.Adapter, err error) {
	pair := r.by[layer]
	switch {
	case pair.a == nil:
		return a, fmt.Errorf("tensor %s%s.lora_A.weight is missing", adapterPrefix, layer)
	case pair.b == nil:
		return a, fmt.Errorf("tensor %s%s.lora_B.weight is missing", adapterPrefix, layer)
	case len(pair.a.Shape) != 2 || len(pair.b.Shape) != 2:
		return a, fmt.Errorf("layer %s: the matrices have shapes %v and %v, want [rank in] and [out rank]", layer, pair.a.Shape, pair.b.Shape)
	case !slices.Contains(r.net.AdapterLayers(), layer):
		return a, fmt.Errorf("the base has no layer %.80q that can have LoRA; it is another model, or the layer is the output layer or an embedding, which are not supported", layer)
	}
	rank := r.config.Ranks.of(r.named(layer), float64(r.config.rank()))
	alpha := r.config.Alphas.of(r.named(layer), r.config.alpha())
	if int(rank) != pair.a.Shape[0] || int(rank) != pair.b.Shape[1] {
		return a, fmt.Errorf("layer %s: the matrices have shapes %v and %v, but %s gives rank %d", layer, pair.a.Shape, pair.b.Shape, adapterConfig, int(rank))
	}
	if out, in := r.net.AdapterSize(layer); pair.a.Shape[1] != in || pair.b.Shape[0] != out {
		return a, fmt.Errorf("layer %s: the matrices have shapes %v and %v, but the layer of the base is [%d %d]: it is another model", layer, pair.a.Shape, pair.b.Shape, out, in)
	}
	return transformer.Adapter{Layer: layer, Rank: int(rank), Scale: r.config.scale(int(rank), alpha), A: pair.a.Float32s, B: pair.b.Float32s}, nil
}

// named returns the name that PEFT knows a layer by.
func (r *adapterReader) named(layer string) string {
	if rest, ok := strings.CutPrefix(layer, "model."); ok && r.prefix != "" {
		return r.prefix + rest
	}
	return layer
}

// checkTargets returns an error if the layers with matrices are not those that the config names:
// PEFT would ignore matrices, or leave layers as they are.
func (r *adapterReader) checkTargets() error {
	for _, layer := range append(r.net.AdapterLayers(), "lm_head") {
		wanted, err := r.config.targets(r.named(layer))
		if errors.Is(err, errUnknownExpression) {
			return nil // the matrices say which layers have LoRA
		}
		if err != nil {
			return err
		}
		switch has := r.by[layer] != nil; {
		case has && !wanted:
			return fmt.Errorf("layer %s has matrices, but target_modules does not name it: PEFT would ignore them", layer)
		case wanted && layer == "lm_head":
			return errors.New("target_modules names lm_head: LoRA of the output layer is not supported; merge the adapter into its base with PEFT")
		case wanted && !has:
			return fmt.Errorf("target_modules names layer %s, which has no matrices: the file is incomplete", layer)
		}
	}
	for _, target := range r.config.Targets.list {
		if target == "embed_tokens" || strings.HasSuffix(target, ".embed_tokens") {
			return errors.New("target_modules names embed_tokens: LoRA of an embedding is not supported; merge the adapter into its base with PEFT")
		}
	}
	return nil
}

// checkWhole returns an error if replacing a tensor of the base would not have the effect that it
// has in PEFT.
func (r *adapterReader) checkWhole(t safetensors.Tensor) error {
	table := strings.HasSuffix(t.Name, "embed_tokens.weight") || t.Name == "lm_head.weight"
	if !table {
		return nil
	}
	c := r.net.Config()
	if c.Tied {
		return fmt.Errorf("modules_to_save: %s of a model whose output layer is its embedding is not supported; merge the adapter into its base with PEFT", strings.TrimSuffix(t.Name, ".weight"))
	}
	if len(t.Shape) == 2 && t.Shape[0] != c.Vocabulary {
		return fmt.Errorf("modules_to_save: %s has %d rows, the base %d: the vocabulary was extended before the training; merge the adapter into its base with PEFT", t.Name, t.Shape[0], c.Vocabulary)
	}
	return nil
}

// tokenRows returns the embedding of the base with the rows of trainable_token_indices replaced.
func (p *peft) tokenRows(net *transformer.Model, layer string, rows safetensors.Tensor) (safetensors.Tensor, error) {
	var all []int
	if err := json.Unmarshal(p.Tokens, &all); err != nil {
		by := map[string][]int{}
		if err := json.Unmarshal(p.Tokens, &by); err != nil {
			return rows, fmt.Errorf("trainable_token_indices is %.40s, want a list of ids, or an object of such lists by layer", p.Tokens)
		}
		for name, ids := range by {
			if layer == name || strings.HasSuffix(layer, "."+name) {
				all = ids
			}
		}
	}
	if len(rows.Shape) != 2 || rows.Shape[0] != len(all) {
		return rows, fmt.Errorf("trainable_token_indices lists %d tokens, %s has shape %v", len(all), rows.Name, rows.Shape)
	}
	for t := range net.Tensors() {
		if t.Name != rows.Name {
			continue
		}
		table := asFloat32(t)
		for i, id := range all {
			if id < 0 || id >= t.Shape[0] || rows.Shape[1] != t.Shape[1] {
				return rows, fmt.Errorf("trainable_token_indices: token %d of shape %v does not fit the embedding of shape %v", id, rows.Shape, t.Shape)
			}
			copy(table[id*t.Shape[1]:(id+1)*t.Shape[1]], rows.Float32s[i*t.Shape[1]:])
		}
		return safetensors.Tensor{Name: t.Name, DType: safetensors.F32, Shape: t.Shape, Float32s: table}, nil
	}
	return rows, fmt.Errorf("trainable_token_indices: the base has no %s", rows.Name)
}

// asFloat32 returns a copy of the numbers of a tensor.
func asFloat32(t safetensors.Tensor) []float32 {
	if t.Float32s != nil {
		return slices.Clone(t.Float32s)
	}
	format := tensor.BF16
	if t.DType == safetensors.F16 {
		format = tensor.F16
	}
	return tensor.NewHalf(t.Halves, 1, len(t.Halves), format).Float32().Data()
}
