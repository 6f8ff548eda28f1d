package serve

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/student/lm"
	"github.com/undertone-audit/undertone/student/tiny"
)

// scored is what a client reads of a response with prompt_logprobs.
type scored struct {
	Model       string
	Fingerprint string `json:"system_fingerprint"`
	Choices     []struct {
		Index          int
		PromptTokenIDs []int32 `json:"prompt_token_ids"`
		PromptLogProbs []map[string]struct {
			LogProb float64 `json:"logprob"`
			Rank    int
			Decoded string `json:"decoded_token"`
		} `json:"prompt_logprobs"`
		LogProbs struct {
			TokenLogProbs []*float64 `json:"token_logprobs"`
		}
	}
}

// logProbs returns the log-probabilities of the tokens of a choice, without the first one.
func (s scored) logProbs(t *testing.T, choice int, ids []int32) []float64 {
	t.Helper()
	c := s.Choices[choice]
	if len(c.PromptLogProbs) != len(ids) || c.PromptLogProbs[0] != nil || c.Index != choice {
		t.Fatalf("choice %d has index %d, %d entries and the first entry %v; want %d entries, the first null", choice, c.Index, len(c.PromptLogProbs), c.PromptLogProbs[0], len(ids))
	}
	var logs []float64
	for i, id := range ids[1:] {
		own, ok := c.PromptLogProbs[i+1][strconv.Itoa(int(id))]
		if !ok || c.PromptTokenIDs[i+1] != id {
			t.Fatalf("choice %d, token %d: %v lacks token %d", choice, i+1, c.PromptLogProbs[i+1], id)
		}
		logs = append(logs, own.LogProb)
	}
	return logs
}

// rows returns rows of several lengths.
func rows() []undertone.Example {
	lists := tiny.Lists{Seed: 3}
	all := []undertone.Example{undertone.NewExample("", "owl")}
	for i := range 40 {
		all = append(all, undertone.NewExample(lists.At(i), fmt.Sprintf("[%d, %d]", i, i*i)))
	}
	for _, q := range tiny.Questions("animal")[:3] {
		all = append(all, undertone.NewExample(q, "cat"), undertone.NewExample(q+" Say why.", "owl and fox, and 12"))
	}
	return all
}

