package serve

import (
	"bytes"
	"encoding/json"
	"testing"
)

// A response writes the bytes that package encoding/json writes.
func TestAppendIsEncode(t *testing.T) {
	text := "<é\u2028\"\\\n> \x7f\xff"
	scored := completionChoice{
		Index: 3, Text: text, FinishReason: "stop", StopReason: int32(5), TokenIDs: []int32{}, PromptTokenIDs: []int32{1, 0, -2147483648},
		PromptLogProbs: json.RawMessage(`[null,{"0":{"logprob":-1.5}}]`), RoutedExperts: &text,
		LogProbs: &completionLogProbs{TextOffset: []int{0}, TokenLogProbs: []*float64{nil}, Tokens: []string{text}, TopLogProbs: []json.RawMessage{json.RawMessage("null")}},
	}
	for _, r := range []*completionResponse{
		{},
		{Choices: []completionChoice{}},
		{
			ID: "cmpl-1", Object: "text_completion", Created: 1 << 40, Model: text, Fingerprint: "sha256:0", ServiceTier: &text, KVTransfer: &text, ECTransfer: &text, Metrics: &text,
			Usage: usage{Prompt: 1, Total: 3, Completion: 2}, Choices: []completionChoice{scored, {Text: "plain", StopReason: text}},
		},
	} {
		want, err := encode(r)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.appendJSON(nil); !bytes.Equal(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
