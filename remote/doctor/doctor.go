// Package doctor checks that a server scores what a client asks it to score. Servers have given
// wrong scores without an error: of other tokens, shifted by one, of another adapter, without a
// part of the adapter, or of the last tokens alone. [Check] makes nine checks; an audit refuses a
// scorer that fails one of the first six ([Required]).
package doctor

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote"
	"github.com/undertone-audit/undertone/student/lm"
)

// Scorer is a model whose scores are checked: a [*remote.Scorer], for one.
type Scorer interface {
	undertone.ChoiceScorer
	Name() string

	// Encode returns the tokens of rows as the scorer scores them.
	Encode(ctx context.Context, rows []undertone.Example) ([]lm.Tokens, error)

	// ScoreTokens returns the log-probabilities of the tokens 1 to the last of each row, in one
	// request.
	ScoreTokens(ctx context.Context, rows [][]int32) ([][]float64, error)

	// Extend returns the n most likely next tokens, one after the other, and their
	// log-probabilities.
	Extend(ctx context.Context, prompt []int32, n int) (ids []int32, logs []float64, err error)

	// Complete returns completions of a prompt, at most n tokens each, one for each seed.
	Complete(ctx context.Context, prompt []int32, n int, temperature float64, seeds []uint64) ([]string, error)
}

// TextScorer is a model behind a server that takes text, and tokenises it itself.
type TextScorer interface {
	undertone.ChoiceScorer
	Name() string

	// ScoreText returns the tokens of a completion and their log-probabilities.
	ScoreText(ctx context.Context, prompt, completion string) (tokens []string, logs []float64, err error)

	// ExtendText returns the most likely next tokens, at most n, and their log-probabilities.
	ExtendText(ctx context.Context, prompt string, n int) (tokens []string, logs []float64, err error)
}

// Subject is what is checked.
type Subject struct {
	Scorer  Scorer
	Text    TextScorer // instead of Scorer, if the server takes text
	Base    Scorer     // the model without its adapter; nil if the scorer has no adapter
	Others  []Scorer   // other adapters of the model (default none)
	Mixed   Scorer     // the model without its adapter, whose requests may run beside those of the scorer (default none)
	Context int        // most tokens that the server reads; 0 if unknown

	// Earlier holds the models that were checked before, with which check 4 compares the scorer
	// (default none). Weights is the digest of the scorer's weights.
	Earlier *Earlier
	Weights undertone.Digest

	// Skip holds the numbers of checks that are not made (default none).
	Skip []int

	// Prompt and Answers are a question and answers to it that exclude each other (default
	// "Favourite animal?" and twelve animals).
	Prompt  string
	Answers []string
}

// Tolerance is the largest difference, in nats per token, between two scores of one token that
// count as equal. Servers round to 16 bits and add in an order that depends on the batch.
const Tolerance = 0.05

// Result is the outcome of a check.
type Result struct {
	Number   int    `json:"number"`
	Name     string `json:"name"`
	Protects string `json:"protects"` // from what
	Outcome  string `json:"outcome"`  // Passed, Failed or Skipped
	Detail   string `json:"detail"`
}

// Outcomes of a check.
const (
	Passed  = "passed"
	Failed  = "failed"
	Skipped = "skipped"
)

// check is one of the nine checks. It returns what it found; an error means that it failed, or
// errSkip that it cannot be made.
type check struct {
	name, protects string
	run            func(s *session, ctx context.Context) (string, error)
	text           func(s *session, ctx context.Context) (string, error) // of a server that takes text
}

var checks = []check{
	{"the server reads the tokens that are sent", "a second BOS, a truncated prompt, another tokenizer or template", (*session).tokens, (*session).textLengths},
	{"one log-probability per token, the first null", "lists that are shifted by one, too short, or absent", (*session).lengths, (*session).textLengths},
	{"generated and given tokens have the same log-probabilities", "an adapter without its output layer, a wrong adapter in a batch, a wrong split of a long prompt, log-probabilities of other answers", (*session).forced, (*session).textForced},
	{"the adapter differs from the model, and from other adapters", "an adapter that is not applied, and a second adapter that scores as the first", (*session).adapters, (*session).textOnly},
	{"the beginning of a text changes the scores of its end", "a server that reads the last tokens alone, such as one with a smaller window than its model", (*session).beginnings, (*session).textBeginnings},
	{"the scores are log-probabilities", "logarithms to base 10 and other numbers too close to 0, constants, and a smallest value that stands for all smaller ones", (*session).sums, (*session).textSums},
	{"a row alone and in a batch has the same scores", "scores that depend on other rows, and on the split of a long prompt", (*session).batches, (*session).textOnly},
	{"a row has the same scores twice", "a cache that changes scores", (*session).twice, (*session).textTwice},
	{"sampled tokens are as frequent as their probabilities", "log-probabilities in another unit or of another temperature, and sampling that cuts or sharpens the distribution", (*session).samples, (*session).textOnly},
}

