package remote

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/teacher"
)

// Server is a connection to a server. It is safe for concurrent use.
type Server struct {
	config  Config
	caller  *caller
	kind    Kind
	version string
	listed  []Listed
}

// Listed is a model as the server lists it.
type Listed struct {
	ID      string `json:"id"`
	OwnedBy string `json:"owned_by"`
	Root    string `json:"root"`          // where the server read the weights or the adapter; "" if unknown
	Parent  string `json:"parent"`        // base model of an adapter, or ""
	Context int    `json:"max_model_len"` // most tokens; 0 if unknown
}

// Connect asks a server for its models and finds its kind.
func Connect(ctx context.Context, c Config) (*Server, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	if c.Kind != "" && !slices.Contains(kinds, c.Kind) {
		return nil, fmt.Errorf("remote: kind %.20q is not known; want one of %q", c.Kind, kinds)
	}
	caller, err := newCaller(c)
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, caller: caller, kind: c.Kind}
	if err := s.list(ctx); err != nil {
		return nil, err
	}
	if s.kind == "" {
		s.kind = detect(caller.base.Host, s.listed)
	}
	s.version, err = s.askVersion(ctx)
	return s, err
}

// Open connects to a server and returns the model of a configuration. See [Server.Model].
func Open(ctx context.Context, c Config) (undertone.Model, error) {
	s, err := Connect(ctx, c)
	if err != nil {
		return nil, err
	}
	return s.Open(ctx)
}

// Limits of a list of models. Names and paths are part of errors, reports and recordings.
const (
	maxListed = 100_000 // models
	maxName   = 4096    // bytes of a name or a path
)

// list asks for the models. Together lists them without an object around them.
func (s *Server) list(ctx context.Context) error {
	q := request{method: http.MethodGet, path: "/v1/models"}
	var answer listedModels
	if err := s.caller.do(ctx, q, &answer); err != nil {
		if s.config.Kind != "" && s.config.Model != "" && missing(err) {
			return nil // the service lists nothing
		}
		return err
	}
	if len(answer.Data) > maxListed {
		return s.caller.wrap(q, 0, fmt.Errorf("%d models, want at most %d", len(answer.Data), maxListed), false)
	}
	for i, m := range answer.Data {
		if longest := max(len(m.ID), len(m.Root), len(m.Parent)); longest > maxName {
			return s.caller.wrap(q, 0, fmt.Errorf("model %d has a name or a path of %d bytes, want at most %d", i+1, longest, maxName), false)
		}
		answer.Data[i].Root = s.caller.redact(m.Root)
	}
	s.listed = answer.Data
	return nil
}

// ownServer is the owner of the models that package serve lists.
const ownServer = "undertone"

// detect returns the kind of a server from who owns its models. A server that is not known can
// chat, and nothing is scored with it.
func detect(host string, listed []Listed) Kind {
	if strings.HasSuffix(host, "together.xyz") || strings.HasSuffix(host, "together.ai") {
		return Together
	}
	for _, m := range listed {
		switch m.OwnedBy {
		case "vllm", ownServer:
			return VLLM
		case "sglang":
			return SGLang
		case "llamacpp":
			return LlamaCPP
		}
	}
	return Chat
}

// askVersion returns the version of a server that says it, or "".
func (s *Server) askVersion(ctx context.Context) (string, error) {
	if s.kind != VLLM {
		return "", nil
	}
	var answer struct {
		Version string `json:"version"`
	}
	err := s.caller.do(ctx, request{method: http.MethodGet, path: "/version"}, &answer)
	if missing(err) {
		return "", nil
	}
	return cleanName(s.caller.redact(answer.Version)), err
}

// cleanName returns a name of a server for reports.
func cleanName(name string) string {
	const most = 200
	return escape.Text(name[:min(len(name), most)])
}

// Kind returns the kind of the server.
func (s *Server) Kind() Kind { return s.kind }

// Version returns the version of the server, or "" if it does not say.
func (s *Server) Version() string { return s.version }

// Models returns the models that the server listed when the connection was made.
func (s *Server) Models() []Listed { return slices.Clone(s.listed) }

// Usage returns what was asked of the server.
func (s *Server) Usage() Usage { return s.caller.meter.usage() }

