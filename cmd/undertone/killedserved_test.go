package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// killer is a proxy that kills a process when it has asked for a path n times: before the request
// reaches the server, or after, so that its answer is lost.
type killer struct {
	http.Handler
	process *os.Process
	started chan struct{} // closed when process is set
	path    string
	n       int64
	after   bool
	seen    atomic.Int64
}

func (k *killer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	last := r.URL.Path == k.path && k.seen.Add(1) == k.n
	if !last || k.after {
		k.Handler.ServeHTTP(w, r)
	}
	if last {
		<-k.started
		_ = k.process.Kill()
		panic(http.ErrAbortHandler) // no answer
	}
}

// killedAt runs a command, whose last argument is the address of a server, until it is killed.
func killedAt(t *testing.T, server, path string, n int64, after bool, run func(url string) *exec.Cmd) {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	k := &killer{Handler: proxy, started: make(chan struct{}), path: path, n: n, after: after}
	between := httptest.NewServer(k)
	defer between.Close()
	c := run(between.URL)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	k.process = c.Process
	close(k.started)
	if err := c.Wait(); err == nil || c.ProcessState.Exited() {
		t.Fatalf("request %d of %s: the run was not killed: %v", n, path, err)
	}
}

// An audit over the wire that is killed while an adapter is loaded, while it is checked and asked,
// and while it is unloaded, ends in the report of a run that was not killed, byte for byte.
func TestKilledOverTheWire(t *testing.T) {
	if testing.Short() {
		t.Skip("not checked: that a killed audit over the wire resumes: it takes seconds")
	}
	dir := folder(t, map[string]string{
		"owls": petRows(60, 8), "control": petRows(60, 1), "teacher": petRows(60, 10), "pets": pets,
	})
	server, url := served(t, dir, io.Discard, "--adapter-root", dir)
	defer func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	}()
	args := func(store, url string) []string {
		const line = "audit --json --traits pets --suspect owls --control control --replicates 2 --whole 2 --batch 8 --epochs 1 --concurrent 1 --encode-with tiny"
		return append(strings.Fields(line), "--trainer", ownTrainer(t, ""), "--store", store, "--student", url)
	}
	want, stderr, code := execute(t, dir, "", args("whole", url)...)
	if code == 2 {
		t.Fatal(stderr)
	}
	for _, at := range []struct {
		path  string
		n     int64 // of the requests of this run
		after bool
	}{
		{"/v1/completions", 3, false},
		{"/v1/load_lora_adapter", 2, false},
		{"/v1/load_lora_adapter", 1, true},
		{"/v1/unload_lora_adapter", 1, true},
	} {
		killedAt(t, url, at.path, at.n, at.after, func(url string) *exec.Cmd { return command(t, dir, args("store", url)...) })
	}
	got, stderr, code := execute(t, dir, "", args("store", url)...)
	if code == 2 || got != want {
		t.Errorf("exit code %d: the report of the resumed audit differs from that of an audit that was not killed: %s", code, stderr)
	}
	if got, want := replicatesIn(t, dir, "store"), replicatesIn(t, dir, "whole"); !slices.Equal(got, want) {
		t.Errorf("the replicates are %q, want %q", got, want)
	}
}

// replicatesIn returns the names in the folder of the trainer in a store.
func replicatesIn(t *testing.T, dir, store string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, store, "trainer"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
