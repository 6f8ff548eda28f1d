package serve

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is the time after which a test fails instead of waiting.
const patience = 30 * time.Second

// listening is a server on a port of this machine.
type listening struct {
	*Server
	url    string
	client *http.Client
	stop   context.CancelFunc
	done   chan error // what Serve returned
}

// listen starts a server, which stops at the end of the test.
func listen(t *testing.T, c Config) *listening {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &listening{newServer(t, c), "http://" + l.Addr().String(), &http.Client{Transport: &http.Transport{}, Timeout: patience}, stop, make(chan error, 1)}
	go func() {
		s.done <- s.Serve(ctx, l)
		close(s.done)
	}()
	t.Cleanup(func() {
		stop()
		<-s.done
		s.client.CloseIdleConnections()
	})
	return s
}

// post sends a request.
func (s *listening) post(ctx context.Context, path, body string) (status int, header http.Header, text string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	w, err := s.client.Do(r)
	if err != nil {
		return 0, nil, "", err
	}
	defer w.Body.Close()
	b, err := io.ReadAll(w.Body)
	return w.StatusCode, w.Header, string(b), err
}

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it takes more than %v until %s", patience, what)
		}
	}
}

// long is a request that is computed for seconds if nothing cancels it.
const long = `{"prompt":"a","n":128,"max_tokens":250,"ignore_eos":true}`

// A full queue is answered with 429, and the requests that wait are answered in the end.
func TestFullQueue(t *testing.T) {
	s := listen(t, Config{Limits: Limits{Concurrent: 1, Queued: 2}})
	leave, err := s.gate.enter(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	const short = `{"prompt":"a","max_tokens":1}`
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			if status, _, text, err := s.post(context.Background(), "/v1/completions", short); status != http.StatusOK || err != nil {
				t.Errorf("a request that waits: status %d, %s, %v", status, text, err)
			}
		})
	}
	until(t, "two requests wait", func() bool { return len(s.gate.admitted) == 3 })
	status, header, text, err := s.post(context.Background(), "/v1/completions", short)
	if status != http.StatusTooManyRequests || header.Get("Retry-After") == "" || err != nil {
		t.Errorf("status %d, Retry-After %q, %s, %v; want 429", status, header.Get("Retry-After"), text, err)
	}
	errorOf(t, []byte(text))
	if status, _, text, err := s.post(context.Background(), "/tokenize", `{"prompt":"a"}`); status != http.StatusOK || err != nil {
		t.Errorf("/tokenize while the queue is full: status %d, %s, %v", status, text, err)
	}
	leave()
	group.Wait()
	if n := len(s.gate.admitted); n != 0 {
		t.Errorf("%d requests are admitted at the end", n)
	}
}

// A client that goes away cancels its request, whether it waits or is computed.
func TestClientGoesAway(t *testing.T) {
	s := listen(t, Config{Limits: Limits{Concurrent: 1}})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if _, _, _, err := s.post(ctx, "/v1/completions", long); !errors.Is(err, context.Canceled) {
				t.Errorf("the request ended with %v", err)
			}
		})
	}
	until(t, "the requests are admitted", func() bool { return len(s.gate.admitted) == 3 })
	cancel()
	group.Wait()
	until(t, "the requests are cancelled", func() bool { return len(s.gate.admitted) == 0 })
}

