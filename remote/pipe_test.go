package remote

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
)

// pipes is a network within the process, so that tests run in the time of package testing/synctest.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func (p *pipes) dial(ctx context.Context, _, address string) (net.Conn, error) {
	if address != "server:80" {
		return nil, errors.New("no such host")
	}
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serve serves a handler at http://server. The caller closes the connections at the end.
func serve(t *testing.T, h http.Handler) (transport *http.Transport, done func()) {
	t.Helper()
	p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	var running sync.WaitGroup
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		running.Add(1)
		defer running.Done()
		h.ServeHTTP(w, r)
	})}
	running.Go(func() { _ = s.Serve(p) })
	transport = &http.Transport{DialContext: p.dial}
	return transport, func() {
		transport.CloseIdleConnections()
		_ = s.Close()
		running.Wait()
	}
}