// Open returns the model, or the adapter, that the configuration names. Its answers are recorded if
// the configuration says so.
func (s *Server) Open(ctx context.Context) (undertone.Model, error) {
	base, err := s.base()
	if err != nil {
		return nil, err
	}
	served := base
	if a := s.config.Adapter; a != "" {
		if served, err = s.find(a); err != nil {
			return nil, err
		}
		if served.Parent != "" && served.Parent != base.ID {
			return nil, fmt.Errorf("remote: adapter %q of the server is one of the model %q, not of %q", a, served.Parent, base.ID)
		}
	}
	return s.open(served, s.config.Recording)
}

// Model returns the model or the adapter of a name. Nothing is recorded. Beside [undertone.Model]
// it implements the interfaces that the kind of the server allows, and no others:
//
//   - [*Generator]: [undertone.BatchGenerator];
//   - [*Chooser]: and [undertone.ChoiceScorer];
//   - [*Scorer]: and [undertone.TokenLogProber] and student.Renderer;
//   - [*TracedScorer]: and [undertone.Lineage].
func (s *Server) Model(name string) (undertone.Model, error) {
	served, err := s.find(name)
	if err != nil {
		return nil, err
	}
	return s.open(served, "")
}

// base returns the model of the configuration.
func (s *Server) base() (Listed, error) {
	if s.config.Model != "" {
		return s.find(s.config.Model)
	}
	var bases []Listed
	for _, m := range s.listed {
		if m.Parent == "" {
			bases = append(bases, m)
		}
	}
	if len(bases) != 1 {
		return Listed{}, fmt.Errorf("remote: the server at %s lists %d models (%s): name one", s.caller.base, len(bases), s.names())
	}
	return bases[0], nil
}

func (s *Server) find(name string) (Listed, error) {
	for _, m := range s.listed {
		if m.ID == name {
			return m, nil
		}
	}
	if len(s.listed) == 0 {
		return Listed{ID: name}, nil // some services list nothing
	}
	return Listed{}, fmt.Errorf("remote: the server at %s lists no model %.80q; it lists %s", s.caller.base, name, s.names())
}

// names returns the names of the first models, for people.
func (s *Server) names() string {
	var all []string
	for _, m := range s.listed[:min(len(s.listed), 10)] {
		all = append(all, cleanName(m.ID))
	}
	if len(s.listed) > len(all) {
		all = append(all, "…")
	}
	return strings.Join(all, ", ")
}

// aliases returns the names under which a server may answer for a model: those of the same weights.
func (s *Server) aliases(of Listed) map[string]bool {
	all := map[string]bool{of.ID: true}
	for _, m := range s.listed {
		if of.Root != "" && m.Root == of.Root && m.Parent == of.Parent {
			all[m.ID] = true
		}
	}
	return all
}

func (s *Server) protocol(of Listed) (protocol, error) {
	switch s.kind {
	case VLLM:
		return newVLLM(s.caller, of, s.aliases(of)), nil
	case SGLang:
		return newSGLang(s.caller, of), nil
	case Together, Completions:
		return newEcho(s.caller, of.ID, s.kind == Together), nil
	case Chat:
		return newOpenAI(s.caller, of.ID), nil
	case LlamaCPP:
		return newLlamaCPP(s.caller), nil
	}
	return protocol{}, fmt.Errorf("remote: kind %q is not supported", s.kind)
}

// open returns a model with the abilities of the protocol.
func (s *Server) open(of Listed, recording string) (undertone.Model, error) {
	g, err := s.generator(of)
	if err != nil {
		return nil, err
	}
	if recording != "" {
		if g.querier.recording, err = teacher.Record(exchange{g.identity().name(), g.querier.ops}, recording); err != nil {
			return nil, err
		}
		for _, w := range g.querier.recording.Warnings() {
			s.warn(w)
		}
	}
	return g.withAbilities(), nil
}

func (s *Server) generator(of Listed) (*Generator, error) {
	p, err := s.protocol(of)
	if err != nil {
		return nil, err
	}
	g := &Generator{server: s, listed: of, protocol: p}
	g.querier = &querier{
		parallel: s.config.Concurrency, tokens: s.config.BatchTokens, size: newBatchSize(s.config.BatchRows),
		ops: map[string]func(context.Context, []string) ([]string, error){},
	}
	g.operations()
	g.encoder, err = g.encoderOf()
	return g, err
}

// Alone returns the same server for a caller that does not wait for the requests of s: its requests
// may run while s asks for another model.
func (s *Server) Alone() *Server {
	own, caller := *s, *s.caller
	caller.turns = new(turns)
	own.caller = &caller
	return &own
}

func (s *Server) warn(text string) {
	if s.config.Warn != nil {
		s.config.Warn(text)
	}
}
