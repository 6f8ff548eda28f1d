package remote

import (
	"net/http"
	"testing"
	"time"
)

// The wait is at least what the server asks for, and at most a tenth more.
func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, c := range []struct {
		reason, after, date string
		want                time.Duration
	}{
		{"none", "", "", 0},
		{"seconds", "30", "", 30 * time.Second},
		{"spaces", " 30 ", "", 30 * time.Second},
		{"zero", "0", "", 0},
		{"a negative number", "-5", "", 0},
		{"a fraction", "1.5", "", 0},
		{"a number beyond 31 bits", "99999999999", "", 0},
		{"no date", "soon", "", 0},
		{"a date", at(20 * time.Second), "", 20 * time.Second},
		{"a date in the past", at(-time.Hour), "", 0},
		{"a clock that is ahead", at(time.Hour + 20*time.Second), at(time.Hour), 20 * time.Second},
		{"a clock that is behind", at(20*time.Second - time.Hour), at(-time.Hour), 20 * time.Second},
		{"a date beside a Date that cannot be read", at(20 * time.Second), "now", 20 * time.Second},
	} {
		h := http.Header{}
		h.Set("Retry-After", c.after)
		h.Set("Date", c.date)
		if got := parseRetryAfter(h, now); got < c.want || got > c.want+c.want/10 {
			t.Errorf("%s: %v, want %v", c.reason, got, c.want)
		}
	}
}

func TestMayRetry(t *testing.T) {
	for status := 100; status < 600; status++ {
		want := status == 408 || status == 425 || status == 429 || status >= 500 && status != 501
		if got := mayRetry(status); got != want {
			t.Errorf("status %d: %v, want %v", status, got, want)
		}
	}
}
