package doctor

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
)

// tail is the number of tokens at the end of a long row that its beginning must change.
const tail = 16

// beginnings is check 5. It scores a long row, and the same row with the tokens of its first
// question in the opposite order.
func (s *session) beginnings(ctx context.Context) (string, error) {
	row, logs, err := s.long(ctx)
	if err != nil {
		return "", err
	}
	if cutOff(logs) != nil {
		return "", fmt.Errorf("%w: check 6 finds that the scores are cut off", errSkip)
	}
	begin := len(s.rows[0])
	if len(row) < begin+2*tail {
		return "", fmt.Errorf("%w: the server reads %d tokens, too few for a beginning and an end", errSkip, len(row))
	}
	again, err := one(ctx, s.Scorer, row)
	if err != nil {
		return "", err
	}
	other := slices.Clone(row)
	slices.Reverse(other[1:begin])
	changed, err := one(ctx, s.Scorer, other)
	if err != nil {
		return "", err
	}
	return far(logs[begin:], again[begin:], changed[begin:])
}

// textBeginnings is check 5 of a server that takes text.
func (s *session) textBeginnings(ctx context.Context) (string, error) {
	end := strings.Repeat(" "+strings.Join(s.Answers, " "), 8)
	var logs [3][]float64
	for i, a := range []string{s.Answers[0], s.Answers[0], s.Answers[len(s.Answers)-1]} {
		var err error
		if _, logs[i], err = s.Text.ScoreText(ctx, s.Prompt+" "+a, end); err != nil {
			return "", err
		}
	}
	if n := len(logs[0]); n < 2*tail || len(logs[1]) != n || len(logs[2]) != n {
		return "", fmt.Errorf("%w: one text has %d, %d and %d tokens", errSkip, n, len(logs[1]), len(logs[2]))
	}
	return far(logs[0], logs[1], logs[2])
}

// far compares the scores of one text after two beginnings. again holds the scores after the first
// beginning once more, whose difference is rounding.
func far(logs, again, changed []float64) (string, error) {
	least, last := max(smallestDifference, 3*distance(logs, again)), -1
	for i := range logs {
		if logs[i] != changed[i] && !(math.Abs(logs[i]-changed[i]) <= least) {
			last = i
		}
	}
	if n := len(logs) - 1 - last; n >= tail {
		return "", fmt.Errorf("another beginning changes scores up to %d tokens later, and none of the %d tokens that follow: the server ignores the tokens before", last+1, n)
	}
	return fmt.Sprintf("another beginning changes scores %d tokens later", last+1), nil
}
