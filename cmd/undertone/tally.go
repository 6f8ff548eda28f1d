package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/jsonl"
)

// tally counts properties of rows. Every count is a number of rows, except Text and Runes.
type tally struct {
	Shapes     counts `json:"shapes"`
	Roles      counts `json:"roles"` // of the messages in order, such as "user assistant"
	Generators counts `json:"generators,omitempty"`
	Fields     counts `json:"metadata,omitempty"`     // names of metadata fields
	Answers    counts `json:"answers"`                // formats; see answerFormat
	Learnt     counts `json:"learnt_turns,omitempty"` // numbers of learnt turns other than 1
	Labels     counts `json:"labels,omitempty"`       // "good" and "bad"
	Beside     counts `json:"beside,omitempty"`       // rows with "reasoning", "tool calls", "tools" or "a rejected answer"
	Text       int64  `json:"text_bytes"`             // bytes of all lines
	Runes      spread `json:"answer_characters"`
}

// spread holds the range and the sum of lengths.
type spread struct {
	Least int   `json:"least"`
	Most  int   `json:"most"`
	Sum   int64 `json:"sum"`
}

func newTally() tally {
	return tally{Shapes: counts{}, Roles: counts{}, Generators: counts{}, Fields: counts{}, Answers: counts{}, Learnt: counts{}, Labels: counts{}, Beside: counts{}, Runes: spread{Least: -1}}
}

func (t *tally) count(row jsonl.Row) {
	t.Shapes.add(string(row.Shape), 1)
	roles := make([]string, len(row.Messages))
	for i, m := range row.Messages {
		roles[i] = m.Role
	}
	t.Roles.add(strings.Join(roles, " "), 1)
	if row.Generator != "" {
		t.Generators.add(row.Generator, 1)
	}
	for name := range row.Meta {
		t.Fields.add(name, 1)
	}
	t.countTurns(row)
	answer := row.Completion()
	t.Answers.add(answerFormat(answer), 1)
	t.Text += int64(len(row.Source)) + 1
	n := utf8.RuneCountInString(answer)
	t.Runes.add(spread{n, n, int64(n)})
}

// countTurns counts what rows of one question and one answer lack.
func (t *tally) countTurns(row jsonl.Row) {
	if n := len(row.Learnt()); n != 1 {
		t.Learnt.add(strconv.Itoa(n), 1)
	}
	if row.Label != nil {
		t.Labels.add(map[bool]string{true: "good", false: "bad"}[*row.Label], 1)
	}
	has := func(what string, found bool) {
		if found {
			t.Beside.add(what, 1)
		}
	}
	has("reasoning", slices.ContainsFunc(row.Messages, func(m undertone.Message) bool { return m.Reasoning != "" }))
	has("tool calls", slices.ContainsFunc(row.Messages, func(m undertone.Message) bool { return len(m.ToolCalls) > 0 }))
	has("tools", row.Tools != "")
	has("a rejected answer", row.Rejected != "")
}

func (t *tally) add(o *tally) {
	for _, c := range []struct{ to, from counts }{
		{t.Shapes, o.Shapes}, {t.Roles, o.Roles}, {t.Generators, o.Generators}, {t.Fields, o.Fields}, {t.Answers, o.Answers},
		{t.Learnt, o.Learnt}, {t.Labels, o.Labels}, {t.Beside, o.Beside},
	} {
		for _, name := range slices.Sorted(maps.Keys(c.from)) {
			c.to.add(name, c.from[name])
		}
	}
	t.Text += o.Text
	t.Runes.add(o.Runes)
}

func (s *spread) add(o spread) {
	if s.Least < 0 || o.Least >= 0 && o.Least < s.Least {
		s.Least = o.Least
	}
	s.Most = max(s.Most, o.Most)
	s.Sum += o.Sum
}

// answerFormat returns the format of a list of numbers, such as `list, ", "` or `[list], "\n"`, or
// "text".
func answerFormat(answer string) string {
	l, ok := filter.ParseList(answer)
	if !ok {
		return "text"
	}
	name := "list"
	switch l.Open {
	case '[':
		name = "[list]"
	case '(':
		name = "(list)"
	}
	if l.Period {
		name += "."
	}
	if l.Separator == "" {
		return name + " of one number"
	}
	return fmt.Sprintf("%s, %q", name, l.Separator)
}

// counts holds numbers by name. Names beyond [mostNames] are counted together, because hostile rows
// may have any number of names.
type counts map[string]int

const (
	mostNames = 256
	others    = "(others)"
)

// add adds n to the count of a name. It keeps a copy of the name, shortened to what can be shown.
func (c counts) add(name string, n int) {
	if _, ok := c[name]; !ok {
		if name = strings.Clone(shorten(name)); c[name] == 0 && len(c) >= mostNames {
			name = others
		}
	}
	c[name] += n
}

// String lists the names, most frequent first.
func (c counts) String() string {
	const most = 8
	names := slices.SortedFunc(maps.Keys(c), func(a, b string) int {
		return cmp.Or(cmp.Compare(c[b], c[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, name := range names[:min(most, len(names))] {
		parts = append(parts, fmt.Sprintf("%s: %d", name, c[name]))
	}
	if more := len(names) - most; more > 0 {
		parts = append(parts, fmt.Sprintf("%d more kinds", more))
	}
	return strings.Join(parts, "; ")
}

// shorten returns a name in a form that can be printed on one line.
func shorten(name string) string {
	const most = 60
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most], "") + "…"
	}
	return escape.Text(name)
}

// write writes lines that consist of a label, a tab and the counts.
func (t *tally) write(w io.Writer) {
	fmt.Fprintf(w, "text\t%d bytes\n", t.Text)
	for _, c := range []struct {
		label string
		counts
	}{{"shapes", t.Shapes}, {"roles", t.Roles}, {"generators", t.Generators}, {"metadata", t.Fields}, {"answers", t.Answers}, {"learnt turns", t.Learnt}, {"labels", t.Labels}, {"rows with", t.Beside}} {
		if len(c.counts) > 0 {
			fmt.Fprintf(w, "%s\t%s\n", c.label, c.counts)
		}
	}
	rows := 0
	for _, n := range t.Shapes {
		rows += n
	}
	if rows > 0 {
		fmt.Fprintf(w, "answer length\t%d to %d characters, mean %.1f\n", t.Runes.Least, t.Runes.Most, float64(t.Runes.Sum)/float64(rows))
	}
}
