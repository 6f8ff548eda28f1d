package remote_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote"
	"github.com/undertone-audit/undertone/remote/serve"
	"github.com/undertone-audit/undertone/student/tiny"
)

// A server of this library is asked for the scores of the learnt tokens alone, and generates
// nothing. The scores have the bits of those in process.
func TestEndScores(t *testing.T) {
	m, err := tiny.Base()
	if err != nil {
		t.Fatal(err)
	}
	lists := tiny.Lists{Seed: 3}
	rows := make([]undertone.Example, 64)
	for i := range rows {
		rows[i] = undertone.NewExample(lists.At(i), "[12, 345, 678, 90, 123, 456]")
	}
	server, err := serve.New(serve.Config{Model: m})
	if err != nil {
		t.Fatal(err)
	}
	var asked []string // bodies of requests for completions
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if r.URL.Path == "/v1/completions" {
			asked = append(asked, string(body))
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		server.ServeHTTP(w, r)
	}))
	defer h.Close()
	served, err := remote.Open(t.Context(), remote.Config{URL: h.URL, Encoder: m, Limits: remote.Limits{Concurrency: 1}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := served.(undertone.TokenLogProber).TokenLogProbs(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	want, err := m.TokenLogProbs(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	logs := func(tokens []undertone.TokenLogProb) (all []float64) {
		for _, t := range tokens {
			all = append(all, t.LogProb)
		}
		return all
	}
	for i := range rows {
		if !slices.Equal(logs(got[i]), logs(want[i])) {
			t.Fatalf("row %d: %v, want %v", i, logs(got[i]), logs(want[i]))
		}
	}
	if len(asked) == 0 || !strings.Contains(asked[0], `"prompt_logprob_start":[`) {
		t.Errorf("the request does not say which tokens it needs scores of: %.400q", asked)
	}
	if u := served.(interface{ Usage() remote.Usage }).Usage(); u.TokensOut != 0 {
		t.Errorf("the server generated tokens: %+v", u)
	}
}
