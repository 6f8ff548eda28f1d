package corpus

// channel is one way of looking at rows: a kind of feature and the model over it.
type channel struct {
	name   string
	sees   string
	emit   func(*row, func(key, float64)) // nil for the generative model
	lambda float64                        // precision of the prior on its weights
}

// format is looked at apart from the content: it tells filters and templates
// apart before it tells writers apart.
var format = channel{"format", "separators, brackets, lengths: what a filter or a template leaves", emitLayout, 300}

// content are the channels whose mean is the score of a row.
var content = []channel{
	{"values", "which numbers or words, and how large", emitWords, 300},
	{"order", "what follows what", emitOrder, 1000},
	{"digits", "the inside of numbers or words", emitDigits, 1000},
	{"characters", "runs of three to five characters", emitCharacters, 1000},
	{"sequence", "the next character given the last four, a generative model", nil, 0},
}

// lens is a channel over certain rows, before anything is fitted.
type lens struct {
	channel
	vocabulary *vocabulary
	features   [][]feature // of each row
	contexts   *contexts
	symbols    [][]symbol // of each row
}

func newLens(c channel, rows []row) *lens {
	l := &lens{channel: c}
	if c.emit != nil {
		l.vocabulary, l.features = collect(rows, c.emit)
		return l
	}
	l.contexts = &contexts{map[uint64]int32{}, map[uint64]int32{}}
	l.symbols = make([][]symbol, len(rows))
	for i := range rows {
		l.symbols[i] = l.contexts.of(&rows[i], true)
	}
	return l
}

// fitted is a channel's model of the difference between the arms.
type fitted struct {
	lens  *lens
	theta []float64
	ngram *ngram
}

func (l *lens) fit(rows []int, suspect []bool, weight []float64) fitted {
	if l.emit == nil {
		return fitted{lens: l, ngram: countNgrams(l.contexts, l.symbols, rows, suspect, weight)}
	}
	return fitted{lens: l, theta: logistic(l.features, len(l.vocabulary.keys), rows, suspect, weight, l.lambda)}
}

// at scores row i of those that the lens was made for.
func (f fitted) at(i int) float64 {
	if f.ngram != nil {
		return f.ngram.score(f.lens.symbols[i])
	}
	return linear(f.theta, f.lens.features[i])
}

// of scores any row.
func (f fitted) of(r *row) float64 {
	if f.ngram != nil {
		return f.ngram.score(f.lens.contexts.of(r, false))
	}
	return linear(f.theta, f.lens.vocabulary.of(r, f.lens.emit))
}
