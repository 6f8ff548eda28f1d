package serve

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/undertone-audit/undertone/student/lm"
)

// Config says what a server serves.
type Config struct {
	Model *lm.Model
	Name  string // of the model in requests (default that of Model)
	Root  string // of the model in the list of models, such as its folder (default Name)

	// Adapters are loaded when the server starts.
	Adapters []Adapter

	// AdapterRoot is the folder whose adapters requests may load and unload (default none: such
	// requests are refused). No path outside it is read.
	AdapterRoot string

	// Key is the API key that requests must send as a bearer token (default none is needed).
	Key string

	Limits

	// Log is called after each request, from several goroutines; nil logs nothing.
	Log func(Entry)
}

// Adapter is a LoRA adapter in the format of Hugging Face's PEFT.
type Adapter struct {
	Name string // in requests
	Path string // of the folder
}

// Limits bound what requests cost. A zero field has its default.
type Limits struct {
	Concurrent int // requests that are computed at once (default the number of cores)
	Queued     int // requests that wait for these; further ones are refused with status 429 (default 256)

	BodyBytes int64 // of a request (default 16 MiB)
	// AllBytes bounds the bodies of all requests that are received, wait or are computed, in bytes.
	// A request beyond it is answered with status 503 (default 8 × BodyBytes).
	AllBytes int64

	Prompts int // of a request (default 1,024)
	Choices int // completions of a prompt, the field n (default 128)
	Top     int // most likely tokens at a position, as --max-logprobs of vLLM (default 20)
	Watched int // of the field logprob_token_ids (default 128)

	// Entries is the number of log-probabilities and tokens that a request may ask for: tokens of
	// the prompts and completions times the tokens that are returned at each position (default
	// 1,048,576). A response needs about 100 bytes for each.
	Entries int

	Adapters int // that are loaded at once (default 64)

	Body     time.Duration // longest time to receive a request (default 1 minute)
	Response time.Duration // longest time to send a response (default 5 minutes)
	Grace    time.Duration // time for requests to finish when the server stops (default 30 seconds)
}

// withDefaults returns the limits with their defaults, or an error that names a negative one.
func (l Limits) withDefaults() (Limits, error) {
	for name, n := range map[string]int64{
		"Concurrent": int64(l.Concurrent), "Queued": int64(l.Queued), "BodyBytes": l.BodyBytes, "AllBytes": l.AllBytes, "Prompts": int64(l.Prompts),
		"Choices": int64(l.Choices), "Top": int64(l.Top), "Watched": int64(l.Watched), "Entries": int64(l.Entries),
		"Adapters": int64(l.Adapters), "Body": int64(l.Body), "Response": int64(l.Response), "Grace": int64(l.Grace),
	} {
		if n < 0 {
			return l, fmt.Errorf("serve: the limit %s is %d, want 0 or more", name, n)
		}
	}
	l.BodyBytes = cmp.Or(l.BodyBytes, 16<<20)
	return Limits{
		Concurrent: cmp.Or(l.Concurrent, runtime.GOMAXPROCS(0)), Queued: cmp.Or(l.Queued, 256),
		BodyBytes: l.BodyBytes, AllBytes: cmp.Or(l.AllBytes, 8*l.BodyBytes), Prompts: cmp.Or(l.Prompts, 1024), Choices: cmp.Or(l.Choices, 128),
		Top: cmp.Or(l.Top, 20), Watched: cmp.Or(l.Watched, 128), Entries: cmp.Or(l.Entries, 1<<20), Adapters: cmp.Or(l.Adapters, 64),
		Body: cmp.Or(l.Body, time.Minute), Response: cmp.Or(l.Response, 5*time.Minute), Grace: cmp.Or(l.Grace, 30*time.Second),
	}, nil
}

// New returns a server. It loads the adapters.
func New(c Config) (*Server, error) {
	if c.Model == nil {
		return nil, errors.New("serve: the model is nil")
	}
	limits, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	c.Limits = limits
	c.Name = cmp.Or(c.Name, c.Model.Name())
	c.Root = cmp.Or(c.Root, c.Name)
	s := &Server{config: c, started: time.Now().Unix(), gate: newGate(c.Concurrent, c.Queued), bodies: &bodies{limit: c.AllBytes}, spelling: newSpelling(c.Model)}
	if s.models, err = newModels(c); err != nil {
		return nil, err
	}
	s.handler = s.routes()
	return s, nil
}
