// Package view serves the saved reports of a folder to a browser on this machine: a list with a
// search, a page for each report, a comparison of two audits, and the text of rows that a report
// names. It reads files of the folder and nothing else, and changes nothing.
package view

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	report "github.com/undertone-audit/undertone/contrib/report"
	"github.com/undertone-audit/undertone/internal/loopback"
)

// Limits of what a request costs.
const (
	maxFiles   = 2000             // of a folder that are listed
	maxNames   = 200_000          // of files that a search looks at
	maxListed  = 256 << 20        // bytes after decompression that are read for a list
	maxDepth   = 8                // of folders in the folder
	maxPending = 4                // reports that are read at once
	maxHeader  = 64 << 10         // bytes of a request
	headerTime = 10 * time.Second // for a request to arrive
	idleTime   = 2 * time.Minute
	graceTime  = 5 * time.Second // for requests to finish after the server was stopped
)

// Server serves the reports of a folder.
type Server struct {
	root    *os.Root
	reading chan struct{} // holds one value for each report that is being read
	handler http.Handler
}

// New returns a server of a folder. The caller closes it.
func New(folder string) (*Server, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	s := &Server{root: root, reading: make(chan struct{}, maxPending)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.list)
	mux.HandleFunc("GET /report/{file...}", s.show)
	mux.HandleFunc("GET /rows/{file...}", s.rows)
	mux.HandleFunc("GET /compare", s.compare)
	s.handler = guarded(mux)
	return s, nil
}

// Close closes the folder.
func (s *Server) Close() error { return s.root.Close() }

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Serve answers the requests of a listener until ctx is done, and then gives the requests that have
// begun a few seconds to finish.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{Handler: s, ReadHeaderTimeout: headerTime, ReadTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader, ErrorLog: log.New(io.Discard, "", 0)}
	served := make(chan error, 1)
	go func() { served <- h.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, stop := context.WithTimeout(context.WithoutCancel(ctx), graceTime)
	defer stop()
	if err := h.Shutdown(grace); err != nil {
		return errors.Join(h.Close(), errors.New("view: requests were cancelled, because they took longer than the time for stopping"))
	}
	<-served
	return nil
}

// guarded refuses requests that name another machine, because another name may lead here by DNS,
// and sets headers that forbid a page everything that it does not need.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		switch {
		case !loopback.IsHost(r.Host):
			http.Error(w, fmt.Sprintf("the host %.80q is not this machine: want localhost or a loopback address", r.Host), http.StatusForbidden)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "this server changes nothing: want GET", http.StatusMethodNotAllowed)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// read reads a report of the folder.
func (s *Server) read(ctx context.Context, file string) (*report.Saved, error) {
	saved, _, err := s.readAtMost(ctx, file, report.MaxBytes)
	return saved, err
}

// readAtMost reads a report of the folder with at most so many bytes after decompression, and
// returns how many it read.
func (s *Server) readAtMost(ctx context.Context, file string, most int) (*report.Saved, int, error) {
	select {
	case s.reading <- struct{}{}:
		defer func() { <-s.reading }()
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
	f, err := s.open(file)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	return report.ReadAtMost(f, most)
}

// open opens an ordinary file of the folder. os.Root refuses paths and links that leave it.
func (s *Server) open(file string) (*os.File, error) {
	info, err := s.root.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no ordinary file")
	}
	return s.root.Open(file)
}
