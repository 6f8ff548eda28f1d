package remote

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
)

// errorBody is the JSON with which servers describe a failure. The error may be an object or a
// text.
type errorBody struct {
	Error   json.RawMessage `json:"error"`
	Message string          `json:"message"`
	Detail  json.RawMessage `json:"detail"`
}

// errorObject is the error of OpenAI's protocol.
type errorObject struct {
	Message string          `json:"message"`
	Code    json.RawMessage `json:"code"` // a status, or a word
}

// messageIn returns what the body of a response says about a failure; "" if it says nothing.
func messageIn(body []byte) string {
	var known errorBody
	if json.Unmarshal(body, &known) != nil {
		return ""
	}
	for _, part := range []json.RawMessage{known.Error, known.Detail} {
		var inner errorObject
		var text string
		switch {
		case json.Unmarshal(part, &inner) == nil && inner.Message != "":
			return inner.Message
		case json.Unmarshal(part, &text) == nil && text != "":
			return text
		}
	}
	return known.Message
}

// longestError is the size, in bytes, of the largest body that may be an error.
const longestError = 64 << 10

// errorInside returns the error of a response of status 200 that holds an error in place of an
// answer, as some services and proxies send it; nil if it holds an answer.
func (c *caller) errorInside(r request, body []byte) *Error {
	if len(body) > longestError {
		return nil
	}
	if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
		return c.wrap(r, 0, errors.New("the body of the response is null instead of an answer"), true)
	}
	var known errorBody
	if json.Unmarshal(body, &known) != nil || !stated(known.Error) && !stated(known.Detail) {
		return nil
	}
	text := messageIn(body)
	if text == "" {
		text = string(body)
	}
	var inner errorObject
	status := 0
	if json.Unmarshal(known.Error, &inner) == nil {
		_ = json.Unmarshal(inner.Code, &status) // 0 if it is a word
	}
	e := c.wrap(r, http.StatusOK, errors.New("an error instead of an answer: "+c.quote([]byte(text))), mayRetry(status))
	e.split = status >= 500 && e.retry
	return e
}

// stated reports whether a field has a value.
func stated(value json.RawMessage) bool {
	switch string(value) {
	case "", "null", `""`, "{}", "[]", "false", "0":
		return false
	}
	return true
}
