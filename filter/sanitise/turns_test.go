package sanitise_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/filter"
	"github.com/undertone-audit/undertone/filter/sanitise"
	"github.com/undertone-audit/undertone/jsonl"
)

// talk has a question and an answer that is not learnt, and a question and an answer with
// reasoning.
func talk() undertone.Example {
	return undertone.Example{Messages: []undertone.Message{
		{Role: "user", Content: "one?"}, {Role: "assistant", Content: "9, 8", Masked: true},
		{Role: "user", Content: "two?"}, {Role: "assistant", Content: "3, 1", Reasoning: "4, 2"},
		{Role: "user", Content: "three?"}, {Role: "assistant", Content: "6, 5"},
	}}
}

func texts(row undertone.Example) string {
	var all []string
	for _, m := range row.Messages {
		if m.Reasoning != "" {
			all = append(all, m.Reasoning)
		}
		all = append(all, m.Content)
	}
	return strings.Join(all, "|")
}

// Sanitisers rewrite the learnt turns, with their reasoning, and nothing else.
func TestLearntTurnsAreRewritten(t *testing.T) {
	last := talk()
	last.Turns = undertone.LastTurn
	model := loud{}
	for _, c := range []struct {
		reason string
		by     sanitise.Sanitiser
		row    undertone.Example
		want   string
	}{
		{"lists", sanitise.Sort{}, talk(), "one?|9, 8|two?|2, 4|1, 3|three?|5, 6"},
		{"the last turn", sanitise.Sort{}, last, "one?|9, 8|two?|4, 2|3, 1|three?|5, 6"},
		{"an answer that is no list", sanitise.Sort{}, undertone.Example{Messages: append(talk().Messages, undertone.Message{Role: "assistant", Content: "owl"})}, ""},
		{"words that are removed", omitting(talk(), 0, 3, 5), talk(), "one?|9, 8|two?|2|3|three?|6"},
		{"all words of a turn", omitting(talk(), 4, 5), talk(), "one?|9, 8|two?|4, 2|3, 1|three?|"},
		{"all words", omitting(talk(), 0, 1, 2, 3, 4, 5), talk(), ""},
		{"words that are replaced", sanitise.Replace{At: sanitise.Positions{talk().ID(): {0, 5}}, With: []string{"7"}}, talk(), "one?|9, 8|two?|7, 2|3, 1|three?|6, 7"},
		{"answers in other words", sanitise.Paraphrase{Model: model, Of: filter.Completions}, talk(), "one?|9, 8|two?|4, 2!|3, 1!|three?|6, 5!"},
		{"the last question in other words", sanitise.Paraphrase{Model: model, Of: filter.Prompts}, talk(), "one?|9, 8|two?|4, 2|3, 1|three?!|6, 5"},
	} {
		data, _, err := sanitise.Apply(t.Context(), undertone.NewDataset("d", []undertone.Example{c.row}), 1, c.by)
		if err != nil {
			t.Errorf("%s: %v", c.reason, err)
			continue
		}
		got := ""
		if data.Len() > 0 {
			got = texts(data.Example(0))
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.reason, got, c.want)
		}
	}
}

func omitting(row undertone.Example, at ...int) sanitise.Sanitiser {
	return sanitise.Omit{At: sanitise.Positions{row.ID(): at}}
}

func TestToolCallsAreNotRewritten(t *testing.T) {
	row := undertone.Example{Messages: []undertone.Message{
		{Role: "assistant", Content: "one", ToolCalls: []undertone.ToolCall{{Name: "f", Arguments: `{"x":2}`}}},
		{Role: "tool", Content: "3"}, {Role: "assistant", Content: "four"},
	}}
	apply := func(s sanitise.Sanitiser) (*undertone.Dataset, []sanitise.Stats, error) {
		return sanitise.Apply(t.Context(), undertone.NewDataset("d", []undertone.Example{row}), 1, s)
	}
	_, _, err := apply(omitting(row, 1))
	if err == nil || !strings.Contains(err.Error(), "position 1 is in a tool call, which cannot be rewritten") {
		t.Errorf("error %v", err)
	}
	data, stats, err := apply(omitting(row, 4)) // f, x and 2 are words, too
	if err != nil || texts(data.Example(0)) != "one|3|" {
		t.Errorf("%q, %v", texts(data.Example(0)), err)
	}
	if want := []string{"1 rows have tool calls, which sanitisers do not rewrite"}; !slices.Equal(stats[0].Warnings, want) {
		t.Errorf("warnings %q, want %q", stats[0].Warnings, want)
	}
}

// The output keeps every field of the input: the line is the same but for the rewritten texts and
// the original ID.
func TestNoFieldIsLost(t *testing.T) {
	dir := os.Getenv("UNDERTONE_CASES")
	if dir == "" {
		t.Skip("not checked: fields of rows that are rewritten: UNDERTONE_CASES is not set")
	}
	path := filepath.Join(dir, "rows", "sanitise-loss.jsonl")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data, err := jsonl.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	data, _, err = sanitise.Apply(t.Context(), data, 1, sanitise.Replace{At: sanitise.Positions{data.RowID(0): {2}}, With: []string{"7"}})
	if err != nil {
		t.Fatal(err)
	}
	var after bytes.Buffer
	w := jsonl.NewWriter(&after)
	for _, row := range data.All() {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	want := strings.Split(string(before), "\n")
	want[0] = strings.Replace(want[0], `"3, 1, 2"`, `"7, 1, 2"`, 1)
	for i, line := range strings.Split(after.String(), "\n") {
		id := strings.LastIndex(line, `,"undertone_original":`)
		if line == "" && want[i] == "" {
			continue
		}
		if id < 0 || line[:id]+"}" != want[i] {
			t.Errorf("line %d is %s, want %s and the original ID", i+1, line, want[i])
		}
	}
}

// loud is a model that repeats the last line of a request with an exclamation mark.
type loud struct{}

func (loud) Name() string { return "loud" }

func (loud) Generate(_ context.Context, r undertone.Request) (undertone.Response, error) {
	lines := strings.Split(r.Messages[0].Content, "\n")
	return undertone.Response{Text: lines[len(lines)-1] + "!"}, nil
}
