package doctor

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote"
)

// session holds the tokens that the checks share.
type session struct {
	Subject
	rows   [][]int32   // of the question with each answer
	prompt []int32     // before an answer
	learnt []int       // number of tokens of each answer, with those that end it
	batch  [][]float64 // scores of rows, of one request; nil before check 2 has passed
	chosen []float64   // log-probabilities of the answers; nil before choices

	longRow  []int32   // see long; nil before it is made
	longLogs []float64 // its scores, when they were asked for first
}

// prepare encodes the question with its answers.
func (s *session) prepare(ctx context.Context) error {
	examples := make([]undertone.Example, len(s.Answers))
	for i, a := range s.Answers {
		examples[i] = undertone.NewExample(s.Prompt, a)
	}
	encoded, err := s.Scorer.Encode(ctx, examples)
	if err != nil {
		return err
	}
	for i, t := range encoded {
		if len(t.IDs) < 2 || len(t.Learnt) != 1 {
			return fmt.Errorf("the answer %q has no tokens", s.Answers[i])
		}
		s.rows, s.learnt = append(s.rows, t.IDs), append(s.learnt, t.Learnt[0].To-t.Learnt[0].From)
	}
	s.prompt = encoded[0].IDs[:max(1, encoded[0].Learnt[0].From)]
	return nil
}

// one scores one row.
func one(ctx context.Context, of Scorer, ids []int32) ([]float64, error) {
	logs, err := of.ScoreTokens(ctx, [][]int32{ids})
	if err != nil {
		return nil, err
	}
	return logs[0], nil
}

// tokens is check 1. The client compares the tokens of every answer.
func (s *session) tokens(ctx context.Context) (string, error) {
	for i, ids := range s.rows {
		if ids[0] == ids[1] {
			return "", fmt.Errorf("the row of answer %q begins with token %d twice, such as a second BOS", s.Answers[i], ids[0])
		}
	}
	if _, err := s.Scorer.ScoreTokens(ctx, s.rows); err != nil && (errors.Is(err, remote.ErrTokens) || !errors.Is(err, remote.ErrScorer)) {
		return "", err
	}
	return fmt.Sprintf("%d rows", len(s.rows)), nil
}

// lengths is check 2. The client checks the entries of every answer.
func (s *session) lengths(ctx context.Context) (string, error) {
	logs, err := s.Scorer.ScoreTokens(ctx, s.rows)
	if err != nil {
		if errors.Is(err, remote.ErrTokens) {
			err = fmt.Errorf("%w: after check 1 failed", errSkip)
		}
		return "", err
	}
	n := 0
	for i, l := range logs {
		if len(l) != len(s.rows[i])-1 {
			return "", fmt.Errorf("%d log-probabilities for %d tokens", len(l), len(s.rows[i]))
		}
		n += len(l)
	}
	s.batch = logs
	return fmt.Sprintf("%d tokens", n), nil
}

// continued is the number of tokens that check 3 generates after each of its prompts.
const continued = 16

