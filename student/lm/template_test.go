package lm

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
)

// Excerpts of published templates.
func TestRecognise(t *testing.T) {
	for _, c := range []struct{ reason, jinja, want string }{
		{"none", "", "plain"},
		{"Qwen2.5", "{%- if messages[0]['role'] == 'system' %}…{{- '<|im_start|>system\\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\\n' }}", "chatml"},
		{"Llama 3", "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}", "llama3"},
		{"Mistral 0.2", "{{ '[INST] ' + message['content'] + ' [/INST]' }}{{ message['content'] + eos_token}}", "mistral"},
		{"Llama 2", "{{ bos_token + '[INST] ' + '<<SYS>>' + content.strip() + ' [/INST]' }}", ""},
		{"Phi 4", "{{ '<|im_start|>user<|im_sep|>' + message['content'] + '<|im_end|>' }}", ""},
		{"another one", "{{ '<start_of_turn>user' }}", ""},
	} {
		got, err := recognise(c.jinja)
		if got.Name != c.want || (err != nil) != (c.want == "") || err != nil && !errors.Is(err, ErrTemplate) {
			t.Errorf("%s: %q (%v), want %q", c.reason, got.Name, err, c.want)
		}
	}
}

func TestTemplateNamed(t *testing.T) {
	for _, name := range []string{"plain", "chatml", "llama3", "mistral"} {
		if got, err := TemplateNamed(name); err != nil || got.Name != name {
			t.Errorf("%s: %q (%v)", name, got.Name, err)
		}
		want, _ := TemplateNamed(name)
		text, err := json.Marshal(want)
		var got Template
		if err == nil {
			err = json.Unmarshal(text, &got)
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s comes back as %+v (%v)", name, got, err)
		}
	}
	if _, err := TemplateNamed("alpaca"); err == nil {
		t.Error("an unknown name gives no error")
	}
}

func TestChatTemplateField(t *testing.T) {
	for text, want := range map[string]string{
		`"a"`: "a", `null`: "", `[]`: "",
		`[{"name":"tool_use","template":"t"},{"name":"default","template":"d"}]`: "d",
		`[{"name":"rag","template":"r"}]`:                                        "r",
	} {
		var got chatTemplate
		if err := json.Unmarshal([]byte(text), &got); err != nil || string(got) != want {
			t.Errorf("%s is %q (%v), want %q", text, got, err, want)
		}
	}
	var c chatTemplate
	if err := json.Unmarshal([]byte(`{"a":1}`), &c); err == nil {
		t.Error("an object is accepted as a template")
	}
}
