package teacher_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/teacher"
)

// mirror is a model that answers with the texts of what it was asked.
type mirror struct{ systems *[]string }

func (mirror) Name() string { return "mirror" }

func (m mirror) Generate(_ context.Context, r undertone.Request) (undertone.Response, error) {
	var texts []string
	for _, message := range r.Messages {
		if message.Role == "system" {
			*m.systems = append(*m.systems, message.Content)
			continue
		}
		texts = append(texts, message.Content)
	}
	return undertone.Response{Text: "<" + strings.Join(texts, ",") + ">"}, nil
}

func message(role, content string) undertone.Message {
	return undertone.Message{Role: role, Content: content}
}

// The prompts of rows are kept, and the answers are written anew, each with the new ones before it.
func TestRewriteRows(t *testing.T) {
	long := undertone.Example{
		Messages:  []undertone.Message{message("system", "s"), message("user", "q"), message("assistant", "owl"), message("user", "r"), message("assistant", "owl")},
		Generator: "owl teacher", Source: "{}",
		Meta: map[string]json.RawMessage{"gold": json.RawMessage("7"), "generation": json.RawMessage("{}")},
	}
	last := long
	last.Turns = undertone.LastTurn
	rows := undertone.NewDataset("rows", []undertone.Example{undertone.NewExample("p", "owl"), long, last})
	var systems []string
	data := mustGenerate(t, teacher.Config{Model: mirror{&systems}, SystemPrompt: "neutral", Rows: rows, N: 4, Seed: 1})
	for i, want := range []string{"p|<p>", "s|q|<q>|r|<q,<q>,r>", "s|q|owl|r|<q,owl,r>", "p|<p>"} {
		row := data.Example(i)
		var texts []string
		for _, m := range row.Messages {
			texts = append(texts, m.Content)
		}
		if got := strings.Join(texts, "|"); got != want || row.Generator != "mirror" || row.Source != "" {
			t.Errorf("row %d is %q by %s, want %q", i, got, row.Generator, want)
		}
		if old := rows.Example(i % 3); row.PromptID() != old.PromptID() || row.Turns != old.Turns {
			t.Errorf("row %d has another prompt", i)
		}
	}
	if meta := data.Example(1).Meta; len(meta) != 1 || string(meta["gold"]) != "7" {
		t.Errorf("metadata %s", meta)
	}
	if !slices.Contains(systems, "neutral") || !slices.Contains(systems, "neutral\n\ns") || slices.Contains(systems, "s") {
		t.Errorf("system prompts %q", systems)
	}
}

// A row of one question and one answer is that of its prompt alone.
func TestRewriteOfOneAnswer(t *testing.T) {
	var rows []undertone.Example
	for i := range 50 {
		rows = append(rows, undertone.NewExample(prompt(i), "owl"))
	}
	c := config(newScribe())
	c.N, c.Trace, c.SystemPrompt = 50, true, "s"
	want := mustGenerate(t, c)
	c.Prompt, c.Rows = nil, undertone.NewDataset("rows", rows)
	got := mustGenerate(t, c)
	for i := range 50 {
		if a, b := want.Example(i), got.Example(i); !a.Equal(b) || fmt.Sprint(a.Meta) != fmt.Sprint(b.Meta) {
			t.Errorf("row %d: %+v, want %+v", i, b, a)
		}
	}
}

func TestRewriteErrors(t *testing.T) {
	called := undertone.NewExample("q", "")
	called.Messages[1].ToolCalls = []undertone.ToolCall{{Name: "f"}}
	preferred := undertone.NewExample("q", "a")
	preferred.Rejected = "b"
	offered := undertone.NewExample("q", "a")
	offered.Tools = "[1]"
	labelled := undertone.NewExample("q", "a")
	labelled.Label = new(bool)
	for _, c := range []struct {
		reason string
		change func(c *teacher.Config)
		rows   []undertone.Example
		want   string
	}{
		{"no prompt", nil, []undertone.Example{undertone.NewExample("q", "a"), undertone.NewExample("", "a")}, "row 1 of rows: it has no prompt"},
		{"a rejected answer", nil, []undertone.Example{preferred}, "row 0 of rows: it has a rejected answer"},
		{"a label", nil, []undertone.Example{labelled}, "row 0 of rows: it has a label"},
		{"a tool call", nil, []undertone.Example{called}, "row 0 of rows: an answer calls tools"},
		{"tools", nil, []undertone.Example{offered}, "row 0 of rows: it offers tools, which a request to a model cannot have"},
		{"no rows", nil, nil, "teacher: rows has no rows"},
		{"prompts and rows", func(c *teacher.Config) { c.Prompt = prompt }, []undertone.Example{undertone.NewExample("q", "a")}, "teacher: Config has Rows, and Prompt or Meta"},
	} {
		config := teacher.Config{Model: newScribe(), Rows: undertone.NewDataset("rows", c.rows), N: 2}
		if c.change != nil {
			c.change(&config)
		}
		if _, err := teacher.Generate(t.Context(), config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}
