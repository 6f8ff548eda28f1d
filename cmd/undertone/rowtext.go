package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/jsonl"
)

// shownRow is a row that --row or --from-report prints.
type shownRow struct {
	rowReference
	File     string              `json:"file"`
	ID       undertone.Digest    `json:"id"`
	PromptID undertone.Digest    `json:"prompt_id"`
	Line     int                 `json:"line"`   // from 1
	Offset   int64               `json:"offset"` // of the line in the decompressed text, in bytes
	Bytes    int                 `json:"bytes"`  // of the line without its end
	Shape    jsonl.Shape         `json:"shape"`
	Messages []undertone.Message `json:"messages"`
	Learnt   []int               `json:"learnt"` // indices of the messages that training learns
	Rejected string              `json:"rejected,omitempty"`
	Label    *bool               `json:"label,omitempty"`
	Tools    string              `json:"tools,omitempty"`

	Generator string         `json:"generator,omitempty"`
	Meta      map[string]any `json:"metadata,omitempty"` // JSON values
}

func newShownRow(path string, ref rowReference, row jsonl.Row) *shownRow {
	s := &shownRow{
		rowReference: ref, File: path, ID: row.ID(), PromptID: row.PromptID(),
		Line: row.Line, Offset: row.Offset, Bytes: len(row.Source), Shape: row.Shape,
		Messages: row.Messages, Learnt: append([]int{}, row.Learnt()...), Rejected: row.Rejected, Label: row.Label, Tools: row.Tools, Generator: row.Generator,
	}
	if len(row.Meta) > 0 {
		s.Meta = make(map[string]any, len(row.Meta))
		for name, value := range row.Meta {
			s.Meta[name] = value
		}
	}
	return s
}

// write writes the row as text, at most clip characters of each message; 0 is no limit.
func (s *shownRow) write(w io.Writer, clip int) error {
	t := &textWriter{w: w}
	t.printf("row %d of %s: line %d, offset %d, %d bytes, shape %s\n", s.Index, escape.Text(s.File), s.Line, s.Offset, s.Bytes, s.Shape)
	if s.Score != nil {
		t.field("score", fmt.Sprintf("%+.3f", *s.Score), 0)
	}
	t.field("id", s.ID.String(), 0)
	t.field("prompt", s.PromptID.String(), 0)
	if s.Generator != "" {
		t.field("generator", s.Generator, clip)
	}
	if len(s.Meta) > 0 {
		t.field("metadata", strings.Join(slices.Sorted(maps.Keys(s.Meta)), ", "), clip)
	}
	if s.Label != nil {
		t.field("label", fmt.Sprint(*s.Label), 0)
	}
	if s.Tools != "" {
		t.field("tools", s.Tools, clip)
	}
	for i, m := range s.Messages {
		t.message(m, slices.Contains(s.Learnt, i), clip)
	}
	if s.Rejected != "" {
		t.field("rejected", s.Rejected, clip)
	}
	return t.err
}

// textWriter writes text and keeps the first error.
type textWriter struct {
	w   io.Writer
	err error
}

func (t *textWriter) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, args...)
	}
}

// message writes a message. A star marks a turn that training learns.
func (t *textWriter) message(m undertone.Message, learnt bool, clip int) {
	if m.Reasoning != "" {
		t.field("reasoning", m.Reasoning, clip)
	}
	star := ""
	if learnt {
		star = " *"
	}
	if m.Content != "" || len(m.ToolCalls) == 0 {
		t.field(m.Role+star, m.Content, clip)
	}
	for _, c := range m.ToolCalls {
		t.field("call"+star, c.Name+" "+c.Arguments, clip)
	}
}

// field writes a label and a text. The lines of the text are indented, so that none looks like a
// label.
func (t *textWriter) field(label, text string, clip int) {
	for i, line := range strings.Split(clipped(text, clip), "\n") {
		if i > 0 {
			label = ""
		}
		t.printf("%s\n", strings.TrimRight(fmt.Sprintf("  %-11s %s", shorten(label), escape.Lines(line)), " "))
	}
}

// clipped returns the first n characters of a text, and says how many follow; 0 is no limit.
func clipped(text string, n int) string {
	if n == 0 {
		return text
	}
	at := 0
	for i := range text {
		if at++; at > n {
			return fmt.Sprintf("%s … (%d more characters)", text[:i], utf8.RuneCountInString(text[i:]))
		}
	}
	return text
}
