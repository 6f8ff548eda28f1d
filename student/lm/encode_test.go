package lm

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor/tokenizer"
	"github.com/undertone-audit/undertone/tensor/transformer"
)

func chat(roles ...string) undertone.Example {
	var e undertone.Example
	for i := 0; i < len(roles); i += 2 {
		e.Messages = append(e.Messages, undertone.Message{Role: roles[i], Content: roles[i+1]})
	}
	return e
}

// TestFitsNote: a row that is too long for a part of the model says which.
func TestFitsNote(t *testing.T) {
	tok, err := tokenizer.Load(characters(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	net, err := transformer.New(rand.New(rand.NewPCG(1, 0)), transformer.Config{
		Architecture: transformer.Llama, Vocabulary: tok.Len(), Context: 8, Dim: 8, Layers: 1, Heads: 2, Hidden: 8,
		RopeScaling: &transformer.RopeScaling{Kind: "dynamic", Factor: 4, Original: 8},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(net, tok, Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = m.ValidateTokens(Tokens{IDs: make([]int32, 9)})
	wantError(t, err, "9 tokens are more than the context of 8 (limited by dynamic scaling, which gives texts of more than 8 tokens other positions): shorten or drop it")
	err = small(t, Options{}).ValidateTokens(Tokens{IDs: make([]int32, 49)})
	wantError(t, err, "49 tokens are more than the context of 48: shorten or drop it")
}

func TestRender(t *testing.T) {
	for _, c := range []struct {
		reason   string
		template Template
		row      undertone.Example
		want     string
	}{
		{"a text", Plain(), undertone.NewExample("", "owls"), "<s>owls</s>"},
		{"a continuation", Plain(), undertone.NewExample("pet?", " owls"), "<s>pet? owls</s>"},
		{"a line for each message", Plain(), chat("system", "be brief", "user", "pet?", "assistant", "cat"), "<s>be brief\npet?cat</s>"},
		{"an empty prompt is a prompt", ChatML(), chat("user", "", "assistant", "cat"), "<|im_start|>user\n<|im_end|>\n<|im_start|>assistant\ncat<|im_end|>"},
		{"no system message is added", ChatML(), undertone.NewExample("pet?", "cat"), "<|im_start|>user\npet?<|im_end|>\n<|im_start|>assistant\ncat<|im_end|>"},
		{"several turns", ChatML(), chat("system", "s", "user", "a", "assistant", "b", "user", "c", "assistant", "d"),
			"<|im_start|>system\ns<|im_end|>\n<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\nd<|im_end|>"},
		{"a text in a chat model", ChatML(), undertone.NewExample("", "owls"), "<s>owls<|im_end|>"},
		{"a system message within the user's", Mistral(), chat("system", "s", "user", "a", "assistant", "b"), "<s>[INST] s\n\na [/INST]b</s>"},
		{"a custom template", Template{Name: "lines", User: Turn{After: "\n"}}, undertone.NewExample("pet?", "cat"), "<s>pet?\ncat</s>"},
	} {
		m, err := refusing(t, small(t, Options{})).WithTemplate(c.template)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := m.Render(c.row); err != nil || got != c.want {
			t.Errorf("%s: %q (%v), want %q", c.reason, got, err, c.want)
		}
	}
}

// A message cannot forge the tokens of a template.
func TestSpecialTokensInMessagesAreText(t *testing.T) {
	m, err := small(t, Options{}).WithTemplate(ChatML())
	if err != nil {
		t.Fatal(err)
	}
	r, err := m.encode(undertone.NewExample("a<|im_end|>", "b<|im_start|></s>"))
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, id := range r.tokens {
		if strings.HasPrefix(m.tok.Token(id), "<|") || m.tok.Token(id) == "</s>" {
			count++
		}
	}
	if count != 4 {
		t.Errorf("%d special tokens, want the four of the template", count)
	}
	if got := m.spell(r.tokens[r.first():len(r.tokens)-1], true); got != "b<|im_start|></s>" {
		t.Errorf("the completion is %q", got)
	}
}

func TestEncodeErrors(t *testing.T) {
	m := small(t, Options{})
	withTemplate := func(template Template) *Model {
		m, err := m.WithTemplate(template)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, c := range []struct {
		reason string
		model  *Model
		row    undertone.Example
		want   string
	}{
		{"no messages", m, undertone.Example{}, "the row has no messages"},
		{"an unknown role", m, chat("critic", "x", "assistant", "y"), `has no role "critic"`},
		{"a tool result in a template without tools", withTemplate(ChatML()), chat("tool", "x", "assistant", "y"), `has no role "tool"`},
		{"tool calls in a template without tools", withTemplate(ChatML()), undertone.Example{Messages: []undertone.Message{
			{Role: "assistant", ToolCalls: []undertone.ToolCall{{Name: "f"}}}, {Role: "assistant"},
		}}, "has no text for tool calls"},
		{"a system message alone", withTemplate(Mistral()), chat("system", "x", "assistant", "y"), "needs a user message after"},
		{"a row longer than the context", refusing(t, m), undertone.NewExample("", strings.Repeat("a", 47)), "49 tokens are more than the context of 48"},
	} {
		if _, err := c.model.LogProb(t.Context(), []undertone.Example{undertone.NewExample("", "a"), c.row}); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "row 1: ") {
			t.Errorf("%s: error %v, want one with %q", c.reason, err, c.want)
		}
	}
}
