package lineage

import (
	"fmt"

	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// Weights are the weights of a model that can be read one tensor at a time.
type Weights struct {
	Tensors    safetensors.Source
	Tokens     []string // the spelling of each token, by id; "" for an id without a token
	NormOffset float32  // added to the stored gains of norms: 1 for Gemma, 0 for others
	HeadDim    int      // elements of an attention head; 0 if unknown: attention is then not compared
}

// floats reads a tensor. Weights that are not finite are an error.
func (w *Weights) floats(name string) ([]float32, error) {
	x, err := w.Tensors.Float32s(name)
	if err != nil {
		return nil, err
	}
	for i, v := range x {
		if v-v != 0 {
			return nil, fmt.Errorf("tensor %.80q: weight %d is not finite", name, i)
		}
	}
	return x, nil
}

// scaled returns a matrix times the gain of the norm before it; unchanged if gain is "".
func (w *Weights) scaled(m matrix, gain string) (matrix, error) {
	if gain == "" {
		return m, nil
	}
	g, err := w.floats(gain)
	if err != nil {
		return m, err
	}
	total := make([]float32, len(g))
	for i, v := range g {
		total[i] = v + w.NormOffset
	}
	return m.scale(total), nil
}

// commonTokens returns the ids of tokens that both vocabularies spell alike, at most maxTokens.
func commonTokens(a, b []string) [][2]int {
	ids := make(map[string]int, len(b))
	for i, token := range b {
		ids[token] = i
	}
	var common [][2]int
	for i, token := range a {
		if j, ok := ids[token]; ok && token != "" {
			common = append(common, [2]int{i, j})
		}
	}
	if n := len(common); n > maxTokens {
		for i := range maxTokens {
			common[i] = common[i*n/maxTokens]
		}
		common = common[:maxTokens]
	}
	return common
}

// embeddings returns the embeddings of tokens; which is the side of their ids.
func (w *Weights) embeddings(tokens [][2]int, which int) (matrix, error) {
	name, rows, dim, ok := embedding(w.Tensors)
	if !ok {
		return matrix{}, nil
	}
	table, err := w.floats(name)
	if err != nil {
		return matrix{}, err
	}
	m := newMatrix(len(tokens), dim)
	for i, ids := range tokens {
		if id := ids[which]; id < rows {
			copy(m.row(i), table[id*dim:(id+1)*dim])
		}
	}
	return m, nil
}
