package lineage

import "math"

// Coordinates in which the hidden states of two models are compared.
const (
	SameCoordinates    = "same"    // dimension i of one is dimension i of the other
	AlignedCoordinates = "aligned" // turned so that the embeddings of common tokens agree
)

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
