package remote

import (
	"strings"
	"testing"
)

// No part of the key is in the text of an error, also if the cut of a long text lies inside it.
func TestKeyIsNotQuoted(t *testing.T) {
	key := "sk-" + strings.Repeat("abcdefghij", 10)
	c := &caller{key: key}
	for pad := range 1300 {
		if got := c.quote([]byte(strings.Repeat("p", pad) + key + strings.Repeat("x", 2000))); strings.Contains(got, key[:8]) {
			t.Fatalf("%d characters before the key: %s", pad, got)
		}
	}
	if got := c.quote([]byte(strings.Repeat("pad "+key, 30))); strings.Contains(got, key[:8]) {
		t.Errorf("a text that repeats the key: %s", got)
	}
}

// A server cannot cancel a budget by what it counts.
func TestCountedTokens(t *testing.T) {
	plan := tokenCount{100, 10}
	for _, c := range []struct{ server, want tokenCount }{
		{tokenCount{90, 4}, tokenCount{90, 4}},
		{tokenCount{}, plan},
		{tokenCount{-30000, 5}, plan},
		{tokenCount{5, -1}, plan},
		{tokenCount{1 << 62, 1}, plan},
	} {
		if got := (request{tokens: plan}).counted(c.server); got != c.want {
			t.Errorf("%+v: %+v, want %+v", c.server, got, c.want)
		}
	}
}
