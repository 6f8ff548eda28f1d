package lineage

import (
	"context"
	"fmt"
	"math/rand/v2"
)

// Two layers are called related if the p-value of their agreement or index, adjusted for all tests
// of the comparison, is at most Level, and if agreement is that of at least MinAgree of the
// neurons. The level alone is not enough for agreement in aligned coordinates: models that learn
// the same rows from independent random weights come to a few neurons in common. docs/lineage.md
// has the measured rates.
const (
	Level    = 1e-6
	MinAgree = 0.1
)

// Limits of one comparison. They bound its time; the tests keep their level whatever they are.
const (
	maxLayers      = 8    // compared layers, evenly spaced
	maxNeurons     = 2048 // of the first model in one layer
	maxTokens      = 8192 // whose embeddings align the hidden states
	minTokens      = 16   //
	controlNeurons = 1024
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

// tested is a comparison in progress.
type tested struct {
	a, b             *Weights
	layersA, layersB []layer
	pairs            [][2]int
	tokensA, tokensB matrix // embeddings of the common tokens
	WeightTest
}

// incomparable says why weights cannot be compared.
type incomparable string

func (e incomparable) Error() string { return string(e) }

// testWeights compares the weights of two models, or returns an error that says why they cannot be
// compared. Aligned coordinates cost more, and are left out if the same coordinates show a
// relation.
func testWeights(ctx context.Context, a, b *Weights) (*WeightTest, error) {
	t := &tested{a: a, b: b, layersA: layersOf(a.Tensors), layersB: layersOf(b.Tensors)}
	t.Layers = []LayerTest{}
	if len(t.layersA) == 0 || len(t.layersB) == 0 {
		return nil, incomparable("the feed-forward layers of a model are not known by their names")
	}
	if err := t.readTokens(); err != nil {
		return nil, err
	}
	coordinates, err := t.coordinates()
	if err != nil {
		return nil, err
	}
	t.pairs = pairsOf(len(t.layersA), len(t.layersB))
	t.Tests = 2 * len(t.pairs) * len(coordinates)
	if len(coordinates) == 2 {
		t.Tests++
		t.Layers = append(t.Layers, testTables(t.tokensA, t.tokensB))
	}
	for _, c := range coordinates {
		if err := t.compareAll(ctx, c); err != nil {
			return nil, err
		}
		if t.count(); t.found() {
			return &t.WeightTest, nil
		}
	}
	return &t.WeightTest, t.control()
}

// readTokens reads the embeddings of the common tokens.
func (t *tested) readTokens() (err error) {
	common := commonTokens(t.a.Tokens, t.b.Tokens)
	if t.tokensA, err = t.a.embeddings(common, 0); err != nil {
		return err
	}
	if t.tokensB, err = t.b.embeddings(common, 1); err != nil {
		return err
	}
	if t.tokensA.cols == t.layersA[0].dim && t.tokensB.cols == t.layersB[0].dim {
		t.Tokens = len(common)
	}
	return nil
}

// coordinates returns the coordinates in which the hidden states can be compared.
func (t *tested) coordinates() (all []string, err error) {
	a, b := t.layersA[0].dim, t.layersB[0].dim
	if a == b {
		all = append(all, SameCoordinates)
	}
	if t.Tokens >= minTokens {
		all = append(all, AlignedCoordinates)
	} else if a != b {
		return nil, incomparable(fmt.Sprintf("the hidden states have %d and %d dimensions, and %d tokens in common are too few to align them", a, b, t.Tokens))
	}
	return all, nil
}

// compareAll compares all pairs of layers in the given coordinates.
func (t *tested) compareAll(ctx context.Context, coordinates string) error {
	var align *matrix
	if coordinates == AlignedCoordinates {
		r, err := procrustes(t.tokensA, t.tokensB)
		if err != nil {
			return nil // nothing to align by; the control says that the test has no power
		}
		align = &r
	}
	for _, p := range t.pairs {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.compare(p, align); err != nil {
			return err
		}
	}
	return nil
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

// compare compares a pair of layers. Without align, dimension i of one hidden state is dimension i
// of the other.
func (t *tested) compare(pair [2]int, align *matrix) error {
	a, err := t.layersA[pair[0]].read(t.a)
	if err != nil {
		return err
	}
	b, err := t.layersB[pair[1]].read(t.b)
	if err != nil {
		return err
	}
	l := LayerTest{A: pair[0], B: pair[1], Coordinates: SameCoordinates}
	own := spaced(a.len(), maxNeurons)
	n := a.len()
	if len(own) < n {
		a = a.pick(own)
	}
	if align != nil {
		l.Coordinates = AlignedCoordinates
		a = a.turned(*align)
	} else if len(own) == n && a.equal(b) {
		t.Equal++
	}
	l.test(a, b, own, n)
	t.Layers = append(t.Layers, l)
	return nil
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

// control measures what the test can see: it compares the middle layer of each model with a
// permuted and disturbed copy that has the size of the smaller one. The limit is the larger of the
// two.
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
		if t.Tokens >= minTokens {
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
