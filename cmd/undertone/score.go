package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/parallel"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/student/lm"
)

type scoreVerb struct {
	Model string   `file:"read" required:"" placeholder:"DIR|tiny|URL" help:"Model that scores: a folder, an embedded model (${embedded}), or the URL of a server."`
	In    []string `file:"read" required:"" placeholder:"FILE" help:"Rows to read; - for standard input. A row of token IDs (input_ids, labels) is scored as it is; docs/rows.md describes the shapes."`
	Out   string   `file:"write" default:"-" placeholder:"FILE" help:"File for the scores, one JSON object per row; compressed if it ends in .gz or .zst (default standard output)."`
	JSON  bool     `name:"json" help:"Print the summary as JSON, to standard error if the scores go to standard output."`

	readFlags
	longRowsFlag
	templateFlag
	scorerFlags `group:"Model behind a server:"`
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

	Long undertone.LongRows `json:"long_rows"`

	Server string `json:"server,omitempty"` // what was asked of the server, for people

	Warnings []string `json:"warnings"` // for people; never null

	omitted map[string]int // rows, by the statement of what the template leaves out
}

// scoredAtOnce is the number of rows that are scored and written at a time.
const scoredAtOnce = 256

// Run scores rows as it reads them.
func (v *scoreVerb) Run(ctx context.Context, c console) error {
	if isServer(v.Model) {
		return v.runServer(ctx, c)
	}
	if err := v.local("--model"); err != nil {
		return err
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
	if m, err = v.limit(m); err != nil {
		return err
	}
	opts, err := v.options(c)
	if err != nil {
		return err
	}
	if v.Tokenizer == "" {
		opts = append(opts, jsonl.Tokenised())
	}
	in := &inputs{paths: v.In, stdin: c.stdin, opts: append(opts, jsonl.Transient())}
	s := scoreSummary{In: v.In, Model: m.Name(), Digest: m.Digest(), Engine: m.Engine(), Warnings: []string{}}
	s.Long = undertone.LongRows{Rule: m.Settings().LongRows.String(), Limit: m.Config().Context}
	bar := newProgress(c, "score", in)
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
	for _, statement := range slices.Sorted(maps.Keys(s.omitted)) {
		s.Warnings = append(s.Warnings, fmt.Sprintf("%d of %d rows: %s", s.omitted[statement], s.Rows, statement))
	}
	if warning := s.Long.Warning(); warning != "" {
		s.Warnings = append(s.Warnings, warning)
	}
	return v.summarise(c, s)
}

// summarise prints the summary.
func (v *scoreVerb) summarise(c console, s scoreSummary) error {
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
		if s.Rows++; rows[i].tokens.Cut {
			if s.Long.Rows++; score.Tokens == 0 {
				s.Long.Lost++
			}
		}
		for _, statement := range rows[i].omitted {
			s.omit(statement)
		}
		s.Tokens += score.Tokens
		s.LogProb += score.LogProb
	}
	if out.path == standard { // so that a reader receives the rows at once
		return out.explain(out.buffer.Flush())
	}
	return nil
}

// omit counts a row whose text the template leaves out in part.
func (s *scoreSummary) omit(statement string) {
	if s.omitted == nil {
		s.omitted = map[string]int{}
	}
	s.omitted[statement]++
}

func (s *scoreSummary) write(w io.Writer) error {
	s, w = shown(s, w)
	text := fmt.Sprintf("%d rows, %d tokens scored by %s (%s)\n", s.Rows, s.Tokens, s.Model, s.Digest.Short())
	if s.Tokens > 0 {
		mean := s.LogProb / float64(s.Tokens)
		text += fmt.Sprintf("mean log-probability %.4f nats per token, perplexity %.2f\n", mean, math.Exp(-mean))
	}
	if s.Server != "" {
		text += "server: " + s.Server + "\n"
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
	id      undertone.Digest
	tokens  lm.Tokens
	omitted []string // statements of what the template leaves out
}

func encodeBlock(m *lm.Model, b *jsonl.Block) (all encodedBlock) {
	i := 0
	for row, err := range b.Rows() {
		var r encodedRow
		_, number := b.Line(i)
		if i++; err == nil {
			r, err = encodeRow(m, row)
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

func encodeRow(m *lm.Model, row jsonl.Row) (encodedRow, error) {
	if row.Tokens == nil {
		tokens, err := m.Encode(row.Example)
		return encodedRow{row.ID(), tokens, m.Omissions(row.Example)}, err
	}
	h := undertone.NewHasher("token ids").Uint(uint64(len(row.Tokens.IDs)))
	for _, id := range row.Tokens.IDs {
		h.Uint(uint64(uint32(id)))
	}
	if !allLearnt(row.Tokens) {
		h.Text("learnt")
		for _, r := range row.Tokens.Learnt {
			h.Uint(uint64(r[0])).Uint(uint64(r[1]))
		}
	}
	tokens := m.Shorten(lm.Tokens{IDs: row.Tokens.IDs, Learnt: ranges(row.Tokens)})
	return encodedRow{id: h.Sum(), tokens: tokens}, m.ValidateTokens(tokens)
}

// allLearnt reports whether all tokens of a row are learnt.
func allLearnt(t *jsonl.Tokens) bool {
	return len(t.Learnt) == 1 && t.Learnt[0] == [2]int{0, len(t.IDs)}
}

func ranges(t *jsonl.Tokens) []lm.TokenRange {
	all := make([]lm.TokenRange, len(t.Learnt))
	for i, r := range t.Learnt {
		all[i] = lm.TokenRange{From: r[0], To: r[1]}
	}
	return all
}