// A server that stops finishes the requests that have begun, and accepts no other ones.
func TestGracefulStop(t *testing.T) {
	s := listen(t, Config{Limits: Limits{Concurrent: 1}})
	leave, err := s.gate.enter(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan string, 1)
	go func() {
		status, _, text, err := s.post(context.Background(), "/v1/completions", `{"prompt":"a","max_tokens":1}`)
		answered <- fmt.Sprint(status, err, strings.Contains(text, "choices"))
	}()
	until(t, "the request waits", func() bool { return len(s.gate.admitted) == 2 })
	s.stop()
	until(t, "the listener is closed", func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	leave()
	if got := <-answered; got != "200 <nil> true" {
		t.Errorf("the request that had begun: %s", got)
	}
	if err := <-s.done; err != nil {
		t.Errorf("Serve returns %v", err)
	}
}

// A server that stops cancels requests that take longer than the time for stopping.
func TestStopCancels(t *testing.T) {
	s := listen(t, Config{Limits: Limits{Grace: time.Millisecond}})
	answered := make(chan error, 1)
	go func() {
		_, _, _, err := s.post(context.Background(), "/v1/completions", long)
		answered <- err
	}()
	until(t, "the request is computed", func() bool { return len(s.gate.running) == 1 })
	s.stop()
	if err := <-s.done; err == nil || !strings.Contains(err.Error(), "cancelled") {
		t.Errorf("Serve returns %v", err)
	}
	<-answered
	until(t, "the request is cancelled", func() bool { return len(s.gate.admitted) == 0 })
}

// Nothing runs on after a server has stopped and its clients have gone.
func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	s := listen(t, Config{})
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if i%2 == 0 {
				time.AfterFunc(time.Duration(i)*time.Millisecond, cancel)
			}
			_, _, _, _ = s.post(ctx, "/v1/completions", `{"prompt":"a","n":4,"max_tokens":100,"prompt_logprobs":1}`)
		})
	}
	group.Wait()
	s.stop()
	if err := <-s.done; err != nil {
		t.Error(err)
	}
	s.client.CloseIdleConnections()
	until(t, "the goroutines end", func() bool { return runtime.NumGoroutine() <= before+1 })
}

// A body that arrives too slowly is answered with 408, and a long computation is not cancelled by
// the deadline of its body.
func TestSlowBody(t *testing.T) {
	s := listen(t, Config{Limits: Limits{Body: 50 * time.Millisecond, Concurrent: 1}})
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(c); !bytes.HasPrefix(b, []byte("HTTP/1.1 408 ")) || err != nil {
		t.Errorf("%q, %v; want status 408", b, err)
	}
	leave, err := s.gate.enter(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(200*time.Millisecond, leave)
	if status, _, text, err := s.post(context.Background(), "/v1/completions", `{"prompt":"a","max_tokens":1}`); status != http.StatusOK || err != nil {
		t.Errorf("a request that waits longer than its body may take: status %d, %s, %v", status, text, err)
	}
}

// A request that is refused by its header is answered at once, although its body does not arrive.
func TestRefusalDoesNotWaitForTheBody(t *testing.T) {
	s := listen(t, Config{})
	for header, want := range map[string]string{"Host: evil.example": "403", "Host: localhost\r\nOrigin: http://evil.example": "403"} {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, "POST /v1/completions HTTP/1.1\r\n"+header+"\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"); err != nil {
			t.Fatal(err)
		}
		if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(c); !bytes.HasPrefix(b, []byte("HTTP/1.1 "+want+" ")) || err != nil {
			t.Errorf("%q: %q, %v; want status %s", header, b, err, want)
		}
	}
}

// Requests of several models at once, with adapters that come and go, are all answered. The race
// detector watches.
func TestConcurrentRequests(t *testing.T) {
	root := adapted(t)
	s := listen(t, Config{AdapterRoot: root})
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			name := fmt.Sprint("a", i)
			for range 5 {
				for _, step := range [][2]string{
					{"/v1/load_lora_adapter", loadBody(name, []string{"owl", "cat"}[i%2])},
					{"/v1/completions", fmt.Sprintf(`{"model":%q,"prompt":[[1,2],[1,5,2]],"max_tokens":2,"prompt_logprobs":1,"logprobs":1}`, name)},
					{"/v1/chat/completions", `{"messages":[{"role":"user","content":"a"}],"max_tokens":3}`},
					{"/v1/unload_lora_adapter", fmt.Sprintf(`{"lora_name":%q}`, name)},
				} {
					if status, _, text, err := s.post(context.Background(), step[0], step[1]); status != http.StatusOK || err != nil {
						t.Errorf("%s: status %d, %s, %v", step[0], status, text, err)
					}
				}
			}
		})
	}
	group.Wait()
}
