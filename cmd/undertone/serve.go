package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/undertone-audit/undertone/internal/atomicfile"
	"github.com/undertone-audit/undertone/internal/escape"
	"github.com/undertone-audit/undertone/remote/serve"
)

type serveVerb struct {
	Model       string      `file:"read" required:"" placeholder:"DIR|tiny" help:"Model to serve: a folder, or an embedded model (${embedded})."`
	Name        string      `placeholder:"NAME" help:"Name of the model in requests (default the value of --model)."`
	Adapter     []namedPath `file:"read" sep:"none" placeholder:"NAME=DIR" help:"Adapter to serve under a name: a folder of Hugging Face's PEFT. Repeat the flag for several."`
	AdapterRoot string      `file:"read" placeholder:"DIR" help:"Folder whose adapters requests may load and unload while the server runs (default: such requests are refused)."`
	Template    string      `file:"read" placeholder:"NAME|FILE" help:"Chat template: plain, chatml, llama3, mistral, a file in Jinja, or the name of one of the model's templates (default that of the model)."`

	Address     string `group:"Network:" placeholder:"HOST:PORT" default:"127.0.0.1:8000" help:"Address to listen on; port 0 chooses a free port (default ${default})."`
	AllowRemote bool   `group:"Network:" help:"Listen on an address that other machines can reach. Needs --api-key-env."`
	APIKeyEnv   string `group:"Network:" name:"api-key-env" placeholder:"NAME" help:"Environment variable that holds the API key, which requests must send as a bearer token (default: requests need no key)."`
	AddressFile string `group:"Network:" file:"write" placeholder:"FILE" help:"File that the address is written to when the server listens. Standard output has it too, as a URL."`

	Concurrent  int           `group:"Limits:" range:"[0, 1024]" placeholder:"N" help:"Requests that are computed at once, in [0, 1024]; 0 for the number of cores (default 0)."`
	Queued      int           `group:"Limits:" range:"[1, 1000000]" placeholder:"N" default:"256" help:"Requests that wait; further ones are answered with status 429, in [1, 1000000] (default ${default})."`
	MaxLogprobs int           `group:"Limits:" range:"[1, 1000000]" placeholder:"N" default:"20" help:"Most likely tokens that a request may ask for at a position, in [1, 1000000] (default ${default})."`
	MaxPrompts  int           `group:"Limits:" range:"[1, 1000000]" placeholder:"N" default:"1024" help:"Prompts of a request, in [1, 1000000] (default ${default})."`
	Grace       time.Duration `group:"Limits:" range:"> 0" placeholder:"TIME" default:"30s" help:"Time for requests to finish after an interrupt, > 0, such as 30s or 2m (default ${default})."`
}

// Run serves until ctx is done.
func (v *serveVerb) Run(ctx context.Context, c console) error {
	key, err := v.key()
	if err != nil {
		return err
	}
	m, err := templateFlag{Template: v.Template}.load("--model", v.Model)
	if err != nil {
		return err
	}
	config := serve.Config{
		Model: m, Name: v.Name, Root: v.Model, AdapterRoot: v.AdapterRoot, Key: key,
		Limits: serve.Limits{Concurrent: v.Concurrent, Queued: v.Queued, Top: v.MaxLogprobs, Prompts: v.MaxPrompts, Grace: v.Grace},
	}
	if v.Name == "" {
		config.Name = v.Model
	}
	for _, a := range v.Adapter {
		config.Adapters = append(config.Adapters, serve.Adapter{Name: a.name, Path: a.path})
	}
	if c.flags.Verbose {
		config.Log = logTo(c.stderr)
	}
	if info, err := os.Stat(v.AdapterRoot); v.AdapterRoot != "" && (err != nil || !info.IsDir()) {
		return fmt.Errorf("--adapter-root %s is not a folder", v.AdapterRoot)
	}
	s, err := serve.New(config)
	if err != nil {
		return fmt.Errorf("--adapter: %w", err)
	}
	return v.serve(ctx, c, s)
}

// key returns the API key, "" for none, or an error if the address needs one.
func (v *serveVerb) key() (string, error) {
	key := ""
	if v.APIKeyEnv != "" {
		if key = os.Getenv(v.APIKeyEnv); key == "" {
			return "", fmt.Errorf("--api-key-env: the environment variable %s is not set", v.APIKeyEnv)
		}
	}
	switch local, err := isLoopback(v.Address); {
	case err != nil:
		return "", err
	case local:
		return key, nil
	case !v.AllowRemote:
		return "", fmt.Errorf("--address %s can be reached by other machines: add --allow-remote and --api-key-env, or use 127.0.0.1", v.Address)
	case key == "":
		return "", errors.New("--allow-remote needs --api-key-env: without a key, everybody in the network can use the server")
	}
	return key, nil
}

// isLoopback reports whether an address can be reached by this machine only.
func isLoopback(address string) (bool, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false, fmt.Errorf("--address %s is not HOST:PORT: %w", address, err)
	}
	if host == "localhost" {
		return true, nil
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback(), nil
}

// serve listens, says where, and answers requests.
func (v *serveVerb) serve(ctx context.Context, c console, s *serve.Server) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", v.Address)
	if err != nil {
		return fmt.Errorf("--address: %w", err)
	}
	defer l.Close()
	if c.grace != nil {
		c.grace.Store(int64(v.Grace))
	}
	if v.AddressFile != "" {
		if err := atomicfile.Write(v.AddressFile, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, l.Addr())
			return err
		}); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(c.stdout, "http://%s\n", l.Addr()); err != nil {
		return err
	}
	return s.Serve(ctx, l)
}

// logTo returns a log with a line for each request.
func logTo(w io.Writer) func(serve.Entry) {
	return func(e serve.Entry) {
		path := e.Path
		if path == "" {
			path = "(no endpoint)"
		}
		line := fmt.Sprintf("%s %s %d %s", e.Method, path, e.Status, e.Time.Round(100*time.Microsecond))
		if e.Model != "" {
			line += fmt.Sprintf(" model %q prompts %d tokens %d+%d", e.Model, e.Prompts, e.Read, e.Written)
		}
		fmt.Fprintln(w, "undertone:", escape.Text(line))
	}
}
