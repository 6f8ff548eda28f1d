package undertone

import "context"

// Request asks a model for one completion.
type Request struct {
	Messages    []Message
	MaxTokens   int     // at most this many; 0 means the model's own limit
	Temperature float64 // 0 is greedy; 1 samples from the model's own distribution
	Seed        uint64  // one seed, one answer, where the model can promise it
}

// Response is a completion.
type Response struct {
	Text      string
	Truncated bool // MaxTokens ended it
}

// Model is anything that completes a chat, local or remote. More is asked for
// by the one-method interfaces below, found by type assertion.
type Model interface {
	Name() string
	Generate(ctx context.Context, r Request) (Response, error)
}

// BatchGenerator completes many chats at once, responses in the order of the requests.
type BatchGenerator interface {
	GenerateBatch(ctx context.Context, r []Request) ([]Response, error)
}

// LogProber scores rows: the natural logarithm of the probability of each
// row's completion given its prompt, in nats, summed over tokens.
type LogProber interface {
	LogProb(ctx context.Context, rows []Example) ([]float64, error)
}

// TokenLogProber scores the tokens of rows. They sum to what LogProb says of the row.
type TokenLogProber interface {
	LogProber
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

// TokenLogProb is a token of a completion and the natural logarithm of its probability.
type TokenLogProb struct {
	ID      int32   `json:"id"`       // in the model's vocabulary
	Token   string  `json:"token"`    // as the vocabulary spells it
	From    int     `json:"from"`     // the bytes of the completion that it writes are [From, To): none for
	To      int     `json:"to"`       // the token that ends it; both are -1 if that is not known
	LogProb float64 `json:"log_prob"` // nats
}

// ChoiceScorer gives the exact probability of each answer to a prompt, as a natural
// logarithm. The probabilities may sum to less than 1: the rest is other answers.
type ChoiceScorer interface {
	ChoiceLogProbs(ctx context.Context, prompt string, answers []string) ([]float64, error)
}

// Lineage is the digest of the weights that a model's training started from.
type Lineage interface {
	Lineage() Digest
}
