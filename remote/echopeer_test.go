package remote_test

import (
	"errors"
	"flag"
	"net/http"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone/remote"
	"github.com/undertone-audit/undertone/remote/doctor"
	"github.com/undertone-audit/undertone/remote/internal/wire"
)

// With it, TestEchoPeer talks to a real server, and rewrites the recorded bodies.
var echoURL = flag.String("completions", "", "`URL` of a server of llama-cpp-python that serves the folder base of -vllm-files as GGUF, with --logits_all True")

// The server of llama-cpp-python repeats the prompt with log-probabilities that are shifted: it
// gives each token its probability after the token itself. The first entry is null nevertheless, so
// that only the comparison with generated tokens, check 3, finds it.
func TestEchoPeer(t *testing.T) {
	const bodies = "testdata/llama-cpp-python-0.3.36.jsonl.gz"
	var transport http.RoundTripper
	url := *echoURL
	if url == "" {
		url = "http://server"
		player, err := wire.Load(bodies)
		if err != nil {
			t.Fatal(err)
		}
		transport = player
	} else {
		recorder := &wire.Recorder{}
		transport = recorder
		defer func() {
			if err := recorder.Save(bodies, *peerFiles, "adapters"); err != nil {
				t.Error(err)
			}
		}()
	}
	m, err := remote.Open(t.Context(), remote.Config{URL: url, Kind: remote.Completions, Template: remote.PlainTemplate, Transport: transport, Limits: remote.Limits{Concurrency: 1}})
	if err != nil {
		t.Fatal(err)
	}
	subject, err := doctor.Of(m)
	if err != nil {
		t.Fatal(err)
	}
	if err = doctor.Required(t.Context(), subject); !errors.Is(err, doctor.ErrUntrusted) || !strings.Contains(err.Error(), "check 3") {
		t.Errorf("error %v, want that check 3 fails", err)
	}
	t.Log(err)
}
