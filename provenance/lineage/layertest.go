package lineage

import "math"

// Coordinates in which the hidden states of two models are compared.
const (
	SameCoordinates    = "same"    // dimension i of one is dimension i of the other
	AlignedCoordinates = "aligned" // turned so that the embeddings of common tokens agree
	ContentCoordinates = "content" // turned so that what the neurons of the two parts read agrees
)

// LayerTest compares two parts of two models. For the tables of the tokens, the dimensions of the
// hidden state take the place of neurons, and Index alone is tested.
type LayerTest struct {
	Part        string  `json:"part"` // FeedForward, Attention or Table
	A           int     `json:"a"`    // number of the block, from 0; -1 for the table of the tokens
	B           int     `json:"b"`
	Coordinates string  `json:"coordinates"`
	Neurons     int     `json:"neurons"`       // compared neurons, of the smaller part
	Agree       int     `json:"agree"`         // neurons whose two partners are the same
	AgreeOf     int     `json:"agree_of"`      // neurons with two partners
	AgreeLogP   float64 `json:"agree_log10_p"` // before adjustment
	Index       int     `json:"index"`         // neurons whose partner has their index
	IndexOf     int     `json:"index_of"`      // neurons with a partner; 0 if indices are not compared
	IndexLogP   float64 `json:"index_log10_p"` // before adjustment
	Alike       int     `json:"alike"`         // neurons that read or write almost what their partner does; no test
}

// testTables compares the tables of the tokens: dimensions of the hidden state are matched by the
// values of all common tokens.
func testTables(a, b matrix) LayerTest {
	l := LayerTest{Part: Table, A: -1, B: -1, Coordinates: SameCoordinates, Neurons: a.cols}
	l.Index, l.IndexOf = matchRows(a.transpose().directions(), b.transpose().directions()).agree(spaced(a.cols, a.cols))
	l.IndexLogP = logChance(l.Index, l.IndexOf, a.cols)
	return l
}

// test fills in the statistics. own are the indices of a's neurons in a part of as many neurons as
// b has; nil if indices are not compared. Both are [neurons.directions].
func (l *LayerTest) test(a, b neurons, own []int) {
	m := match(a, b)
	l.Neurons = min(a.len(), b.len())
	l.Alike = m.alike
	l.Agree, l.AgreeOf = m.in.agree(m.out)
	l.AgreeLogP = logChance(l.Agree, l.AgreeOf, b.len())
	if own != nil {
		l.Index, l.IndexOf = m.both.agree(own)
		l.IndexLogP = logChance(l.Index, l.IndexOf, b.len())
	}
}

// logP returns the base-10 logarithm of the p-value of the stronger statistic that counts, before
// adjustment.
func (l LayerTest) logP() float64 {
	least := MinAgree
	if l.Coordinates == ContentCoordinates {
		least = minAgreeTurned
	}
	if float64(l.Agree) >= least*float64(l.Neurons) {
		return min(l.AgreeLogP, l.IndexLogP)
	}
	return l.IndexLogP
}

// related reports whether two parts are related, and returns the p-value, adjusted for the number
// of tests (Bonferroni).
func (l LayerTest) related(tests int) (related bool, logP float64) {
	logP = min(0, l.logP()+math.Log10(float64(tests)))
	return logP <= math.Log10(Level), logP
}
