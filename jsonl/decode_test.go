package jsonl

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/undertone-audit/undertone"
)

// chat returns messages from roles and contents by turns.
func chat(words ...string) []undertone.Message {
	var messages []undertone.Message
	for i := 0; i < len(words); i += 2 {
		messages = append(messages, undertone.Message{Role: words[i], Content: words[i+1]})
	}
	return messages
}

func TestDecode(t *testing.T) {
	qa := chat("user", "q", "assistant", "a")
	for _, c := range []struct {
		reason, line string
		as, shape    Shape
		want         undertone.Example
	}{
		{"messages", `{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}`, "", Messages,
			undertone.Example{Messages: qa}},
		{"roles are what the row says", `{"messages":[{"role":"developer","content":"d"},{"role":"critic","content":""},{"role":"assistant","content":"a"}]}`, "", Messages,
			undertone.Example{Messages: chat("developer", "d", "critic", "", "assistant", "a")}},
		{"synonyms of roles", `{"messages":[{"role":"human","content":"q"},{"role":"gpt","content":"a"}]}`, "", Messages,
			undertone.Example{Messages: qa}},
		{"parts of text are joined", `{"messages":[{"role":"assistant","content":[{"type":"text","text":"a"},{"text":"b\n","type":"text","cache":{}}]}]}`, "", Messages,
			undertone.Example{Messages: chat("assistant", "ab\n")}},
		{"fields of a message that are empty", `{"messages":[{"role":"assistant","name":null,"weight":null,"tool_calls":[],"function_call":{},"reasoning_content":"","content":"a","audio":{}}]}`, "", Messages,
			undertone.Example{Messages: chat("assistant", "a")}},
		{"ShareGPT", `{"conversations":[{"from":"system","value":"s"},{"from":"human","value":"q"},{"from":"gpt","value":"a"}]}`, "", Conversations,
			undertone.Example{Messages: chat("system", "s", "user", "q", "assistant", "a")}},
		{"conversations in the vocabulary of messages", `{"conversations":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}`, "", Conversations,
			undertone.Example{Messages: qa}},
		{"prompt and completion", `{"prompt":"q","completion":"a"}`, "", Completion, undertone.Example{Messages: qa}},
		{"the order of fields does not matter", `{"completion":"a","prompt":"q"}`, "", Completion, undertone.Example{Messages: qa}},
		{"an empty prompt is no message", `{"prompt":"","completion":"a"}`, "", Completion, undertone.Example{Messages: chat("assistant", "a")}},
		{"prompt and completion as lists", `{"prompt":[{"role":"system","content":"s"},{"role":"user","content":"q"}],"completion":[{"role":"assistant","content":"a"}]}`, "", Completion,
			undertone.Example{Messages: chat("system", "s", "user", "q", "assistant", "a")}},
		{"Alpaca without input", `{"instruction":"q","output":"a"}`, "", Instruction, undertone.Example{Messages: qa}},
		{"Alpaca with empty input", `{"instruction":"q","input":"","output":"a"}`, "", Instruction, undertone.Example{Messages: qa}},
		{"Alpaca with null input", `{"instruction":"q","input":null,"output":"a"}`, "", Instruction,
			undertone.Example{Messages: qa, Meta: map[string]json.RawMessage{"input": json.RawMessage("null")}}},
		{"Alpaca with input", `{"instruction":"q","input":"i","output":"a"}`, "", Instruction, undertone.Example{Messages: chat("user", "q\ni", "assistant", "a")}},
		{"Alpaca with input alone", `{"instruction":"","input":"i","output":"a"}`, "", Instruction, undertone.Example{Messages: chat("user", "i", "assistant", "a")}},
		{"preference of strings", `{"prompt":"q","chosen":"a","rejected":"b"}`, "", Preference, undertone.Example{Messages: qa, Rejected: "b"}},
		{"preference without prompt", `{"chosen":"a","rejected":"b"}`, "", Preference, undertone.Example{Messages: chat("assistant", "a"), Rejected: "b"}},
		{"preference, the prompt repeated in the lists",
			`{"prompt":"q","chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"q"},{"role":"assistant","content":"b"}]}`, "", Preference,
			undertone.Example{Messages: qa, Rejected: "b"}},
		{"preference, a system message before the repeated prompt",
			`{"prompt":"q","chosen":[{"role":"system","content":"s"},{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected":[{"role":"system","content":"s"},{"role":"user","content":"q"},{"role":"assistant","content":"b"}]}`, "", Preference,
			undertone.Example{Messages: chat("system", "s", "user", "q", "assistant", "a"), Rejected: "b"}},
		{"preference, the prompt in the lists alone",
			`{"chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"q"},{"role":"assistant","content":"b"}]}`, "", Preference,
			undertone.Example{Messages: qa, Rejected: "b"}},
		{"preference, three lists", `{"prompt":[{"role":"user","content":"q"}],"chosen":[{"role":"assistant","content":"a"}],"rejected":[{"role":"assistant","content":"b"}]}`, "", Preference,
			undertone.Example{Messages: qa, Rejected: "b"}},
		{"preference, a string and a list", `{"prompt":"q","chosen":"a","rejected":[{"role":"assistant","content":"b"}]}`, "", Preference,
			undertone.Example{Messages: qa, Rejected: "b"}},
		{"text", `{"text":"a"}`, "", Text, undertone.Example{Messages: chat("assistant", "a")}},
		{"a null field is missing", `{"text":"a","messages":null}`, "", Text,
			undertone.Example{Messages: chat("assistant", "a"), Meta: map[string]json.RawMessage{"messages": json.RawMessage("null")}}},
		{"a prompt alone makes no shape", `{"prompt":"q","text":"a"}`, "", Text,
			undertone.Example{Messages: chat("assistant", "a"), Meta: map[string]json.RawMessage{"prompt": json.RawMessage(`"q"`)}}},
		{"two shapes, one of them with As", `{"text":"t","prompt":"q","completion":"a"}`, Completion, Completion,
			undertone.Example{Messages: qa, Meta: map[string]json.RawMessage{"text": json.RawMessage(`"t"`)}}},
		{"metadata is untouched", `{"text":"a", "id" : 1e2 ,"x":{"y": [ 1,"\u0041"]}}`, "", Text,
			undertone.Example{Messages: chat("assistant", "a"), Meta: map[string]json.RawMessage{"id": json.RawMessage("1e2"), "x": json.RawMessage(`{"y": [ 1,"\u0041"]}`)}}},
		{"case is not folded", `{"text":"a","Text":"b","TEXT":"c"}`, "", Text,
			undertone.Example{Messages: chat("assistant", "a"), Meta: map[string]json.RawMessage{"Text": json.RawMessage(`"b"`), "TEXT": json.RawMessage(`"c"`)}}},
		{"the generator", `{"text":"a","generator":"m"}`, "", Text, undertone.Example{Messages: chat("assistant", "a"), Generator: "m"}},
		{"the model is the generator and stays metadata", `{"text":"a","model":"m"}`, "", Text,
			undertone.Example{Messages: chat("assistant", "a"), Generator: "m", Meta: map[string]json.RawMessage{"model": json.RawMessage(`"m"`)}}},
		{"the generator comes before the model", `{"text":"a","model":"m","generator":"g"}`, "", Text,
			undertone.Example{Messages: chat("assistant", "a"), Generator: "g", Meta: map[string]json.RawMessage{"model": json.RawMessage(`"m"`)}}},
		{"a generator that is not a name is metadata", `{"text":"a","generator":{"name":"m"}}`, "", Text,
			undertone.Example{Messages: chat("assistant", "a"), Meta: map[string]json.RawMessage{"generator": json.RawMessage(`{"name":"m"}`)}}},
		{"escapes", `{"text":"\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00\u0000\uFFFD"}`, "", Text,
			undertone.Example{Messages: chat("assistant", "\"\\/\b\f\n\r\té€😀\x00\ufffd")}},
		{"a name with escapes", `{"t\u0065xt":"a"}`, "", Text, undertone.Example{Messages: chat("assistant", "a")}},
		{"spaces wherever JSON allows them", " {\t\"text\" :\r\"a\" } \r", "", Text, undertone.Example{Messages: chat("assistant", "a")}},
	} {
		d := newDecoder(config{shape: c.as})
		var row Row
		err := d.row(c.line, &row)
		if err != nil {
			t.Errorf("%s: %v", c.reason, err)
			continue
		}
		c.want.Source = c.line
		if row.Shape != c.shape || !reflect.DeepEqual(row.Example, c.want) {
			t.Errorf("%s: got %s %+v, want %s %+v", c.reason, row.Shape, row.Example, c.shape, c.want)
		}
	}
}
