//go:build unix

package external_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/undertone-audit/undertone/student/external"
)

// service starts a fake program as a service.
func service(t *testing.T, ctx context.Context, behaviour string, more ...string) (*external.Service, string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "serve.log")
	s, err := external.StartService(ctx, external.ServiceConfig{
		Command: append(command(t, behaviour, more...), "{model}:{port}"), Model: "/m", Base: "/b", Port: 1234, Log: log, Grace: 50 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, log
}

// A service is stopped with all of its processes, although they ignore the request to end: by Stop,
// and by the end of the context.
func TestServiceStops(t *testing.T) {
	for _, byContext := range []bool{false, true} {
		child := filepath.Join(t.TempDir(), "child")
		ctx, cancel := context.WithCancel(t.Context())
		s, _ := service(t, ctx, "hangs", child)
		for !exists(child) {
			select {
			case <-s.Done():
				t.Fatal(s.Err())
			case <-time.After(5 * time.Millisecond):
			}
		}
		if byContext {
			cancel()
			<-s.Done()
		}
		s.Stop()
		s.Stop()
		cancel()
		gone(t, child)
	}
}

// A service that ends says why, and where its log is.
func TestServiceEnds(t *testing.T) {
	for behaviour, want := range map[string]string{
		"fails":          "the server failed: exit status 3; its last lines: loading<U+001B>[2J | RuntimeError: CUDA out of memory (its log is ",
		"leaves nothing": "the server ended by itself, with exit status 0; it wrote nothing (its log is ",
	} {
		s, log := service(t, t.Context(), behaviour)
		<-s.Done()
		if err := s.Err(); !strings.Contains(err.Error(), want+log) {
			t.Errorf("%s: error %v, want %q", behaviour, err, want+log)
		}
	}
	s, log := service(t, t.Context(), "prints", "UNDERTONE_PORT")
	<-s.Done()
	if text, err := os.ReadFile(log); err != nil || string(text) != "1234\n" {
		t.Errorf("the log is %q, error %v", text, err)
	}
}

func TestServiceCommand(t *testing.T) {
	for line, want := range map[string]string{
		"serve {model} --port {port}":        "",
		"serve {base} --port={port} {model}": "",
		"serve --port {port}":                "has no {model}",
		"serve {model}":                      "has no {port}",
		"serve {model} {port} {out}":         `the placeholder "{out}"`,
	} {
		args, err := external.SplitCommand(line)
		if err != nil {
			t.Fatal(err)
		}
		if err := external.CheckServiceCommand(args); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", line, err, want)
		}
	}
}
