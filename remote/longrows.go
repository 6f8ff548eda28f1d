package remote

import (
	"context"
	"fmt"
	"sync"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm"
)

// maxTokens returns the most tokens of a row that is scored, or 0 if the server does not say. The
// server generates one token after it.
func (s *Scorer) maxTokens() int { return max(0, s.Context()-1) }

// shorten applies the rule for long rows, and reports whether the row is longer than the server
// reads.
func (s *Scorer) shorten(t lm.Tokens) (short lm.Tokens, long bool, err error) {
	most, rule := s.maxTokens(), s.server.config.LongRows
	if most == 0 || len(t.IDs) <= most {
		return t, t.Cut, nil
	}
	switch rule {
	case lm.RefuseRows:
		return t, true, fmt.Errorf("the row has %d tokens, and the server reads at most %d: drop longer rows, choose another rule for them, or start the server with a longer context", len(t.IDs), most)
	case lm.SkipRows:
		return lm.Tokens{IDs: t.IDs[:most:most], Cut: true}, true, nil
	}
	short = lm.Tokens{IDs: t.IDs[:most:most], Cut: true}
	for _, r := range t.Learnt {
		if r.From < most {
			short.Learnt = append(short.Learnt, lm.TokenRange{From: r.From, To: min(r.To, most)})
		}
	}
	return short, true, nil
}

// CountLongRows implements [undertone.RowLimiter]. Of a server that takes text, or that does not
// say how much it reads, no row is long.
func (s *Scorer) CountLongRows(ctx context.Context, rows undertone.Text) (undertone.LongRows, error) {
	found := undertone.LongRows{Rule: s.server.config.LongRows.String(), Limit: s.maxTokens()}
	if !s.TakesTokens() || found.Limit == 0 {
		return found, nil
	}
	const atOnce = 512
	for from := 0; from < rows.Len(); from += atOnce {
		part := make([]undertone.Example, 0, atOnce)
		for i := from; i < min(from+atOnce, rows.Len()); i++ {
			row, err := undertone.ReadExample(rows, i)
			if err != nil {
				return found, err
			}
			part = append(part, row)
		}
		encoded, err := s.Encode(ctx, part)
		if err != nil {
			return found, fmt.Errorf("rows from %d of %s: %w", from, rows.Name(), err)
		}
		for _, t := range encoded {
			count(&found, t)
		}
	}
	return found, nil
}

func count(found *undertone.LongRows, t lm.Tokens) {
	if t.Cut {
		if found.Rows++; t.Scored() == 0 {
			found.Lost++
		}
	}
}

// longRows counts the rows that were encoded.
type longRows struct {
	mu    sync.Mutex
	found undertone.LongRows
}

func (l *longRows) add(t lm.Tokens) {
	l.mu.Lock()
	defer l.mu.Unlock()
	count(&l.found, t)
}

// LongRows counts the long rows among the rows that were encoded so far. A row that is scored twice
// counts twice.
func (s *Scorer) LongRows() undertone.LongRows {
	s.long.mu.Lock()
	defer s.long.mu.Unlock()
	found := s.long.found
	found.Rule, found.Limit = s.server.config.LongRows.String(), s.maxTokens()
	return found
}
