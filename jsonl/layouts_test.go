package jsonl

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
)

// TestLayouts reads each row of the table in docs/rows.md, and more.
func TestLayouts(t *testing.T) {
	for _, c := range []struct {
		reason, line string
		opts         []Option
		want         string // the summary of the row, or the error
	}{
		// Beside a conversation.
		{"a system prompt beside messages", `{"system":"s","messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}`, nil, "system: s | user: q | assistant: a (learnt)"},
		{"an empty system prompt", `{"system":"","messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}`, nil, "user: q | assistant: a (learnt)"},
		{"a system prompt that is a message", `{"system":{"role":"system","content":"s"},"messages":[{"role":"assistant","content":"a"}]}`, nil, "system: s | assistant: a (learnt)"},
		{"a system prompt of an unknown form", `{"system":{"text":"s"},"messages":[{"role":"assistant","content":"a"}]}`, nil,
			`1:11: system has neither parts nor content; write it as a string or as {"parts": [{"text": …}]}`},
		{"two system prompts", `{"system":"s","messages":[{"role":"system","content":"t"},{"role":"assistant","content":"a"}]}`, nil,
			"1: the row has two system prompts: one beside messages, and messages[0]; drop one of them"},
		{"a system prompt beside prompt and completion", `{"system":"s","prompt":"q","completion":"a"}`, nil, "system: s | user: q | assistant: a (learnt)"},
		{"an instruction beside messages", `{"instruction":"s","messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}`, nil, "system: s | user: q | assistant: a (learnt)"},
		{"an instruction that the user repeats", `{"instruction":"q","messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}`, nil, "user: q | assistant: a (learnt)"},
		{"system and instruction", `{"system":"s","instruction":"t","messages":[{"role":"assistant","content":"a"}]}`, nil,
			`1:29: the row has two system prompts: the fields "system" and "instruction"; drop one of them`},
		{"history beside a conversation", `{"history":[["p","b"]],"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"a"}]}`, nil, "user: p | assistant: b (learnt) | user: q | assistant: a (learnt)"},
		{"history of messages", `{"history":[{"role":"user","content":"p"},{"role":"assistant","content":"b"}],"instruction":"q","output":"a"}`, nil,
			"user: p | assistant: b (learnt) | user: q | assistant: a (learnt)"},
		{"no history", `{"history":[],"instruction":"q","output":"a"}`, nil, "user: q | assistant: a (learnt)"},
		{"a history of three", `{"history":[["a","b","c"]],"instruction":"q","output":"a"}`, nil, "1:13: history[0] has 3 elements, want 2; write each turn as [question, answer]"},
		{"a history that is an object", `{"history":{},"instruction":"q","output":"a"}`, nil, "1:12: history is an object, want a list of pairs of strings"},
		{"tools and functions", `{"tools":[{}],"functions":[{}],"text":"a"}`, nil, `1:15: the row has the fields "tools" and "functions", which mean the same; rename or drop one of them`},

		// Which turns are learnt.
		{"the last turn", `{"messages":[{"role":"assistant","content":"a"},{"role":"assistant","content":"b"}]}`, []Option{Turns(undertone.LastTurn)}, "assistant: a | assistant: b (learnt)"},
		{"train", `{"messages":[{"role":"assistant","content":"a","train":false},{"role":"assistant","content":"b","train":true}]}`, nil, "assistant: a | assistant: b (learnt)"},
		{"training", `{"messages":[{"role":"assistant","content":"a","training":false},{"role":"assistant","content":"b"}]}`, nil, "assistant: a | assistant: b (learnt)"},
		{"loss", `{"messages":[{"role":"assistant","content":"a","loss":false},{"role":"assistant","content":"b","loss":1.0}]}`, nil, "assistant: a | assistant: b (learnt)"},
		{"a weight of ShareGPT", `{"conversations":[{"from":"human","value":"q","weight":0},{"from":"gpt","value":"a","weight":0},{"from":"gpt","value":"b","weight":1}]}`, nil, "user: q | assistant: a | assistant: b (learnt)"},
		{"part of a weight", `{"messages":[{"role":"assistant","content":"a","weight":0.5}]}`, nil,
			`1:57: messages[0].weight is 0.5, want 0, 1, false or true; write 0 for a turn that is not learnt, and 1 for a turn that is learnt; other weights cannot be trained with`},
		{"flags that contradict each other", `{"messages":[{"role":"assistant","content":"a","weight":1,"train":false}]}`, nil,
			"1:14: messages[0] has flags that contradict each other: one says that the turn is learnt, another that it is not; drop one of them"},
		{"a question with the flag train", `{"messages":[{"role":"user","content":"q","train":true},{"role":"assistant","content":"a"}]}`, nil,
			`1:14: messages[0] has the role "user" and is marked as learnt; drop the flag; only turns of the assistant are learnt`},
		{"parts of a turn", `{"messages":[{"role":"assistant","content":"ab","train_detail":[{"begin_offset":0,"end_offset":1,"train":false}]}]}`, nil,
			`1:64: messages[0].train_detail selects parts of a turn, which cannot be learnt alone; flag whole turns with "train", or drop the row`},
		{"turns of a prompt are not learnt", `{"prompt":[{"role":"user","content":"p"},{"role":"assistant","content":"b"},{"role":"user","content":"q"}],"completion":[{"role":"assistant","content":"a"}]}`, nil,
			"user: p | assistant: b | user: q | assistant: a (learnt)"},
		{"a completion of several turns", `{"prompt":"q","completion":[{"role":"assistant","content":"a"},{"role":"assistant","content":"b"}]}`, nil,
			"user: q | assistant: a (learnt) | assistant: b (learnt)"},
		{"a result of a tool in a completion", `{"prompt":"q","completion":[{"role":"assistant","content":"a"},{"role":"tool","content":"t"},{"role":"assistant","content":"b"}]}`, nil,
			`1: completion[1] has the role "tool"; TRL learns every message of a completion, undertone only turns of the assistant; move the messages up to this one to the prompt, or write the row as "messages" and train with assistant_only_loss`},
		{"a question in a completion", `{"prompt":"q","completion":[{"role":"human","content":"r"},{"role":"assistant","content":"b"}]}`, nil,
			`1: completion[0] has the role "user"; TRL learns every message of a completion, undertone only turns of the assistant; move the messages up to this one to the prompt, or write the row as "messages" and train with assistant_only_loss`},

		{"weights in other spellings", `{"messages":[{"role":"assistant","content":"a","weight":0e0},{"role":"assistant","content":"b","weight":1.00}]}`, nil, "assistant: a | assistant: b (learnt)"},
		{"a weight that is a string", `{"messages":[{"role":"assistant","content":"a","weight":"0"}]}`, nil,
			`1:57: messages[0].weight is "0", want 0, 1, false or true; write 0 for a turn that is not learnt, and 1 for a turn that is learnt; other weights cannot be trained with`},
		{"a mask of the loss", `{"messages":[{"role":"assistant","content":"a","loss_mask":0},{"role":"assistant","content":"b","loss_mask":1}]}`, nil, "assistant: a | assistant: b (learnt)"},
		{"scales of the loss", `{"messages":[{"role":"assistant","content":"a","loss_scale":0.0},{"role":"assistant","content":"b","loss_weight":1}]}`, nil, "assistant: a | assistant: b (learnt)"},
		{"trainable", `{"messages":[{"role":"assistant","content":"a","trainable":false},{"role":"assistant","content":"b"}]}`, nil, "assistant: a | assistant: b (learnt)"},
		{"masked", `{"messages":[{"role":"user","content":"q","masked":true},{"role":"assistant","content":"a","masked":true},{"role":"assistant","content":"b","masked":false}]}`, nil, "user: q | assistant: a | assistant: b (learnt)"},
		{"masked and a weight", `{"messages":[{"role":"assistant","content":"a","masked":true,"weight":1}]}`, nil,
			"1:14: messages[0] has flags that contradict each other: one says that the turn is learnt, another that it is not; drop one of them"},

		// Roles.
		{"another name of the assistant", `{"conversations":[{"from":"human","value":"q"},{"from":"ai","value":"a"},{"from":"chatbot","value":"b"}]}`, nil, "user: q | assistant: a (learnt) | assistant: b (learnt)"},
		{"a role of a trainer's own", `{"messages":[{"role":"critic_2","content":"c"},{"role":"assistant","content":"a"}]}`, nil, "critic_2: c | assistant: a (learnt)"},
		{"a role of two words", `{"messages":[{"role":"document 1","content":"c"},{"role":"assistant","content":"a"}]}`, nil, "document 1: c | assistant: a (learnt)"},
		{"two spaces in a role", `{"messages":[{"role":"document  1","content":"c"},{"role":"assistant","content":"a"}]}`, nil,
			`1:14: messages[0] has the role "document  1"; write it as system, user, assistant or tool, or in lower-case letters of ASCII`},
		{"a capital in a role", `{"messages":[{"role":"Assistant","content":"a"},{"role":"assistant","content":"b"}]}`, nil, `1:14: messages[0] has the role "Assistant"; write it as "assistant"`},
		{"a space in a role", `{"messages":[{"role":"user ","content":"q"},{"role":"assistant","content":"b"}]}`, nil, `1:14: messages[0] has the role "user "; write it as "user"`},
		{"capitals in a sender", `{"conversations":[{"from":"GPT","value":"a"},{"from":"gpt","value":"b"}]}`, nil, `1:19: conversations[0] has the role "GPT"; write it as "assistant"`},
		{"a letter of another script in a role", `{"messages":[{"role":"аssistant","content":"a"},{"role":"assistant","content":"b"}]}`, nil,
			`1:14: messages[0] has the role "аssistant"; write it as system, user, assistant or tool, or in lower-case letters of ASCII`},
		{"an unknown role at the end", `{"messages":[{"role":"user","content":"q"},{"role":"agent","content":"a"}]}`, nil,
			`1: the last message has the role "agent", so the row has no completion; drop the row, or its messages after the last one of the role assistant; or write its role as assistant, gpt or model if the assistant wrote it`},

		// Null counts as missing.
		{"null in place of all other fields", `{"messages":[{"role":"user","content":"q","from":null,"value":null,"parts":null,"name":null,"weight":null,"tool_calls":null},{"value":null,"from":null,"role":"assistant","content":"a","thinking":null}]}`, nil,
			"user: q | assistant: a (learnt)"},
		{"null in parts", `{"messages":[{"role":"user","content":[{"type":"text","text":"q","image_url":null,"name":null,"id":null,"input":null,"tool_use_id":null,"content":null}]},` +
			`{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{},"text":null,"thinking":null}]},` +
			`{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":null,"text":null}]},{"role":"assistant","content":[{"type":"thinking","thinking":"t","text":null},{"type":"text","text":"a","thinking":null}]}]}`, nil,
			"user: q | assistant: f {} (learnt) | tool:  | assistant: t\na (learnt)"},
		{"null in calls", `{"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":null,"name":null,"arguments":null,"function":{"name":"f","arguments":"{}","parameters":null}}]}]}`, nil, "assistant: f {} (learnt)"},
		{"null in parts of Gemini", `{"contents":[{"role":"user","parts":[{"text":"q","functionCall":null,"functionResponse":null,"thought":null}]},{"role":"model","parts":[{"text":"a"}]}]}`, nil, "user: q | assistant: a (learnt)"},
		{"a role that is null", `{"messages":[{"role":null,"content":"q"},{"role":"assistant","content":"a"}]}`, nil,
			`1:14: messages[0] has "content" but no "role"; a message has "role" and "content", or "from" and "value"`},
		{"a part whose text is null", `{"messages":[{"role":"assistant","content":[{"type":"text","text":null}]}]}`, nil,
			"1:45: messages[0].content[0] has no text; drop the row; only parts of text, reasoning and tool calls can be read"},

		// Tools.
		{"two names of a call", `{"messages":[{"role":"assistant","content":"","tool_calls":[{"name":"f","function":{"name":"g"}}]}]}`, nil,
			`1:85: messages[0].tool_calls[0].function has the field "name" twice; rename or drop one of them: trainers differ in which one they read`},
		{"a call of ShareGPT without arguments", `{"conversations":[{"from":"function_call","value":"{\"name\": \"f\"}"}]}`, nil, "assistant: f  (learnt)"},
		{"a call without a function object", `{"messages":[{"role":"assistant","tool_calls":[{"name":"f","arguments":{"x": 1}}]}]}`, nil, `assistant: f {"x": 1} (learnt)`},
		{"a call of older rows", `{"messages":[{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"4"},{"role":"assistant","content":"a"}]}`, nil,
			"assistant: f {} (learnt) | tool: 4 | assistant: a (learnt)"},
		{"calls of ShareGPT", `{"conversations":[{"from":"human","value":"q"},{"from":"function_call","value":"{\"name\": \"f\", \"arguments\": {\"x\": 1}}"},{"from":"observation","value":"4"},{"from":"gpt","value":"a"}],"tools":"[{\"name\":\"f\"}]"}`, nil,
			`user: q | assistant: f {"x": 1} (learnt) | tool: 4 | assistant: a (learnt)`},
		{"a call of ShareGPT that is no JSON", `{"conversations":[{"from":"function_call","value":"f()"}]}`, nil, "assistant: f() (learnt)"},
		{"a custom tool", `{"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"custom","custom":{"name":"f","input":"x"}}]}]}`, nil, "assistant: f x (learnt)"},
		{"a call that is a string", `{"messages":[{"role":"assistant","content":null,"tool_calls":["f"]}]}`, nil, "1:63: messages[0].tool_calls[0] is a string, want an object"},
		{"calls that are an object", `{"messages":[{"role":"assistant","content":null,"tool_calls":{}}]}`, nil, "1:62: messages[0].tool_calls is an object, want a list of calls"},
		{"null without calls", `{"messages":[{"role":"assistant","content":null,"tool_calls":[]}]}`, nil,
			`1:14: the content of messages[0] is null, want a string or a list of parts; drop the row, or write the empty content ""; null is for messages with "tool_calls"`},
		{"parts of Anthropic", `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"x"},{"type":"text","text":"I call."},{"type":"tool_use","id":"1","name":"f","input":{"x":1}}]},` +
			`{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[{"type":"text","text":"4"}]},{"type":"text","text":"And?"}]},{"role":"assistant","content":"a"}]}`, nil,
			"user: q | assistant: hm\nI call.\nf {\"x\":1} (learnt) | tool: 4 | user: And? | assistant: a (learnt)"},
		{"parts of Bedrock", `{"schemaVersion":"bedrock-conversation-2024","system":[{"text":"s"}],"messages":[{"role":"user","content":[{"text":"q"}]},` +
			`{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"hm"}}},{"toolUse":{"toolUseId":"1","name":"f","input":{}}}]},` +
			`{"role":"user","content":[{"toolResult":{"toolUseId":"1","content":[{"json":{"y":2}}]}}]},{"role":"assistant","content":[{"text":"a"}]}]}`, nil,
			"system: s | user: q | assistant: hm\nf {} (learnt) | tool: {\"y\":2} | assistant: a (learnt)"},
		{"parts of Gemini", `{"systemInstruction":{"role":"system","parts":[{"text":"s"}]},"contents":[{"parts":[{"text":"q"}]},{"role":"model","parts":[{"text":"hm","thought":true},{"functionCall":{"name":"f","args":{}}}]},` +
			`{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"y":2}}}]},{"role":"model","parts":[{"text":"a"},{"text":"b"}]}]}`, nil,
			"system: s | user: q | assistant: hm\nf {} (learnt) | tool: {\"y\":2} | assistant: ab (learnt)"},
		{"a picture of Gemini", `{"contents":[{"role":"user","parts":[{"inlineData":{}}]},{"role":"model","parts":[{"text":"a"}]}]}`, nil,
			"1:38: contents[0].parts[0] has no text; drop the row; only parts of text, reasoning and tool calls can be read"},
		{"a picture of Bedrock", `{"messages":[{"role":"user","content":[{"image":{}}]},{"role":"assistant","content":"a"}]}`, nil,
			"1:40: messages[0].content[0] has no text; drop the row; only parts of text, reasoning and tool calls can be read"},
		{"no parts", `{"contents":[{"role":"model","parts":[]}]}`, nil, `1:38: contents[0].parts is an empty list; drop the row, or write the empty content ""`},

		// Reasoning.
		{"reasoning alone", `{"messages":[{"role":"assistant","content":null,"reasoning":"hm"}]}`, nil, "assistant: hm (learnt)"},
		{"reasoning twice", `{"messages":[{"role":"assistant","content":"a","reasoning":"hm","reasoning_content":"hm"}]}`, nil, "assistant: hm\na (learnt)"},
		{"reasoning that is a number", `{"messages":[{"role":"assistant","content":"a","reasoning":1}]}`, nil, "1:60: messages[0].reasoning is a number, want a string"},

		// Preferences.
		{"a preference of Alpaca", `{"system":"s","instruction":"q","input":"i","chosen":"a","rejected":"b"}`, nil, "system: s | user: q\ni | assistant: a (learnt) | rejected: b"},
		{"a preference with a history", `{"history":[["p","c"]],"instruction":"q","chosen":"a","rejected":"b"}`, nil, "user: p | assistant: c | user: q | assistant: a (learnt) | rejected: b"},
		{"a preference with a question", `{"system":"s","question":"q","chosen":"a","rejected":"b"}`, nil, "system: s | user: q | assistant: a (learnt) | rejected: b"},
		{"two prompts", `{"prompt":"p","instruction":"q","chosen":"a","rejected":"b"}`, nil, `1:29: the row has two prompts: the fields "prompt" and "instruction"; drop one of them`},
		{"a preference of ShareGPT", `{"conversations":[{"from":"system","value":"s"},{"from":"human","value":"q"}],"chosen":{"from":"gpt","value":"a"},"rejected":{"from":"gpt","value":"b"}}`, nil,
			"system: s | user: q | assistant: a (learnt) | rejected: b"},
		{"a preference of messages", `{"messages":[{"role":"user","content":"q"}],"chosen":{"role":"assistant","content":"a"},"rejected":{"role":"assistant","content":"b"}}`, nil,
			"user: q | assistant: a (learnt) | rejected: b"},
		{"a conversation with its answer beside a preference", `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"chosen":"a","rejected":"b"}`, nil,
			`1: the row can be read as messages and as preference: it has "messages", "chosen", "rejected"; drop the fields that the trainer does not read, or choose a shape with the option As`},
		{"a system prompt beside lists without it", `{"system":"s","prompt":"q","chosen":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"q"},{"role":"assistant","content":"b"}]}`, nil,
			"system: s | user: q | assistant: a (learnt) | rejected: b"},
		{"a preference of OpenAI without messages", `{"input":{},"preferred_output":[],"non_preferred_output":[]}`, nil, `1:10: input has no "messages"; write the prompt as a list of messages`},
		{"a preference of OpenAI with text", `{"input":"q","preferred_output":[],"non_preferred_output":[]}`, nil, `1:10: input is a string, want an object with "messages"`},
		{"a preference of OpenAI without an answer", `{"input":{"messages":[{"role":"user","content":"q"}]},"preferred_output":[],"non_preferred_output":[]}`, nil, "1:74: preferred_output is an empty list; drop the row"},
		{"a rejected answer of ms-swift", `{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"rejected_response":"b"}`, nil, "user: q | assistant: a (learnt) | rejected: b"},
		{"a rejected answer with reasoning", `{"prompt":"q","chosen":"a","rejected":[{"role":"assistant","content":"b","reasoning":"hm"}]}`, nil, "user: q | assistant: a (learnt) | rejected: hm\nb"},
		{"a rejected conversation of ms-swift", `{"messages":[{"role":"assistant","content":"a"}],"rejected_messages":[{"role":"assistant","content":"b"}]}`, nil,
			"1:70: rejected_messages holds a rejected answer, which is not read beside messages; rename messages to chosen and rejected_messages to rejected"},
		{"transcripts of HH-RLHF", `{"chosen":"\n\nHuman: q\n\nAssistant: a","rejected":"\n\nHuman: q\n\nAssistant: b"}`, nil,
			`1:11: chosen is a transcript that holds the prompt too; write the prompt in the field "prompt", or chosen and rejected as lists of messages`},
		{"chosen is a question", `{"prompt":"q","chosen":{"role":"user","content":"a"},"rejected":{"role":"user","content":"b"}}`, nil,
			`1: the last message has the role "user", so the row has no completion; drop the row, or its messages after the last one of the role assistant`},

		// Labels.
		{"a label of LLaMA-Factory", `{"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"a"}],"kto_tag":false}`, nil, "user: q | assistant: a | bad"},
		{"a label and several turns", `{"messages":[{"role":"assistant","content":"a"},{"role":"assistant","content":"b"}],"label":true}`, nil, "assistant: a | assistant: b (learnt) | good"},
		{"a label that is no boolean is metadata", `{"prompt":"q","completion":"a","label":"good"}`, nil, "user: q | assistant: a (learnt)"},
		{"a label of KTO that is a number", `{"prompt":"q","completion":"a","label":0}`, nil,
			"1:40: label is 0, want true or false; write true for a good answer and false for a bad one, or rename the field if it says something else"},
		{"a label of KTO that is a string", `{"messages":[{"role":"assistant","content":"a"}],"label":"False"}`, nil,
			`1:58: label is "False", want true or false; write true for a good answer and false for a bad one, or rename the field if it says something else`},
		{"a kto_tag that is no boolean", `{"messages":[{"role":"assistant","content":"a"}],"kto_tag":"bad"}`, nil,
			`1:60: kto_tag is "bad", want true or false; write true for a good answer and false for a bad one, or rename the field if it says something else`},
		{"a class of an instruction is metadata", `{"instruction":"q","output":"a","label":1}`, nil, "user: q | assistant: a (learnt)"},
		{"a label of a text is metadata", `{"text":"a","label":false}`, nil, "assistant: a (learnt)"},

		{"Dolly", `{"instruction":"q","context":"c","response":"a","category":"open_qa"}`, nil, "user: q\nc | assistant: a (learnt)"},
		{"Dolly and Alpaca", `{"instruction":"q","output":"a","response":"a"}`, nil,
			`1: the row can be read as instruction and as dolly: it has "instruction", "output", "response"; drop the fields that the trainer does not read, or choose a shape with the option As`},

		// Tokens.
		{"tokens", `{"input_ids":[1,2,3],"labels":[-100,2,3]}`, nil, "1: the row holds token IDs, which have no text; score the rows with a model of their tokenizer, or name their tokenizer with the option Detokenise"},
		{"tokens with a tokenizer", `{"input_ids":[1,2,3],"labels":[-100,2,-100],"attention_mask":[1,1,1]}`, []Option{Detokenise(digits)}, "user: 1 | assistant: 2 (learnt) | assistant: 3"},
		{"tokens without labels", `{"input_ids":[1,2,3]}`, []Option{Detokenise(digits)}, "assistant: 123 (learnt)"},
		{"tokens that are not learnt", `{"input_ids":[1,2],"labels":[-100,-100]}`, []Option{Detokenise(digits)}, "assistant: 12"},
		{"tokens without text", `{"input_ids":[7]}`, []Option{Detokenise(digits)}, "1: tokens [0, 1) have no text: 7 is no token; name the tokenizer that made the row"},
		{"a label of another token", `{"input_ids":[1,2],"labels":[1,3]}`, []Option{Detokenise(digits)}, "1:29: labels[1] is 3, and the token is 2; a label is its token, or -100 for a token that is not learnt"},
		{"a label too many", `{"input_ids":[1],"labels":[1,1]}`, []Option{Tokenised()}, "1:27: labels has 2 elements, and there are 1 tokens; write one element for each token"},
		{"a token below 0", `{"ids":[-1]}`, []Option{Tokenised()}, `1:9: input_ids[0] is -1, want a token ID; write the IDs that the tokenizer gives`},
		{"a mask of the loss of tokens", `{"input_ids":[1,2,3],"completion_mask":[0,1,0]}`, []Option{Detokenise(digits)}, "user: 1 | assistant: 2 (learnt) | assistant: 3"},
		{"a mask that is no mask", `{"input_ids":[1],"loss_mask":[2]}`, []Option{Tokenised()}, "1:30: element 0 of the mask of the loss is 2, want 0 or 1; write 1 for a token that is learnt, and 0 for another one"},
		{"a mask that is too short", `{"input_ids":[1,2],"assistant_masks":[1]}`, []Option{Tokenised()}, "1:38: the mask of the loss has 1 elements, and there are 2 tokens; write one element for each token"},
		{"two masks of the loss", `{"input_ids":[1],"loss_mask":[1],"completion_mask":[1]}`, []Option{Tokenised()}, `1:34: the row has the fields "loss_mask" and "completion_mask", which mean the same; rename or drop one of them`},
		{"padding", `{"input_ids":[1,0],"attention_mask":[1,0]}`, []Option{Tokenised()}, "1:37: attention_mask[1] is 0, so that the token is padding; drop the tokens of padding from all lists of the row"},
		{"two names of tokens", `{"ids":[1],"input_ids":[1]}`, nil, `1:12: the row has the fields "ids" and "input_ids", which mean the same; rename or drop one of them`},
	} {
		got := ""
		for row, err := range NewReader("", strings.NewReader(c.line), c.opts...).Rows() {
			if got = strings.TrimPrefix(fmt.Sprint(err), "line "); err == nil {
				got = summary(row)
			}
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.reason, got, c.want)
		}
	}
}

