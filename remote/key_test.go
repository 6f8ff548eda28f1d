package remote

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
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

// A server may repeat the key in the spelling of JSON or of a URL.
func TestKeyIsNotQuotedInAnotherSpelling(t *testing.T) {
	c := &caller{key: `sk-a"b/c+d=e\f`}
	for _, text := range []string{c.key, `bad key sk-a\"b/c+d=e\\f`, `sk-a"b\/c+d=e\f`, "?key=sk-a%22b%2Fc%2Bd%3De%5Cf", "/sk-a%22b%2Fc+d=e%5Cf/"} {
		if got := c.quote([]byte(text)); strings.Contains(got, "sk-a") {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// echoing is a server that repeats the key in what it says about itself, with a model of a name.
type echoing struct{ name string }

func (e echoing) RoundTrip(r *http.Request) (*http.Response, error) {
	key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	body := `{"version": "1 ` + key + `", "data": [{"id": "` + e.name + `", "owned_by": "vllm", "root": "/` + key + `/m"}]}`
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// What a server says about itself is part of reports and recordings, without the key.
func TestKeyIsNotRecorded(t *testing.T) {
	t.Setenv("UNDERTONE_TEST_KEY", testKey)
	path := filepath.Join(t.TempDir(), "answers")
	m, err := Open(t.Context(), Config{URL: "http://server", KeyEnv: "UNDERTONE_TEST_KEY", Transport: echoing{"m"}, Recording: path})
	if err != nil {
		t.Fatal(err)
	}
	closeModel(t, m)
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), "[key]") || strings.Contains(string(text), testKey) {
		t.Errorf("error %v, recording %s", err, text)
	}
}

// The name of a model is part of errors and recordings, so its length is bounded.
func TestLongName(t *testing.T) {
	for n, ok := range map[int]bool{maxName: true, maxName + 1: false} {
		_, err := Open(t.Context(), Config{URL: "http://server", Transport: echoing{strings.Repeat("m", n)}})
		if ok != (err == nil) || err != nil && (len(err.Error()) > 200 || !strings.Contains(err.Error(), "a name or a path of 4097 bytes, want at most 4096")) {
			t.Errorf("%d bytes: error %.300v", n, err)
		}
	}
}

// A key that no header can hold is refused before it is sent.
func TestKeyOfAHeader(t *testing.T) {
	for key, ok := range map[string]bool{"sk-abc": true, " sk-abc\n": true, "sk\nabc": false, "sk abc": false, "\u043a\u043b\u044e\u0447": false, "": false} {
		t.Setenv("UNDERTONE_TEST_KEY", key)
		if _, err := (Config{KeyEnv: "UNDERTONE_TEST_KEY"}).key(); ok != (err == nil) || err != nil && key != "" && strings.Contains(err.Error(), key) {
			t.Errorf("%q: error %v", key, err)
		}
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
