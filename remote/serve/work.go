package serve

import (
	"context"

	"github.com/undertone-audit/undertone/student/lm"
)

// work is what a request asks a model to compute.
type work struct {
	scoring
	request *common
	prompts []prompt
	tokens  int  // most tokens of a completion, 0 for none
	room    bool // a prompt without room for a completion is an error
}

// result is what was computed for a prompt.
type result struct {
	scores      [][]lm.RankedToken // of the prompt; nil if they were not asked for
	completions []lm.Completion    // as many as the request's n
}

// limit returns an error if the work is more than a request may ask for, before any of it is done.
func (s *Server) limit(w work) error {
	read, written := 0, 0
	for _, p := range w.prompts {
		read += len(p.ids)
		written += w.request.n() * min(w.tokens, s.config.Model.Config().Context-len(p.ids))
	}
	entries := read*(1+w.promptTop) + written*(1+w.outputTop+len(w.watched))
	if most := s.config.Entries; entries > most {
		return invalid("", "the request asks for %d tokens and log-probabilities, more than %d: send fewer prompts at once", entries, most)
	}
	if !w.room {
		return nil
	}
	for i, p := range w.prompts {
		if len(p.ids) == s.config.Model.Config().Context {
			return invalid("max_tokens", "prompt %d fills the context of %d tokens and leaves no room for a completion: `max_tokens` must be 0", i, len(p.ids))
		}
	}
	return nil
}

// compute does the work when the gate admits it.
func (s *Server) compute(ctx context.Context, m *lm.Model, w work) ([]result, error) {
	leave, err := s.gate.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	results := make([]result, len(w.prompts))
	if w.prompt {
		if err := score(ctx, m, w, results); err != nil {
			return nil, err
		}
	}
	return results, complete(ctx, m, w, results)
}

// score computes the log-probabilities of all prompts together.
func score(ctx context.Context, m *lm.Model, w work, results []result) error {
	rows := make([][]int32, len(w.prompts))
	for i, p := range w.prompts {
		rows[i] = p.ids
	}
	scores, err := m.RankedLogProbs(ctx, rows, w.promptTop)
	if err != nil {
		return err
	}
	for i := range results {
		results[i].scores = scores[i]
	}
	return nil
}

// complete computes the completions of all prompts together. A prompt that fills the context has
// completions without tokens.
func complete(ctx context.Context, m *lm.Model, w work, results []result) error {
	r, n := w.request, w.request.n()
	var requests []lm.TokenRequest
	var of []*lm.Completion // of each request
	for i, p := range w.prompts {
		results[i].completions = make([]lm.Completion, n)
		for j := range n {
			results[i].completions[j].EndID = -1
			if w.tokens == 0 || len(p.ids) == m.Config().Context {
				continue
			}
			requests = append(requests, lm.TokenRequest{
				Prompt: p.forModel(), MaxTokens: w.tokens, Temperature: r.temperature(), Seed: r.seed(j), Sampling: r.sampling(),
				StopIDs: r.StopIDs, IgnoreEnd: r.IgnoreEOS, Ranked: w.output, Top: w.outputTop, Watched: w.watched,
			})
			of = append(of, &results[i].completions[j])
		}
	}
	completions, err := m.Complete(ctx, requests)
	for i, c := range completions {
		*of[i] = c
	}
	return err
}

// usage counts tokens.
type usage struct {
	Prompt     int  `json:"prompt_tokens"`
	Total      int  `json:"total_tokens"`
	Completion int  `json:"completion_tokens"`
	Details    *int `json:"prompt_tokens_details"`     // null
	More       *int `json:"completion_tokens_details"` // null
}

// count returns the usage of a request and notes it in the log.
func (e *Entry) count(prompts []prompt, results []result) usage {
	for i, p := range prompts {
		e.Read += len(p.ids)
		for _, c := range results[i].completions {
			e.Written += len(c.IDs)
		}
	}
	e.Prompts = len(prompts)
	return usage{Prompt: e.Read, Completion: e.Written, Total: e.Read + e.Written}
}

// finish returns the fields finish_reason and stop_reason of a completion. The end of a text that
// the model wrote has no stop_reason.
func (w work) finish(c lm.Completion) (reason string, stopped any) {
	switch {
	case c.Truncated():
		return "length", nil
	case c.Stop != "":
		return "stop", c.Stop
	}
	for _, id := range w.request.StopIDs {
		if id == c.EndID {
			return "stop", id
		}
	}
	return "stop", nil
}
