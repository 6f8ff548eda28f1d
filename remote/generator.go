package remote

import (
	"context"
	"errors"

	"github.com/undertone-audit/undertone"
)

// Generator is a model behind a server that completes chats. It is safe for concurrent use.
type Generator struct {
	server   *Server
	listed   Listed
	protocol protocol
	encoder  rowEncoder // nil if the server takes chats only
	querier  *querier
	long     longRows // of a Scorer

	scoreOp    operation[scoreQuery, scoreAnswer]
	textOp     operation[textQuery, scoreAnswer]
	nextOp     operation[nextQuery, []float64]
	generateOp operation[generateQuery, generated]
	renderOp   operation[renderQuery, []int32]
	tokenizeOp operation[tokenizeQuery, []int32]

	detokenizeOp operation[[]int32, string]
}

// operations defines the operations of the protocol.
func (g *Generator) operations() {
	p := g.protocol
	g.scoreOp = operation[scoreQuery, scoreAnswer]{name: "score", weight: func(q scoreQuery) int { return len(q.IDs) }, send: p.score}
	g.textOp = operation[textQuery, scoreAnswer]{name: "score text", weight: func(q textQuery) int { return (len(q.Prompt) + len(q.Completion)) / 4 }, send: p.scoreText}
	g.nextOp = single("next", p.next)
	g.generateOp = single("generate", p.generate)
	g.renderOp = single("render", p.render)
	g.tokenizeOp = single("tokenize", p.tokenize)
	g.detokenizeOp = single("detokenize", p.detokenize)
	register(g.querier, g.scoreOp)
	register(g.querier, g.textOp)
	register(g.querier, g.nextOp)
	register(g.querier, g.generateOp)
	register(g.querier, g.renderOp)
	register(g.querier, g.tokenizeOp)
	register(g.querier, g.detokenizeOp)
}

// single returns an operation whose requests hold one query.
func single[Q, A any](name string, call func(context.Context, Q) (A, error)) operation[Q, A] {
	return operation[Q, A]{name: name, alone: true, weight: func(Q) int { return 1 }, send: func(ctx context.Context, list []Q) ([]A, error) {
		answers := make([]A, len(list))
		for i, q := range list {
			var err error
			if answers[i], err = call(ctx, q); err != nil {
				return nil, err
			}
		}
		return answers, nil
	}}
}

// askOne answers one query.
func askOne[Q, A any](ctx context.Context, g *Generator, op operation[Q, A], q Q) (answer A, err error) {
	answers, err := ask(ctx, g.querier, op, []Q{q})
	if err != nil {
		return answer, err
	}
	return answers[0], nil
}

// encoderOf returns how rows become tokens, or nil if neither this machine nor the server does it.
func (g *Generator) encoderOf() (rowEncoder, error) {
	var rendered, tokenized tokenCache
	render := func(ctx context.Context, q renderQuery) ([]int32, error) {
		return rendered.get(q, func() ([]int32, error) { return askOne(ctx, g, g.renderOp, q) })
	}
	tokenize := func(ctx context.Context, q tokenizeQuery) ([]int32, error) {
		return tokenized.get(q, func() ([]int32, error) { return askOne(ctx, g, g.tokenizeOp, q) })
	}
	c := g.server.config
	switch {
	case c.Encoder != nil:
		return localEncoder{c.Encoder}, nil
	case g.protocol.tokenize == nil:
		return nil, nil
	case c.Template == PlainTemplate:
		return plainEncoder{tokenize, c.EndToken}, nil
	case g.protocol.render == nil:
		return nil, errors.New("remote: the server does not render chats: choose the template plain, or give a tokenizer on this machine")
	}
	return chatEncoder{render, tokenize, c.EndToken}, nil
}

// Name implements [undertone.Model]. It names the model, not the address of the server.
func (g *Generator) Name() string {
	if g.listed.Parent != "" {
		return cleanName(g.listed.Parent) + " with adapter " + cleanName(g.listed.ID)
	}
	return cleanName(g.listed.ID)
}

