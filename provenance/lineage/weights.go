package lineage

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/undertone-audit/undertone/tensor/safetensors"
)

// Weights are the weights of a model that can be read one tensor at a time.
type Weights struct {
	Tensors    safetensors.Source
	Tokens     []string // the spelling of each token, by id; "" for an id without a token
	NormOffset float32  // added to the stored gains of norms: 1 for Gemma, 0 for others
}

// Two layers are called related if the p-value of their agreement or index, adjusted for all tests
// of the comparison, is at most Level, and if agreement is that of at least MinAgree of the neurons.
// The level alone is not enough for agreement in aligned coordinates: models that learn the same rows
// from independent random weights come to a few neurons in common. docs/lineage.md has the measured
// rates.
const (
	Level    = 1e-6
	MinAgree = 0.1
)

// Limits of one comparison. They bound its time; the tests keep their level whatever they are.
const (
	maxLayers      = 8    // compared layers, evenly spaced
	maxNeurons     = 4096 // of the first model in one layer
	maxTokens      = 8192 // whose embeddings align the hidden states
	minTokens      = 16   //
	controlNeurons = 1024
)

// Coordinates in which the hidden states of two models are compared.
const (
	SameCoordinates    = "same"    // dimension i of one is dimension i of the other
	AlignedCoordinates = "aligned" // turned so that the embeddings of common tokens agree
)

// WeightTest compares the neurons of the feed-forward layers of two models.
//
// Statistic: neurons of two layers are matched by what they read, and matched again by what they
// write (mutual nearest neighbours by cosine). Agreement is the number of neurons with the same
// partner both times. It does not depend on the order of the neurons and on their scales. With
// aligned coordinates it does not depend on a permutation or rotation of the hidden state either.
// A second statistic is the number of neurons whose partner has their own index.
//
// Null: the two models started from independent random weights, so the labels of one model's
// neurons are a uniformly random permutation. The p-value is the bound of a union over sets of
// neurons. It is exact for the index, and for the agreement it assumes that two independently
// trained models do not come to the same neurons. Source: Zhu, Ahmed, Kuditipudi & Liang,
// Independence Tests for Language Models (ICML 2025), algorithms 2 and 5, with the number of
// agreements in place of Spearman's correlation. The alignment by embeddings is that of AWM (Zeng,
// Chen, He, Wang & Lin, ICLR 2026), with an orthogonal matrix in place of a permutation.
type WeightTest struct {
	Layers []LayerTest `json:"layers"`          // in the order of computation; never null
	Tests  int         `json:"tests"`           // over which the level is kept
	LogP   float64     `json:"log10_p"`         // of the strongest test, adjusted for Tests, <= 0; an agreement of less than MinAgree does not count
	Shared int         `json:"shared"`          // related layers
	Table  bool        `json:"table"`           // the tables of the tokens are related
	Equal  int         `json:"equal"`           // layers whose weights are equal, bit for bit
	Of     int         `json:"of"`              // compared layers
	Limit  float64     `json:"limit,omitempty"` // smallest cosine of neurons with their originals at which the test sees a permuted copy of either model, (0, 1]; 0 if it sees none, or if a relation was found
	Tokens int         `json:"tokens"`          // common tokens that align the hidden states; 0 if they were not aligned
}

// LayerTest compares two feed-forward layers, or the tables of the tokens. For the tables, the
// dimensions of the hidden state take the place of neurons, and Index alone is tested.
type LayerTest struct {
	A           int     `json:"a"` // number of the layer, from 0; -1 for the table of the tokens
	B           int     `json:"b"`
	Coordinates string  `json:"coordinates"`
	Neurons     int     `json:"neurons"`       // neurons of the smaller layer
	Agree       int     `json:"agree"`         // neurons whose two partners are the same
	AgreeOf     int     `json:"agree_of"`      // neurons with two partners
	AgreeLogP   float64 `json:"agree_log10_p"` // before adjustment
	Index       int     `json:"index"`         // neurons whose partner has their index
	IndexOf     int     `json:"index_of"`      // neurons with a partner; 0 if the layers differ in size
	IndexLogP   float64 `json:"index_log10_p"` // before adjustment
}

