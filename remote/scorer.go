package remote

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm"
)

// Scorer is a model behind a server that gives the log-probabilities of given text.
type Scorer struct{ *Chooser }

// LogProb implements [undertone.LogProber].
func (s *Scorer) LogProb(ctx context.Context, rows []undertone.Example) ([]float64, error) {
	all, err := s.TokenLogProbs(ctx, rows)
	if err != nil {
		return nil, err
	}
	sums := make([]float64, len(rows))
	for i, row := range all {
		for _, t := range row {
			sums[i] += t.LogProb
		}
	}
	return sums, nil
}

// TokenLogProbs implements [undertone.TokenLogProber]. The bytes of the tokens are known if their
// spellings, one after the other, are the completion.
func (s *Scorer) TokenLogProbs(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	if s.protocol.score == nil {
		return s.scoreTexts(ctx, rows)
	}
	encoded, err := s.Encode(ctx, rows)
	if err != nil {
		return nil, err
	}
	of := s.order(encoded) // the row of each query
	queries := make([]scoreQuery, len(of))
	for k, i := range of {
		queries[k] = scoreQuery{encoded[i].IDs, max(1, encoded[i].Learnt[0].From)}
	}
	answers, err := ask(ctx, s.querier, s.scoreOp, queries)
	if err != nil {
		return nil, err
	}
	all := make([][]undertone.TokenLogProb, len(rows))
	for k, a := range answers {
		i := of[k]
		if all[i], err = a.learnt(queries[k], encoded[i], rows[i]); err != nil {
			return nil, fmt.Errorf("remote: row %d: %w", i, err)
		}
	}
	return all, nil
}

// order returns the rows that have a token to score, in the order in which they are asked for.
func (s *Scorer) order(rows []lm.Tokens) []int {
	var order []int
	for i, t := range rows {
		if t.Scored() > 0 {
			order = append(order, i)
		}
	}
	if s.protocol.pads {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(rows[a].IDs), len(rows[b].IDs)) })
	}
	return order
}

// learnt returns the learnt tokens of a row.
func (a scoreAnswer) learnt(q scoreQuery, t lm.Tokens, row undertone.Example) ([]undertone.TokenLogProb, error) {
	if len(a.LogProbs) != len(q.IDs)-q.From || a.Tokens != nil && len(a.Tokens) != len(a.LogProbs) {
		return nil, scorerError("%d log-probabilities for %d tokens", len(a.LogProbs), len(q.IDs)-q.From)
	}
	tokens := make([]undertone.TokenLogProb, 0, len(a.LogProbs))
	for turn, r := range t.Learnt {
		first := len(tokens)
		for at := max(1, r.From); at < r.To; at++ {
			k := at - q.From
			if a.LogProbs[k] <= impossible {
				return nil, fmt.Errorf("token %d has the probability 0, so the row has no score: drop the row", at)
			}
			token := undertone.TokenLogProb{ID: q.IDs[at], From: -1, To: -1, LogProb: a.LogProbs[k]}
			if a.Tokens != nil {
				token.Token = a.Tokens[k]
			}
			tokens = append(tokens, token)
		}
		if r.From > 0 {
			place(tokens[first:], row, turn)
		}
	}
	return tokens, nil
}

// place sets the bytes of the tokens of a learnt turn, if their spellings are its text, with at
// most one token after it, which ends it.
func place(tokens []undertone.TokenLogProb, row undertone.Example, turn int) {
	learnt := row.Learnt()
	pieces := slices.DeleteFunc(row.Pieces(), func(p undertone.Piece) bool { return turn >= len(learnt) || p.Message != learnt[turn] })
	if len(pieces) != 1 {
		return
	}
	text, at := pieces[0].Text, 0
	places := make([]int, len(tokens)+1)
	for i, t := range tokens {
		if at == len(text) && i == len(tokens)-1 {
			places[i+1] = at
			break
		}
		if t.Token == "" || len(text)-at < len(t.Token) || text[at:at+len(t.Token)] != t.Token {
			return
		}
		at += len(t.Token)
		places[i+1] = at
	}
	if at != len(text) {
		return
	}
	for i := range tokens {
		tokens[i].From, tokens[i].To = pieces[0].From+places[i], pieces[0].From+places[i+1]
	}
}

