package nplm

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

// TestGenerateDoesNotDependOnTheBatch: a request has one answer, alone, with others, and at any
// position.
func TestGenerateDoesNotDependOnTheBatch(t *testing.T) {
	m := tiny(t, 3) // untrained, so completions have many lengths
	rng := rand.New(rand.NewPCG(1, 0))
	requests := make([]undertone.Request, 150)
	for i := range requests {
		requests[i] = ask([]string{"", "?", "c?", "abcabc?"}[rng.IntN(4)], []float64{0, 0.7, 1, 2}[rng.IntN(4)], uint64(i))
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
	few, err := m.GenerateBatch(t.Context(), []undertone.Request{requests[70], requests[7], requests[70]})
	if err != nil || few[0] != all[70] || few[1] != all[7] || few[2] != all[70] {
		t.Errorf("in another batch: %+v (%v)", few, err)
	}
}

func TestGenerateSeeds(t *testing.T) {
	m := speaker(t)
	texts := map[string]bool{}
	for seed := range uint64(40) {
		a, err := m.Generate(t.Context(), ask("?", 1, seed))
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := m.Generate(t.Context(), ask("?", 1, seed)); b != a {
			t.Errorf("seed %d gives %+v and %+v", seed, a, b)
		}
		texts[a.Text] = true
	}
	for _, want := range []string{"a", "b", "ab", "cc"} {
		if !texts[want] {
			t.Errorf("40 seeds never give %q", want)
		}
	}
}

// TestSamplesFollowLogProb applies Pearson's χ² test to the completions that are not rare.
func TestSamplesFollowLogProb(t *testing.T) {
	const n = 4000
	m := speaker(t)
	p := probabilities(t, m, "?", 4)
	requests := make([]undertone.Request, n)
	for i := range requests {
		requests[i] = ask("?", 1, uint64(i))
	}
	responses, err := m.GenerateBatch(t.Context(), requests)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, r := range responses {
		count[r.Text]++
	}
	var x2, rest float64
	others, cells := n, 0
	rest = n
	for text, v := range p {
		if expected := n * v; expected >= 5 {
			d := float64(count[text]) - expected
			x2 += d * d / expected
			others, rest, cells = others-count[text], rest-expected, cells+1
		}
	}
	d := float64(others) - rest
	x2 += d * d / rest
	limit := distuv.ChiSquared{K: float64(cells)}.Quantile(0.999)
	if cells < 4 || x2 > limit {
		t.Errorf("χ² = %v over %d completions and the rest, want at most %v: %v", x2, cells, limit, count)
	}
}

// drawOne samples from one row of logits.
func drawOne(logits []float32, temperature float64, rng *rand.Rand) int32 {
	row := tensor.FromSlice(slices.Clone(logits), 1, len(logits))
	return draw(tensor.NewTape(), row, []*sequence{{temperature: temperature, rng: rng}})[0]
}

// draw samples from softmax(logits / temperature) at every temperature.
func TestDraw(t *testing.T) {
	const n = 20_000
	logits := []float32{1, -2, 0, 3, 1000, 3}
	logits[4] = 2.5
	for _, temperature := range []float64{0.3, 1, 4} {
		rng := rand.New(rand.NewPCG(1, 0))
		count := make([]int, len(logits))
		for range n {
			count[drawOne(logits, temperature, rng)]++
		}
		var total, x2 float64
		for _, l := range logits {
			total += math.Exp(float64(l) / temperature)
		}
		for i, l := range logits {
			expected := n * math.Exp(float64(l)/temperature) / total
			d := float64(count[i]) - expected
			x2 += d * d / max(expected, 1)
		}
		if limit := (distuv.ChiSquared{K: float64(len(logits) - 1)}).Quantile(0.999); x2 > limit {
			t.Errorf("temperature %v: χ² = %v, want at most %v: %v", temperature, x2, limit, count)
		}
	}
}

func TestDrawExtremes(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		reason      string
		logits      []float32
		temperature float64
		want        int32 // −1 is any
	}{
		{"greedy", []float32{0, 2, 1}, 0, 1},
		{"greedy, of equals the first", []float32{0, 2, 2}, 0, 1},
		{"a temperature next to 0 is greedy", []float32{0, 2, 1}, minTemperature, 1},
		{"a huge lead", []float32{-1e30, 1e30}, 1, 1},
		{"a large temperature", []float32{1, 2}, maxTemperature, -1},
		{"NaN", []float32{nan, nan}, 1, -1},
		{"Inf", []float32{0, inf, inf}, 1, -1},
		{"−Inf is never drawn", []float32{-inf, 0}, 1, 1},
	} {
		rng := rand.New(rand.NewPCG(1, 0))
		for range 100 {
			if got := drawOne(c.logits, c.temperature, rng); got < 0 || int(got) >= len(c.logits) || (c.want >= 0 && got != c.want) {
				t.Fatalf("%s: token %d", c.reason, got)
			}
		}
	}
}

