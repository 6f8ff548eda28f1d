package lm

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/undertone-audit/undertone"
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
	case len(m.ToolCalls) > 0 && t.Name != plainName:
		return Turn{}, fmt.Errorf("lm: template %q has no text for tool calls: choose another one, or drop the row", t.Name)
	case m.Role == "system":
		return t.System, nil
	case m.Role == "assistant":
		return t.Assistant, nil
	case m.Role == "user":
		return t.User, nil
	}
	return Turn{}, fmt.Errorf("lm: template %q has no role %.40q; want system, user or assistant", t.Name, m.Role)
}

// text returns what the template writes of a message: all of its text if it is the template "plain",
// and the content otherwise. Prompted means that the message is not the only one.
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

// TemplateNamed returns the template with a name: "plain", "chatml", "llama3" or "mistral".
func TemplateNamed(name string) (Template, error) {
	for _, t := range []Template{Plain(), ChatML(), Llama3(), Mistral()} {
		if t.Name == name {
			return t, nil
		}
	}
	return Template{}, fmt.Errorf("lm: template %.40q is not known; want plain, chatml, llama3 or mistral", name)
}

// recognise returns the template of the family of a model's own template, a Jinja program, which it
// does not run. [Model.Render] shows the result for a row.
func recognise(jinja string) (Template, error) {
	has := func(s string) bool { return strings.Contains(jinja, s) }
	switch {
	case jinja == "":
		return Plain(), nil
	case has("<|im_start|>") && has("<|im_end|>") && !has("<|im_sep|>"):
		return ChatML(), nil
	case has("<|start_header_id|>") && has("<|eot_id|>"):
		return Llama3(), nil
	case has("[INST]") && has(" [/INST]") && !has("<<SYS>>") && !has("[SYSTEM_PROMPT]"):
		return Mistral(), nil
	}
	return Template{}, fmt.Errorf("lm: %w %.60q…: choose plain, chatml, llama3, mistral, or define one", ErrTemplate, jinja)
}

// chatTemplate is the field of a tokenizer_config.json: a text, or a list of named texts.
type chatTemplate string

// UnmarshalJSON implements [json.Unmarshaler].
func (c *chatTemplate) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] != '[' {
		return json.Unmarshal(data, (*string)(c))
	}
	var list []struct{ Name, Template string }
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	for _, t := range list {
		if *c == "" || t.Name == "default" {
			*c = chatTemplate(t.Template)
		}
	}
	return nil
}
