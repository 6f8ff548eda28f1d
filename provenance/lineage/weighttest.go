package lineage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Two parts are called related if the p-value of their agreement or index, adjusted for all tests
// of the comparison, is at most Level, and if agreement is that of at least MinAgree of the
// neurons. The level alone is not enough for agreement in aligned coordinates: models that learn
// the same rows from independent random weights come to a few neurons in common. docs/lineage.md
// has the measured rates.
const (
	Level    = 1e-6
	MinAgree = 0.1

	minAgreeTurned = 0.25 // in coordinates of their content, which are fitted to the parts
)

// alikeCosine is the cosine from which two neurons count as alike. Parts with MinAgree of their
// neurons alike and no agreement are not called related, but the models are not called unrelated
// either: the writing side of a copy may have been hidden.
const alikeCosine = 0.8

// largestEmbeddings is the largest [WeightTest.Embeddings] of models that are called unrelated. It
// is at most 0.84 of models that learnt the same rows from other initial weights, and near 1 of a
// rotated table.
const largestEmbeddings = 0.9

// largestBest is the largest [WeightTest.BestEmbeddings] of models that are called unrelated. It is
// at most 0.93 of models that learnt the same rows from other initial weights.
const largestBest = 0.95

// Limits of one comparison. They bound its time; the tests keep their level whatever they are.
const (
	maxBlocks      = 128  // compared blocks of a model, evenly spaced
	maxNeurons     = 2048 // of the first model in one part
	minNeurons     = 64   //
	maxSampled     = 4096 // of the first model in all parts of a kind, unless minNeurons is more
	maxTokens      = 8192 // whose embeddings align the hidden states
	minTokens      = 16   //
	maxWidth       = 1024 // dimensions in which neurons are matched; wider ones are projected to
	projected      = 512  // random directions
	controlNeurons = 1024
	controlDims    = 512 // fewer dimensions make a limit larger

	maxTurned        = 512  // dimensions of a hidden state that is turned by content
	maxTurnedNeurons = 4096 // of a part
	maxTurnedPairs   = 64   // of parts of a kind that are turned, unless turnedPartners for each are more
	turnedPartners   = 2    // parts of the second model, those whose spectra are nearest
)

// WeightTest compares the neurons of two models: those of the feed-forward layers, and the
// directions in which values pass through attention.
//
// Statistic: neurons of two layers are matched by what they read, and matched again by what they
// write (mutual nearest neighbours by cosine). Agreement is the number of neurons with the same
// partner both times. It does not depend on the order of the neurons and on their scales. With
// aligned coordinates it does not depend on a permutation or rotation of the hidden state either.
// A second statistic is the number of neurons whose partner has their own index. Every layer of one
// model is compared with every layer of the other, so that layers may have been removed, added or
// moved.
//
// Null: the two models started from independent random weights, so the labels of one model's
// neurons are a uniformly random permutation. The p-value is the bound of a union over sets of
// neurons, times the number of all pairs of layers, coordinates and statistics. It is exact for the
// index, and for the agreement it assumes that two independently trained models do not come to the
// same neurons. Source: Zhu, Ahmed, Kuditipudi & Liang, Independence Tests for Language Models
// (ICML 2025), algorithms 2 and 5, with the number of agreements in place of Spearman's
// correlation. The alignment by embeddings is that of AWM (Zeng, Chen, He, Wang & Lin, ICLR 2026),
// with an orthogonal matrix in place of a permutation.
type WeightTest struct {
	Layers []LayerTest `json:"layers"`  // the strongest test of each part of the first model; never null
	Tests  int         `json:"tests"`   // over which the level is kept
	LogP   float64     `json:"log10_p"` // of the strongest test, adjusted for Tests, <= 0; an agreement of less than MinAgree does not count
	Shared int         `json:"shared"`  // related parts
	Table  bool        `json:"table"`   // the tables of the tokens are related
	Equal  int         `json:"equal"`   // parts whose neurons are equal, bit for bit
	Of     int         `json:"of"`      // compared parts
	Tokens int         `json:"tokens"`  // common tokens that align the hidden states; 0 if they were not aligned

	// What speaks for a relation without being evidence, and what the test could see.
	Alike          int      `json:"alike"`                     // parts in which MinAgree of the neurons read or write what neurons of the other model do, with a cosine of 0.8
	Signs          []string `json:"signs"`                     // that neurons or heads of a model were split; never null
	Complete       bool     `json:"complete"`                  // all layers of all blocks were compared
	Names          float64  `json:"names"`                     // how much better than by chance the alignment fits tokens by which it was not made, in standard deviations: renamed tokens fit by chance
	Embeddings     float64  `json:"embeddings"`                // mean cosine of these tokens' embeddings with those of the other model after the alignment, [-1, 1]
	BestEmbeddings float64  `json:"best_embeddings"`           // the same for the half of these tokens that fit best, which renamed tokens do not lower
	Limit          float64  `json:"limit,omitempty"`           // smallest cosine of neurons with their originals at which the test sees a permuted copy of either model, (0, 1]; 0 if it sees none, or if a relation was found
	AttentionLimit float64  `json:"attention_limit,omitempty"` // the same for attention alone
	TurnedLimit    float64  `json:"turned_limit,omitempty"`    // the same for a copy whose hidden state is rotated and whose tokens have other names
}

