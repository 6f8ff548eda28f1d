package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The responses have the fields of those that vLLM gave to the same requests, in the same order and
// of the same types.
func TestFieldsAreThoseOfVLLM(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "vllm", "exchanges.json"))
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Server    string
		Exchanges []struct {
			Name, Path string
			Request    json.RawMessage
			Status     int
			Response   json.RawMessage
		}
	}
	if err := json.Unmarshal(b, &recorded); err != nil {
		t.Fatal(err)
	}
	s := newServer(t, Config{Adapters: []Adapter{{"owl", filepath.Join(adapted(t), "owl")}}})
	for _, x := range recorded.Exchanges {
		var w *httptest.ResponseRecorder
		if string(x.Request) == "null" {
			w = send(s, x.Path, "")
		} else {
			w = send(s, x.Path, string(x.Request))
		}
		got, want := fields(t, w.Body.Bytes()), fields(t, x.Response)
		if w.Code != x.Status || !slices.Equal(got, want) {
			t.Errorf("%s: status %d, fields\n%s\nwant those of %s: status %d\n%s", x.Name, w.Code, strings.Join(got, "\n"), recorded.Server, x.Status, strings.Join(want, "\n"))
		}
	}
	if len(recorded.Exchanges) < 10 {
		t.Errorf("%d exchanges, want 10", len(recorded.Exchanges))
	}
}

// tokenKey matches the key of a token: an ID.
var tokenKey = regexp.MustCompile(`^\d+$`)

// fields returns the paths and types of the fields of a JSON text, each once, in their order. The
// elements of an array share a path, as do tokens. Fields of sampling_params and the texts of
// tokens are left out: they differ by design.
func fields(t *testing.T, b []byte) (all []string) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	var walk func(path string)
	note := func(path, kind string) {
		line := path + " " + kind
		if strings.Contains(path, ".sampling_params.") || strings.Contains(path, ".top_logprobs[].") && !strings.Contains(path, "content") {
			return
		}
		if !slices.Contains(all, line) {
			all = append(all, line)
		}
	}
	walk = func(path string) {
		token, err := d.Token()
		if err != nil {
			t.Fatalf("%v: %s", err, b)
		}
		switch token {
		case json.Delim('{'):
			note(path, "object")
			for d.More() {
				key, err := d.Token()
				if err != nil {
					t.Fatal(err)
				}
				name := key.(string)
				if tokenKey.MatchString(name) {
					name = "TOKEN"
				}
				walk(path + "." + name)
			}
			_, _ = d.Token()
		case json.Delim('['):
			note(path, "array")
			for d.More() {
				walk(path + "[]")
			}
			_, _ = d.Token()
		default:
			note(path, fmt.Sprintf("%T", token))
		}
	}
	walk("")
	return all
}
