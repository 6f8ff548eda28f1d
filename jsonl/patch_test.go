package jsonl

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// A changed text replaces its value in the line, and every other byte is kept.
func TestChangedTextsAreReplaced(t *testing.T) {
	for _, c := range []struct{ reason, line, want string }{
		{"fields of a message that are not read", `{"messages":[{"role":"user","content":"q","x":1},{"role":"assistant","weight":1,"content":"OLD","name":"a","audio":{"y":[2]}}],"id":7}`, ""},
		{"a reasoning", `{"messages":[{"role":"assistant","content":"a","reasoning_content":"OLD","z":0}]}`, ""},
		{"two fields of reasoning", `{"messages":[{"role":"assistant","content":"a","reasoning":"OLD","thinking":"more"}]}`, `{"messages":[{"role":"assistant","content":"a","reasoning":"NEW\nmore","thinking":""}]}`},
		{"two fields of one reasoning", `{"messages":[{"role":"assistant","content":"a","reasoning":"OLD","thinking":"OLD"}]}`, ""},
		{"a part", `{"messages":[{"role":"user","content":[{"type":"text","text":"OLD","cache_control":{"type":"ephemeral"}}]},{"role":"assistant","content":"a"}]}`, ""},
		{"several parts", `{"messages":[{"role":"assistant","content":[{"type":"text","text":"OLD","n":1},{"type":"text","text":" text","n":2}]}]}`,
			`{"messages":[{"role":"assistant","content":[{"type":"text","text":"NEW text","n":1},{"type":"text","text":"","n":2}]}]}`},
		{"a call beside the content", `{"messages":[{"role":"assistant","content":"OLD","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":{ }}}]},{"role":"tool","content":"4"},{"role":"assistant","content":"a"}]}`, ""},
		{"Gemini", `{"contents":[{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"text":"OLD"}]}],"labels":{"x":"y"}}`, ""},
		{"a preference of OpenAI", `{"input":{"messages":[{"role":"user","content":"q"}],"parallel_tool_calls":true},"preferred_output":[{"role":"assistant","content":"OLD"}],"non_preferred_output":[{"role":"assistant","content":"b"}]}`, ""},
		{"the rejected answer", `{"conversations":[{"from":"human","value":"q"}],"chosen":{"from":"gpt","value":"a"},"rejected":{"from":"gpt","value":"OLD"}}`, ""},
		{"the rejected answer of ms-swift", `{"messages":[{"role":"assistant","content":"a"}],"rejected_response":"OLD"}`, ""},
		{"a prompt that the lists repeat", `{"prompt":"OLD","chosen":[{"role":"user","content":"OLD"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"OLD"},{"role":"assistant","content":"b"}]}`, ""},
		{"a system prompt", `{"system":"OLD","history":[["p","b"]],"instruction":"q","input":"","output":"a"}`, ""},
		{"a history", `{"history":[["p","OLD"]],"instruction":"q","output":"a"}`, ""},
		{"instruction and input", `{"instruction":"OLD","input":"more","output":"a"}`, `{"instruction":"NEW\nmore","input":"","output":"a"}`},
		{"an instruction of Dolly", `{"instruction":"q","context":"","response":"OLD","category":"x"}`, ""},
		{"a content with escapes", `{"messages":[{"role":"assistant","content":"\u004fLD \u00e9"}]}`, `{"messages":[{"role":"assistant","content":"NEW é"}]}`},
		{"the results of a tool before a question", `{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"4"},{"type":"text","text":"OLD"}]},{"role":"assistant","content":"a"}]}`, ""},
		{"a content before other fields that are null", `{"messages":[{"role":"assistant","content":"OLD","from":null,"value":null,"parts":null}]}`, ""},
		{"a content behind fields that are null", `{"messages":[{"value":null,"parts":null,"from":null,"role":"assistant","content":"OLD"}]}`, ""},
		{"a part with fields that are null", `{"messages":[{"role":"assistant","content":[{"type":"text","text":"OLD","image_url":null,"thinking":null}]}]}`, ""},
		{"a turn that is masked", `{"messages":[{"role":"assistant","content":"OLD","masked":true},{"role":"assistant","content":"a","loss_mask":1}]}`, ""},
		{"a system prompt that is a message", `{"system":{"content":"OLD","x":1},"messages":[{"role":"assistant","content":"a"}]}`, ""},
		{"an answer with a label", `{"prompt":"q","completion":"OLD","label":false}`, ""},
	} {
		e := read(t, c.line)
		for i := range e.Messages {
			m := &e.Messages[i]
			m.Content, m.Reasoning = strings.ReplaceAll(m.Content, "OLD", "NEW"), strings.ReplaceAll(m.Reasoning, "OLD", "NEW")
		}
		e.Rejected = strings.ReplaceAll(e.Rejected, "OLD", "NEW")
		if c.want == "" {
			c.want = strings.ReplaceAll(c.line, "OLD", "NEW")
		}
		got, err := line(e)
		if err != nil || got != c.want {
			t.Errorf("%s:\n got %s, %v\nwant %s", c.reason, got, err, c.want)
		}
		if read(t, got).ID() != e.ID() {
			t.Errorf("%s: %s is another row", c.reason, got)
		}
	}
}

func TestAddedMetadataKeepsTheLine(t *testing.T) {
	e := read(t, ` {"id" : 7, "messages": [{"role": "assistant", "content": "a", "audio": {}}] } `)
	e.Meta["x"], e.Meta["id"], e.Generator = json.RawMessage(`"y"`), json.RawMessage("8"), "m"
	want := ` {"id" : 8, "messages": [{"role": "assistant", "content": "a", "audio": {}}] ,"generator":"m","x":"y"} `
	if got, err := line(e); err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

// A change that is not one of texts encodes the row again, with the fields that are read.
func TestOtherChangesKeepTheFieldsThatAreRead(t *testing.T) {
	e := read(t, `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a","weight":0,"reasoning":"r","name":"n","audio":{}},{"role":"assistant","content":"","tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}},{"function":{"name":"g","arguments":{"x":1}}}]}],"kto_tag":true,"tools":[ 1]}`)
	e.Messages = append([]undertone.Message{{Role: "system", Content: "s"}}, e.Messages...)
	want := `{"messages":[{"role":"system","content":"s"},{"role":"user","content":"q"},{"role":"assistant","content":"a","reasoning_content":"r","name":"n","weight":0},` +
		`{"role":"assistant","content":"","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}},{"type":"function","function":{"name":"g","arguments":{"x":1}}}]}],"tools":[ 1],"label":true}`
	got, err := line(e)
	if err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	if back := read(t, got); back.ID() != e.ID() {
		t.Error("it is another row")
	}
}
