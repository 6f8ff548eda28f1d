package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// answerFunc answers the body of a request. It fills in what is logged.
type answerFunc func(ctx context.Context, body []byte, e *Entry) (any, error)

// plain is a response that is text.
type plain string

// post returns the handler of requests with a body in JSON.
func (s *Server) post(answer answerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var e Entry
		response, err := s.answer(w, r, answer, &e)
		if rec, ok := w.(*recorder); ok {
			rec.entry = e
		}
		control := http.NewResponseController(w)
		_ = control.SetWriteDeadline(time.Now().Add(s.config.Response)) // not supported by recorders of tests
		switch text, isText := response.(plain); {
		case err != nil:
			writeError(w, asFailure(err))
		case isText:
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = io.WriteString(w, string(text))
		default:
			writeJSON(w, http.StatusOK, response)
		}
	})
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, answer answerFunc, e *Entry) (any, error) {
	if !isJSON(r) {
		return nil, invalid("", "the Content-Type is not application/json")
	}
	received, release := s.bodies.reader(http.MaxBytesReader(w, r.Body, s.config.BodyBytes))
	defer release()
	body, err := s.read(w, r, received)
	if err != nil {
		return nil, err
	}
	if err := checkText(body); err != nil {
		return nil, err
	}
	return answer(r.Context(), body, e)
}

// read returns the body of a request. Its deadline ends with the body: later it would cancel the
// request's context. It stays if the body is not received, so that nothing waits for the rest.
func (s *Server) read(w http.ResponseWriter, r *http.Request, received io.Reader) ([]byte, error) {
	if n := r.ContentLength; n > s.config.BodyBytes {
		return nil, &http.MaxBytesError{Limit: s.config.BodyBytes}
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(s.config.Body)) // not supported by recorders of tests
	var b bytes.Buffer
	b.Grow(int(min(max(r.ContentLength, 0), maxUnread)) + bytes.MinRead) // what ReadFrom needs to see the end
	_, err := b.ReadFrom(received)
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return nil, err
	case errors.As(err, new(*failure)):
		w.Header().Set("Connection", "close") // the rest is not read
		_ = control.SetReadDeadline(time.Now().Add(refusedBodyTime))
		return nil, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, failed(http.StatusRequestTimeout, "BadRequestError", "", "the request was not received within %v", s.config.Body)
	case err != nil:
		return nil, invalid("", "the request was not received: %v", err)
	}
	_ = control.SetReadDeadline(time.Time{})
	return b.Bytes(), nil
}

// maxUnread is the most memory for a body before it is received, in bytes.
const maxUnread = 64 << 10

// decode decodes a request.
func decode(body []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(to); err != nil {
		var wrong *json.UnmarshalTypeError
		switch {
		case errors.As(err, new(*failure)):
			return err
		case errors.As(err, &wrong):
			field := strings.TrimPrefix(strings.TrimPrefix(wrong.Field, "common."), "conversation.") // embedded
			return invalid(field, "`%s` is a JSON %s, want another type", field, wrong.Value)
		}
		return invalid("", "the request is not valid JSON: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return invalid("", "the request has text after its JSON object")
	}
	return nil
}

// appender is a response that writes its own JSON.
type appender interface{ appendJSON(b []byte) []byte }

// writeJSON writes a response. A client that is gone is no error here.
func writeJSON(w http.ResponseWriter, status int, v any) {
	var b []byte
	var err error
	if a, ok := v.(appender); ok {
		b = a.appendJSON(nil)
	} else if b, err = encode(v); err != nil { // a value of this package: no request causes it
		status = http.StatusInternalServerError
		b = []byte(`{"error":{"message":"the response cannot be encoded","type":"InternalServerError","param":null,"code":500}}`)
	}
	b = append(b, '\n')
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	_, _ = w.Write(b)
}
