package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/undertone-audit/undertone/internal/loopback"
)

// Entry describes a request that was answered. It holds no text of the request and no key.
type Entry struct {
	Method, Path string // Path is one of the endpoints, or "" for another one
	Status       int
	Model        string // that answered; "" if none did
	Prompts      int
	Read         int // tokens of the prompts
	Written      int // tokens of the completions
	Time         time.Duration
}

// guarded refuses requests without the key, and those that a page in a browser sends: a server on
// this machine must not answer any page that is open on it. Without a key, requests must name this
// machine as their host, because another name may lead here by DNS.
func (s *Server) guarded(next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(s.config.Key))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.refusal(r, want); err != nil {
			// The answer does not wait for a body that arrives late or never, nor does the connection.
			w.Header().Set("Connection", "close")
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(refusedBodyTime))
			writeError(w, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refusal returns the error of a request that may not ask; want is the hash of the key.
func (s *Server) refusal(r *http.Request, want [sha256.Size]byte) *failure {
	if r.Header.Get("Origin") != "" {
		return failed(http.StatusForbidden, "ForbiddenError", "", "requests of web pages (with the header Origin) are refused")
	}
	if s.config.Key == "" {
		if !loopback.IsHost(r.Host) {
			return failed(http.StatusForbidden, "ForbiddenError", "", "the host %.80q is not this machine: want localhost or a loopback address, or start the server with an API key", r.Host)
		}
		return nil
	}
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got := sha256.Sum256([]byte(key))
	if r.URL.Path != "/health" && (!strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1) {
		return failed(http.StatusUnauthorized, "AuthenticationError", "", "the header Authorization lacks the API key of this server: want Bearer KEY")
	}
	return nil
}

// refusedBodyTime is the time in which the body of a refused request may arrive.
const refusedBodyTime = time.Second

// logged calls the log after each request.
func (s *Server) logged(next http.Handler) http.Handler {
	if s.config.Log == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		recorder := &recorder{ResponseWriter: w}
		next.ServeHTTP(recorder, r)
		e := recorder.entry
		e.Method, e.Status, e.Time = r.Method, recorder.status, time.Since(began)
		if _, path, ok := strings.Cut(r.Pattern, "/"); ok && path != "" {
			e.Path = "/" + path
		}
		if e.Status == 0 {
			e.Status = http.StatusOK
		}
		s.config.Log(e)
	})
}

// recorder is a response whose status is logged.
type recorder struct {
	http.ResponseWriter
	status int
	entry  Entry
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// isJSON reports whether the body of a request is declared to be JSON.
func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}
