package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote"
	"github.com/undertone-audit/undertone/remote/doctor"
	"github.com/undertone-audit/undertone/student/external"
)

// modelServer starts a program of the user that serves one trained model, for trainers that leave
// whole models and for servers that load no adapters while they run. One runs at a time.
type modelServer struct {
	command []string
	base    string        // value of {base}
	timeout time.Duration // until a server is ready
	config  remote.Config // of the connection, but for the URL
	trust   bool          // the scores are not checked
	earlier doctor.Earlier
	running chan struct{} // holds one value while a server runs
}

// Times of the check whether a server is ready.
const (
	readyPoll    = 200 * time.Millisecond
	readyTimeout = 5 * time.Second  // of one request
	serverGrace  = 10 * time.Second // for a server to release its memory
)

// newModelServer returns the program of --serve.
// Its requests count with those of the server of the untrained model.
func (v *auditVerb) newModelServer(base string, untrained *remote.Server) (*modelServer, error) {
	command, err := external.SplitCommand(*v.Serve)
	if err == nil {
		err = external.CheckServiceCommand(command)
	}
	if err != nil {
		return nil, flaggedAs("--serve", err)
	}
	config, err := v.remoteConfig(v.Student, v.templateFlag)
	config.Model, config.Shares = "", untrained // the name is that of the untrained model
	return &modelServer{
		command: command, base: base, timeout: v.ServeTimeout, config: config, trust: v.TrustScorer || v.talks, running: make(chan struct{}, 1),
	}, err
}

// open starts the server of a trained model, waits until it answers, and opens the model.
func (s *modelServer) open(ctx context.Context, r external.Result) (m undertone.Model, stop func() error, err error) {
	if r.Kind == external.Server {
		return nil, nil, errors.New("--serve starts a server for the folder of a trained model, and the trainer left a name on a server: leave out --serve")
	}
	path, err := filepath.Abs(r.Path)
	if err != nil {
		return nil, nil, err
	}
	select {
	case s.running <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
	port, err := freePort()
	if err != nil {
		<-s.running
		return nil, nil, err
	}
	service, err := external.StartService(ctx, external.ServiceConfig{
		Command: s.command, Model: path, Base: s.base, Port: port, Log: filepath.Join(filepath.Dir(r.Dir), "serve.log"), Grace: serverGrace,
	})
	if err != nil {
		<-s.running
		return nil, nil, flaggedAs("--serve", err)
	}
	stop = func() error {
		service.Stop()
		<-s.running
		return nil
	}
	if m, err = s.connect(ctx, service, r, fmt.Sprintf("http://127.0.0.1:%d", port)); err != nil {
		_ = stop()
		return nil, nil, err
	}
	return m, stop, nil
}

// connect returns the model of a server that was started.
func (s *modelServer) connect(ctx context.Context, service *external.Service, r external.Result, url string) (undertone.Model, error) {
	if err := s.ready(ctx, service, url); err != nil {
		return nil, err
	}
	config := s.config
	config.URL = url
	server, err := remote.Connect(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("--serve: %w", err)
	}
	m, err := trainedModel(ctx, server, r.Kind)
	if err == nil && !s.trust {
		err = examineTrained(ctx, m, r, &s.earlier, doctor.Required)
	}
	if err != nil {
		return nil, fmt.Errorf("--serve: %w", err)
	}
	return m, nil
}

// trainedModel returns the only adapter of a server, if an adapter was trained and the server lists
// it as one, and else the only model.
func trainedModel(ctx context.Context, s *remote.Server, kind external.Kind) (undertone.Model, error) {
	var adapters []string
	for _, m := range s.Models() {
		if m.Parent != "" {
			adapters = append(adapters, m.ID)
		}
	}
	if kind == external.PEFT && len(adapters) == 1 {
		return s.Model(adapters[0])
	}
	return s.Open(ctx)
}

// ready waits until the server lists its models.
func (s *modelServer) ready(ctx context.Context, service *external.Service, url string) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: readyTimeout}
	limit := time.NewTimer(s.timeout)
	defer limit.Stop()
	for {
		if answers(ctx, client, url+"/v1/models") {
			return nil
		}
		select {
		case <-time.After(readyPoll):
		case <-service.Done():
			return errors.Join(ctx.Err(), fmt.Errorf("--serve: %w", service.Err()))
		case <-limit.C:
			service.Stop()
			return fmt.Errorf("--serve: the server does not answer on 127.0.0.1 at the port {port} after %v (--serve-timeout)%s", s.timeout, service.Output())
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// answers reports whether a server answers a request. A refusal, such as that of a request without
// a key, is an answer.
func answers(ctx context.Context, client *http.Client, url string) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	w, err := client.Do(r)
	if err != nil {
		return false
	}
	_ = w.Body.Close()
	return w.StatusCode < http.StatusInternalServerError
}

// freePort returns a port of the loopback address that no program uses.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