// TakesTokens reports whether the server scores tokens, and not texts.
func (s *Scorer) TakesTokens() bool { return s.protocol.score != nil }

// Encode returns the tokens of rows as the model scores them. It is an error if the server scores
// texts.
func (s *Scorer) Encode(ctx context.Context, rows []undertone.Example) ([]lm.Tokens, error) {
	if s.encoder == nil {
		return nil, fmt.Errorf("remote: the server of %s takes text, not tokens", s.Name())
	}
	encoded := make([]lm.Tokens, len(rows))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(s.server.config.Concurrency)
	each := s.encoder.atOnce()
	for from := 0; from < len(rows); from += each {
		group.Go(func() error {
			for i := from; i < min(from+each, len(rows)); i++ {
				var err error
				if encoded[i], err = s.encode(ctx, rows[i]); err != nil {
					return fmt.Errorf("remote: row %d: %w", i, err)
				}
			}
			return nil
		})
	}
	return encoded, group.Wait()
}

// encode returns the tokens of a row, none if it has no learnt turn.
func (s *Scorer) encode(ctx context.Context, row undertone.Example) (t lm.Tokens, err error) {
	switch {
	case ctx.Err() != nil:
		return t, ctx.Err()
	case len(row.Messages) == 0:
		return t, errors.New("it has no messages")
	case len(row.Learnt()) == 0:
		return t, nil
	}
	if t, err = s.encoder.row(ctx, row); err != nil {
		return t, err
	}
	if t, t.Cut, err = s.shorten(t); err != nil {
		return t, err
	}
	s.long.add(t)
	return t, nil
}

// ScoreTokens returns the log-probabilities, in nats, of the tokens 1 to the last of each row,
// which it sends in one request. It asks the server even if the answers are recorded. Minus
// infinity means zero probability.
func (s *Scorer) ScoreTokens(ctx context.Context, rows [][]int32) ([][]float64, error) {
	if s.protocol.score == nil {
		return nil, fmt.Errorf("remote: the server of %s takes text, not tokens", s.Name())
	}
	queries := make([]scoreQuery, len(rows))
	for i, ids := range rows {
		if len(ids) < 2 {
			return nil, fmt.Errorf("remote: row %d has %d tokens, want at least 2", i, len(ids))
		}
		queries[i] = scoreQuery{slices.Clone(ids), 1}
	}
	answers, err := s.together(ctx, queries)
	if err != nil {
		return nil, err
	}
	logs := make([][]float64, len(rows))
	for i, a := range answers {
		logs[i] = natural(a.LogProbs)
	}
	return logs, nil
}

// together scores rows in one request. A request that fails, and that is not halved, is sent as
// often as one of a single row.
func (s *Scorer) together(ctx context.Context, queries []scoreQuery) (answers []scoreAnswer, err error) {
	limits := s.server.config.Limits
	limits.Tries = max(1, limits.Tries/batchTries)
	err = retried(ctx, limits, func() error {
		answers, err = s.protocol.score(ctx, queries)
		var failed *Error
		if errors.As(err, &failed) && failed.whole {
			failed.retry = true
		}
		return err
	})
	return answers, err
}

// Extend returns the n most likely next tokens after a prompt, one after the other, and the
// log-probabilities that the server gives while it generates them. It asks the server even if the
// answers are recorded.
func (s *Scorer) Extend(ctx context.Context, prompt []int32, n int) (ids []int32, logs []float64, err error) {
	if s.protocol.extend == nil {
		return nil, nil, fmt.Errorf("remote: the server of %s does not generate after tokens", s.Name())
	}
	e, err := s.protocol.extend(ctx, extendQuery{prompt, n})
	return e.IDs, natural(e.LogProbs), err
}