// tested is a comparison in progress.
type tested struct {
	a, b             *Weights
	of               [2]anatomy
	tokensA, tokensB matrix // embeddings of the common tokens
	best             map[partOf]LayerTest
	alike            map[partOf]bool
	WeightTest
}

// partOf names a part of the first model.
type partOf struct {
	kind  string
	block int
}

// incomparable says why weights cannot be compared.
type incomparable string

func (e incomparable) Error() string { return string(e) }

// testWeights compares the weights of two models, or returns an error that says why they cannot be
// compared. Coordinates that cost more are left out if cheaper ones show a relation.
func testWeights(ctx context.Context, a, b *Weights) (*WeightTest, error) {
	t := &tested{a: a, b: b, of: [2]anatomy{anatomyOf(a), anatomyOf(b)}, best: map[partOf]LayerTest{}, alike: map[partOf]bool{}}
	t.Layers = []LayerTest{}
	if t.pairs() == 0 {
		return nil, incomparable("the layers of a model are not known by their names")
	}
	t.Complete = t.of[0].complete() && t.of[1].complete() && t.of[0].blocks <= maxBlocks && t.of[1].blocks <= maxBlocks
	if err := t.readTokens(); err != nil {
		return nil, err
	}
	coordinates, err := t.coordinates()
	if err != nil {
		return nil, err
	}
	if err := t.signs(ctx); err != nil {
		return nil, err
	}
	t.Tests = 2*t.pairs()*len(coordinates) + 1
	for _, name := range coordinates {
		if err := t.compareIn(ctx, name); err != nil {
			return nil, err
		}
		if t.count(); t.found() {
			return &t.WeightTest, nil
		}
	}
	return &t.WeightTest, t.control(ctx)
}

// pairs returns the number of pairs of parts of one kind.
func (t *tested) pairs() int {
	n := 0
	for _, kind := range []string{FeedForward, Attention} {
		n += len(t.parts(0, kind)) * len(t.parts(1, kind))
	}
	return n
}

// parts returns the compared parts of a model, evenly spaced if there are many.
func (t *tested) parts(side int, kind string) []part {
	all := t.of[side].of(kind)
	if len(all) <= maxBlocks {
		return all
	}
	var some []part
	for _, i := range spaced(len(all), maxBlocks) {
		some = append(some, all[i])
	}
	return some
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
	if t.tokensA.cols == t.of[0].dim && t.tokensB.cols == t.of[1].dim {
		t.Tokens = len(common)
	}
	return nil
}

// coordinates returns the coordinates in which the hidden states can be compared.
func (t *tested) coordinates() (all []string, err error) {
	a, b := t.of[0].dim, t.of[1].dim
	if a == b {
		all = append(all, SameCoordinates)
	}
	if t.Tokens >= minTokens {
		all = append(all, AlignedCoordinates)
	} else if a != b {
		return nil, incomparable(fmt.Sprintf("the hidden states have %d and %d dimensions, and %d tokens in common are too few to align them", a, b, t.Tokens))
	}
	if t.turnable() {
		all = append(all, ContentCoordinates)
	}
	return all, nil
}

// turnable reports whether all parts are small enough to be turned by content.
func (t *tested) turnable() bool {
	large := func(p part) bool { return p.dim > maxTurned || p.neurons > maxTurnedNeurons }
	return !slices.ContainsFunc(t.of[0].parts, large) && !slices.ContainsFunc(t.of[1].parts, large)
}

// count counts the parts of the first model that have a related part in the second.
func (t *tested) count() {
	t.LogP, t.Table, t.Shared, t.Of, t.Alike = 0, false, 0, 0, len(t.alike)
	t.Layers = t.Layers[:0]
	for _, l := range t.best {
		t.Layers = append(t.Layers, l)
		related, logP := l.related(t.Tests)
		t.LogP = min(t.LogP, logP)
		if l.Part == Table {
			t.Table = related
			continue
		}
		t.Of++
		if related {
			t.Shared++
		}
	}
	slices.SortFunc(t.Layers, func(a, b LayerTest) int {
		return cmp.Or(-cmp.Compare(a.Part, b.Part), cmp.Compare(a.A, b.A))
	})
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
