package serve

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/undertone-audit/undertone"
)

// Server answers requests for a model and its adapters. It is an [http.Handler].
type Server struct {
	config   Config
	started  int64 // seconds since 1970
	models   *models
	gate     *gate
	bodies   *bodies
	spelling *spelling
	handler  http.Handler
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// routes returns the handler of all requests.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"version": undertone.Version})
	})
	mux.HandleFunc("GET /v1/models", s.listModels)
	for path, answer := range map[string]answerFunc{
		"/v1/completions":             s.complete,
		"/v1/chat/completions":        s.chat,
		"/v1/completions/render":      s.renderCompletion,
		"/v1/chat/completions/render": s.renderChat,
		"/tokenize":                   s.tokenize,
		"/detokenize":                 s.detokenize,
		"/v1/load_lora_adapter":       s.loadAdapter,
		"/v1/unload_lora_adapter":     s.unloadAdapter,
	} {
		mux.Handle("POST "+path, s.post(answer))
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", http.MethodPost)
			writeError(w, failed(http.StatusMethodNotAllowed, "MethodNotAllowedError", "", "%s is not a method of this endpoint: want POST", r.Method))
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, notFound("", "%s %s is not an endpoint of this server", r.Method, r.URL.Path))
	})
	return s.logged(s.guarded(mux))
}

// Times that bound what idle or slow clients hold.
const (
	headerTime = 10 * time.Second
	idleTime   = 2 * time.Minute
	maxHeader  = 64 << 10 // bytes
)

// Serve answers the requests of a listener until ctx is done. It then closes the listener, gives
// the requests that have begun Limits.Grace to finish, cancels the remaining ones, and returns nil
// if there were none.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	h := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return base },
		ErrorLog:    discard,
	}
	served := make(chan error, 1)
	go func() { served <- h.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, stop := context.WithTimeout(base, s.config.Grace)
	defer stop()
	err := h.Shutdown(grace)
	if err != nil {
		cancel()
		if err := h.Close(); err != nil {
			return err
		}
		err = errors.New("serve: requests were cancelled, because they took longer than the time for stopping")
	}
	<-served
	return err
}
