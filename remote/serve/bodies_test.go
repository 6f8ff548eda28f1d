package serve

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
)

// Bodies that stop arriving hold no more than the limit of all bodies. Requests beyond it are
// answered with 503, and are answered again when the others are gone.
func TestStalledBodies(t *testing.T) {
	const each = 200_000
	s := listen(t, Config{Limits: Limits{BodyBytes: 2 * each, AllBytes: 2*each + each/2}})
	var stalled []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		stalled = append(stalled, c)
		if _, err := fmt.Fprintf(c, "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", each+1, strings.Repeat(" ", each)); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "two bodies are held", func() bool { return s.bodies.held.Load() == 2*each })
	large := `{"prompt":"a","max_tokens":1` + strings.Repeat(" ", each) + `}`
	status, header, text, err := s.post(context.Background(), "/v1/completions", large)
	if status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" || err != nil {
		t.Errorf("status %d, Retry-After %q, %s, %v; want 503", status, header.Get("Retry-After"), text, err)
	}
	errorOf(t, []byte(text))
	if status, _, text, err := s.post(context.Background(), "/v1/completions", `{"prompt":"a","max_tokens":1}`); status != http.StatusOK || err != nil {
		t.Errorf("a small request beside stalled ones: status %d, %s, %v", status, text, err)
	}
	for _, c := range stalled {
		c.Close()
	}
	until(t, "no body is held", func() bool { return s.bodies.held.Load() == 0 })
	if status, _, text, err := s.post(context.Background(), "/v1/completions", large); status != http.StatusOK || err != nil {
		t.Errorf("after the stalled requests: status %d, %s, %v", status, text, err)
	}
}
