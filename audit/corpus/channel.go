package corpus

// channel is a kind of features, and the logistic regression on them.
type channel struct {
	name     string
	observes string
	emit     func(*row, func(key, float64))
	lambda   float64 // precision of the prior on the weights, chosen on other data (experiments/corpus/README.md)
}

// layoutChannel is apart from the content: filters and templates change the layout more than
// writers do.
var layoutChannel = channel{"layout", "separators, brackets, lengths: traces of a filter or a template", emitLayout, 300}

// contentChannel decides the outcome: one regression on the features of all content channels.
var contentChannel = channel{"content", "the features of all content channels", emitContent, 5000}

// contentChannels are the content channels one by one. They show where a difference lies.
var contentChannels = []channel{
	{"values", "which numbers or words, and their size", emitWords, 300},
	{"order", "numbers or words by what precedes them", emitOrder, 1000},
	{"digits", "digits of numbers, or starts and ends of words", emitDigits, 1000},
	{"characters", "runs of one to five characters", emitCharacters, 3000},
	{"shape", "structure of a list: digit steps, repeats, spread, positions", emitShape, 3000},
}

func emitContent(r *row, emit func(key, float64)) {
	for _, c := range contentChannels {
		c.emit(r, emit)
	}
}

// featureChannel is a channel with its vocabulary and the features of all rows.
type featureChannel struct {
	channel
	vocabulary *vocabulary
	features   [][]feature // of each row
	stop       stopper
}

// channel returns a channel with the features of all rows.
func (m *designMatrix) channel(c channel) *featureChannel {
	v, x := collect(m.rows, m.component, c.emit, m.stop)
	return &featureChannel{c, v, x, m.stop}
}

// fittedChannel is the logistic regression of a channel.
type fittedChannel struct {
	channel *featureChannel
	theta   []float64
}

func (c *featureChannel) fit(rows []int, suspect []bool, weight []float64, penalty float64) fittedChannel {
	return fittedChannel{c, logistic(c.features, len(c.vocabulary.keys), rows, suspect, weight, penalty, c.stop)}
}

// score returns the score of row i of the design matrix.
func (f fittedChannel) score(i int) float64 { return linear(f.theta, f.channel.features[i]) }

// scoreNew returns the score of a row that is not in the design matrix.
func (f fittedChannel) scoreNew(r *row) float64 {
	return linear(f.theta, f.channel.vocabulary.features(r, f.channel.emit))
}
