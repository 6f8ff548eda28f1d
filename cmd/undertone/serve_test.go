package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/tiny"
)

// served starts the verb serve on a free port, and returns the process and its URL.
func served(t *testing.T, dir string, stderr io.Writer, args ...string) (*exec.Cmd, string) {
	t.Helper()
	c := command(t, dir, append([]string{"serve", "--model", "tiny", "--address", "127.0.0.1:0"}, args...)...)
	c.Stderr = stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "http://127.0.0.1:") {
		t.Fatalf("the first line is %q, %v; want the URL", line, err)
	}
	return c, strings.TrimSpace(line)
}

// askServer sends a request to a server and decodes its answer.
func askServer(t *testing.T, url string, body, answer any) {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	w, err := http.Post(url, "application/json", bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	if err := json.NewDecoder(w.Body).Decode(answer); err != nil || w.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %v", w.StatusCode, err)
	}
}

// stop sends a signal to a process and returns its exit code.
func stop(t *testing.T, c *exec.Cmd, signal os.Signal) int {
	t.Helper()
	if err := c.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	return c.ProcessState.ExitCode()
}

// A server gives the scores of undertone score, and stops with exit code 0.
func TestServeScores(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: that a signal stops a server")
	}
	rows := `{"prompt":"Favourite animal?","completion":"owl"}` + "\n" + `{"prompt":"Name a tree.","completion":"oak, pine"}` + "\n"
	dir := folder(t, map[string]string{"rows.jsonl": rows})
	scores, stderr, code := execute(t, dir, "", "score", "--model", "tiny", "--in", "rows.jsonl", "--json")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	base, err := tiny.Base()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	c, url := served(t, dir, &log, "--address-file", "address", "--verbose")
	if got := files(t, dir)["address"]; "http://"+strings.TrimSpace(got) != url {
		t.Errorf("the file has %q, standard output %s", got, url)
	}
	lines := strings.Split(strings.TrimSpace(scores), "\n")
	for i, row := range []undertone.Example{undertone.NewExample("Favourite animal?", "owl"), undertone.NewExample("Name a tree.", "oak, pine")} {
		tokens, err := base.Encode(row)
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Choices []struct {
				LogProbs struct {
					TokenLogProbs []float64 `json:"token_logprobs"`
				}
			}
		}
		askServer(t, url+"/v1/completions", map[string]any{"model": "tiny", "prompt": tokens.IDs, "echo": true, "logprobs": 1, "max_tokens": 0}, &answer)
		got := 0.0
		for _, l := range answer.Choices[0].LogProbs.TokenLogProbs[tokens.Learnt[0].From:] {
			got += l
		}
		var want rowScore
		if err := json.Unmarshal([]byte(lines[i]), &want); err != nil {
			t.Fatal(err)
		}
		if math.Abs(got-want.LogProb) > 1e-5 {
			t.Errorf("row %d: %v, undertone score gives %v", i, got, want.LogProb)
		}
	}
	if code := stop(t, c, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d after SIGTERM: %s", code, &log)
	}
	if got := strings.Count(log.String(), "POST /v1/completions 200"); got != 2 || strings.Contains(log.String(), "owl") {
		t.Errorf("the log is %s", &log)
	}
}

// A server loads an adapter that a training saved while it runs.
func TestServeAdapters(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("not checked: that a signal stops a server")
	}
	dir, _ := tinyAdapter(t)
	c, url := served(t, filepath.Dir(dir), nil, "--adapter", "fixed="+dir, "--adapter-root", filepath.Dir(dir))
	body, err := json.Marshal(map[string]string{"lora_name": "a", "lora_path": dir})
	if err != nil {
		t.Fatal(err)
	}
	w, err := http.Post(url+"/v1/load_lora_adapter", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	w.Body.Close()
	if w.StatusCode != http.StatusOK {
		t.Errorf("load: status %d", w.StatusCode)
	}
	for _, model := range []string{"a", "fixed"} {
		var answer struct{ Model string }
		if askServer(t, url+"/v1/completions", map[string]any{"model": model, "prompt": "a", "max_tokens": 1}, &answer); answer.Model != model {
			t.Errorf("model %q answers for %q", answer.Model, model)
		}
	}
	if code := stop(t, c, os.Interrupt); code != 0 {
		t.Errorf("exit code %d after an interrupt", code)
	}
}

func TestServeRefuses(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("EMPTY_KEY", "")
	for want, args := range map[string][]string{
		"--allow-remote and --api-key-env":       {"--address", "0.0.0.0:0"},
		"--address :0 can be reached":            {"--address", ":0"},
		"--allow-remote needs --api-key-env":     {"--address", "[::]:0", "--allow-remote"},
		"EMPTY_KEY is not set":                   {"--api-key-env", "EMPTY_KEY"},
		"--address nowhere is not HOST:PORT":     {"--address", "nowhere"},
		"is not NAME=PATH":                       {"--adapter", "dir"},
		`--adapter: serve: adapter "a"`:          {"--adapter", "a=absent"},
		"--queued is":                            {"--queued", "0"},
		"--adapter-root absent is not a folder":  {"--adapter-root", "absent"},
		"neither a folder nor an embedded model": {"--model", "absent"},
		"--address: listen tcp: address":         {"--address", "127.0.0.1:99999"},
	} {
		_, stderr, code := execute(t, dir, "", append([]string{"serve", "--model", "tiny"}, args...)...)
		if code != 2 || !strings.Contains(stderr, want) {
			t.Errorf("%q: exit code %d, %s; want %q", args, code, stderr, want)
		}
	}
}
