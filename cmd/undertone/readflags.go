package main

import (
	"fmt"
	"io"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/jsonl"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
)

// readFlags say how rows are read.
type readFlags struct {
	As        jsonl.Shape `placeholder:"SHAPE" help:"Shape to read, for rows that have several; docs/rows.md lists the shapes."`
	Turns     string      `placeholder:"TURNS" enum:"all,last" default:"all" help:"Turns of the assistant that training learns and scoring scores: all, or the last (default ${default})."`
	Tokenizer string      `file:"read" placeholder:"DIR" help:"Tokenizer of rows of token IDs (input_ids), which are then read as text: a file or a folder."`
}

// options returns the options of a reader. The fields that it does not read are counted in c.
func (f readFlags) options(c console) ([]jsonl.Option, error) {
	opts, err := f.writing()
	if f.Turns == undertone.LastTurn.String() {
		opts = append(opts, jsonl.Turns(undertone.LastTurn))
	}
	return append(opts, jsonl.CountUnread(c.unread)), err
}

// reading describes the options that change the row IDs of the output; see [jsonl.Reading].
func (f readFlags) reading() string {
	var opts []jsonl.Option
	if f.As != "" {
		opts = append(opts, jsonl.As(f.As))
	}
	if f.Turns == undertone.LastTurn.String() {
		opts = append(opts, jsonl.Turns(undertone.LastTurn))
	}
	return jsonl.Reading(opts...)
}

// writing returns the options of a writer of rows that were read: without the shape it could not
// write a changed row of several shapes.
func (f readFlags) writing() (opts []jsonl.Option, err error) {
	if f.As != "" {
		opts = append(opts, jsonl.As(f.As))
	}
	if f.Tokenizer != "" {
		t, err := tokenizer.Load(f.Tokenizer)
		if err != nil {
			return nil, fmt.Errorf("--tokenizer: %w", err)
		}
		opts = append(opts, jsonl.Detokenise(func(ids []int32) (string, error) { return detokenise(t, ids) }))
	}
	return opts, nil
}

// detokenise returns the text of tokens.
func detokenise(t *tokenizer.Tokenizer, ids []int32) (string, error) {
	for _, id := range ids {
		if id < 0 || int(id) >= t.Len() {
			return "", fmt.Errorf("token %d is not in the vocabulary of %d tokens", id, t.Len())
		}
	}
	return t.Decode(ids), nil
}

// writeUnread says which fields of rows no verb reads, in one line.
func writeUnread(w io.Writer, u *jsonl.Unread) {
	if text := u.String(); text != "" {
		fmt.Fprintln(w, "undertone:", escape.Text(text))
	}
}

// longRowsFlag is the rule for rows that are longer than the context of a model.
type longRowsFlag struct {
	LongRows string `placeholder:"RULE" enum:"cut,skip,refuse" default:"cut" help:"Rule for rows that are longer than the context of the model: cut them at the end, skip them, or refuse the data (default ${default})."`
}

// limit sets the rule of a model. The rule of a saved model stays, unless the flag says otherwise.
func (f longRowsFlag) limit(m *lm.Model) (*lm.Model, error) {
	if f.LongRows == "" || f.LongRows == lm.CutRows.String() {
		return m, nil
	}
	rule, err := lm.LongRowsNamed(f.LongRows)
	if err != nil {
		return nil, fmt.Errorf("--long-rows: %w", err)
	}
	return m.WithLongRows(rule)
}
