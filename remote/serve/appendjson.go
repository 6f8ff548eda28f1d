package serve

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// appendJSON appends the JSON of a response, with the bytes of package encoding/json, which would
// copy the scores of the prompts several times.
func (r *completionResponse) appendJSON(b []byte) []byte {
	size := 1024
	for _, c := range r.Choices {
		size += 256 + len(c.Text) + len(c.PromptLogProbs) + 8*(len(c.TokenIDs)+len(c.PromptTokenIDs))
	}
	b = slices.Grow(b, size)
	b = appendString(append(b, `{"id":`...), r.ID)
	b = appendString(append(b, `,"object":`...), r.Object)
	b = strconv.AppendInt(append(b, `,"created":`...), r.Created, 10)
	b = appendString(append(b, `,"model":`...), r.Model)
	b = append(b, `,"choices":`...)
	b = appendList(b, r.Choices, func(b []byte, c completionChoice) []byte { return c.appendJSON(b) })
	b = appendValue(append(b, `,"service_tier":`...), r.ServiceTier)
	b = appendString(append(b, `,"system_fingerprint":`...), r.Fingerprint)
	b = appendValue(append(b, `,"usage":`...), r.Usage)
	b = appendValue(append(b, `,"kv_transfer_params":`...), r.KVTransfer)
	b = appendValue(append(b, `,"ec_transfer_params":`...), r.ECTransfer)
	b = appendValue(append(b, `,"metrics":`...), r.Metrics)
	return append(b, '}')
}

func (c *completionChoice) appendJSON(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"index":`...), int64(c.Index), 10)
	b = appendString(append(b, `,"text":`...), c.Text)
	b = appendOrNull(append(b, `,"logprobs":`...), c.LogProbs)
	b = appendString(append(b, `,"finish_reason":`...), c.FinishReason)
	if b = append(b, `,"stop_reason":`...); c.StopReason == nil {
		b = append(b, null...)
	} else {
		b = appendValue(b, c.StopReason)
	}
	b = appendList(append(b, `,"token_ids":`...), c.TokenIDs, appendID)
	if b = append(b, `,"prompt_logprobs":`...); c.PromptLogProbs == nil {
		b = append(b, null...)
	} else {
		b = append(b, c.PromptLogProbs...)
	}
	b = appendList(append(b, `,"prompt_token_ids":`...), c.PromptTokenIDs, appendID)
	b = appendOrNull(append(b, `,"routed_experts":`...), c.RoutedExperts)
	return append(b, '}')
}

const null = "null"

func appendID(b []byte, id int32) []byte { return strconv.AppendInt(b, int64(id), 10) }

// appendList appends the JSON of a list, null for nil.
func appendList[T any](b []byte, list []T, element func([]byte, T) []byte) []byte {
	if list == nil {
		return append(b, null...)
	}
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = element(b, v)
	}
	return append(b, ']')
}

// appendOrNull appends the JSON of a value, null for nil.
func appendOrNull[T any](b []byte, v *T) []byte {
	if v == nil {
		return append(b, null...)
	}
	return appendValue(b, v)
}

// appendString appends a text in JSON.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return appendValue(b, s)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

// appendValue appends the JSON of a value that has one.
func appendValue(b []byte, v any) []byte {
	text, _ := encode(v)
	return append(b, text...)
}

// encode returns the JSON of a value.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