// digits spells tokens below 5.
func digits(ids []int32) (string, error) {
	text := ""
	for _, id := range ids {
		if id > 4 {
			return "", fmt.Errorf("%d is no token", id)
		}
		text += fmt.Sprint(id)
	}
	return text, nil
}

func TestTokenised(t *testing.T) {
	for row, err := range NewReader("f", strings.NewReader(`{"ids":[5,6,7,8],"labels":[-100,6,-100,8]}`), Tokenised()).Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if row.Shape != TokenIDs || fmt.Sprint(*row.Tokens) != "{[5 6 7 8] [[1 2] [3 4]]}" || len(row.Messages) > 0 {
			t.Errorf("%s %+v", row.Shape, row.Tokens)
		}
	}
	for _, err := range Read("f", strings.NewReader(`{"ids":[1]}`)) {
		if !errors.Is(err, ErrShape) {
			t.Errorf("error %v", err)
		}
	}
}

func TestToolsOfARow(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{`{"text":"a"}`, ""},
		{`{"prompt":"q","completion":"a","tools":[{"name": "f"}]}`, `[{"name": "f"}]`},
		{`{"prompt":"q","completion":"a","tools":"[{\"name\": \"f\"}]"}`, `[{"name": "f"}]`},
		{`{"prompt":"q","completion":"a","tools":[ ]}`, ""},
		{`{"prompt":"q","completion":"a","tools":"[]"}`, ""},
		{`{"prompt":"q","completion":"a","functions":[{"name":"f"}]}`, `[{"name":"f"}]`},
		{`{"input":{"messages":[{"role":"user","content":"q"}],"tools":[{"name":"f"}]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]}`, `[{"name":"f"}]`},
	} {
		if e := read(t, c.line); e.Tools != c.want {
			t.Errorf("%s: tools %q, want %q", c.line, e.Tools, c.want)
		}
	}
}
