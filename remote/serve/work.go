package serve

import (
	"context"
	"slices"

	"github.com/undertone-audit/undertone/student/lm"
)

// work is what a request asks a model to compute.
type work struct {
	scoring
	request *common
	prompts []prompt
	tokens  int  // most tokens of a completion, 0 for none
	echo    bool // completions repeat their prompts
}

// limit returns an error if the work is more than a request may ask for, before any of it is done.
func (s *Server) limit(w work) error {
	read, written, n := 0, 0, w.request.n()
	for _, p := range w.prompts {
		read += len(p.ids)
		written += n * min(w.tokens, s.config.Model.Config().Context-len(p.ids))
	}
	if w.prompt || w.echo || w.request.ReturnIDs { // each completion comes with its prompt
		read *= n
	}
	entries := read*(1+w.promptTop) + written*(1+w.outputTop+len(w.watched))
	if most := s.config.Entries; entries > most {
		return invalid("", "the request asks for %d tokens and log-probabilities, more than %d: send fewer prompts at once", entries, most)
	}
	if !w.echo || w.tokens == 0 {
		return nil
	}
	for i, p := range w.prompts {
		if len(p.ids) == s.config.Model.Config().Context {
			return invalid("max_tokens", "prompt %d fills the context of %d tokens and leaves no room for a completion: `max_tokens` must be 0", i, len(p.ids))
		}
	}
	return nil
}

// compute does the work. It returns the n completions of each prompt; the first of them has the
// scores of the prompt. A prompt that fills the context has completions without tokens.
func compute(ctx context.Context, m *lm.Model, w work) ([][]lm.Completion, error) {
	r, n := w.request, w.request.n()
	requests := make([]lm.TokenRequest, 0, n*len(w.prompts))
	for _, p := range w.prompts {
		for i := range n {
			requests = append(requests, lm.TokenRequest{
				Prompt: p.forModel(), MaxTokens: min(w.tokens, m.Config().Context-len(p.ids)),
				Temperature: r.temperature(), Seed: r.seed(i), Sampling: r.sampling(), StopIDs: r.StopIDs, IgnoreEnd: r.IgnoreEOS,
				ScorePrompt: w.prompt && i == 0, PromptFrom: p.from, PromptTop: w.promptTop, Score: w.output, Top: w.outputTop, Watched: w.watched,
			})
		}
	}
	completions, err := m.Complete(ctx, requests)
	if err != nil {
		return nil, err
	}
	return slices.Collect(slices.Chunk(completions, n)), nil
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
func (e *Entry) count(prompts []prompt, completions [][]lm.Completion) usage {
	for i, p := range prompts {
		e.Read += len(p.ids)
		for _, c := range completions[i] {
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