// testTables compares the tables of the tokens: dimensions of the hidden state are matched by the
// values of all common tokens.
func testTables(a, b matrix) LayerTest {
	l := LayerTest{A: -1, B: -1, Coordinates: SameCoordinates, Neurons: a.cols}
	l.Index, l.IndexOf = matchRows(a.transpose(), b.transpose()).agree(spaced(a.cols, a.cols))
	l.IndexLogP = logChance(l.Index, l.IndexOf, a.cols)
	return l
}

// related reports whether two layers are related, and returns the p-value, adjusted for the number
// of tests (Bonferroni).
func (l LayerTest) related(tests int) (related bool, logP float64) {
	least := 0.0
	if float64(l.Agree) >= MinAgree*float64(l.Neurons) {
		least = l.AgreeLogP
	}
	logP = min(0, min(least, l.IndexLogP)+math.Log10(float64(tests)))
	return logP <= math.Log10(Level), logP
}

// tested is a comparison in progress.
type tested struct {
	a, b    *Weights
	layersA []layer
	layersB []layer
	pairs   [][2]int
	tokensA matrix // embeddings of the common tokens
	tokensB matrix
	align   *matrix // nil if there are too few common tokens
	WeightTest
}

// incomparable says why weights cannot be compared.
type incomparable string

func (e incomparable) Error() string { return string(e) }

// testWeights compares the weights of two models, or returns an error that says why they cannot be
// compared.
func testWeights(ctx context.Context, a, b *Weights) (*WeightTest, error) {
	t := &tested{a: a, b: b, layersA: layersOf(a.Tensors), layersB: layersOf(b.Tensors)}
	t.Layers = []LayerTest{}
	if len(t.layersA) == 0 || len(t.layersB) == 0 {
		return nil, incomparable("the feed-forward layers of a model are not known by their names")
	}
	if err := t.alignment(); err != nil {
		return nil, err
	}
	same := t.layersA[0].dim == t.layersB[0].dim
	if !same && t.align == nil {
		return nil, incomparable(fmt.Sprintf("the hidden states have %d and %d dimensions, and %d tokens in common are too few to align them", t.layersA[0].dim, t.layersB[0].dim, t.Tokens))
	}
	t.pairs = pairsOf(len(t.layersA), len(t.layersB))
	var coordinates []string
	if same {
		coordinates = append(coordinates, SameCoordinates)
	}
	if t.align != nil {
		coordinates = append(coordinates, AlignedCoordinates)
	}
	t.Tests = 2 * len(t.pairs) * len(coordinates)
	if same && t.align != nil {
		t.Tests++
		t.Layers = append(t.Layers, testTables(t.tokensA, t.tokensB))
	}
	for _, c := range coordinates {
		for _, p := range t.pairs {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := t.compare(p, c); err != nil {
				return nil, err
			}
		}
		if t.count(); t.found() {
			break
		}
	}
	if !t.found() {
		if err := t.control(); err != nil {
			return nil, err
		}
	}
	return &t.WeightTest, nil
}

