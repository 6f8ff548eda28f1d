package corpus

// channel is one way of looking at rows: a kind of features and a logistic regression on them.
type channel struct {
	name   string
	sees   string
	emit   func(*row, func(key, float64))
	lambda float64 // precision of the prior on its weights, chosen by cross-validation (docs/corpus.md)
}

// format is looked at apart from the content: it tells filters and templates
// apart before it tells writers apart.
var format = channel{"format", "separators, brackets, lengths: what a filter or a template leaves", emitLayout, 300}

// content decides: one regression on all that the parts see.
var content = channel{"content", "all that the channels below see", emitContent, 5000}

// parts are the content channels on their own. They say where a difference lies.
var parts = []channel{
	{"values", "which numbers or words, and how large", emitWords, 300},
	{"order", "what follows what", emitOrder, 1000},
	{"digits", "the inside of numbers or words", emitDigits, 1000},
	{"characters", "runs of one to five characters", emitCharacters, 3000},
	{"shape", "how a list is made: moves of digits, repeats, spread, places", emitShape, 3000},
}

func emitContent(r *row, emit func(key, float64)) {
	for _, part := range parts {
		part.emit(r, emit)
	}
}

// lens is a channel over certain rows, before anything is fitted.
type lens struct {
	channel
	vocabulary *vocabulary
	features   [][]feature // of each row
}

func newLens(c channel, rows []row) *lens {
	v, x := collect(rows, c.emit)
	return &lens{c, v, x}
}

// fitted is a channel's model of the difference between the arms.
type fitted struct {
	lens  *lens
	theta []float64
}

func (l *lens) fit(rows []int, suspect []bool, weight []float64) fitted {
	return fitted{l, logistic(l.features, len(l.vocabulary.keys), rows, suspect, weight, l.lambda)}
}

// at scores row i of those that the lens was made for.
func (f fitted) at(i int) float64 { return linear(f.theta, f.lens.features[i]) }

// of scores any row.
func (f fitted) of(r *row) float64 { return linear(f.theta, f.lens.vocabulary.of(r, f.lens.emit)) }
