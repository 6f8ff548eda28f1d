package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
)

// failure is an error response: the error object of OpenAI's protocol.
type failure struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"` // field of the request, null if none
	Code    int     `json:"code"`  // status
}

func (f *failure) Error() string { return f.Message }

func failed(code int, kind, param, format string, args ...any) *failure {
	f := &failure{Message: fmt.Sprintf(format, args...), Type: kind, Code: code}
	if param != "" {
		f.Param = &param
	}
	return f
}

// invalid is the error of a request that is wrong.
func invalid(param, format string, args ...any) *failure {
	return failed(http.StatusBadRequest, "BadRequestError", param, format, args...)
}

func notFound(param, format string, args ...any) *failure {
	return failed(http.StatusNotFound, "NotFoundError", param, format, args...)
}

// asFailure returns the response for an error.
func asFailure(err error) *failure {
	var f *failure
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &large):
		return failed(http.StatusRequestEntityTooLarge, "BadRequestError", "", "the request has more than %d bytes: send fewer prompts at once", large.Limit)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return failed(http.StatusServiceUnavailable, "ServiceUnavailableError", "", "the request was cancelled: the client has gone, or the server stops")
	}
	return failed(http.StatusInternalServerError, "InternalServerError", "", "%v", err)
}

// writeError writes an error response.
func writeError(w http.ResponseWriter, f *failure) {
	switch f.Code {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	writeJSON(w, f.Code, map[string]*failure{"error": f})
}

// discard drops what net/http says of broken connections: it can name clients.
var discard = log.New(io.Discard, "", 0)
