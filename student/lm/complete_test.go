package lm

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/undertone-audit/undertone"
)

// Complete gives the texts of GenerateBatch for the tokens that GenerateBatch reads.
func TestCompleteIsGenerate(t *testing.T) {
	ctx := context.Background()
	models := map[string]*Model{"plain": taught(t, Options{}), "spaces of the template": rendered(t, jinjaInst)}
	for name, m := range models {
		var asked []undertone.Request
		var requests []TokenRequest
		for i, temperature := range []float64{0, 1, 0.5, 2} {
			messages := chat("user", []string{"a", "cat", "", "t"}[i]).Messages
			prompt, err := m.EncodePrompt(messages)
			if err != nil {
				t.Fatal(err)
			}
			asked = append(asked, undertone.Request{Messages: messages, MaxTokens: 8, Temperature: temperature, Seed: uint64(i)})
			requests = append(requests, TokenRequest{Prompt: prompt, MaxTokens: 8, Temperature: temperature, Seed: uint64(i), Score: i%2 == 0, Top: 2})
		}
		want, err := m.GenerateBatch(ctx, asked)
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.Complete(ctx, requests)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if got[i].Text != want[i].Text || got[i].Truncated() != want[i].Truncated {
				t.Errorf("%s, request %d: %q, truncated %t, want %+v", name, i, got[i].Text, got[i].Truncated(), want[i])
			}
		}
	}
}

// The log-probabilities of a completion are those of the same tokens, scored as a row.
func TestCompleteRanks(t *testing.T) {
	m := taught(t, Options{})
	ctx := context.Background()
	prompt, err := m.EncodePrompt(chat("user", "a").Messages)
	if err != nil {
		t.Fatal(err)
	}
	watched := []int32{0, 5, 5, int32(m.Config().Vocabulary - 1)}
	for _, temperature := range []float64{0, 1.5} {
		got, err := m.Complete(ctx, []TokenRequest{{Prompt: prompt, MaxTokens: 6, Temperature: temperature, Score: true, Top: 2, Watched: watched, IgnoreEnd: true}})
		if err != nil {
			t.Fatal(err)
		}
		c := got[0]
		if len(c.IDs) != 6 || len(c.Ranked) != 6 || !c.Truncated() {
			t.Fatalf("%d tokens, %d of them ranked, truncated %t; want 6, 6, true", len(c.IDs), len(c.Ranked), c.Truncated())
		}
		row := slices.Concat(prompt.IDs, c.IDs)
		scored := scorePrompts(t, m, [][]int32{row}, m.Config().Vocabulary, 0)[0].PromptRanked[len(prompt.IDs):]
		for i, ranked := range c.Ranked {
			if ranked[0].ID != c.IDs[i] {
				t.Errorf("token %d: the first of %v is not %d", i, ranked, c.IDs[i])
			}
			seen := map[int32]bool{}
			for _, r := range ranked {
				seen[r.ID] = true
				at := slices.IndexFunc(scored[i], func(s RankedToken) bool { return s.ID == r.ID })
				if want := scored[i][at]; math.Abs(want.LogProb-r.LogProb) > 1e-5 {
					t.Errorf("token %d: %+v, want %+v", i, r, want)
				}
			}
			if len(seen) != len(ranked) || !seen[0] || !seen[5] || !seen[watched[3]] {
				t.Errorf("token %d: %v has repetitions or lacks one of %v", i, ranked, watched)
			}
		}
	}
}

func TestCompleteEnds(t *testing.T) {
	m := taught(t, Options{})
	prompt, err := m.EncodePrompt(chat("user", "a").Messages)
	if err != nil {
		t.Fatal(err)
	}
	complete := func(r TokenRequest) Completion {
		r.Prompt, r.MaxTokens = prompt, 8
		c, err := m.Complete(context.Background(), []TokenRequest{r})
		if err != nil {
			t.Fatal(err)
		}
		return c[0]
	}
	own := complete(TokenRequest{})
	if own.EndID < 0 || own.IDs[len(own.IDs)-1] != own.EndID || !slices.Contains(m.ends, own.EndID) {
		t.Fatalf("%+v does not end with one of %v", own, m.ends)
	}
	if c := complete(TokenRequest{IgnoreEnd: true}); len(c.IDs) != 8 || !c.Truncated() {
		t.Errorf("IgnoreEnd: %+v", c)
	}
	first := own.IDs[0]
	if c := complete(TokenRequest{StopIDs: []int32{first}}); c.EndID != first || len(c.IDs) != 1 || c.Text != "" {
		t.Errorf("StopIDs %d: %+v", first, c)
	}
	before, stop := own.Text[:len(own.Text)-1], own.Text[len(own.Text)-1:]
	if c := complete(TokenRequest{Sampling: Sampling{Stop: []string{"nothing", stop}}}); c.Stop != stop || c.Text != before || c.EndID >= 0 {
		t.Errorf("stop %q: %+v", stop, c)
	}
}

func TestCompleteRefuses(t *testing.T) {
	m := taught(t, Options{})
	long := Prompt{IDs: make([]int32, m.Config().Context)}
	for name, r := range map[string]TokenRequest{
		"no prompt":           {MaxTokens: 1},
		"no room":             {MaxTokens: 1, Prompt: long},
		"negative tokens":     {MaxTokens: -1, Prompt: Prompt{IDs: []int32{1}}},
		"long prompt":         {Prompt: Prompt{IDs: append(long.IDs, 1)}},
		"unknown token":       {MaxTokens: 1, Prompt: Prompt{IDs: []int32{-1}}},
		"unknown stop":        {MaxTokens: 1, Prompt: Prompt{IDs: []int32{1}}, StopIDs: []int32{1 << 30}},
		"unknown watched":     {MaxTokens: 1, Prompt: Prompt{IDs: []int32{1}}, Watched: []int32{-2}},
		"negative from":       {PromptFrom: -1, Prompt: Prompt{IDs: []int32{1}}},
		"late from":           {PromptFrom: 2, Prompt: Prompt{IDs: []int32{1}}},
		"negative prompt top": {PromptTop: -1, Prompt: Prompt{IDs: []int32{1}}},
		"negative top":        {MaxTokens: 1, Prompt: Prompt{IDs: []int32{1}}, Top: -1},
		"wrong temperature":   {MaxTokens: 1, Prompt: Prompt{IDs: []int32{1}}, Temperature: math.NaN()},
		"wrong sampling":      {MaxTokens: 1, Prompt: Prompt{IDs: []int32{1}}, Sampling: Sampling{TopP: 2}},
	} {
		if _, err := m.Complete(context.Background(), []TokenRequest{r}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
