package remote

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/undertone-audit/undertone"
)

// ErrAdapters is wrapped by the error of a server that does not load adapters while it runs.
var ErrAdapters = errors.New("the server does not load adapters while it runs")

// LoadAdapter makes a vLLM server load the adapter in the folder path, as the server sees it, under
// a name that it does not use yet. It returns the model of the adapter and a function that unloads
// it. The server must have been started with --enable-lora and the environment variable
// VLLM_ALLOW_RUNTIME_LORA_UPDATING=True. Answers are not recorded.
func (s *Server) LoadAdapter(ctx context.Context, name, path string) (m undertone.Model, unload func(context.Context) error, err error) {
	if s.kind != VLLM {
		return nil, nil, fmt.Errorf("remote: load adapter %q: %w: it is of the kind %q, and the kind %q does", name, ErrAdapters, s.kind, VLLM)
	}
	base, err := s.base()
	if err != nil {
		return nil, nil, err
	}
	load := struct {
		Name string `json:"lora_name"`
		Path string `json:"lora_path"`
	}{name, path}
	if err := s.caller.do(ctx, request{method: http.MethodPost, path: "/v1/load_lora_adapter", body: load}, nil); err != nil {
		if missing(err) {
			err = fmt.Errorf("remote: load adapter %q: %w: start it with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True (%w)", name, ErrAdapters, err)
		}
		return nil, nil, err
	}
	unload = func(ctx context.Context) error {
		body := struct {
			Name string `json:"lora_name"`
		}{name}
		return s.caller.do(ctx, request{method: http.MethodPost, path: "/v1/unload_lora_adapter", body: body}, nil)
	}
	if m, err = s.loaded(ctx, name, base); err != nil {
		return nil, nil, errors.Join(err, unload(context.WithoutCancel(ctx)))
	}
	return m, unload, nil
}

// loaded returns the model of an adapter that was loaded, after it checked that the server lists it
// as one of the base model.
func (s *Server) loaded(ctx context.Context, name string, base Listed) (undertone.Model, error) {
	now := &Server{config: s.config, caller: s.caller, kind: s.kind, version: s.version}
	if err := now.list(ctx); err != nil {
		return nil, err
	}
	of, err := now.find(name)
	if err != nil {
		return nil, err
	}
	if of.Parent != base.ID {
		return nil, fmt.Errorf("remote: the server lists adapter %q as one of the model %q, not of %q", name, of.Parent, base.ID)
	}
	return now.open(of, "")
}

// Trained returns the model of a name that a trainer gave to a service, such as that of a
// fine-tuned model. The list of models is asked for again, because the name may be new. A name that
// is not listed is an error, unless the server lists nothing: some servers answer under any name
// with the one model that they hold. Answers are not recorded.
func (s *Server) Trained(ctx context.Context, name string) (undertone.Model, error) {
	base, err := s.base()
	if err != nil {
		return nil, err
	}
	if name == base.ID {
		return nil, fmt.Errorf("remote: %.80q is the untrained model of the server, not a trained one", name)
	}
	now := &Server{config: s.config, caller: s.caller, kind: s.kind, version: s.version}
	if err := now.list(ctx); err != nil {
		return nil, err
	}
	return now.Model(name)
}