// alignment aligns the hidden states by the embeddings of common tokens.
func (t *tested) alignment() error {
	common := commonTokens(t.a.Tokens, t.b.Tokens)
	if len(common) < minTokens {
		t.Tokens = len(common)
		return nil
	}
	var err error
	if t.tokensA, err = t.a.embeddings(common, 0); err != nil {
		return err
	}
	if t.tokensB, err = t.b.embeddings(common, 1); err != nil {
		return err
	}
	t.Tokens = t.tokensA.rows
	if t.tokensA.cols != t.layersA[0].dim || t.tokensB.cols != t.layersB[0].dim {
		t.Tokens = 0
		return nil
	}
	if r, err := procrustes(t.tokensA, t.tokensB); err == nil {
		t.align = &r
	}
	return nil
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

// pairsOf returns the layers that are compared: those with the same number, or all pairs if the
// models differ in depth, evenly spaced if there are many.
func pairsOf(a, b int) [][2]int {
	var pairs [][2]int
	if a == b {
		for _, i := range spaced(a, maxLayers) {
			pairs = append(pairs, [2]int{i, i})
		}
		return pairs
	}
	few, many := spaced(min(a, b), maxLayers/2), spaced(max(a, b), 16*maxLayers)
	for _, i := range few {
		for _, j := range many {
			if a < b {
				pairs = append(pairs, [2]int{i, j})
			} else {
				pairs = append(pairs, [2]int{j, i})
			}
		}
	}
	return pairs
}

// spaced returns at most most numbers in [0, n), evenly spaced, with the first and the last.
func spaced(n, most int) []int {
	if most = min(most, n); most == 1 {
		return []int{0}
	}
	all := make([]int, most)
	for i := range all {
		all[i] = i * (n - 1) / (most - 1)
	}
	return all
}

// compare compares a pair of layers.
func (t *tested) compare(pair [2]int, coordinates string) error {
	a, err := t.layersA[pair[0]].read(t.a)
	if err != nil {
		return err
	}
	b, err := t.layersB[pair[1]].read(t.b)
	if err != nil {
		return err
	}
	l := LayerTest{A: pair[0], B: pair[1], Coordinates: coordinates}
	own := spaced(a.len(), maxNeurons)
	n := a.len()
	if coordinates == SameCoordinates && slices.Equal(a.in.data, b.in.data) && slices.Equal(a.out.data, b.out.data) {
		t.Equal++
	}
	if len(own) < n {
		a = a.pick(own)
	}
	if coordinates == AlignedCoordinates {
		a = a.turned(*t.align)
	}
	l.test(a, b, own, n)
	t.Layers = append(t.Layers, l)
	return nil
}

// test fills in the statistics. own are the indices of a's neurons in a layer of n.
func (l *LayerTest) test(a, b neurons, own []int, n int) {
	in, out, both := match(a, b)
	l.Neurons = min(a.len(), b.len())
	l.Agree, l.AgreeOf = in.agree(out)
	l.AgreeLogP = logChance(l.Agree, l.AgreeOf, b.len())
	if n == b.len() {
		l.Index, l.IndexOf = both.agree(own)
		l.IndexLogP = logChance(l.Index, l.IndexOf, b.len())
	}
}

// count counts the layers of the first model that have a related layer in the second.
func (t *tested) count() {
	of, shared := map[int]bool{}, map[int]bool{}
	t.LogP, t.Table = 0, false
	for _, l := range t.Layers {
		related, logP := l.related(t.Tests)
		if l.A < 0 {
			t.Table = related
			t.LogP = min(t.LogP, logP)
			continue
		}
		of[l.A] = true
		if related {
			shared[l.A] = true
		}
		t.LogP = min(t.LogP, logP)
	}
	t.Shared, t.Of = len(shared), len(of)
}

// control measures what the test can see: it compares the middle layer of each model with a permuted
// and disturbed copy that has the size of the smaller one. The limit is the larger of the two.
func (t *tested) control() error {
	p := t.pairs[len(t.pairs)/2]
	la, lb := t.layersA[p[0]], t.layersB[p[1]]
	for _, side := range []struct {
		weights *Weights
		layer   layer
		tokens  *matrix
	}{{t.a, la, &t.tokensA}, {t.b, lb, &t.tokensB}} {
		n, err := side.layer.read(side.weights)
		if err != nil {
			return err
		}
		c := control{rng: rand.New(rand.NewPCG(1, 0x6c696e65616765)), tests: t.Tests, dims: min(la.dim, lb.dim)}
		c.neurons = n.pick(spaced(n.len(), min(controlNeurons, la.neurons, lb.neurons)))
		if t.align != nil {
			c.tokens = side.tokens
		}
		limit := c.limit()
		if limit == 0 {
			t.Limit = 0
			return nil
		}
		t.Limit = max(t.Limit, limit)
	}
	return nil
}
