package doctor

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/undertone-audit/undertone/remote"
)

// Lengths of a long row, in tokens.
const (
	chunkSplit  = 1024 // at which servers split a prompt
	shortestRow = 64   // that counts as long
)

// long returns a row of more than 1,024 tokens, or of as many as the server reads, and its scores.
// A server that does not say how many it reads is asked for half as many until it answers. The row
// is the same for all checks, and is scored once here.
func (s *session) long(ctx context.Context) ([]int32, []float64, error) {
	if s.longRow != nil {
		return s.longRow, s.longLogs, nil
	}
	n := chunkSplit + 64
	if s.Context > 0 {
		n = min(n, s.Context-1)
	}
	for ; ; n /= 2 {
		row := s.rowOf(n)
		logs, err := one(ctx, s.Scorer, row)
		var failed *remote.Error
		if n/2 >= shortestRow && s.Context <= 0 && errors.As(err, &failed) && failed.Status == http.StatusBadRequest {
			continue
		}
		if err == nil {
			s.longRow, s.longLogs = row, logs
		}
		return row, logs, err
	}
}

// rowOf returns a row of n tokens: the question with each answer, one after the other.
func (s *session) rowOf(n int) []int32 {
	row := slices.Clone(s.rows[0])
	for i := 1; len(row) < n; i++ {
		row = append(row, s.rows[i%len(s.rows)][1:]...)
	}
	return row[:max(2, n)]
}
