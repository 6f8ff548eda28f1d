package remote

import (
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// ErrBudget is wrapped by the error of a run that reaches [Limits.MaxTokensTotal] or
// [Limits.MaxCost].
var ErrBudget = errors.New("the budget of the run is spent")

// ErrScorer is wrapped by the errors of answers that cannot be the scores of what was asked.
var ErrScorer = errors.New("the answer does not fit the request")

// ErrTokens is wrapped by the errors of scores of other tokens than were sent. It wraps
// [ErrScorer].
var ErrTokens = fmt.Errorf("%w", ErrScorer)

// Error is a request that failed. Its text names the URL without the key.
type Error struct {
	Op     string // what was asked, such as "POST /v1/completions"
	URL    string // of the server
	Status int    // of the response, or 0 if there was none
	Reason error
	Advice string // what to do, or ""

	retry      bool          // another attempt may succeed
	split      bool          // a smaller request may succeed
	whole      bool          // the same request may succeed, though it was not tried again because a smaller one may
	begun      bool          // a part of an answer of status 200 arrived
	retryAfter time.Duration // what the server asks for; 0 if nothing
}

func (e *Error) Error() string {
	text := fmt.Sprintf("remote: %s at %s: ", e.Op, e.URL)
	if e.Status != 0 {
		text += fmt.Sprintf("status %d: ", e.Status)
	}
	text += e.Reason.Error()
	if e.Advice != "" {
		text += ": " + e.Advice
	}
	return text
}

func (e *Error) Unwrap() error { return e.Reason }

// As tells package backoff how long the server asks to wait, and which errors are final.
func (e *Error) As(target any) bool {
	switch t := target.(type) {
	case **backoff.RetryAfterError:
		if e.retry && e.retryAfter > 0 {
			*t = &backoff.RetryAfterError{Duration: e.retryAfter}
			return true
		}
	case **backoff.PermanentError:
		if !e.retry {
			*t = &backoff.PermanentError{Err: e}
			return true
		}
	}
	return false
}
