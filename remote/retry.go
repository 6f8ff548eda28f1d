package remote

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Waits between attempts grow from firstWait by a factor of 2, with jitter of one half, until
// [Limits.MaxWait].
const firstWait = 500 * time.Millisecond

// retried repeats call until it succeeds, the error is final, or the tries are used up.
func retried(ctx context.Context, l Limits, call func() error) error {
	wait := &backoff.ExponentialBackOff{InitialInterval: min(firstWait, l.MaxWait), RandomizationFactor: .5, Multiplier: 2, MaxInterval: l.MaxWait}
	_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, call() },
		backoff.WithBackOff(wait), backoff.WithMaxTries(uint(l.Tries)), backoff.WithMaxElapsedTime(0))
	return err
}

// parseRetryAfter returns how long a response asks to wait, with up to a tenth more so that clients
// do not return at once; 0 if it does not say. A date is read against the server's own clock, so
// that clocks that differ do not matter.
func parseRetryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return 0
	}
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		if date, err := http.ParseTime(h.Get("Date")); err == nil {
			now = date
		}
		wait = max(0, at.Sub(now))
	}
	return wait + time.Duration(rand.Float64()*float64(wait)/10)
}

// mayRetry reports whether another attempt may succeed after a response of this status.
func mayRetry(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= 500 && status != http.StatusNotImplemented
}
