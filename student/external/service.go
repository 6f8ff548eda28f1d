package external

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// servicePlaceholders are those of the command of a service.
var servicePlaceholders = []string{"model", "base", "port"}

// ServiceConfig describes a program that serves one trained model.
type ServiceConfig struct {
	// Command is the program with its arguments, in which {model}, {base} and {port} are replaced;
	// see [SplitCommand]. It must have {model} and {port}.
	Command []string

	Model string        // value of {model}: the folder that the trainer left, an absolute path
	Base  string        // value of {base}
	Port  int           // value of {port}
	Log   string        // path of the file for its output
	Grace time.Duration // from the request to end to the kill of its processes, >= 0 (default 3 s)
}

// CheckServiceCommand returns an error if the command of a service has no program, lacks a
// required placeholder, or has an unknown one.
func CheckServiceCommand(command []string) error {
	if err := checkCommand(command, servicePlaceholders); err != nil {
		return err
	}
	for _, name := range []string{"{model}", "{port}"} {
		if !slices.ContainsFunc(command, func(arg string) bool { return strings.Contains(arg, name) }) {
			return fmt.Errorf("external: the command has no %s, so that it cannot serve each trained model", name)
		}
	}
	return nil
}

// Service is a program that runs beside this process. Its process group ends with this process.
type Service struct {
	path   string // of the log
	cancel context.CancelFunc
	done   chan struct{}
	err    error // of the program; set before done is closed
	log    *trainerLog
}

// StartService starts the program in a process group of its own. It runs until Stop is called or
// ctx is done. Its environment is that of this process, and UNDERTONE_MODEL and the like.
func StartService(ctx context.Context, c ServiceConfig) (*Service, error) {
	if err := CheckServiceCommand(c.Command); err != nil {
		return nil, err
	}
	if c.Grace == 0 {
		c.Grace = defaultGrace
	}
	file, err := os.Create(c.Log)
	if err != nil {
		return nil, err
	}
	values := map[string]string{"model": c.Model, "base": c.Base, "port": strconv.Itoa(c.Port)}
	ctx, cancel := context.WithCancel(ctx)
	s := &Service{path: c.Log, cancel: cancel, done: make(chan struct{}), log: &trainerLog{file: file}}
	p := process{"server", fill(c.Command, values), environment(values, ""), s.log, c.Grace}
	go func() {
		defer close(s.done)
		defer file.Close()
		if s.err = p.run(ctx); s.err == nil {
			s.err = errors.New("the server ended by itself, with exit status 0")
		}
	}()
	return s, nil
}

// Done returns a channel that is closed when all processes of the program have ended.
func (s *Service) Done() <-chan struct{} { return s.done }

// Err returns why the program ended, with its [Service.Output]. It is called after Done is
// closed.
func (s *Service) Err() error { return fmt.Errorf("%w%s", s.err, s.Output()) }

// Output returns the last lines of the program and the path of its log, as the end of an error. It
// is called after Done is closed.
func (s *Service) Output() string { return fmt.Sprintf("%s (its log is %s)", s.log.tail(), s.path) }

// Stop ends the program, and waits until no process of its group is left. It is no error if the
// program has ended already.
func (s *Service) Stop() {
	s.cancel()
	<-s.done
}