// Complete returns completions of a prompt, at most n tokens each, one for each seed. It asks the
// server even if the answers are recorded.
func (s *Scorer) Complete(ctx context.Context, prompt []int32, n int, temperature float64, seeds []uint64) ([]string, error) {
	queries := make([]generateQuery, len(seeds))
	for i, seed := range seeds {
		queries[i] = generateQuery{IDs: prompt, MaxTokens: n, Temperature: temperature, Seed: seed}
	}
	unrecorded := &querier{parallel: s.querier.parallel, tokens: s.querier.tokens, size: s.querier.size, offline: s.querier.offline}
	answers, err := ask(ctx, unrecorded, s.generateOp, queries)
	texts := make([]string, len(answers))
	for i, a := range answers {
		texts[i] = a.Text
	}
	return texts, err
}

// ScoreText returns the tokens of a completion of a text and their log-probabilities, of a server
// that takes text. It asks the server even if the answers are recorded.
func (s *Scorer) ScoreText(ctx context.Context, prompt, completion string) (tokens []string, logs []float64, err error) {
	if s.protocol.scoreText == nil {
		return nil, nil, fmt.Errorf("remote: the server of %s takes tokens, not text", s.Name())
	}
	answers, err := s.protocol.scoreText(ctx, []textQuery{{prompt, completion}})
	if err != nil {
		return nil, nil, err
	}
	return answers[0].Tokens, natural(answers[0].LogProbs), nil
}

// ExtendText returns the most likely next tokens after a text, at most n, and the log-probabilities
// that a server that takes text gives while it generates them.
func (s *Scorer) ExtendText(ctx context.Context, prompt string, n int) (tokens []string, logs []float64, err error) {
	if s.protocol.extendText == nil {
		return nil, nil, fmt.Errorf("remote: the server of %s takes tokens, not text", s.Name())
	}
	a, err := s.protocol.extendText(ctx, prompt, n)
	return a.Tokens, natural(a.LogProbs), err
}

// Render implements student.Renderer: it returns the text of the tokens that the server scores, or
// the text that it scores.
func (s *Scorer) Render(row undertone.Example) (string, error) {
	if s.protocol.score == nil {
		text, _ := plainText(row.Messages, true)
		return text, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.server.config.Timeout)
	defer cancel()
	encoded, err := s.Encode(ctx, []undertone.Example{row})
	if err != nil {
		return "", err
	}
	if len(encoded[0].IDs) < 2 {
		return "", fmt.Errorf("remote: the row has %d tokens", len(encoded[0].IDs))
	}
	if s.protocol.detokenize != nil {
		return askOne(ctx, s.Generator, s.detokenizeOp, encoded[0].IDs)
	}
	answers, err := ask(ctx, s.querier, s.scoreOp, []scoreQuery{{encoded[0].IDs, 1}})
	if err != nil {
		return "", err
	}
	text := ""
	for _, t := range answers[0].Tokens {
		text += t
	}
	return text, nil
}

// scoreTexts scores rows with a server that takes text.
func (s *Scorer) scoreTexts(ctx context.Context, rows []undertone.Example) ([][]undertone.TokenLogProb, error) {
	var queries []textQuery
	var of []int
	for i, row := range rows {
		learnt, last := row.Learnt(), len(row.Messages)-1
		if len(learnt) == 0 {
			continue
		}
		if learnt[0] != last {
			return nil, fmt.Errorf("remote: row %d has an answer before its last message, and the server scores the end of a text only: learn the last turn only", i)
		}
		prompt, _ := plainText(row.Messages[:last], false)
		queries, of = append(queries, textQuery{prompt, row.Messages[last].Text()}), append(of, i)
	}
	answers, err := ask(ctx, s.querier, s.textOp, queries)
	if err != nil {
		return nil, err
	}
	all := make([][]undertone.TokenLogProb, len(rows))
	for k, a := range answers {
		size := len(queries[k].Completion)
		for j, l := range a.LogProbs {
			if l <= impossible {
				return nil, fmt.Errorf("remote: row %d: token %d has the probability 0, so the row has no score: drop the row", of[k], j)
			}
			to := size
			if j+1 < len(a.Offsets) {
				to = a.Offsets[j+1]
			}
			all[of[k]] = append(all[of[k]], undertone.TokenLogProb{ID: -1, Token: a.Tokens[j], From: max(0, a.Offsets[j]), To: max(0, to), LogProb: l})
		}
	}
	return all, nil
}
