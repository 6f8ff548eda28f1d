package serve

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

func TestKey(t *testing.T) {
	s := newServer(t, Config{Key: "secret"})
	for authorization, want := range map[string]int{
		"": 401, "Bearer": 401, "Bearer ": 401, "Bearer other": 401, "Basic secret": 401, "secret": 401, "Bearer secret2": 401,
		"Bearer secret": 200, "bearer secret": 200,
	} {
		for _, path := range []string{"/v1/models", "/version"} {
			r := request(path, "")
			r.Header.Set("Authorization", authorization)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%s with %q: status %d, want %d", path, authorization, w.Code, want)
			}
			if want == http.StatusUnauthorized {
				if errorOf(t, w.Body.Bytes()); strings.Contains(w.Body.String(), "secret") {
					t.Errorf("the answer has the key: %s", w.Body)
				}
			}
		}
	}
	if w := send(s, "/health", ""); w.Code != http.StatusOK || w.Body.Len() != 0 {
		t.Errorf("/health without the key: status %d, %q", w.Code, w.Body)
	}
}

// Pages in a browser cannot use a server of this machine: they send Origin, or a form.
func TestBrowsersAreRefused(t *testing.T) {
	s := newServer(t, Config{})
	r := request("/v1/completions", `{"prompt":"a"}`)
	r.Header.Set("Origin", "http://127.0.0.1:8000")
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, r); w.Code != http.StatusForbidden {
		t.Errorf("Origin: status %d", w.Code)
	}
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/json2"} {
		r := request("/v1/completions", `{"prompt":"a"}`)
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != http.StatusBadRequest {
			t.Errorf("Content-Type %q: status %d", kind, w.Code)
		}
	}
	r = request("/v1/completions", `{"prompt":"a"}`)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	w = httptest.NewRecorder()
	if s.ServeHTTP(w, r); w.Code != http.StatusOK {
		t.Errorf("with a charset: status %d, %s", w.Code, w.Body)
	}
}

// The log has endpoints, status and counts, and neither texts nor keys.
func TestLog(t *testing.T) {
	var mu sync.Mutex
	var entries []Entry
	s := newServer(t, Config{Key: "secret", Log: func(e Entry) {
		mu.Lock()
		defer mu.Unlock()
		entries = append(entries, e)
	}})
	for _, c := range []struct{ path, key, body string }{
		{"/v1/completions", "secret", `{"prompt":["private","words"],"max_tokens":2,"ignore_eos":true}`},
		{"/v1/completions", "wrong", `{"prompt":"private"}`},
		{"/private", "secret", ""},
		{"/health", "", ""},
	} {
		r := request(c.path, c.body)
		r.Header.Set("Authorization", "Bearer "+c.key)
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	if len(entries) != 4 {
		t.Fatalf("%d entries, want 4", len(entries))
	}
	first := entries[0]
	if first.Method != "POST" || first.Path != "/v1/completions" || first.Status != 200 || first.Model != "tiny" || first.Prompts != 2 || first.Read == 0 || first.Written != 4 {
		t.Errorf("%+v", first)
	}
	if entries[1].Status != 401 || entries[2].Status != 404 || entries[2].Path != "" || entries[3].Path != "/health" || entries[3].Status != 200 {
		t.Errorf("%+v", entries[1:])
	}
	if text := fmt.Sprint(entries); strings.Contains(text, "private") || strings.Contains(text, "secret") {
		t.Errorf("the log has a text or a key: %s", text)
	}
}