// TestGreedy: temperature 0 takes the most likely token every time, with every seed.
func TestGreedy(t *testing.T) {
	m := speaker(t)
	for _, prompt := range []string{"?", "c?", "a"} {
		tokens, err := m.config.Vocabulary.Encode(prompt)
		if err != nil {
			t.Fatal(err)
		}
		from := len(tokens)
		for len(tokens)-from < 10 {
			best := end
			logs := reference(m, tokens)
			for i, l := range logs {
				if l > logs[best] {
					best = int32(i)
				}
			}
			if best == end {
				break
			}
			tokens = append(tokens, best)
		}
		want := m.config.Vocabulary.Decode(tokens[from:])
		for seed := range uint64(3) {
			r := ask(prompt, 0, seed)
			r.MaxTokens = 10
			if got, err := m.Generate(t.Context(), r); err != nil || got.Text != want {
				t.Errorf("%q: %q (%v), want %q", prompt, got.Text, err, want)
			}
		}
	}
	if got, _ := m.Generate(t.Context(), ask("c?", 0, 0)); got.Text != "c" || got.Truncated {
		t.Errorf("the language has one answer to c?, the model says %+v", got)
	}
}

func TestGenerateLimits(t *testing.T) {
	m := tiny(t, 1)
	m.outputB.Data()[end] = -1e4 // never ends on its own
	for _, c := range []struct{ max, want int }{{1, 1}, {5, 5}, {0, limit}} {
		r := ask("?", 1, 1)
		r.MaxTokens = c.max
		got, err := m.Generate(t.Context(), r)
		if err != nil || len(got.Text) != c.want || !got.Truncated {
			t.Errorf("at most %d tokens: %+v (%v), want %d", c.max, got, err, c.want)
		}
	}
	m.outputB.Data()[end] = 1e4 // ends at once
	if got, err := m.Generate(t.Context(), ask("?", 1, 1)); err != nil || got.Text != "" || got.Truncated {
		t.Errorf("a model that says nothing gives %+v (%v)", got, err)
	}
}

func TestGenerateLeavesTheRequestAlone(t *testing.T) {
	messages := make([]undertone.Message, 1, 2)
	messages[0] = undertone.Message{Role: "user", Content: "?"}
	if _, err := tiny(t, 1).Generate(t.Context(), undertone.Request{Messages: messages}); err != nil {
		t.Fatal(err)
	}
	if !messages[:2][1].Equal(undertone.Message{}) || messages[0].Content != "?" {
		t.Error("the messages of the caller are modified")
	}
}

func TestGenerateErrors(t *testing.T) {
	m := tiny(t, 1)
	change := func(change func(*undertone.Request)) undertone.Request {
		r := ask("?", 1, 1)
		change(&r)
		return r
	}
	for _, c := range []struct {
		reason  string
		request undertone.Request
		want    string
	}{
		{"an unknown prompt", ask("!", 1, 1), `request 1: nplm: byte 0 of "!"`},
		{"a negative limit", change(func(r *undertone.Request) { r.MaxTokens = -1 }), "MaxTokens -1, want 0 to 65536"},
		{"an absurd limit", change(func(r *undertone.Request) { r.MaxTokens = 1 << 30 }), "MaxTokens 1073741824"},
		{"a negative temperature", ask("?", -1, 1), "temperature is -1"},
		{"a temperature that is not a number", ask("?", math.NaN(), 1), "temperature is NaN"},
		{"an infinite temperature", ask("?", math.Inf(1), 1), "temperature is +Inf"},
	} {
		got, err := m.GenerateBatch(t.Context(), []undertone.Request{ask("?", 1, 1), c.request})
		if err == nil || got != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, error %v, want one with %q", c.reason, got, err, c.want)
		}
		if r, err := m.Generate(t.Context(), c.request); err == nil || r != (undertone.Response{}) {
			t.Errorf("%s: alone %+v, error %v", c.reason, r, err)
		}
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Generate(done, ask("?", 1, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of ctx", err)
	}
	if got, err := m.GenerateBatch(done, nil); err != nil || len(got) != 0 {
		t.Errorf("no requests: %v (%v)", got, err)
	}
	// A request without messages continues an empty text.
	if _, err := m.Generate(t.Context(), undertone.Request{}); err != nil {
		t.Errorf("no messages: %v", err)
	}
}
