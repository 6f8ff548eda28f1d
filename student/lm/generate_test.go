package lm

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/tensor"
)

func ask(prompt string, temperature float64, seed uint64) undertone.Request {
	return undertone.Request{Messages: []undertone.Message{{Role: "user", Content: prompt}}, Temperature: temperature, Seed: seed}
}

// TestBatchesGiveSingleAnswers holds for this model, for which rounding decides between no two
// tokens.
func TestBatchesGiveSingleAnswers(t *testing.T) {
	m := small(t, Options{}) // untrained, so completions have many lengths
	rng := rand.New(rand.NewPCG(1, 0))
	requests := make([]undertone.Request, 150) // more than fit one batch
	for i := range requests {
		requests[i] = ask([]string{"", "?", "pet?", "abcabc?"}[rng.IntN(4)], []float64{0, 0.7, 1, 2}[rng.IntN(4)], uint64(i))
		requests[i].MaxTokens = rng.IntN(30)
	}
	all, err := m.GenerateBatch(t.Context(), requests)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range requests {
		if alone, err := m.Generate(t.Context(), r); err != nil || alone != all[i] {
			t.Errorf("request %d: %+v alone (%v), %+v in a batch of %d", i, alone, err, all[i], len(all))
		}
	}
	again, err := m.GenerateBatch(t.Context(), requests)
	if err != nil || !slices.Equal(again, all) {
		t.Errorf("one batch gives two results (%v)", err)
	}
}

// TestSamplesFollowLogProb applies Pearson's χ² test to the completions that are not rare.
func TestSamplesFollowLogProb(t *testing.T) {
	const n = 2000
	m := taught(t, Options{})
	answers := []string{"cat", "dog", "owl"}
	requests := make([]undertone.Request, n)
	rows := make([]undertone.Example, len(answers))
	for i := range requests {
		requests[i] = ask("pet?", 1, uint64(i))
	}
	for i, a := range answers {
		rows[i] = undertone.NewExample("pet?", a)
	}
	logs, err := m.LogProb(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	responses, err := m.GenerateBatch(t.Context(), requests)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, r := range responses {
		count[r.Text]++
	}
	x2, others, rest := 0.0, float64(n), float64(n)
	for i, a := range answers {
		expected := n * math.Exp(logs[i])
		if expected < 50 {
			t.Errorf("%q is expected %v times: the model has not learned its answers", a, expected)
		}
		d := float64(count[a]) - expected
		x2 += d * d / expected
		others, rest = others-float64(count[a]), rest-expected
	}
	x2 += (others - rest) * (others - rest) / max(rest, 1)
	if limit := (distuv.ChiSquared{K: 3}).Quantile(0.999); x2 > limit {
		t.Errorf("χ² = %v, want at most %v: %v, log-probabilities %v", x2, limit, count, logs)
	}
}

// pick samples from the tokens that top-k and top-p keep, with their probabilities.
func TestPick(t *testing.T) {
	p := []float32{0.1, 0.4, 0.05, 0.3, 0.15}
	for _, c := range []struct {
		reason string
		s      Sampling
		left   []int
	}{
		{"all", Sampling{}, []int{0, 1, 2, 3, 4}},
		{"top-p of 1 is all", Sampling{TopP: 1}, []int{0, 1, 2, 3, 4}},
		{"the two most likely", Sampling{TopK: 2}, []int{1, 3}},
		{"more than there are", Sampling{TopK: 9}, []int{0, 1, 2, 3, 4}},
		{"one token reaches it", Sampling{TopP: 0.3}, []int{1}},
		{"two reach it", Sampling{TopP: 0.65}, []int{1, 3}},
		{"the smaller of both", Sampling{TopK: 3, TopP: 0.99}, []int{1, 3, 4}},
	} {
		const n = 20_000
		rng := rand.New(rand.NewPCG(1, 0))
		count := make([]float64, len(p))
		for range n {
			count[c.s.pick(p, rng)]++
		}
		total := 0.0
		for _, i := range c.left {
			total += float64(p[i])
		}
		x2 := 0.0
		for i, k := range count {
			if !slices.Contains(c.left, i) {
				if k > 0 {
					t.Errorf("%s: token %d was drawn", c.reason, i)
				}
				continue
			}
			expected := n * float64(p[i]) / total
			x2 += (k - expected) * (k - expected) / expected
		}
		if limit := (distuv.ChiSquared{K: float64(len(p))}).Quantile(0.999); x2 > limit {
			t.Errorf("%s: χ² = %v, want at most %v", c.reason, x2, limit)
		}
	}
}

func TestDrawExtremes(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		reason      string
		logits      []float32
		temperature float64
		want        int32 // −1: any
	}{
		{"greedy, of equals the first", []float32{0, 2, 2}, 0, 1},
		{"a temperature next to 0 is greedy", []float32{0, 2, 1}, minTemperature, 1},
		{"a huge lead", []float32{-1e30, 1e30}, 1, 1},
		{"NaN", []float32{nan, nan}, 1, -1},
		{"Inf", []float32{0, inf, inf}, 1, -1},
		{"−Inf is never drawn", []float32{-inf, 0}, 1, 1},
	} {
		for _, s := range []Sampling{{}, {TopK: 2}, {TopP: 0.9}} {
			q := []*sequence{{sampling: s, temperature: c.temperature, rng: rand.New(rand.NewPCG(1, 0))}}
			for range 50 {
				row := tensor.FromSlice(slices.Clone(c.logits), 1, len(c.logits))
				if got := draw(tensor.NewTape(), row, q)[0]; got < 0 || int(got) >= len(c.logits) || c.want >= 0 && got != c.want {
					t.Fatalf("%s, %+v: token %d", c.reason, s, got)
				}
			}
		}
	}
}

