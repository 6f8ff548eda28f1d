package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/undertone-audit/undertone"
)

// runServer scores rows with a model behind a server, as it reads them.
func (v *scoreVerb) runServer(ctx context.Context, c console) (err error) {
	m, err := v.scorer(ctx, c, "--model", v.Model, v.templateFlag, v.longRowsFlag)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	out, err := create(v.Out, c.stdout)
	if err != nil {
		return err
	}
	defer out.abandon()
	opts, err := v.options(c)
	if err != nil {
		return err
	}
	in := &inputs{paths: v.In, stdin: c.stdin, opts: opts}
	student := m.Model.(interface {
		Digest() undertone.Digest
		Engine() string
	})
	s := scoreSummary{In: v.In, Model: m.Name(), Digest: student.Digest(), Engine: student.Engine(), Warnings: append([]string{}, m.caveats...)}
	bar := newProgress(c, "score", in)
	err = s.scoreServed(ctx, m.Model.(undertone.TokenLogProber), in, out)
	bar.stop()
	if err == nil {
		err = errors.Join(out.flush(), ctx.Err())
	}
	if err == nil {
		err = out.commit()
	}
	if err != nil {
		return err
	}
	s.Server = m.usage()
	if l, ok := m.Model.(interface{ LongRows() undertone.LongRows }); ok {
		if s.Long = l.LongRows(); s.Long.Rows > 0 {
			s.Warnings = append(s.Warnings, s.Long.Warning())
		}
	}
	return v.summarise(c, s)
}

// servedAtOnce is the number of rows that a server is given at a time. The client divides them into
// requests.
const servedAtOnce = 1024

// scoreServed scores the rows of all files.
func (s *scoreSummary) scoreServed(ctx context.Context, m undertone.TokenLogProber, in *inputs, out *output) error {
	var rows []undertone.Example
	flush := func() error {
		logs, err := m.TokenLogProbs(ctx, rows)
		if err != nil {
			return err
		}
		for i, tokens := range logs {
			if err := s.writeServed(rows[i].ID(), tokens, out); err != nil {
				return err
			}
		}
		rows = rows[:0]
		if out.path == standard {
			return out.explain(out.buffer.Flush())
		}
		return nil
	}
	for block, err := range in.blocks() {
		if err != nil {
			return err
		}
		for row, err := range block.Rows() {
			if err != nil {
				return err
			}
			if rows = append(rows, row.Example); len(rows) == servedAtOnce {
				if err := flush(); err != nil {
					return err
				}
			}
		}
	}
	return flush()
}

// writeServed writes the score of a row.
func (s *scoreSummary) writeServed(id undertone.Digest, tokens []undertone.TokenLogProb, out *output) error {
	score := rowScore{ID: id, Index: s.Rows, Tokens: len(tokens)}
	for _, t := range tokens {
		score.LogProb += t.LogProb
	}
	if math.IsNaN(score.LogProb) || math.IsInf(score.LogProb, 0) {
		return fmt.Errorf("row %d: the log-probability is %v", s.Rows, score.LogProb)
	}
	line, err := json.Marshal(score)
	if err != nil {
		return err
	}
	s.Rows, s.Tokens, s.LogProb = s.Rows+1, s.Tokens+score.Tokens, s.LogProb+score.LogProb
	return out.write(append(line, '\n'))
}