// Digest returns a digest of what the server says about the model: its name, its base model, and
// where the server read both. The weights are behind the server, so the digest is not theirs: give
// other weights another name.
func (g *Generator) Digest() undertone.Digest {
	return undertone.NewHasher("remote model").Text(string(g.server.kind)).Text(g.listed.ID).Text(g.listed.Root).Text(g.listed.Parent).Sum()
}

// Engine returns what computes: the kind and the version of the server.
func (g *Generator) Engine() string {
	if g.server.version == "" {
		return string(g.server.kind)
	}
	return string(g.server.kind) + " " + g.server.version
}

// Listed returns the model as the server lists it.
func (g *Generator) Listed() Listed { return g.listed }

// Context returns the most tokens that the model reads, or 0 if the server does not say. An adapter
// has the context of its base model.
func (g *Generator) Context() int {
	if g.listed.Context == 0 && g.listed.Parent != "" {
		if base, err := g.server.find(g.listed.Parent); err == nil {
			return base.Context
		}
	}
	return g.listed.Context
}

// Usage returns what was asked of the server, by all models of one connection.
func (g *Generator) Usage() Usage { return g.server.Usage() }

// Server returns the connection.
func (g *Generator) Server() *Server { return g.server }

// Close closes the recording, if there is one.
func (g *Generator) Close() error {
	if g.querier.recording == nil {
		return nil
	}
	return g.querier.recording.Close()
}

// Generate implements [undertone.Model].
func (g *Generator) Generate(ctx context.Context, r undertone.Request) (undertone.Response, error) {
	responses, err := g.GenerateBatch(ctx, []undertone.Request{r})
	if err != nil {
		return undertone.Response{}, err
	}
	return responses[0], nil
}

// GenerateBatch implements [undertone.BatchGenerator].
func (g *Generator) GenerateBatch(ctx context.Context, requests []undertone.Request) ([]undertone.Response, error) {
	queries := make([]generateQuery, len(requests))
	for i, r := range requests {
		q := generateQuery{MaxTokens: r.MaxTokens, Temperature: r.Temperature, Seed: r.Seed}
		switch c := g.server.config; {
		case c.Encoder != nil:
			ids, err := g.encoder.prompt(ctx, r.Messages)
			if err != nil {
				return nil, err
			}
			q.IDs = ids
		case c.Template == PlainTemplate || len(r.Messages) == 0:
			q.Text, _ = plainText(r.Messages, false)
		default:
			q.Messages = r.Messages
		}
		queries[i] = q
	}
	answers, err := ask(ctx, g.querier, g.generateOp, queries)
	if err != nil {
		return nil, err
	}
	responses := make([]undertone.Response, len(answers))
	for i, a := range answers {
		responses[i] = undertone.Response{Text: a.Text, Truncated: a.Truncated}
	}
	return responses, nil
}

// withAbilities returns the model with the methods that the protocol allows. A server that takes
// text knows no chat template while it scores, so that it scores plain text only.
func (g *Generator) withAbilities() undertone.Model {
	p := g.protocol
	switch {
	case p.score != nil && g.server.kind == VLLM && g.listed.Root != "": // SGLang writes its name there
		return &TracedScorer{&Scorer{&Chooser{g}}}
	case p.score != nil, p.scoreText != nil && g.server.config.Template == PlainTemplate:
		return &Scorer{&Chooser{g}}
	case p.next != nil:
		return &Chooser{g}
	}
	return g
}

// TracedScorer is a [Scorer] whose server says from which weights the model comes.
type TracedScorer struct{ *Scorer }

// Lineage implements [undertone.Lineage]. It returns a digest of where the server read the base
// model, not of its weights.
func (t *TracedScorer) Lineage() undertone.Digest {
	root := t.listed.Root
	if t.listed.Parent != "" {
		if base, err := t.server.find(t.listed.Parent); err == nil {
			root = base.Root
		}
	}
	return undertone.NewHasher("remote base").Text(root).Sum()
}