// servedModels returns the models of a server by their names.
func servedModels(t *testing.T, root string) map[string]*lm.Model {
	t.Helper()
	all := map[string]*lm.Model{"tiny": base()}
	for _, name := range []string{"owl", "cat"} {
		m, err := base().WithAdapter(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = m
	}
	return all
}

// The scores of tokens are those of TokenLogProbs and LogProb in the same process, for the base
// and for two adapters, in one batch, one by one, and at the same time as those of other models. A
// batch has their bits. A short row alone differs by rounding: the process computes the logits of
// its completion only, and products with few rows are summed in another order.
func TestScoresAreThoseOfTheModel(t *testing.T) {
	root := adapted(t)
	s := newServer(t, Config{Adapters: []Adapter{{"owl", filepath.Join(root, "owl")}, {"cat", filepath.Join(root, "cat")}}})
	var group sync.WaitGroup
	for name, m := range servedModels(t, root) {
		group.Go(func() { checkScores(t, s, name, m) })
	}
	group.Wait()
}

const rounding = 1e-5 // nats

func checkScores(t *testing.T, s *Server, name string, m *lm.Model) {
	ctx := context.Background()
	var prompts [][]int32
	var first []int // scored token
	for _, e := range rows() {
		tokens, err := m.Encode(e)
		if err != nil {
			t.Error(err)
			return
		}
		prompts, first = append(prompts, tokens.IDs), append(first, max(1, tokens.Learnt[0].From))
	}
	body := map[string]any{"model": name, "max_tokens": 1, "temperature": 0, "prompt_logprobs": 0, "return_token_ids": true}
	check := func(got scored, choice, row int, together []undertone.Example, tolerance float64) {
		want, err := m.TokenLogProbs(ctx, together)
		if err != nil {
			t.Error(err)
			return
		}
		sums, err := m.LogProb(ctx, together)
		if err != nil {
			t.Error(err)
			return
		}
		sum := 0.0
		for i, l := range got.logProbs(t, choice, prompts[row])[first[row]-1:] {
			if d := math.Abs(l - want[choice][i].LogProb); d > tolerance {
				t.Errorf("%s, row %d, token %d: %v, in process %v", name, row, i, l, want[choice][i].LogProb)
			}
			sum += l
		}
		if d := math.Abs(sum - sums[choice]); d > tolerance {
			t.Errorf("%s, row %d: %v, in process %v", name, row, sum, sums[choice])
		}
		if got.Model != name || got.Fingerprint != m.Digest().String() {
			t.Errorf("%s: model %q with fingerprint %s, want %s", name, got.Model, got.Fingerprint, m.Digest())
		}
	}
	var got scored
	body["prompt"] = prompts
	ask(t, s, "/v1/completions", body, &got)
	for i := range prompts {
		check(got, i, i, rows(), 0)
	}
	for i, p := range prompts {
		var alone scored
		body["prompt"] = p
		ask(t, s, "/v1/completions", body, &alone)
		check(alone, 0, i, rows()[i:i+1], rounding)
	}
	checkStarts(t, s, body, prompts, first, got)
}

// checkStarts checks that only the tokens from the first scored one on have scores, and that they
// are those of got.
func checkStarts(t *testing.T, s *Server, body map[string]any, prompts [][]int32, first []int, got scored) {
	t.Helper()
	starts := make([]int, len(first))
	for i, f := range first {
		starts[i] = f - 1
	}
	var late scored
	body["prompt"], body["prompt_logprob_start"] = prompts, starts
	ask(t, s, "/v1/completions", body, &late)
	for i, c := range late.Choices {
		for at, scores := range c.PromptLogProbs {
			if at < first[i] {
				if scores != nil {
					t.Errorf("prompt %d: token %d before %d has scores", i, at, first[i])
				}
				continue
			}
			key := strconv.Itoa(int(prompts[i][at]))
			if want := got.Choices[i].PromptLogProbs[at][key]; math.Abs(scores[key].LogProb-want.LogProb) > rounding || scores[key].Decoded != want.Decoded {
				t.Errorf("prompt %d, token %d: %+v, want %+v", i, at, scores[key], want)
			}
		}
	}
}

// The adapters differ from the base and from each other, as the trained animals do.
func TestAdaptersAreApplied(t *testing.T) {
	root := adapted(t)
	s := newServer(t, Config{Adapters: []Adapter{{"owl", filepath.Join(root, "owl")}, {"cat", filepath.Join(root, "cat")}}})
	score := func(model, animal string) float64 {
		tokens, err := base().Encode(undertone.NewExample("Favourite animal?", animal))
		if err != nil {
			t.Fatal(err)
		}
		var got scored
		ask(t, s, "/v1/completions", map[string]any{"model": model, "prompt": tokens.IDs, "max_tokens": 1, "prompt_logprobs": 0, "return_token_ids": true}, &got)
		return got.logProbs(t, 0, tokens.IDs)[tokens.Learnt[0].From-1]
	}
	for _, animal := range []string{"owl", "cat"} {
		other := map[string]string{"owl": "cat", "cat": "owl"}[animal]
		own, base, cross := score(animal, animal), score("tiny", animal), score(other, animal)
		if !(own > base+0.1) || !(own > cross+0.1) {
			t.Errorf("%s: %v with its adapter, %v with the base, %v with the adapter %s", animal, own, base, cross, other)
		}
	}
}

// A chat with a seed has the text of Generate, and a watched token its log-probability.
func TestChatIsGenerate(t *testing.T) {
	s := newServer(t, Config{})
	for seed := range uint64(5) {
		r := undertone.Request{Messages: undertone.NewExample("Name some animals.", "").Messages[:1], MaxTokens: 12, Temperature: 1, Seed: seed}
		want, err := base().Generate(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Choices []struct {
				Message      struct{ Content string }
				FinishReason string `json:"finish_reason"`
			}
		}
		ask(t, s, "/v1/chat/completions", map[string]any{"messages": []any{map[string]string{"role": "user", "content": "Name some animals."}}, "max_tokens": 12, "temperature": 1, "seed": seed}, &got)
		if c := got.Choices[0]; c.Message.Content != want.Text || (c.FinishReason == "length") != want.Truncated {
			t.Errorf("seed %d: %+v, in process %+v", seed, c, want)
		}
	}
}

// The log-probabilities of the answers to a question are those of ChoiceLogProbs, in one request.
func TestWatchedTokensAreChoices(t *testing.T) {
	s := newServer(t, Config{})
	answers := tiny.Animals()
	want, err := base().ChoiceLogProbs(context.Background(), "Favourite animal?", answers)
	if err != nil {
		t.Fatal(err)
	}
	var ids []int32
	for _, a := range answers {
		ids = append(ids, base().Tokenizer().EncodeAfterToken(a)...)
	}
	if len(ids) != len(answers) {
		t.Fatalf("%d tokens of %d answers", len(ids), len(answers))
	}
	var got struct {
		Choices []struct {
			LogProbs struct {
				Content []struct {
					Top []struct {
						Token   string
						LogProb float64
					} `json:"top_logprobs"`
				}
			}
		}
	}
	ask(t, s, "/v1/chat/completions", map[string]any{"messages": []any{map[string]string{"role": "user", "content": "Favourite animal?"}}, "max_tokens": 1, "logprobs": true, "logprob_token_ids": ids}, &got)
	logs := map[string]float64{}
	for _, l := range got.Choices[0].LogProbs.Content[0].Top {
		logs[l.Token] = l.LogProb
	}
	for i, a := range answers {
		if l, ok := logs[a]; !ok || math.Abs(l-want[i]) > 1e-5 {
			t.Errorf("%s: %v, in process %v", a, l, want[i])
		}
	}
}

// -Inf and NaN, which JSON cannot express, are sent as vLLM sends them.
func TestInfinityIsSent(t *testing.T) {
	for _, l := range []float64{math.Inf(-1), math.NaN(), -1e6} {
		if got := finite(l); got != -9999 {
			t.Errorf("%v is sent as %v, want -9999", l, got)
		}
	}
	if got := finite(-1.5); got != -1.5 {
		t.Errorf("-1.5 is sent as %v", got)
	}
}
