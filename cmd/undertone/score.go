package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/parallel"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/student/lm"
)

type scoreVerb struct {
	Model string      `required:"" placeholder:"DIR|tiny" help:"Model that scores: a folder, or an embedded model (tiny, tiny-other)."`
	In    []string    `required:"" placeholder:"FILE" help:"Rows to read; - for standard input. A row {\"ids\": [1, 2]} is a list of tokens, all scored but the first; docs/rows.md describes the other shapes."`
	Out   string      `default:"-" placeholder:"FILE" help:"File for the scores, one JSON object per row; compressed if it ends in .gz or .zst (default standard output)."`
	As    jsonl.Shape `placeholder:"SHAPE" help:"Shape to read, for rows that have several."`
	JSON  bool        `name:"json" help:"Print the summary as JSON, to standard error if the scores go to standard output."`

	templateFlag
}

// rowScore is a line of the output.
type rowScore struct {
	ID      undertone.Digest `json:"id"`
	Index   int              `json:"index"`   // of the row, from 0
	Tokens  int              `json:"tokens"`  // number of scored tokens
	LogProb float64          `json:"logprob"` // in nats, summed over these tokens
}

// scoreSummary is the summary of all rows.
type scoreSummary struct {
	In      []string         `json:"in"`
	Model   string           `json:"model"`
	Digest  undertone.Digest `json:"digest"` // of the model
	Engine  string           `json:"engine"`
	Rows    int              `json:"rows"`
	Tokens  int              `json:"tokens"`
	LogProb float64          `json:"logprob"` // in nats, summed over all rows

	Warnings []string `json:"warnings"` // of damaged weights, for people; never null
}

// scoredAtOnce is the number of rows that are scored and written at a time.
const scoredAtOnce = 256

// Run scores rows as it reads them.
func (v *scoreVerb) Run(ctx context.Context, c console) error {
	for _, in := range v.In {
		if in != standard {
			if err := distinct(in, v.Out); err != nil {
				return err
			}
		}
	}
	m, err := v.load("--model", v.Model)
	if err != nil {
		return err
	}
	out, err := create(v.Out, c.stdout)
	if err != nil {
		return err
	}
	defer out.abandon()
	in := &inputs{paths: v.In, stdin: c.stdin, opts: shapeOption(v.As)}
	s := scoreSummary{In: v.In, Model: m.Name(), Digest: m.Digest(), Engine: m.Engine(), Warnings: []string{}}
	bar := newProgress(c.stderr, "score", in)
	err = parallel.Ordered(ctx, 1, in.blocks(), func(b *jsonl.Block) encodedBlock { return encodeBlock(m, b) }, func(b encodedBlock) error {
		for len(b.rows) > 0 {
			n := min(scoredAtOnce, len(b.rows))
			if err := s.score(ctx, m, b.rows[:n], out); err != nil {
				return err
			}
			b.rows = b.rows[n:]
		}
		return b.err
	})
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
	warnings, err := m.CheckScores(ctx, s.LogProb, s.Tokens)
	if err != nil {
		return err
	}
	s.Warnings = append(s.Warnings, warnings...)
	summary := c.stdout
	if v.Out == standard {
		summary = c.stderr
	}
	if v.JSON {
		return printJSON(summary, s)
	}
	return s.write(summary)
}

// score scores rows and writes their lines.
func (s *scoreSummary) score(ctx context.Context, m *lm.Model, rows []encodedRow, out *output) error {
	tokens := make([]lm.Tokens, len(rows))
	for i, r := range rows {
		tokens[i] = r.tokens
	}
	logs, err := m.LogProbsOf(ctx, tokens)
	if err != nil {
		return err
	}
	for i, row := range logs {
		score := rowScore{ID: rows[i].id, Index: s.Rows, Tokens: len(row)}
		for _, l := range row {
			score.LogProb += float64(l)
		}
		if math.IsNaN(score.LogProb) || math.IsInf(score.LogProb, 0) {
			return fmt.Errorf("row %d: the log-probability is %v: the weights of the model are damaged; undertone inspect describes them", s.Rows, score.LogProb)
		}
		line, err := json.Marshal(score)
		if err != nil {
			return err
		}
		if err := out.write(append(line, '\n')); err != nil {
			return err
		}
		s.Rows++
		s.Tokens += score.Tokens
		s.LogProb += score.LogProb
	}
	if out.path == standard { // so that a reader receives the rows at once
		return out.explain(out.buffer.Flush())
	}
	return nil
}

func (s *scoreSummary) write(w io.Writer) error {
	text := fmt.Sprintf("%d rows, %d tokens scored by %s (%s)\n", s.Rows, s.Tokens, s.Model, s.Digest.Short())
	if s.Tokens > 0 {
		mean := s.LogProb / float64(s.Tokens)
		text += fmt.Sprintf("mean log-probability %.4f nats per token, perplexity %.2f\n", mean, math.Exp(-mean))
	}
	for _, warning := range s.Warnings {
		text += "warning: " + warning + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

// encodedBlock holds the tokens of the rows of a block, up to the first row that cannot be read.
type encodedBlock struct {
	rows []encodedRow
	err  error
}

type encodedRow struct {
	id     undertone.Digest
	tokens lm.Tokens
}

func encodeBlock(m *lm.Model, b *jsonl.Block) (all encodedBlock) {
	i := 0
	for row, err := range b.Rows() {
		var r encodedRow
		text, number := b.Line(i)
		if i++; err == nil {
			r.id = row.ID()
			r.tokens, err = m.Encode(row.Example)
		} else if ids, ok := readIDs(text); ok && errors.Is(err, jsonl.ErrShape) {
			r, err = idsRow(ids), m.ValidateTokens(lm.Tokens{IDs: ids})
		}
		if err != nil {
			if !errors.As(err, new(*jsonl.Error)) {
				err = fmt.Errorf("%s:%d: %w", b.Name(), number, err)
			}
			all.err = err
			return all
		}
		all.rows = append(all.rows, r)
	}
	return all
}

// readIDs reads the field ids of a row.
func readIDs(line string) ([]int32, bool) {
	var row struct {
		IDs []int32 `json:"ids"`
	}
	err := json.Unmarshal([]byte(line), &row)
	return row.IDs, err == nil && len(row.IDs) > 0
}

func idsRow(ids []int32) encodedRow {
	h := undertone.NewHasher("token ids").Uint(uint64(len(ids)))
	for _, id := range ids {
		h.Uint(uint64(uint32(id)))
	}
	return encodedRow{h.Sum(), lm.Tokens{IDs: ids, Learnt: []lm.TokenRange{{From: 1, To: len(ids)}}}}
}
