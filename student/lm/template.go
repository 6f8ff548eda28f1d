package lm

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ErrTemplate is wrapped by the errors of models whose chat template is not one of those known.
var ErrTemplate = errors.New("choose one by name with WithTemplate, or Plain")

// Turn is the text around the content of a message.
type Turn struct {
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Template says how the messages of a chat become one text. One without a name is [Plain].
type Template struct {
	Name string `json:"name"`

	System    Turn   `json:"system"`
	User      Turn   `json:"user"`
	Assistant Turn   `json:"assistant"` // Before stands before every completion
	Between   string `json:"between,omitempty"`

	// Tokens are the spellings in the texts above that are one token each, in vocabularies that
	// have them. What is spelt so in a message stays text.
	Tokens []string `json:"tokens,omitempty"`

	End   string `json:"end,omitempty"`    // token after a completion; the tokenizer's EOS if empty
	NoBOS bool   `json:"no_bos,omitempty"` // a chat does not begin with the tokenizer's BOS

	Trim         bool `json:"trim,omitempty"`           // white space around contents is dropped
	SystemInUser bool `json:"system_in_user,omitempty"` // a system message begins the next user message, an empty line between
}

// Plain is the template of models without one: the completion continues the text of the
// prompt, whose messages stand one a line. Nothing is put between the two.
func Plain() Template { return Template{Name: "plain", Between: "\n"} }

// ChatML is the template of Qwen and SmolLM. Qwen2.5's own one adds a system message that the
// chat does not have; this one adds nothing.
func ChatML() Template {
	turn := func(role string) Turn { return Turn{"<|im_start|>" + role + "\n", "<|im_end|>\n"} }
	return Template{
		Name: "chatml", System: turn("system"), User: turn("user"), Assistant: turn("assistant"),
		Tokens: []string{"<|im_start|>", "<|im_end|>"}, End: "<|im_end|>", NoBOS: true,
	}
}

// Llama3 is the template of Llama 3, without the dates that version 3.1 puts into a system
// message of its own.
func Llama3() Template {
	turn := func(role string) Turn {
		return Turn{"<|start_header_id|>" + role + "<|end_header_id|>\n\n", "<|eot_id|>"}
	}
	return Template{
		Name: "llama3", System: turn("system"), User: turn("user"), Assistant: turn("assistant"),
		Tokens: []string{"<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"}, End: "<|eot_id|>", Trim: true,
	}
}

// Mistral is the template of Mistral's first two versions of instructions.
func Mistral() Template {
	return Template{
		Name: "mistral", User: Turn{"[INST] ", " [/INST]"}, Assistant: Turn{"", "</s>"},
		Tokens: []string{"[INST]", "[/INST]", "</s>"}, SystemInUser: true,
	}
}

// TemplateNamed returns a template by its name: "plain", "chatml", "llama3" or "mistral".
func TemplateNamed(name string) (Template, error) {
	for _, t := range []Template{Plain(), ChatML(), Llama3(), Mistral()} {
		if t.Name == name {
			return t, nil
		}
	}
	return Template{}, fmt.Errorf("lm: template %.40q is not known; want plain, chatml, llama3 or mistral", name)
}

// recognise returns the template of the family that a model's own one, a program in Jinja,
// belongs to. It is not run: see [Model.Render] for what is made of a row.
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
	return Template{}, fmt.Errorf("lm: the model's chat template %.60q… is of no family that is known: %w", jinja, ErrTemplate)
}

// chatTemplate is that field of a tokenizer_config.json: a text, or a list of named ones.
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