func TestStop(t *testing.T) {
	m := taught(t, Options{})
	for stop, want := range map[string]string{"t": "ca", "at": "c", "x": "cat", "ca": ""} {
		stopped, err := m.WithSampling(Sampling{Stop: []string{"zz", stop}})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := stopped.Generate(t.Context(), ask("pet?", 0, 0)); err != nil || got.Text != want || got.Truncated {
			t.Errorf("before %q: %+v (%v), want %q", stop, got, err, want)
		}
	}
	if got, err := m.Generate(t.Context(), undertone.Request{Messages: ask("pet?", 0, 0).Messages, MaxTokens: 2}); err != nil || got.Text != "ca" || !got.Truncated {
		t.Errorf("at most two tokens: %+v (%v)", got, err)
	}
}

func TestGenerateErrors(t *testing.T) {
	m := small(t, Options{})
	for _, c := range []struct {
		reason  string
		request undertone.Request
		want    string
	}{
		{"a negative limit", undertone.Request{MaxTokens: -1}, "MaxTokens -1"},
		{"a negative temperature", ask("?", -1, 1), "temperature is -1"},
		{"a temperature that is not a number", ask("?", math.NaN(), 1), "temperature is NaN"},
		{"a prompt as long as the context", ask(strings.Repeat("a", 47), 1, 1), "more than the context of 48"},
		{"an unknown role", undertone.Request{Messages: []undertone.Message{{Role: "x"}}}, `no role "x"`},
	} {
		got, err := m.GenerateBatch(t.Context(), []undertone.Request{ask("?", 1, 1), c.request})
		if err == nil || got != nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "request 1: ") {
			t.Errorf("%s: %v, error %v, want one with %q", c.reason, got, err, c.want)
		}
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Generate(done, ask("?", 1, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of ctx", err)
	}
	for _, s := range []Sampling{{TopK: -1}, {TopP: 1.5}, {TopP: math.NaN()}, {Stop: []string{""}}, {Stop: make([]string, 17)}} {
		if _, err := m.WithSampling(s); err == nil {
			t.Errorf("%+v is accepted", s)
		}
	}
	// The end of the context ends a completion.
	long := ask(strings.Repeat("a", 40), 1, 1)
	if got, err := m.Generate(t.Context(), long); err != nil || len(got.Text) > 7 {
		t.Errorf("beyond the context: %+v (%v)", got, err)
	}
}
