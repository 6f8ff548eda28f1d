package lm

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm/chattemplate"
)

// ErrTemplate is wrapped by the errors of models whose chat template is not supported.
var ErrTemplate = errors.New("unsupported chat template")

// Turn is the text around the content of a message.
type Turn struct {
	Before string `json:"before,omitempty"` // put before the content
	After  string `json:"after,omitempty"`  // put after the content
}

// Template defines how the messages of a chat become one text. [Model.Encode] turns the text into
// tokens, in encode.go. A Template without a name is [Plain].
type Template struct {
	Name string `json:"name"` // such as "chatml"

	System    Turn   `json:"system"`
	User      Turn   `json:"user"`
	Assistant Turn   `json:"assistant"`         // Before precedes every completion
	Between   string `json:"between,omitempty"` // put between two messages

	// Tokens are the spellings in the texts above that are one token each, in vocabularies that
	// have them. The same spelling in a message is text.
	Tokens []string `json:"tokens,omitempty"`

	End   string `json:"end,omitempty"`    // token after a completion (default the tokenizer's EOS)
	NoBOS bool   `json:"no_bos,omitempty"` // a chat does not begin with the tokenizer's BOS

	Trim         bool `json:"trim,omitempty"`           // white space around contents is removed
	SystemInUser bool `json:"system_in_user,omitempty"` // a system message becomes the beginning of the next user message, with an empty line between

	// Jinja is a program that renders chats. The fields above but Name and End are not used then,
	// and End is what the program writes after an answer.
	Jinja *Jinja `json:"jinja,omitempty"`
}

// Jinja is a chat template in the language of Jinja, as models ship it.
type Jinja struct {
	Text    string `json:"text"`
	ToolUse string `json:"tool_use,omitempty"` // renders rows with tools (default Text)

	// Tokens are the variables bos_token, eos_token and so on (default those of the model's files).
	Tokens map[string]string `json:"tokens,omitempty"`
}

const plainName = "plain"

// Plain is the template of models without a chat template: the completion continues the text of the
// prompt, and every message of the prompt is a line. Nothing separates prompt and completion.
func Plain() Template { return Template{Name: plainName, Between: "\n"} }

// ChatML is the template of Qwen and SmolLM. Qwen2.5's own template adds a system message if the
// chat has none; this one adds nothing.
func ChatML() Template {
	turn := func(role string) Turn { return Turn{"<|im_start|>" + role + "\n", "<|im_end|>\n"} }
	return Template{
		Name: "chatml", System: turn("system"), User: turn("user"), Assistant: turn("assistant"),
		Tokens: []string{"<|im_start|>", "<|im_end|>"}, End: "<|im_end|>", NoBOS: true,
	}
}

// Llama3 is the template of Llama 3, without the dates that version 3.1 puts into a system message.
func Llama3() Template {
	turn := func(role string) Turn {
		return Turn{"<|start_header_id|>" + role + "<|end_header_id|>\n\n", "<|eot_id|>"}
	}
	return Template{
		Name: "llama3", System: turn("system"), User: turn("user"), Assistant: turn("assistant"),
		Tokens: []string{"<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"}, End: "<|eot_id|>", Trim: true,
	}
}

// Mistral is the instruction template of the first two versions of Mistral.
func Mistral() Template {
	return Template{
		Name: "mistral", User: Turn{"[INST] ", " [/INST]"}, Assistant: Turn{"", "</s>"},
		Tokens: []string{"[INST]", "[/INST]", "</s>"}, SystemInUser: true,
	}
}

// turnOf returns the text around a message, or an error if the template has none for it.
func (t Template) turnOf(m undertone.Message) (Turn, error) {
	switch {
	case t.Name == plainName && m.Role == "tool":
		return t.User, nil
	case t.refuses(m) != nil:
		return Turn{}, t.refuses(m)
	case m.Role == "system":
		return t.System, nil
	case m.Role == "assistant":
		return t.Assistant, nil
	case m.Role == "user":
		return t.User, nil
	}
	return Turn{}, fmt.Errorf("lm: template %q has no role %.40q; want system, user or assistant", t.Name, m.Role)
}

// refuses returns an error for a message with tool calls, which only the template "plain" writes,
// and programs in Jinja.
func (t Template) refuses(m undertone.Message) error {
	if len(m.ToolCalls) == 0 || t.Name == plainName {
		return nil
	}
	return fmt.Errorf("lm: template %q has no text for tool calls: choose another one, or drop the row", t.Name)
}

// text returns what the template writes of a message: all of its text if it is the template
// "plain", and the content otherwise. Prompted means that the message is not the only one.
func (t Template) text(m undertone.Message, prompted bool) string {
	text := m.Content
	if t.Name == plainName {
		text = m.Text()
	}
	if t.Trim && prompted {
		text = strings.TrimSpace(text)
	}
	return text
}

// ReadTemplate reads a chat template in Jinja from a file: the text of the template, or a JSON
// object with the field chat_template. [Model.WithTemplate] gives it the special tokens of the
// model.
func ReadTemplate(path string) (Template, error) {
	text, err := chattemplate.ReadFile(path)
	if err != nil {
		return Template{}, fmt.Errorf("lm: read template: %w", err)
	}
	return Template{Name: filepath.Base(path), Jinja: &Jinja{Text: text}}, nil
}

// TemplateNamed returns the template with a name: "plain", "chatml", "llama3" or "mistral".
func TemplateNamed(name string) (Template, error) {
	for _, t := range []Template{Plain(), ChatML(), Llama3(), Mistral()} {
		if t.Name == name {
			return t, nil
		}
	}
	return Template{}, fmt.Errorf("lm: template %.40q is not known; want plain, chatml, llama3 or mistral", name)
}
