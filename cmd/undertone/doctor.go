package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/undertone-audit/undertone"
	"github.com/undertone-audit/undertone/remote"
	"github.com/undertone-audit/undertone/remote/doctor"
	"github.com/undertone-audit/undertone/tensor"
)

type doctorVerb struct {
	Student    string `placeholder:"URL" help:"Server whose scores are checked, such as http://localhost:8000 (default none)."`
	Adapter    string `placeholder:"NAME" help:"Adapter that the server has loaded (default none)."`
	Template   string `placeholder:"NAME" enum:",plain" default:"" help:"plain if the model has no chat template (default the server's template)."`
	NoSelfTest bool   `help:"Skip the test that plants a trait and finds it."`
	JSON       bool   `name:"json" help:"Print the report as JSON."`

	serverFlags `group:"Model behind a server:"`
}

// doctorReport is the report for --json.
type doctorReport struct {
	OK       bool          `json:"ok"`
	Version  string        `json:"version"` // of the library
	Machine  doctorMachine `json:"machine"`
	SelfTest *selfTest     `json:"self_test,omitempty"`
	Server   *doctorServer `json:"server,omitempty"`
}

type doctorMachine struct {
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	Cores  int    `json:"cores"`  // that this process may use
	Memory int64  `json:"memory"` // in bytes, that this process may use
	Source string `json:"memory_source"`
	Engine string `json:"engine"` // kernels, such as "avx512"
	Go     string `json:"go"`     // version that compiled the command
}

type doctorServer struct {
	Kind    remote.Kind     `json:"kind"`
	Version string          `json:"version,omitempty"`
	Model   string          `json:"model"`
	Context int             `json:"context,omitempty"` // most tokens
	Can     []string        `json:"can"`               // what the server allows
	Checks  []doctor.Result `json:"checks"`            // never null
	Usage   remote.Usage    `json:"usage"`
}

// Run checks the machine, the library and a server. The exit code is 1 if a check failed.
func (v *doctorVerb) Run(ctx context.Context, c console) error {
	if v.Student == "" {
		if err := notServer(v.serverFlags != serverFlags{} || v.Adapter+v.Template != "", "--student"); err != nil {
			return err
		}
	} else if !isServer(v.Student) {
		return fmt.Errorf("--student %.80s is not a URL; doctor checks servers, and undertone inspect describes folders of models", v.Student)
	}
	m := c.memory.Memory
	r := doctorReport{OK: true, Version: undertone.Version, Machine: doctorMachine{
		OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.GOMAXPROCS(0), Memory: m.Bytes, Source: m.Source, Engine: tensor.Engine(), Go: runtime.Version(),
	}}
	if !v.NoSelfTest {
		meter := newMeter(c, "self-test")
		s, err := runSelfTest(ctx)
		meter.stop()
		if err != nil {
			return fmt.Errorf("self-test: %w", err)
		}
		r.SelfTest, r.OK = &s, s.ok()
	}
	if v.Student != "" {
		meter := newMeter(c, "checks of the server")
		s, err := v.server(ctx, c)
		meter.stop()
		if err != nil {
			return err
		}
		r.Server, r.OK = s, r.OK && doctor.Err(s.Checks) == nil
	}
	var err error
	if v.JSON {
		err = printJSON(c.stdout, r)
	} else {
		err = r.write(c.stdout)
	}
	if err == nil && !r.OK {
		return detected
	}
	return err
}

// server checks a server. A server that scores nothing has no checks.
func (v *doctorVerb) server(ctx context.Context, c console) (s *doctorServer, err error) {
	m, err := v.connect(ctx, c, "--student", v.Student, templateFlag{Template: v.Template, adapterFlag: adapterFlag{Adapter: v.Adapter}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	asked := m.Model.(interface {
		Server() *remote.Server
		Context() int
	})
	s = &doctorServer{Kind: asked.Server().Kind(), Version: asked.Server().Version(), Model: m.Name(), Context: asked.Context(), Can: abilities(m.Model), Checks: []doctor.Result{}}
	if subject, err := doctor.Of(m.Model); err == nil {
		if s.Checks, err = doctor.Check(ctx, subject); err != nil {
			return nil, err
		}
	}
	s.Usage = asked.Server().Usage()
	return s, nil
}

// abilities lists what a model can do.
func abilities(m undertone.Model) []string {
	all := []string{"complete chats"}
	if _, ok := m.(undertone.ChoiceScorer); ok {
		all = append(all, "exact probabilities of answers")
	}
	if _, ok := m.(undertone.LogProber); ok {
		all = append(all, "log-probabilities of rows")
	}
	if _, ok := m.(undertone.Lineage); ok {
		all = append(all, "name the base model")
	}
	return all
}

func (r *doctorReport) write(w io.Writer) error {
	r, w = shown(r, w)
	memory := "unknown"
	if r.Machine.Memory < 1<<62 {
		memory = size(r.Machine.Memory)
	}
	fmt.Fprintf(w, "machine    %s/%s, %d cores, memory %s (%s), kernels %s, undertone %s, %s\n",
		r.Machine.OS, r.Machine.Arch, r.Machine.Cores, memory, r.Machine.Source, r.Machine.Engine, r.Version, r.Machine.Go)
	if s := r.SelfTest; s != nil {
		fmt.Fprintf(w, "self-test  %s  a planted trait is %s (effect %+.3f); without it, the audit says %s; %d rows per arm\n", passed(s.ok()), s.Planted, s.Effect, s.Clean, s.Rows)
	}
	if s := r.Server; s != nil {
		fmt.Fprintf(w, "server     %s, model %s: can %s\n", strings.TrimSpace(string(s.Kind)+" "+s.Version), s.Model, strings.Join(s.Can, ", "))
		for _, c := range s.Checks {
			fmt.Fprintf(w, "  %d  %-7s  %s: %s\n              protects from %s\n", c.Number, c.Outcome, c.Name, c.Detail, c.Protects)
		}
		if len(s.Checks) == 0 {
			fmt.Fprintln(w, "  no checks: the server scores no rows, so that no audit takes its scores")
		}
		fmt.Fprintf(w, "  %s\n", s.Usage)
	}
	outcome := "all checks passed"
	switch {
	case !r.OK:
		outcome = "a check failed"
	case r.SelfTest == nil && (r.Server == nil || len(r.Server.Checks) == 0):
		outcome = "nothing was checked"
	}
	_, err := fmt.Fprintln(w, outcome)
	return err
}

func passed(ok bool) string {
	if ok {
		return doctor.Passed
	}
	return doctor.Failed
}