// forced is check 3. It continues the question, and two rows, because one continuation may repeat
// one token. It also compares scores of one request with those of requests for a single row, and
// with the log-probabilities of the answers, which servers compute as they generate.
func (s *session) forced(ctx context.Context) (string, error) {
	most, tokens := 0.0, 0
	for i, prompt := range [][]int32{s.prompt, s.rows[0], s.rows[1%len(s.rows)]} {
		n := continued
		if s.Context > 0 {
			n = min(n, s.Context-1-len(prompt))
		}
		if n < 1 {
			return "", fmt.Errorf("%w: the question fills the context of the server", errSkip)
		}
		ids, logs, err := s.Scorer.Extend(ctx, prompt, n)
		if err != nil {
			return "", err
		}
		given, err := one(ctx, s.Scorer, slices.Concat(prompt, ids))
		if err != nil {
			return "", err
		}
		d, err := largest(logs, given[len(prompt)-1:], "when it is generated and when it is given")
		if err != nil {
			return "", err
		}
		most, tokens = max(most, d), tokens+len(ids)
		if s.batch == nil || i == 0 {
			continue
		}
		if row := (i - 1) % len(s.rows); !(meanDistance(given[:len(prompt)-1], s.batch[row]) < Tolerance) {
			return "", fmt.Errorf("row %d of a request for %d rows differs from the row alone by %.4f nats per token, want less than %g", row+1, len(s.rows), meanDistance(given[:len(prompt)-1], s.batch[row]), Tolerance)
		}
	}
	if err := s.choices(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d tokens, largest difference %.2g nats", tokens, most), nil
}

// choices compares the log-probabilities of the answers with the scores of their tokens; up to two
// tokens may end a row.
func (s *session) choices(ctx context.Context) (err error) {
	if s.chosen, err = s.Scorer.ChoiceLogProbs(ctx, s.Prompt, s.Answers); err != nil || s.batch == nil {
		return err
	}
	sum := 0.0
	for i, n := range s.learnt {
		scores := s.batch[i][len(s.prompt)-1:]
		given, least := 0.0, math.Inf(1)
		for k, l := range scores[:min(n, len(scores))] {
			given += l
			switch d := math.Abs(given - s.chosen[i]); {
			case given == s.chosen[i]: // infinite ones may be equal
				least = 0
			case k >= n-3:
				least = min(least, d/float64(k+1))
			}
		}
		sum += least
	}
	if mean := sum / float64(len(s.learnt)); !(mean < Tolerance) {
		return fmt.Errorf("the log-probabilities of %d answers differ from the scores of their tokens in rows by %.4f nats per token, want less than %g", len(s.learnt), mean, Tolerance)
	}
	return nil
}

// meanDistance returns the mean difference of two lists.
func meanDistance(a, b []float64) float64 {
	n, sum := min(len(a), len(b)), 0.0
	for i := range n {
		if a[i] != b[i] { // infinite ones may be equal
			sum += math.Abs(a[i] - b[i])
		}
	}
	return sum / float64(max(1, n))
}

// smallestDifference is the smallest difference, in nats, between two models on one token that does
// not count as rounding. It is raised to thrice the difference of one model from itself.
const smallestDifference = 1e-5

// adapters is check 4.
func (s *session) adapters(ctx context.Context) (string, error) {
	if s.Base == nil && s.Earlier == nil {
		return "", fmt.Errorf("%w: the model has no adapter", errSkip)
	}
	var names []string
	var models []Scorer
	if s.Base != nil {
		names, models = []string{"the model without it"}, []Scorer{s.Base}
	}
	for _, o := range s.Others {
		names, models = append(names, o.Name()), append(models, o)
	}
	own, err := one(ctx, s.Scorer, s.rows[0])
	if err != nil {
		return "", err
	}
	again, err := one(ctx, s.Scorer, s.rows[0])
	if err != nil {
		return "", err
	}
	noise, least := distance(own, again), math.Inf(1)
	for i, m := range models {
		logs, err := one(ctx, m, s.rows[0])
		if err != nil {
			return "", err
		}
		d := distance(own, logs)
		if d <= max(smallestDifference, 3*noise) {
			return "", fmt.Errorf("the adapter scores as %s does: the largest difference is %.2g nats per token", names[i], d)
		}
		least = min(least, d)
	}
	n, d, err := s.Earlier.compare(s.Weights, own, max(smallestDifference, 3*noise))
	if err != nil {
		return "", err
	}
	if len(models)+n == 0 {
		return "", fmt.Errorf("%w: it is the first model", errSkip)
	}
	return fmt.Sprintf("smallest difference from %d others: %.2g nats", len(models)+n, min(least, d)), nil
}

// distance returns the largest difference of two lists.
func distance(a, b []float64) float64 {
	most := 0.0
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] { // infinite ones may be equal
			most = max(most, math.Abs(a[i]-b[i]))
		}
	}
	return most
}

// batchRows is the number of rows of the batch of check 7.
const batchRows = 32

// batches is check 7.
func (s *session) batches(ctx context.Context) (string, error) {
	batch := make([][]int32, batchRows)
	for i := range batch {
		batch[i] = s.rows[i%len(s.rows)]
	}
	alone, err := one(ctx, s.Scorer, s.rows[0])
	if err != nil {
		return "", err
	}
	together, err := s.Scorer.ScoreTokens(ctx, batch)
	if err != nil {
		return "", err
	}
	short, err := largest(alone, together[0], "alone and in a batch")
	if err != nil {
		return "", err
	}
	row, alone, err := s.long(ctx)
	if err != nil {
		return "", err
	}
	if together, err = s.Scorer.ScoreTokens(ctx, append(slices.Clone(batch[:batchRows-1]), row)); err != nil {
		return "", err
	}
	long, err := largest(alone, together[batchRows-1], fmt.Sprintf("of a row of %d tokens, alone and in a batch", len(row)))
	if err != nil {
		return "", err
	}
	mixed, err := s.mixed(ctx)
	return fmt.Sprintf("largest difference %.2g nats, %.2g for a row of %d tokens%s", short, long, len(row), mixed), err
}

// mixedRounds is the number of times that check 7 asks for two models at once.
const mixedRounds = 16

// mixed scores rows with the adapter and with its base model at once.
func (s *session) mixed(ctx context.Context) (string, error) {
	if s.Mixed == nil {
		return "", nil
	}
	models, row := []Scorer{s.Scorer, s.Mixed}, s.rows[0]
	var alone [2][]float64
	for i, m := range models {
		var err error
		if alone[i], err = one(ctx, m, row); err != nil {
			return "", err
		}
	}
	most := 0.0
	for range mixedRounds {
		var together [2][]float64
		group, ctx := errgroup.WithContext(ctx)
		for i, m := range models {
			group.Go(func() (err error) {
				together[i], err = one(ctx, m, row)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return "", err
		}
		for i := range models {
			d, err := largest(alone[i], together[i], "alone and beside requests for another model, which this client does not send")
			if err != nil {
				return "", err
			}
			most = max(most, d)
		}
	}
	return fmt.Sprintf(", %.2g beside requests for the model without the adapter", most), nil
}

// twice is check 8.
func (s *session) twice(ctx context.Context) (string, error) {
	row, first, err := s.long(ctx)
	if err != nil {
		return "", err
	}
	second, err := one(ctx, s.Scorer, row)
	if err != nil {
		return "", err
	}
	d, err := largest(first, second, "the first and the second time")
	return fmt.Sprintf("largest difference %.2g nats", d), err
}