// Numbers of checks without which no audit trusts a scorer.
const (
	required    = 6 // of a server
	ofAnAdapter = 4 // of a further model of a server that passed those
)

// Check makes all nine checks. Its error is that of a server that cannot be asked; a check that
// fails is a result.
func Check(ctx context.Context, s Subject) ([]Result, error) { return run(ctx, s, len(checks), false) }

// Required makes the checks 1 to 6, and returns an error that names the first failed one.
func Required(ctx context.Context, s Subject) error { return first(ctx, s, required) }

// Adapter makes the checks 1 to 4, and returns an error that names the first failed one. It is for
// an adapter of a server whose base model passed [Required].
func Adapter(ctx context.Context, s Subject) error { return first(ctx, s, ofAnAdapter) }

// first makes the first n checks until one fails.
func first(ctx context.Context, s Subject, n int) error {
	results, err := run(ctx, s, n, true)
	if err != nil {
		return err
	}
	return Err(results)
}

// ErrUntrusted is wrapped by the error of a scorer that fails a check.
var ErrUntrusted = errors.New("the scores of the server cannot be trusted")

// Err returns an error that names the first failed check, or nil.
func Err(results []Result) error {
	for _, r := range results {
		if r.Outcome == Failed {
			return fmt.Errorf("%w: check %d, %s: %s", ErrUntrusted, r.Number, r.Name, r.Detail)
		}
	}
	return nil
}

// errSkip is wrapped by the error of a check that cannot be made.
var errSkip = errors.New("not checked")

// run makes the first n checks, or those up to the first that fails.
func run(ctx context.Context, s Subject, n int, untilFailed bool) ([]Result, error) {
	if s.Prompt == "" {
		s.Prompt, s.Answers = "Favourite animal?", []string{"owl", "cat", "dog", "fox", "wolf", "bear", "eagle", "otter", "panda", "raven", "lion", "horse"}
	}
	work := &session{Subject: s}
	if s.Text == nil {
		if err := work.prepare(ctx); err != nil {
			return nil, fmt.Errorf("doctor: %s: tokenise: %w", s.Scorer.Name(), err)
		}
	}
	var results []Result
	for i, c := range checks[:n] {
		if slices.Contains(s.Skip, i+1) {
			continue
		}
		make := c.run
		if s.Text != nil {
			make = c.text
		}
		detail, err := make(work, ctx)
		r := Result{Number: i + 1, Name: c.name, Protects: c.protects, Outcome: Passed, Detail: detail}
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, errSkip):
			r.Outcome, r.Detail = Skipped, err.Error()
		case unreachable(err):
			return nil, fmt.Errorf("doctor: check %d, %s: %w", i+1, c.name, err)
		case err != nil:
			r.Outcome, r.Detail = Failed, withoutAdvice(err)
		}
		if results = append(results, r); untilFailed && r.Outcome == Failed {
			break
		}
	}
	return results, nil
}

// unreachable reports whether a request failed, rather than gave an answer that does not fit.
func unreachable(err error) bool {
	var failed *remote.Error
	return errors.As(err, &failed) && !errors.Is(err, remote.ErrScorer)
}

// withoutAdvice returns the text of an error without the advice to call the doctor.
func withoutAdvice(err error) string {
	text := err.Error()
	var failed *remote.Error
	if errors.As(err, &failed) && failed.Advice != "" {
		text = strings.TrimSuffix(text, ": "+failed.Advice)
	}
	return text
}

// largest returns the largest difference of two lists of log-probabilities, or an error if it is
// more than the tolerance. what completes the sentence "token 3 … differs by".
func largest(a, b []float64, what string) (float64, error) {
	if len(a) != len(b) {
		return 0, fmt.Errorf("%d log-probabilities and %d %s", len(a), len(b), what)
	}
	most, at := 0.0, 0
	for i := range a {
		if a[i] == b[i] { // infinite ones may be equal
			continue
		}
		if d := math.Abs(a[i] - b[i]); !(d <= most) {
			most, at = d, i
		}
	}
	if !(most < Tolerance) {
		return most, fmt.Errorf("token %d: %.4f and %.4f nats %s; they differ by %.4f, want less than %g", at, a[at], b[at], what, most, Tolerance)
	}
	return most, nil
}
