package undertone

import (
	"context"
	"fmt"
)

// Request asks a model for one completion.
type Request struct {
	Messages    []Message
	MaxTokens   int     // most tokens of the completion; 0 means the limit of the model
	Temperature float64 // >= 0; 0 is greedy, 1 samples from the distribution of the model
	Seed        uint64  // of the sampling; a model that can be reproduced gives one completion per seed
}

// Response is a completion.
type Response struct {
	Text      string
	Truncated bool // the completion ended at MaxTokens
}

// Model completes chats. It may be local or remote. The interfaces below are optional; callers find
// them by type assertion.
type Model interface {
	// Name identifies the model in reports.
	Name() string

	// Generate returns one completion.
	Generate(ctx context.Context, r Request) (Response, error)
}

// BatchGenerator is an optional interface of a [Model] that completes many chats at once.
type BatchGenerator interface {
	// GenerateBatch returns a response for each request, in the same order.
	GenerateBatch(ctx context.Context, r []Request) ([]Response, error)
}

// LogProber is an optional interface of a [Model] that scores rows.
type LogProber interface {
	// LogProb returns the log-probability of the learnt turns of each row ([Example.Learnt]) given
	// what precedes them, in nats, summed over tokens. It is 0 for a row without a learnt turn.
	LogProb(ctx context.Context, rows []Example) ([]float64, error)
}

// TokenLogProber is an optional interface of a [Model] that scores the tokens of rows.
type TokenLogProber interface {
	LogProber

	// TokenLogProbs returns the tokens of the learnt turns of each row. Their log-probabilities sum
	// to that of LogProb.
	TokenLogProbs(ctx context.Context, rows []Example) ([][]TokenLogProb, error)
}

// RowEncoder keeps the tokens of rows, so that a model and the models trained from it tokenise
// each row once.
type RowEncoder interface {
	// EncodeRows returns the same rows with their tokens kept: name, digests, examples and order
	// are those of rows, and what Select returns keeps its tokens. A row that cannot be encoded is
	// no error here: training and scoring return its error. EncodeRows returns ctx's error soon
	// after ctx is done.
	//
	// A model uses kept tokens if its tokenizer, template and context length are those of the
	// model that encoded the rows, and encodes the rows anew otherwise. Both give the same results,
	// bit for bit. Rows may hold the tokens of several models. Tokens take 4 bytes each.
	EncodeRows(ctx context.Context, rows Text) (Text, error)
}

// RowLimiter is an optional interface of a [Model] that cannot read rows of any length.
type RowLimiter interface {
	// CountLongRows counts the rows that are longer than the model can read, and says what training
	// and scoring do with them. Rows that cannot be encoded are an error.
	CountLongRows(ctx context.Context, rows Text) (LongRows, error)
}

// LongRows counts rows that are longer than a model can read.
type LongRows struct {
	Rule  string `json:"rule"`  // what training and scoring do with them: "cut", "skip" or "refuse"
	Limit int    `json:"limit"` // the most tokens of a row
	Rows  int    `json:"rows"`  // rows with more tokens
	Lost  int    `json:"lost"`  // of these, rows without a token that is learnt and scored
}

// Warning says what happens to the long rows of a data set, as text after its name; "" if there are
// none.
func (l LongRows) Warning() string {
	switch {
	case l.Rows == 0:
		return ""
	case l.Rule == "cut":
		text := fmt.Sprintf("the model reads only the first %d tokens of %s and learns nothing of the remaining text", l.Limit, countRows(l.Rows))
		if l.Lost > 0 {
			verb := "are"
			if l.Lost == 1 {
				verb = "is"
			}
			text += fmt.Sprintf("; %s %s left out, because no answer begins before that", countRows(l.Lost), verb)
		}
		return text
	case l.Rule == "skip":
		return fmt.Sprintf("the model skips %s of more than %d tokens", countRows(l.Rows), l.Limit)
	}
	return fmt.Sprintf("%s of more than the %d tokens that the model can read", countRows(l.Rows), l.Limit)
}

func countRows(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// RowLogProber scores rows without encoding those that have kept tokens: see [RowEncoder].
type RowLogProber interface {
	LogProber

	// LogProbRows returns what LogProb returns for the examples of rows [from, to).
	LogProbRows(ctx context.Context, rows Text, from, to int) ([]float64, error)
}

// RowTokenLogProber scores the tokens of rows without encoding those that have kept tokens: see
// [RowEncoder].
type RowTokenLogProber interface {
	TokenLogProber

	// TokenLogProbRows returns what TokenLogProbs returns for the examples of rows [from, to).
	TokenLogProbRows(ctx context.Context, rows Text, from, to int) ([][]TokenLogProb, error)
}

// TokenLogProb is a token of a completion and its log-probability. The token stands for the bytes
// [From, To) of the completion: an empty range for the token that ends it, and -1 for both if the
// range is unknown.
type TokenLogProb struct {
	ID      int32   `json:"id"`    // in the vocabulary of the model
	Token   string  `json:"token"` // as the vocabulary spells it
	From    int     `json:"from"`
	To      int     `json:"to"`
	LogProb float64 `json:"log_prob"` // nats
}

// ChoiceScorer is an optional interface of a [Model] that gives the exact probabilities of answers.
type ChoiceScorer interface {
	// ChoiceLogProbs returns the log-probability of each answer to the prompt, in nats. The
	// probabilities may sum to less than 1; the rest belongs to other answers.
	ChoiceLogProbs(ctx context.Context, prompt string, answers []string) ([]float64, error)
}

// Lineage is an optional interface of a [Model] whose origin is known.
type Lineage interface {
	// Lineage returns the digest of the weights from which training started.
	Lineage() Digest
}
