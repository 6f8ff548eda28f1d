package serve

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
)

// benchmarkRows returns rows of about 30 tokens.
func benchmarkRows(b *testing.B, n int) (tokens []lm.Tokens, total int) {
	lists := tiny.Lists{Seed: 3}
	for i := range n {
		t, err := base().Encode(undertone.NewExample(lists.At(i), "[12, 345, 678, 90, 123, 456]"))
		if err != nil {
			b.Fatal(err)
		}
		tokens = append(tokens, t)
		total += len(t.IDs)
	}
	return tokens, total
}

// BenchmarkScores scores the answers of rows in the process, and over HTTP in requests of 512 rows:
// those of all tokens, those of the answers, and those of all tokens in the echo form. Four
// requests are sent at once.
func BenchmarkScores(b *testing.B) {
	rows, total := benchmarkRows(b, 2048)
	b.Run("process", func(b *testing.B) {
		for b.Loop() {
			if _, err := base().LogProbsOf(b.Context(), rows); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(total*b.N)/b.Elapsed().Seconds(), "tokens/s")
	})
	for _, form := range []string{"all", "learnt", "echo"} {
		b.Run("http/form="+form, func(b *testing.B) {
			s, err := New(Config{Model: base()})
			if err != nil {
				b.Fatal(err)
			}
			h := httptest.NewServer(s)
			defer h.Close()
			for b.Loop() {
				var group sync.WaitGroup
				for chunk := range slices.Chunk(rows, 512) {
					group.Go(func() { postRows(b, h.URL, chunk, form) })
				}
				group.Wait()
			}
			b.ReportMetric(float64(total*b.N)/b.Elapsed().Seconds(), "tokens/s")
		})
	}
}

func postRows(b *testing.B, url string, rows []lm.Tokens, form string) {
	prompts, starts := make([][]int32, len(rows)), make([]int, len(rows))
	for i, r := range rows {
		prompts[i], starts[i] = r.IDs, r.Learnt[0].From-1
	}
	body := map[string]any{"prompt": prompts, "max_tokens": 1, "temperature": 0}
	switch form {
	case "all":
		body["prompt_logprobs"] = 0
	case "learnt":
		body["prompt_logprobs"], body["prompt_logprob_start"] = 0, starts
	case "echo":
		body["echo"], body["logprobs"] = true, 0
	}
	text, err := json.Marshal(body)
	if err != nil {
		b.Error(err)
		return
	}
	w, err := http.Post(url+"/v1/completions", "application/json", bytes.NewReader(text))
	if err != nil {
		b.Error(err)
		return
	}
	defer w.Body.Close()
	if n, err := io.Copy(io.Discard, w.Body); err != nil || w.StatusCode != http.StatusOK {
		b.Errorf("status %d, %d bytes, %v", w.StatusCode, n, err)
	}
}

// BenchmarkProbes asks for the exact probabilities of 12 answers to a question, by several clients.
func BenchmarkProbes(b *testing.B) {
	s, err := New(Config{Model: base()})
	if err != nil {
		b.Fatal(err)
	}
	h := httptest.NewServer(s)
	defer h.Close()
	var ids []int32
	for _, a := range tiny.Animals() {
		ids = append(ids, base().Tokenizer().EncodeAfterToken(a)...)
	}
	body, err := json.Marshal(map[string]any{
		"messages": []any{map[string]string{"role": "user", "content": "Favourite animal?"}}, "max_tokens": 1, "logprobs": true, "logprob_token_ids": ids,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			w, err := http.Post(h.URL+"/v1/chat/completions", "application/json", bytes.NewReader(body))
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, w.Body)
			w.Body.Close()
		}
	})
	b.ReportMetric(60*float64(b.N)/b.Elapsed().Seconds(), "probes/min")
}
